/**
 * Owns what an exported store looks like: NDJSON, with a first line that says which store it is, then the state (which
 * may know more than the events that are left), a line an entity, then the events in their order, each with its `seq`, and
 * a last line by which an export that was cut off or altered is known.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import { isEventTypeName } from "../../shared/events/domain.ts";
import { envelope } from "../../shared/events/event.ts";
import { toIssues } from "../../shared/events/parse.ts";
import type { SeqRange } from "./seqRange.ts";

/** Raised with every change that an older Televibe would misread. */
export const EXPORT_FORMAT = 1;

const seq = z.int().min(0);
const ranges = z.array(z.strictObject({ from: seq.min(1), to: seq.min(1) }));

const header = z.strictObject({
  televibe_export: z.int(),
  epoch: z.string().regex(/^[0-9a-f]{8,32}$/),
  /** `last_seq + 1` when there is no event. */
  first_seq: seq.min(1),
  last_seq: seq,
  bus_cursor: z.string().nullable(),
  /** The version of the state's form, and the event at which it stands. */
  state_format: z.int(),
  state_seq: seq,
  gaps: ranges,
  thinned: ranges,
});

const stateLine = z.strictObject({ televibe_state: z.string(), entity: z.unknown() });

const trailer = z.strictObject({
  televibe_export_end: z.literal(true),
  events: seq,
  /** SHA-256, in hexadecimal, of all lines before this one, line feeds included. */
  sha256: z.string(),
});

const storedEvent = envelope.required().extend({ seq: seq.min(1) });

export type ExportHeader = z.infer<typeof header>;
export type StateLine = z.infer<typeof stateLine>;

/** The state as it goes along: lists of entities by their names. */
export interface ExportedState {
  readonly format: number;
  readonly seq: number;
  readonly collections: Readonly<Record<string, readonly unknown[]>>;
}
export type ExportTrailer = z.infer<typeof trailer>;

/** What is read is no whole, unaltered export. */
export class ExportError extends Error {
  readonly code = "export_invalid";

  constructor(what: string, options?: ErrorOptions) {
    super(`This is no complete export of a Televibe store: ${what}. Nothing was imported.`, options);
    this.name = "ExportError";
  }
}

/** The running checksum of an export. */
export class ExportDigest {
  readonly #hash = createHash("sha256");

  add(lines: string | Uint8Array): void {
    this.#hash.update(lines);
  }

  hex(): string {
    return this.#hash.digest("hex");
  }
}

/** @throws ExportError */
export function readHeader(line: string): ExportHeader {
  const value = parseLine(line, 1);
  if (typeof value === "object" && value !== null && "televibe_export" in value) {
    const format = value.televibe_export;
    if (typeof format === "number" && format > EXPORT_FORMAT) {
      throw new ExportError(
        `it was made by a newer Televibe (export format ${format}, this one knows ${EXPORT_FORMAT})`,
      );
    }
  }
  return conform(value, header, "its first line");
}

/** A line behind the first: a part of the state, an event, whose JSON is as it stands in the store, or the end. @throws ExportError */
export function readLine(
  line: string,
  number: number,
):
  | { readonly state: StateLine }
  | { readonly seq: number; readonly event: unknown }
  | { readonly trailer: ExportTrailer } {
  const value = parseLine(line, number);
  if (typeof value === "object" && value !== null && "televibe_state" in value) {
    return { state: conform(value, stateLine, `line ${number}`) };
  }
  if (typeof value === "object" && value !== null && "televibe_export_end" in value) {
    return { trailer: conform(value, trailer, `line ${number}`) };
  }
  const { seq: own, event_type } = conform(value, storedEvent, `line ${number}`);
  if (!isEventTypeName(event_type)) throw new ExportError(`line ${number} has the unknown event_type "${event_type}"`);
  // As it stands there, and not as the check would rebuild it: it must come out again byte for byte.
  const { seq: _seq, ...event } = { seq: own, ...value };
  return { seq: own, event };
}

export function rangesOf(all: readonly SeqRange[]): SeqRange[] {
  return all.map(({ from, to }) => ({ from, to }));
}

function parseLine(line: string, number: number): object | null {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new ExportError(`line ${number} is not JSON`, { cause });
  }
}

function conform<T>(value: unknown, schema: z.ZodType<T>, what: string): T {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = toIssues(checked.error);
  throw new ExportError(`${what} is not understood (${issue?.path || "as a whole"}: ${issue?.message ?? "wrong"})`);
}
