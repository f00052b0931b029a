/** Owns taking in what jobs left behind that ended, or were killed, while no bridge ran. */
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { EventInput } from "../../../shared/events/event.ts";
import { deliverRecords, type SpoolTarget } from "./delivery.ts";
import { readRecords } from "./spool.ts";
import type { SpoolRecord } from "./spoolRecord.ts";

export const SPOOL_ENDING = ".spool";

/** Delivers every spool whose owner has ended, and removes it; answers how many. */
export async function deliverSpools(
  options: SpoolTarget & { readonly directory: string; readonly signal: AbortSignal },
): Promise<number> {
  let delivered = 0;
  for (const name of await spoolNames(options.directory)) {
    if (options.signal.aborted) break;
    const path = join(options.directory, name);
    const records = readRecords(await readFile(path));
    const [owner] = records;
    if (owner?.kind === "owner" && isAlive(owner.pid)) continue;
    // Without its first line nobody knows whose output it is; its events can still be told.
    await deliverRecords(owner?.kind === "owner" ? owner.job_id : "unknown", records, options);
    const end = missingEnd(records);
    if (end !== undefined) await deliverRecords("", [{ kind: "event", event: end }], options);
    await rm(path, { force: true });
    delivered += 1;
  }
  return delivered;
}

const ENDS: ReadonlySet<string> = new Set(["job.completed", "job.failed", "job.canceled"]);

/** Who ran the job was killed before it could say how it ended: without a word on it the job would seem to run for ever. */
function missingEnd(records: readonly SpoolRecord[]): EventInput | undefined {
  const events = records.flatMap((record) => (record.kind === "event" ? [record.event] : []));
  const last = events.findLast(({ event_type }) => event_type.startsWith("job."));
  if (last === undefined || events.some(({ event_type }) => ENDS.has(event_type))) return undefined;
  const { project_id, session_id, job_id, source, visibility, recipients } = last;
  const data = { error: "The process that ran it was killed" };
  return { event_type: "job.failed", project_id, session_id, job_id, source, visibility, recipients, data };
}

async function spoolNames(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith(SPOOL_ENDING)).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process lives as well.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
