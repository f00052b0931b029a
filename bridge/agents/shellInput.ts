/**
 * Owns reading what a shell tool is given: the text to run, and what else says how. Rules read the text alone, so where there
 * is more that may change what it does, they are told that it is not all.
 */
import { type HookInput, textIn } from "./hookInput.ts";
import { summaryLine, type ToolUse } from "./toolUse.ts";

/** What is run is the same with them and without. */
const HARMLESS: ReadonlySet<string> = new Set([
  "description",
  "justification",
  "max_output_tokens",
  "run_in_background",
  "timeout",
  "timeout_ms",
  "tty",
  "yield_time_ms",
]);

/** These change nothing where they are false. */
const SWITCHES: ReadonlySet<string> = new Set(["dangerouslyDisableSandbox", "with_escalated_permissions"]);

export type ShellUse = Pick<ToolUse, "scope" | "summary" | "action" | "command" | "reason" | "details" | "isUnclear">;

export function readShell(input: HookInput): ShellUse {
  const commandField = (input["command"] ?? null) === null ? "cmd" : "command";
  const reasonField = textIn(input, "description") === undefined ? "justification" : "description";
  const command = shellText(input[commandField] ?? "");
  const reason = textIn(input, reasonField);
  const shown = new Set([
    ...(command === undefined ? [] : [commandField]),
    ...(reason === undefined ? [] : [reasonField]),
  ]);
  const others = Object.entries(input).filter(([name, value]) => value !== null && !shown.has(name));
  const isUnclear = others.some(([name, value]) => !HARMLESS.has(name) && !(SWITCHES.has(name) && value === false));
  const text = command ?? JSON.stringify(input[commandField]);
  return {
    scope: "command",
    summary: summaryLine(text),
    action: text === "" ? "Run an empty command" : text,
    ...(command === undefined ? {} : { command }),
    ...(reason === undefined ? {} : { reason }),
    ...(others.length === 0 ? {} : { details: JSON.stringify(Object.fromEntries(others), null, 2) }),
    ...(isUnclear ? { isUnclear } : {}),
  };
}

/** A list of words is the words of one command, which a shell need not read. */
function shellText(command: unknown): string | undefined {
  if (typeof command === "string") return command;
  if (!Array.isArray(command) || command.length === 0) return undefined;
  const words: readonly unknown[] = command;
  return words.every((word) => typeof word === "string") ? words.map(quoted).join(" ") : undefined;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
