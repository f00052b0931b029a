/** Owns what `session.*` does to the state. */
import type { EventOf, StoredEvent } from "../events/event.ts";
import type { Draft, Own } from "./draft.ts";
import type { Session } from "./state.ts";

type SessionEvent = (
  | EventOf<"session.created">
  | EventOf<"session.state_changed">
  | EventOf<"session.workspace_ready">
  | EventOf<"session.closed">
  | EventOf<"session.error">
) & { readonly seq: number };

export function reduceSession(draft: Draft, event: SessionEvent): void {
  const session = touchSession(draft, event);
  if (session === undefined) return;
  Object.assign(session, changed(session, event));
}

function changed(session: Session, event: SessionEvent): Partial<Session> {
  switch (event.event_type) {
    case "session.created": {
      const { name, branch, workspace, agent } = event.data;
      return {
        name: name ?? session.name,
        branch: branch ?? session.branch,
        workspace: workspace ?? session.workspace,
        agent: agent ?? session.agent,
        created_at: event.timestamp,
        // The same session may be opened again after it was closed.
        ...(session.closed_at === null ? {} : { state: "idle", closed_at: null, error: null }),
      };
    }
    case "session.state_changed":
      return { state: event.data.to, closed_at: null, error: event.data.to === "error" ? session.error : null };
    case "session.workspace_ready":
      return { workspace: event.data.workspace, branch: event.data.branch ?? session.branch };
    case "session.closed":
      return { state: "closed", closed_at: event.timestamp };
    case "session.error":
      return { state: "error", error: event.data.error };
  }
}

/** States that follow from what a session's jobs do; any other is its producer's own word, and stays. */
const DERIVED_STATES: ReadonlySet<string> = new Set(["idle", "running", "waiting"]);

/** Brings a session's state in line with its jobs: what waits for a person comes before what runs. */
export function followJobs(draft: Draft, { project_id, session_id }: StoredEvent): void {
  const session = session_id === null ? undefined : draft.editSession(project_id, session_id);
  if (session === undefined || !DERIVED_STATES.has(session.state)) return;
  const states = new Set<string>();
  for (const job of draft.jobs.values()) {
    if (job.project_id === project_id && job.session_id === session_id) states.add(job.state);
  }
  session.state = states.has("waiting") ? "waiting" : states.has("running") ? "running" : "idle";
}

/** The event's session, made where it is not there yet; undefined for an event of no session. */
export function touchSession(draft: Draft, event: StoredEvent): Own<Session> | undefined {
  const { project_id, session_id, timestamp } = event;
  if (session_id === null) return undefined;
  const session =
    draft.editSession(project_id, session_id) ?? draft.putSession(newSession(project_id, session_id, timestamp));
  session.updated_at = timestamp;
  return session;
}

function newSession(project_id: string, session_id: string, timestamp: string): Session {
  return {
    project_id,
    session_id,
    name: session_id,
    state: "idle",
    branch: null,
    workspace: null,
    agent: null,
    error: null,
    usage: null,
    created_at: timestamp,
    closed_at: null,
    updated_at: timestamp,
  };
}
