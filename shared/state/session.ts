/** Owns what `session.*` does to the state. */
import type { EventOf, StoredEvent } from "../events/event.ts";
import type { Draft } from "./draft.ts";
import { type Session, sessionKey } from "./state.ts";

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
  draft.putSession({ ...session, ...changed(session, event) });
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
  const session = session_id === null ? undefined : draft.sessions.get(sessionKey(project_id, session_id));
  if (session === undefined || !DERIVED_STATES.has(session.state)) return;
  const states = new Set<string>();
  for (const job of draft.jobs.values()) {
    if (job.project_id === project_id && job.session_id === session_id) states.add(job.state);
  }
  const state = states.has("waiting") ? "waiting" : states.has("running") ? "running" : "idle";
  if (state !== session.state) draft.putSession({ ...session, state });
}

/** The event's session, made where it is not there yet; undefined for an event of no session. */
export function touchSession(draft: Draft, event: StoredEvent): Session | undefined {
  const { project_id, session_id, timestamp } = event;
  if (session_id === null) return undefined;
  const known = draft.sessions.get(sessionKey(project_id, session_id));
  const session: Session = known
    ? { ...known, updated_at: timestamp }
    : {
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
  draft.putSession(session);
  return session;
}
