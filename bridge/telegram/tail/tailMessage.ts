/** Owns how a followed log looks in a message: its last lines, as many as fit. Pure. */
import { fmt, pre } from "telegraf/format";
import type { FormattedText } from "../outbox/outboxItem.ts";
import { MAX_MESSAGE_LENGTH } from "../outbox/splitText.ts";
import { literal } from "../text/untrusted.ts";

export const LIVE_LINES = 30;
export const FINAL_LINES = 50;

/** Room for the lines above and below the log. */
const MAX_LOG_LENGTH = MAX_MESSAGE_LENGTH - 400;
/** A line of this length fills a phone's screen. */
const MAX_LINE_LENGTH = 500;

/** Adds lines to those that are kept, each made plain and bounded. */
export function keepLines(kept: readonly string[], lines: readonly string[]): readonly string[] {
  return [...kept, ...lines.slice(-FINAL_LINES).map(plainLine)].slice(-FINAL_LINES);
}

/** @param footer what is said below the log: whether it goes on, or how it ended. */
export function tailMessage(heading: string, lines: readonly string[], footer: string): FormattedText {
  const log = fitting(lines);
  const body = log.trim() === "" ? "(nothing yet)" : pre("")(log);
  const { text, entities } = fmt([`📜 ${heading}\n\n`, body, `\n\n${footer}`]);
  return entities === undefined ? { text } : { text, entities };
}

/** The newest lines are those that matter, so that the oldest make room. */
function fitting(lines: readonly string[]): string {
  let length = 0;
  const shown: string[] = [];
  for (const line of [...lines].reverse()) {
    length += line.length + 1;
    if (length > MAX_LOG_LENGTH) break;
    shown.unshift(line);
  }
  return shown.join("\n");
}

function plainLine(line: string): string {
  const text = literal(line.slice(0, MAX_LINE_LENGTH * 4));
  const characters = [...text];
  return characters.length <= MAX_LINE_LENGTH ? text : `${characters.slice(0, MAX_LINE_LENGTH - 1).join("")}…`;
}
