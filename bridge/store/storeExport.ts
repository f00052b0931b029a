/** Owns writing a store out while events keep coming: what there was when it began, in order, page by page. */
import type { StoredEvent } from "../../shared/events/event.ts";
import type { EventStore } from "./eventStore.ts";
import {
  EXPORT_FORMAT,
  ExportDigest,
  type ExportedState,
  type ExportHeader,
  type ExportTrailer,
  rangesOf,
} from "./exportFormat.ts";
import { type SeqRange, uncovered } from "./seqRange.ts";

/** Few enough that a page of the largest events is no burden. */
const PAGE_EVENTS = 200;

export interface ExportedStore extends Pick<EventStore, "epoch" | "firstSeq" | "lastSeq" | "busCursor" | "query"> {
  gaps(): readonly SeqRange[];
  thinned(): readonly SeqRange[];
}

/** The store is not what it was when the export began, or never was whole. */
export class ExportInterruptedError extends Error {
  readonly code = "export_interrupted";

  constructor(range: SeqRange) {
    super(
      `The export stopped: events ${range.from} to ${range.to} are missing and not known to be. ` +
        "`televibe store verify` says what is wrong with the store.",
    );
    this.name = "ExportInterruptedError";
  }
}

/**
 * Pieces of the export, in order. Nothing must be removed from the store meanwhile. `state` is what the events up to its
 * `seq` came to, those included that are gone by now.
 *
 * @throws ExportInterruptedError where events are missing that should be there: what was written until then has no end.
 */
export async function* exportStore(
  store: ExportedStore,
  state: ExportedState,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { epoch, firstSeq, lastSeq } = store;
  const known = [...store.gaps(), ...store.thinned()];
  const header: ExportHeader = {
    televibe_export: EXPORT_FORMAT,
    epoch,
    first_seq: firstSeq,
    last_seq: lastSeq,
    bus_cursor: store.busCursor ?? null,
    state_format: state.format,
    state_seq: state.seq,
    gaps: rangesOf(store.gaps()),
    thinned: rangesOf(store.thinned()),
  };
  const digest = new ExportDigest();
  const first = `${JSON.stringify(header)}\n`;
  digest.add(first);
  yield first;
  for (const [name, entities] of Object.entries(state.collections)) {
    for (const entity of entities) {
      const line = `${JSON.stringify({ televibe_state: name, entity })}\n`;
      digest.add(line);
      yield line;
    }
  }

  let after = firstSeq - 1;
  let events = 0;
  while (after < lastSeq) {
    const before = lastSeq + 1;
    const page = await store.query({ filter: {}, after, before, limit: PAGE_EVENTS, order: "asc", signal });
    const lines = page.map((event) => `${JSON.stringify(event)}\n`).join("");
    assertComplete(page, after, page.length < PAGE_EVENTS ? lastSeq : undefined, known);
    digest.add(lines);
    events += page.length;
    if (lines !== "") yield lines;
    after = page.length < PAGE_EVENTS ? lastSeq : (page.at(-1)?.seq ?? lastSeq);
  }
  const trailer: ExportTrailer = { televibe_export_end: true, events, sha256: digest.hex() };
  yield `${JSON.stringify(trailer)}\n`;
}

function assertComplete(
  page: readonly StoredEvent[],
  after: number,
  until: number | undefined,
  known: readonly SeqRange[],
): void {
  const holes: SeqRange[] = [];
  let position = after;
  for (const { seq } of page) {
    if (seq > position + 1) holes.push({ from: position + 1, to: seq - 1 });
    position = seq;
  }
  if (until !== undefined && until > position) holes.push({ from: position + 1, to: until });
  const [missing] = holes.length === 0 ? [] : uncovered(holes, known);
  if (missing !== undefined) throw new ExportInterruptedError(missing);
}
