/** Owns the events that begin a session and a turn. */
import { oneLine } from "../../shared/text/oneLine.ts";
import { cut } from "./hookInput.ts";
import type { Occasion } from "./occasion.ts";
import type { PlannedEvent } from "./plan.ts";

/** What a turn is called whose beginning nobody told us. */
export const UNSEEN_PROMPT = "At work since before Televibe looked";

const MAX_INSTRUCTION = 20_000;

/** The session, where the state does not know it or takes it for closed. */
export function opening(occasion: Occasion, title?: string): PlannedEvent[] {
  const { agent, session, at, place, cwd } = occasion;
  const isOpen = session !== undefined && session.closed_at === null;
  // Left behind before the session was closed: it stays closed.
  const isOld = session?.closed_at != null && at <= session.closed_at;
  if (isOpen || isOld) return [];
  const workspace = place.worktree ?? cwd;
  const where = place.branch === null ? "" : ` on ${place.branch}`;
  const name = title === undefined ? `${agent.name}${where}` : `${agent.name}: ${oneLine(title, 80)}`;
  const data = {
    name,
    agent: agent.id,
    ...(place.branch === null ? {} : { branch: place.branch }),
    ...(workspace === undefined ? {} : { workspace }),
  };
  return [{ event_type: "session.created", job_id: null, data }];
}

export function started(job_id: string, instruction: string, { agent, place, cwd }: Occasion): PlannedEvent {
  const workspace = place.worktree ?? cwd;
  const data = {
    instruction: cut(instruction, MAX_INSTRUCTION),
    agent: agent.id,
    ...(workspace === undefined ? {} : { workspace }),
    ...(place.branch === null ? {} : { branch: place.branch }),
  };
  return { event_type: "job.started", job_id, data };
}
