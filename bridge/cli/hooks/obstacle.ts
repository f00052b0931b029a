/** Owns why an agent does not read a settings file that we can read. */
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { titleOf } from "./agents.ts";

const BYTE_ORDER_MARK = "\ufeff";

/** Undefined where nothing is in the way. */
export function whyNotRead(agent: HookAgent, text: string): string | undefined {
  const json = text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
  if (json.trim() === "") return undefined;
  const title = titleOf(agent);
  if (!isStrict(json)) return `${title} does not read this file: it takes no comments and no trailing commas`;
  if (json !== text && agent === "codex") return `${title} does not read this file: it begins with a byte order mark`;
  return undefined;
}

function isStrict(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    // Comments, or commas too many: all else was refused before.
    return false;
  }
}
