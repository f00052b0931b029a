/** Owns turning what the store did with an event into what its publisher is told. */
import type { Event } from "../../shared/events/event.ts";
import type { PublishResult } from "../../shared/protocol/publish.ts";
import type { AppendOutcome } from "../store/eventStore.ts";

/** @throws Error when the store answered nothing for the event, which would be a fault of ours. */
export function toPublishResult({ event_id }: Event, outcome: AppendOutcome | undefined): PublishResult {
  if (outcome === undefined) throw new Error(`The store did not say what became of the event ${event_id}`);
  return outcome.kind === "stored"
    ? { event_id, seq: outcome.seq, duplicate: outcome.duplicate }
    : { event_id, seq: null, duplicate: false, problem: outcome.problem.document };
}
