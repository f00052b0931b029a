/** Owns bringing any text onto one line of bounded length: what agents write has many lines, and terminal sequences. */
import { plainLine } from "./terminalText.ts";

const ELLIPSIS = "…";

/** All of it on one line, white space collapsed and control characters gone, cut to `maxLength` characters. */
export function oneLine(text: string, maxLength = 120): string {
  // Before anything else is done with it: a text may be a megabyte long, and a line shows the beginning of it.
  const head = text.slice(0, maxLength * 4);
  const line = head
    .split(/\r?\n/)
    .map((part) => plainLine(part))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
  // By code points, so that no emoji is cut in two.
  const characters = [...line];
  // White space that is collapsed must not push the rest out of sight as if there were none.
  const isWhole = characters.length <= maxLength && text.slice(head.length).trim() === "";
  return isWhole ? line : characters.slice(0, maxLength - 1).join("") + ELLIPSIS;
}
