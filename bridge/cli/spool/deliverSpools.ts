/** Owns taking in what jobs left behind that ended, or were killed, while no bridge ran. */
import { type FileHandle, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { v5 as idOf } from "uuid";
import type { EventInput } from "../../../shared/events/event.ts";
import { deliverRecords, type SpoolTarget } from "./delivery.ts";
import { isSameProcess } from "./processIdentity.ts";
import { readPiece } from "./spoolReader.ts";
import type { SpoolOwner, SpoolRecord } from "./spoolRecord.ts";

export const SPOOL_ENDING = ".spool";

/** Any fixed id will do: it keeps ids that are made from a job's apart from all others. */
const END_NAMESPACE = "4c9f3f4e-6d55-4f0a-9d6e-3a2f1a6f7b10";
const ENDS: ReadonlySet<string> = new Set(["job.completed", "job.failed", "job.canceled"]);

/** Delivers every spool whose owner has ended, and removes it; answers how many. */
export async function deliverSpools(
  options: SpoolTarget & { readonly directory: string; readonly signal: AbortSignal },
): Promise<number> {
  let delivered = 0;
  for (const name of await spoolNames(options.directory)) {
    if (options.signal.aborted) break;
    const path = join(options.directory, name);
    const file = await open(path, "r");
    let isDelivered: boolean;
    try {
      isDelivered = await deliverSpool(file, options, options.signal);
    } finally {
      await file.close();
    }
    if (!isDelivered) continue;
    await rm(path, { force: true });
    delivered += 1;
  }
  return delivered;
}

/** Answers whether all of it was delivered: not while its owner lives, who does it himself, nor once we are to stop. */
async function deliverSpool(file: FileHandle, target: SpoolTarget, signal: AbortSignal): Promise<boolean> {
  const { size, mtime } = await file.stat();
  let piece = await readPiece(file, 0, size);
  const [owner] = piece.records;
  // Without its first line nobody knows whose it is. It is the first that is written, so nothing comes behind it either.
  if (owner?.kind !== "owner") return true;
  if (isSameProcess(owner.pid, owner.process_start)) return false;
  let hasEnd = false;
  for (let start = 0; piece.end > start; piece = await readPiece(file, start, size)) {
    if (signal.aborted) return false;
    hasEnd ||= piece.records.some(isEnd);
    await deliverRecords(owner.job_id, piece.records, target);
    start = piece.end;
  }
  if (!hasEnd) await deliverRecords(owner.job_id, [{ kind: "event", event: missingEnd(owner, mtime) }], target);
  return true;
}

function isEnd(record: SpoolRecord): boolean {
  return record.kind === "event" && ENDS.has(record.event.event_type);
}

/** Who ran the job was killed before it could say how it ended: without a word on it the job would seem to run for ever. */
function missingEnd({ job_id, project_id, session_id }: SpoolOwner, lastWord: Date): EventInput {
  return {
    // The same each time, should it be told twice.
    event_id: idOf(job_id, END_NAMESPACE),
    event_type: "job.failed",
    timestamp: lastWord.toISOString(),
    source: { component: "run", instance_id: job_id },
    project_id,
    session_id,
    job_id,
    data: { error: "The process that ran it was killed" },
  };
}

async function spoolNames(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith(SPOOL_ENDING)).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
