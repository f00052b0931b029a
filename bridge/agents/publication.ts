/** Owns publishing what a call comes to: through the same door as everybody's events, once however often it is delivered. */
import type { PublishResult } from "../../shared/protocol/publish.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { Ingest } from "../http/ingest.ts";
import { eventIdOf } from "./identity.ts";
import type { Occasion } from "./occasion.ts";
import type { PlannedEvent } from "./plan.ts";

/** What events are made of besides what they say. */
export type EventOrigin = Pick<Occasion, "hookId" | "at" | "agent" | "sessionId" | "projectId">;

/** Answers whether any of it was new. @throws ProblemError when it could not be stored. */
export async function publishPlanned(
  ingest: Pick<Ingest, "checkMany" | "publish">,
  events: readonly PlannedEvent[],
  origin: EventOrigin,
  log: Logger,
): Promise<boolean> {
  const inputs = toInputs(events, origin);
  const results = await ingest.publish(ingest.checkMany(inputs, Buffer.byteLength(JSON.stringify(inputs))));
  for (const { problem } of results) {
    if (problem !== undefined && problem.code !== "event_id_conflict") {
      log.warn("An event of an agent's hook was refused", { hook: origin.hookId, why: problem.detail });
    }
  }
  return !results.some(isRepeated);
}

function toInputs(events: readonly PlannedEvent[], { hookId, at, agent, sessionId, projectId }: EventOrigin): object[] {
  const counts = new Map<string, number>();
  return events.map(({ event_type, job_id, data }) => {
    const nth = counts.get(event_type) ?? 0;
    counts.set(event_type, nth + 1);
    return {
      event_id: eventIdOf(hookId, event_type, nth),
      event_type,
      timestamp: at,
      source: { component: agent.id, instance_id: sessionId },
      project_id: projectId,
      session_id: sessionId,
      ...(job_id === null ? {} : { job_id }),
      data,
    };
  });
}

/** Told before: the first telling may read otherwise, since more was known by then or less. */
function isRepeated({ duplicate, problem }: PublishResult): boolean {
  return duplicate || problem?.code === "event_id_conflict";
}
