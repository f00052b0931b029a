/**
 * Owns making texts from agents harmless: they are shown as they are, but they steer nothing. Formatting travels as entities,
 * so there is no markup to escape; what is left are terminal sequences, invisible marks, and what Telegram itself turns
 * into links, mentions and commands.
 */
import { oneLine } from "../../../shared/text/oneLine.ts";
import { plainLine } from "../../../shared/text/terminalText.ts";

// They turn the order of what follows around or hide in it, so that a command could be read as another one.
const INVISIBLE = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
// A mark without width between the sign and the name: it reads the same, and Telegram sees no mention, hashtag or command.
const WORD_JOINER = "\u2060";
const STEERING = /(?<![^\s([{"'])([@/#$])(?=\w)/g;
// `README.md` and `setup.sh` would be links to whoever owns such a domain.
const DOMAIN_LIKE = /(?<=[\p{L}\p{N}_-])\.(?=\p{L})/gu;

/** Several lines, for a `pre` or `code` block: Telegram interprets nothing in there. */
export function literal(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => plainLine(line))
    .join("\n")
    .replace(INVISIBLE, showCode);
}

/** One line of bounded length, for a `code` entity. */
export function literalLine(text: string, maxLength: number): string {
  return oneLine(text.replace(INVISIBLE, showCode), maxLength);
}

/** One line of bounded length in the running text. */
export function prose(text: string, maxLength: number): string {
  return literalLine(text, maxLength)
    .replace(STEERING, (sign) => sign + WORD_JOINER)
    .replace(DOMAIN_LIKE, `${WORD_JOINER}.`);
}

function showCode(mark: string): string {
  return `<U+${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`;
}
