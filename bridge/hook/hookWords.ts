/** Owns the words of `televibe hook`. */
import { type HookAgent, isHookAgent } from "../../shared/protocol/agentHook.ts";

/** Below a day, which agents may be told as the time that their hook has. */
export const DEFAULT_WAIT_SECONDS = 86_000;

/** A bridge that takes longer to take a call is too slow to hold an agent up. */
const DEFAULT_DELIVERY_MS = 100;

/** How long a bridge may be away while a person is asked, such as to be restarted. */
const DEFAULT_GRACE_MS = 10_000;

export interface HookWords {
  readonly agent: HookAgent;
  readonly dataDir?: string;
  /** How long the answer to a permission request is waited for. */
  readonly waitMs: number;
  readonly deliveryMs: number;
  readonly graceMs: number;
}

/**
 * `hook <agent> [--wait <seconds>] [--delivery-ms <ms>] [--grace-ms <ms>]`, and `--data-dir <folder>` anywhere; undefined for
 * anything else.
 */
export function readHookWords(words: readonly string[]): HookWords | undefined {
  const names: string[] = [];
  let dataDir: string | undefined;
  let waitMs = DEFAULT_WAIT_SECONDS * 1000;
  let deliveryMs = DEFAULT_DELIVERY_MS;
  let graceMs = DEFAULT_GRACE_MS;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (!word.startsWith("-")) {
      names.push(word);
      continue;
    }
    const value = words[++index] ?? "";
    if (word === "--data-dir" && value !== "" && !value.startsWith("-")) dataDir = value;
    else if (word === "--wait" && isCount(value)) waitMs = Number(value) * 1000;
    else if (word === "--delivery-ms" && isCount(value)) deliveryMs = Number(value);
    else if (word === "--grace-ms" && isCount(value)) graceMs = Number(value);
    else return undefined;
  }
  const [command, agent = "", ...others] = names;
  if (command !== "hook" || !isHookAgent(agent) || others.length > 0) return undefined;
  return { agent, waitMs, deliveryMs, graceMs, ...(dataDir === undefined ? {} : { dataDir }) };
}

function isCount(text: string): boolean {
  return /^\d{1,6}$/.test(text);
}
