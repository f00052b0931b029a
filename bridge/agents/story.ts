/** Owns how a turn reads in its log: plain lines that any terminal and any phone can show. */
import { type Approval, describeDecision } from "../../shared/protocol/approval.ts";
import { formatDuration } from "../../shared/text/duration.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { plainLine } from "../../shared/text/terminalText.ts";
import { formatLineCounts } from "../diff/lineCounts.ts";
import type { ToolOutcome, ToolUse } from "./toolUse.ts";

/** Longest text of an agent or a person that the log takes, and how many lines of an error. */
const MAX_TEXT = 50_000;
const MAX_ERROR_LINES = 10;
const MAX_LINE = 300;

export function promptLines(prompt: string): readonly string[] {
  return textLines(prompt).map((line) => `> ${line}`.trimEnd());
}

/** What the agent says. */
export function textLines(text: string): readonly string[] {
  const lines = text.slice(0, MAX_TEXT).trimEnd().split("\n").map(plainLine);
  return text.length > MAX_TEXT ? [...lines, "…"] : lines;
}

export function toolLine(use: ToolUse): string {
  return `→ ${named(use)}`;
}

export function outcomeLines(
  use: ToolUse,
  outcome: ToolOutcome,
  durationSeconds: number | undefined,
): readonly string[] {
  const facts = [
    named(use),
    ...(durationSeconds === undefined ? [] : [formatDuration(durationSeconds)]),
    ...(outcome.lines === undefined ? [] : [formatLineCounts(outcome.lines)]),
  ].join(" · ");
  if (outcome.isSuccess) return [`✓ ${facts}`];
  const error = textLines(outcome.error ?? "").filter((line) => line !== "");
  const shown = error.slice(0, MAX_ERROR_LINES).map((line) => `  ${oneLine(line, MAX_LINE)}`);
  return [`✗ ${facts}`, ...shown, ...(error.length > MAX_ERROR_LINES ? ["  …"] : [])];
}

export function questionLine(use: ToolUse): string {
  return `? Asks to ${oneLine(use.scope === "command" ? `run ${use.action}` : lowerFirst(use.action), MAX_LINE)}`;
}

export function noteLine(message: string): string {
  return `· ${oneLine(message, MAX_LINE)}`;
}

export function failureLine(error: string): string {
  return `✗ ${oneLine(error, MAX_LINE)}`;
}

export function cancelLine(reason: string): string {
  return `⊘ ${oneLine(reason, MAX_LINE)}`;
}

function named({ tool, summary }: ToolUse): string {
  return summary === "" ? tool : `${tool}: ${summary}`;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

export function decisionLine(approval: Approval): string {
  if (approval.state === "withdrawn") return noteLine(approval.decision?.reason ?? describeDecision(approval));
  return `${approval.state === "approved" ? "✓" : "✗"} ${oneLine(describeDecision(approval), MAX_LINE)}`;
}
