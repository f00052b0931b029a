/**
 * Owns leaving a call for the bridge, which takes it at once, or when it comes: a file each. The name begins with the time, so
 * that calls are taken in the order in which they came about, and ends with the call's id, so that none is taken twice.
 */
import { mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HOOK_SPOOL_FOLDER } from "../../shared/client/dataNames.ts";
import type { HookAgent, HookCall } from "../../shared/protocol/agentHook.ts";

/** A few days of an agent without any bridge. What comes then is dropped. */
const MAX_CALLS = 10_000;

/** Digits of the time in milliseconds: enough for names to sort by it for the next 30,000 years. */
const TIME_DIGITS = 15;

/** Answers whether there was room. */
export function leaveCall(dataDir: string, agent: HookAgent, call: HookCall): boolean {
  const folder = join(dataDir, HOOK_SPOOL_FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // What a bridge set aside, or a hook did not finish, waits for nobody.
  if (readdirSync(folder).filter((name) => name.endsWith(".json")).length >= MAX_CALLS) return false;
  const time = String(Date.parse(call.at)).padStart(TIME_DIGITS, "0");
  const file = join(folder, `${time}-${call.hook_id}.json`);
  const temporary = `${file}.tmp`;
  writeFileSync(temporary, JSON.stringify({ agent, ...call }), { mode: 0o600, flag: "wx" });
  renameSync(temporary, file);
  return true;
}
