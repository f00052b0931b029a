/** Owns why an agent does not run the hooks of a settings file that we can read. */
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { titleOf } from "./agents.ts";

const BYTE_ORDER_MARK = "\ufeff";

/** Undefined where nothing is in the way. */
export function whyNotRun(agent: HookAgent, text: string): string | undefined {
  const json = text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
  if (json.trim() === "") return undefined;
  const title = titleOf(agent);
  const settings = parseStrictly(json);
  if (settings === undefined) return `${title} does not read this file: it takes no comments and no trailing commas`;
  if (json !== text && agent === "codex") return `${title} does not read this file: it begins with a byte order mark`;
  if (agent === "claude" && settings["disableAllHooks"] === true)
    return `${title} runs no hooks: disableAllHooks is set`;
  return undefined;
}

function parseStrictly(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object(JSON.parse(text));
  } catch {
    // Comments, or commas too many: all else was refused before.
    return undefined;
  }
}
