/** Owns how a page of stored events is cut into writes: between them is told what cannot be had, and none is too big. */
import type { StoredEvent } from "../../shared/events/event.ts";
import { OutgoingEvent } from "./streamEncoding.ts";

/** Both ends included. */
export interface LostRange {
  readonly from: number;
  readonly to: number;
}

export type Stretch =
  | { readonly kind: "events"; readonly events: readonly OutgoingEvent[] }
  | { readonly kind: "lost"; readonly range: LostRange }
  | { readonly kind: "thinned"; readonly range: LostRange };

interface Notice {
  /** It is told before any event from this `seq` on. */
  readonly at: number;
  readonly stretch: Stretch;
}

/** One write's size. Small beside an outlet's bound, so that a reader that catches up is never cut for its own page. */
const MAX_CHARACTERS = 256 * 1024;

/**
 * Cuts what a reader gets on its way from `after` to `until`, both of which are `seq`s, `until` included.
 *
 * @param lost what a damaged file has lost, ascending. Whether it would have passed the filter, nobody knows.
 * @param thinned where retention has removed some events and left others, ascending: told where such a range begins, and
 * whole, since nobody remembers which ones they were.
 */
export function cutPage(options: {
  readonly events: readonly StoredEvent[];
  readonly lost: readonly LostRange[];
  readonly thinned?: readonly LostRange[];
  readonly after: number;
  readonly until: number;
}): readonly Stretch[] {
  const { after, until } = options;
  const onTheWay = (ranges: readonly LostRange[]) =>
    ranges
      .filter(({ from, to }) => to > after && from <= until)
      .map(({ from, to }) => ({ from: Math.max(from, after + 1), to }));
  const notices: Notice[] = [
    ...onTheWay(options.thinned ?? []).map(
      (range): Notice => ({ at: range.from, stretch: { kind: "thinned", range } }),
    ),
    ...onTheWay(options.lost).map(({ from, to }): Notice => {
      const range = { from, to: Math.min(to, until) };
      return { at: range.to + 1, stretch: { kind: "lost", range } };
    }),
  ].sort((a, b) => a.at - b.at);
  const stretches: Stretch[] = [];
  let events: OutgoingEvent[] = [];
  let characters = 0;
  const finishEvents = () => {
    if (events.length > 0) stretches.push({ kind: "events", events });
    events = [];
    characters = 0;
  };
  const tellBefore = (seq: number) => {
    for (let notice = notices[0]; notice !== undefined && notice.at <= seq; notice = notices[0]) {
      finishEvents();
      stretches.push(notice.stretch);
      notices.shift();
    }
  };
  for (const event of options.events) {
    tellBefore(event.seq);
    const outgoing = new OutgoingEvent(event);
    events.push(outgoing);
    characters += outgoing.json.length;
    if (characters >= MAX_CHARACTERS) finishEvents();
  }
  tellBefore(Number.POSITIVE_INFINITY);
  finishEvents();
  return stretches;
}
