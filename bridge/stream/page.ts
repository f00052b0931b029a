/** Owns how a page of stored events is cut into writes: between them damaged stretches are told, and none is too big. */
import type { StoredEvent } from "../../shared/events/event.ts";
import { OutgoingEvent } from "./streamEncoding.ts";

/** Both ends included. */
export interface LostRange {
  readonly from: number;
  readonly to: number;
}

export type Stretch =
  | { readonly kind: "events"; readonly events: readonly OutgoingEvent[] }
  | { readonly kind: "lost"; readonly range: LostRange };

/** One write's size. Small beside an outlet's bound, so that a reader that catches up is never cut for its own page. */
const MAX_CHARACTERS = 256 * 1024;

/**
 * Cuts what a reader gets on its way from `after` to `until`, both of which are `seq`s, `until` included.
 *
 * @param lost what a damaged file has lost, ascending. Whether it would have passed the filter, nobody knows.
 */
export function cutPage(options: {
  readonly events: readonly StoredEvent[];
  readonly lost: readonly LostRange[];
  readonly after: number;
  readonly until: number;
}): readonly Stretch[] {
  const { after, until } = options;
  const lost = options.lost
    .filter(({ from, to }) => to > after && from <= until)
    .map(({ from, to }) => ({ from: Math.max(from, after + 1), to: Math.min(to, until) }));
  const stretches: Stretch[] = [];
  let events: OutgoingEvent[] = [];
  let characters = 0;
  const finishEvents = () => {
    if (events.length > 0) stretches.push({ kind: "events", events });
    events = [];
    characters = 0;
  };
  const tellLostBefore = (seq: number) => {
    for (let range = lost[0]; range !== undefined && range.to < seq; range = lost[0]) {
      finishEvents();
      stretches.push({ kind: "lost", range });
      lost.shift();
    }
  };
  for (const event of options.events) {
    tellLostBefore(event.seq);
    const outgoing = new OutgoingEvent(event);
    events.push(outgoing);
    characters += outgoing.json.length;
    if (characters >= MAX_CHARACTERS) finishEvents();
  }
  tellLostBefore(Number.POSITIVE_INFINITY);
  finishEvents();
  return stretches;
}
