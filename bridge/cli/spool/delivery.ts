/** Owns giving a spool's records to a bridge, in their order and as few calls. */
import type { EventInput } from "../../../shared/events/event.ts";
import { ProblemError } from "../../../shared/protocol/problem.ts";
import type { SpoolRecord } from "./spoolRecord.ts";

/** Where records go. Each call may be made again with the same content: events have ids, output has offsets. */
export interface SpoolTarget {
  publish(events: readonly EventInput[]): Promise<unknown>;
  appendLog(jobId: string, bytes: Uint8Array, offset: number): Promise<unknown>;
  /** What the bridge will never take is dropped, or it would block all that comes after it. */
  onRefused(problem: ProblemError): void;
}

/** @throws whatever the target throws that may pass, such as the bridge being away. */
export async function deliverRecords(
  jobId: string,
  records: readonly SpoolRecord[],
  target: SpoolTarget,
): Promise<void> {
  let index = 0;
  while (index < records.length) {
    const record = records[index];
    if (record?.kind === "event") {
      const events = takeWhile(records, index, (each) => (each.kind === "event" ? each.event : undefined));
      await publish(events, target);
      index += events.length;
    } else if (record?.kind === "log") {
      const chunks = takeWhile(records, index, (each) =>
        each.kind === "log" ? Buffer.from(each.data, "base64") : undefined,
      );
      await unlessRefused(target, () => target.appendLog(jobId, Buffer.concat(chunks), record.offset));
      index += chunks.length;
    } else {
      index += 1;
    }
  }
}

/** A batch is refused as a whole for one event in it; the others are told all the same, one by one. */
async function publish(events: readonly EventInput[], target: SpoolTarget): Promise<void> {
  try {
    await target.publish(events);
    return;
  } catch (error) {
    if (events.length === 1 || !isRefusal(error)) {
      refuse(error, target);
      return;
    }
  }
  for (const event of events) await unlessRefused(target, () => target.publish([event]));
}

/** Consecutive records of one kind; output's chunks follow each other without a gap. */
function takeWhile<T>(
  records: readonly SpoolRecord[],
  from: number,
  pick: (record: SpoolRecord) => T | undefined,
): T[] {
  const taken: T[] = [];
  for (let index = from; index < records.length; index += 1) {
    const record = records[index];
    const value = record === undefined ? undefined : pick(record);
    if (value === undefined) break;
    taken.push(value);
  }
  return taken;
}

const PASSING: ReadonlySet<string> = new Set(["store_unavailable", "stopping", "internal_error", "unauthorized"]);

async function unlessRefused(target: SpoolTarget, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    refuse(error, target);
  }
}

function refuse(error: unknown, target: SpoolTarget): void {
  if (!isRefusal(error)) throw error;
  target.onRefused(error);
}

/** A word that stands, unlike a bridge that is about to stop or has no disk. */
function isRefusal(error: unknown): error is ProblemError {
  return error instanceof ProblemError && !PASSING.has(error.code);
}
