/** Builds stored events as the bridge would: through the check at the door, so that no test lives on an impossible one. */
import type { StoredEvent } from "../../shared/events/event.ts";
import { parseEvent } from "../../shared/events/parse.ts";
import { reduce } from "../../shared/state/reduce.ts";
import { EMPTY_STATE, type State } from "../../shared/state/state.ts";

export interface EventFacts {
  readonly type: string;
  readonly data?: object;
  readonly project?: string;
  readonly session?: string | null;
  readonly job?: string;
}

const START_MS = Date.parse("2026-11-23T09:30:00.000Z");

/** Event number `seq`, which happened `seq` seconds after the start. */
export function storedEvent(seq: number, { type, data, project, session, job }: EventFacts): StoredEvent {
  const result = parseEvent(
    {
      event_type: type,
      project_id: project ?? "shop",
      session_id: session === undefined ? "s1" : session,
      job_id: job ?? null,
      data: data ?? {},
    },
    {
      newEventId: () => `00000000-0000-7000-8000-${String(seq).padStart(12, "0")}`,
      nowMs: () => START_MS + seq * 1000,
      source: { component: "test", instance_id: "test" },
    },
  );
  if (!result.ok) throw new Error(`Not an event: ${JSON.stringify(result.issues)}`);
  return { ...result.value, seq };
}

/** What the real reducer makes of events, one after the other. */
export function stateAfter(facts: readonly EventFacts[], before: State = EMPTY_STATE): State {
  return reduce(
    before,
    facts.map((each, index) => storedEvent(before.seq + index + 1, each)),
  ).state;
}
