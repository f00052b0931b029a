/** Owns where a reader of the event stream stands, and what each frame does to that: the policy behind "exactly once". */
import type { StoredEvent } from "../events/event.ts";
import type { ControlEvent } from "../protocol/controlEvent.ts";
import type { Cursor } from "../protocol/cursor.ts";

export type StreamItem =
  | { readonly kind: "event"; readonly event: StoredEvent; readonly id: Cursor | undefined }
  | { readonly kind: "control"; readonly control: ControlEvent; readonly id: Cursor | undefined };

export interface Advance {
  /** Everything up to here was received. */
  readonly position: Cursor | undefined;
  /** False for an event that was received before. */
  readonly isNew: boolean;
}

/** The position after a frame. */
export function advance(position: Cursor | undefined, item: StreamItem): Advance {
  return item.kind === "event" ? afterEvent(position, item) : { position: afterControl(position, item), isNew: true };
}

function afterEvent(position: Cursor | undefined, { event, id }: StreamItem & { kind: "event" }): Advance {
  const epoch = id?.epoch ?? position?.epoch;
  if (position !== undefined && isSameStore(position.epoch, epoch) && event.seq <= position.seq) {
    return { position, isNew: false };
  }
  return { position: cursor(epoch, event.seq), isNew: true };
}

function afterControl(
  position: Cursor | undefined,
  { control, id }: StreamItem & { kind: "control" },
): Cursor | undefined {
  if (control.event_type === "stream.opened") {
    const { epoch, after } = control.data;
    // Another store counts anew: what was received of the old one says nothing here.
    if (position === undefined || !isSameStore(position.epoch, epoch)) return { epoch, seq: after };
    return { epoch, seq: position.seq };
  }
  if (control.event_type === "stream.gap" && control.data.reason === "reset") {
    return cursor(id?.epoch ?? position?.epoch, id?.seq ?? 0);
  }
  if (id === undefined) return position;
  if (position === undefined || !isSameStore(position.epoch, id.epoch)) return id;
  return cursor(id.epoch ?? position.epoch, Math.max(position.seq, id.seq));
}

/** A cursor without an epoch, from a person's hand, is compared with none. */
function isSameStore(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

function cursor(epoch: string | undefined, seq: number): Cursor {
  return epoch === undefined ? { seq } : { epoch, seq };
}
