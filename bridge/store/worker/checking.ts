/** Owns checking a sealed partition without changing anything: its file, its sidecar, its structure, its rows. */
import { crc32 } from "node:zlib";
import type { Event } from "../../../shared/events/event.ts";
import { BloomFilter } from "../bloomFilter.ts";
import { eventRow } from "../eventRow.ts";
import type { RequestOf, ResponseOf } from "./messages.ts";
import type { OpenPartitions } from "./openPartitions.ts";
import type { PartitionFiles } from "./partitionFiles.ts";

/** Rows of one step whose problems are told one by one. */
const MAX_TOLD = 10;

export class Checking {
  readonly #files: PartitionFiles;
  readonly #partitions: OpenPartitions;

  constructor(files: PartitionFiles, partitions: OpenPartitions) {
    this.#files = files;
    this.#partitions = partitions;
  }

  file({ partition }: RequestOf<"checkFile">): ResponseOf<"checkFile"> {
    const problems: string[] = [];
    if (!this.#files.isIntact(partition)) problems.push("its file is not what was written");
    if (this.#files.sidecar(partition) === undefined)
      problems.push("its sidecar is missing or is not what was written");
    if (problems.length > 0) return { problems };
    const isSound = this.#partitions.read(partition, (database) => database.isSound());
    return { problems: isSound === true ? [] : ["SQLite's integrity check fails"] };
  }

  rows({ partition, after, rows }: RequestOf<"checkRows">): ResponseOf<"checkRows"> {
    const ids = this.#files.sidecar(partition)?.ids;
    const filter = ids === undefined ? undefined : new BloomFilter(ids);
    const present: { from: number; to: number }[] = [];
    const wrong: string[] = [];
    const found =
      this.#partitions.read(partition, (database) =>
        database.select(
          "SELECT seq, event_id, type, ts, project, session, job, body, crc FROM events WHERE seq > ? ORDER BY seq LIMIT ?",
          [after, rows],
          (values) => values,
        ),
      ) ?? [];
    for (const [seq, ...values] of found) {
      const number = Number(seq);
      push(present, number);
      const problem = rowProblem(number, values) ?? unknownId(filter, values[0]);
      if (problem !== undefined) wrong.push(`event ${number} ${problem}`);
    }
    const more = wrong.length > MAX_TOLD ? [`and ${wrong.length - MAX_TOLD} more events like these`] : [];
    return {
      events: found.length,
      present,
      problems: [...wrong.slice(0, MAX_TOLD), ...more],
      next: found.length < rows ? null : Number(found.at(-1)?.[0] ?? 0),
    };
  }
}

function rowProblem(seq: number, [eventId, type, ts, project, session, job, body, crc]: readonly unknown[]) {
  if (typeof body !== "string" || crc32(body) !== crc) return "is not what was written";
  const event: Event = JSON.parse(body);
  const expected = eventRow(seq, event, body);
  const columns = [seq, eventId, type, ts, project, session, job, body];
  return expected.every((value, index) => value === columns[index]) ? undefined : "is filed under wrong names";
}

function unknownId(filter: BloomFilter | undefined, eventId: unknown): string | undefined {
  return filter?.mayHave(String(eventId)) === true ? undefined : "would not be known when it is published again";
}

function push(spans: { from: number; to: number }[], seq: number): void {
  const last = spans.at(-1);
  if (last?.to === seq - 1) last.to = seq;
  else spans.push({ from: seq, to: seq });
}
