/**
 * Owns text that somebody is asked to answer for. What a surface would swallow or turn around is spelt out instead, so that
 * nobody says yes to `rm -rf / CR echo hello` where all that was to be seen of it is `echo hello`.
 */

// Control characters but tab and line feed, and what has no width or turns the order of the rest around. Joiners are left:
// scripts and emoji are written with them.
const HIDING =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e007f}]/gu;

// These join the character before them, and the last of them is left behind a pictograph, which may need it.
const JOINED = /[\u{e0100}-\u{e01ef}]|[\ufe00-\ufe0e]|[\u180b-\u180d]|\u034f|(?<!\p{Extended_Pictographic})\ufe0f/gu;

// Colours hide nothing once they are gone.
const COLORS = /\u001b\[[\d;:]*m/g;

/** The text with each such character as its code: `<U+000D>`. Line ends stay. */
export function spellOut(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(COLORS, "").replace(JOINED, spell).replace(HIDING, spell);
}

function spell(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`;
}
