/**
 * Owns the text of a replay: the past events of a session through the same reducer that draws everything else, in order,
 * under a header with the state that they come to. Pure.
 */
import type { StoredEvent } from "../../shared/events/event.ts";
import { reduce } from "../../shared/state/reduce.ts";
import { EMPTY_STATE, hasEnded, type Session, type State, sessionKey } from "../../shared/state/state.ts";
import { eventLine, formatEventLine } from "../../shared/text/eventLine.ts";
import { approvalLabel } from "../text/approvalText.ts";
import { count } from "../text/count.ts";
import { jobDescription, jobLabel } from "../text/jobText.ts";

type SessionId = Pick<Session, "project_id" | "session_id">;

/** Most jobs and approvals that the header names. */
const MAX_LISTED = 20;

export class Replay {
  readonly #session: SessionId;
  readonly #lines: string[] = [];
  #state: State = EMPTY_STATE;

  constructor(session: SessionId) {
    this.#session = session;
  }

  get state(): State {
    return this.#state;
  }

  /** Plays the events that come next. */
  play(events: readonly StoredEvent[]): void {
    for (const event of events) {
      this.#state = reduce(this.#state, [event]).state;
      this.#lines.push(formatEventLine(eventLine(event, this.#state), timeOf(event)));
    }
  }

  /** @param remaining how many events are still to be played; 0 at the end. */
  text(remaining: number): string {
    const progress = remaining === 0 ? "" : `  … ${count(remaining, "more event")} to play`;
    return [...this.#header(), "", ...this.#lines, ...(progress === "" ? [] : [progress]), ""].join("\n");
  }

  #header(): readonly string[] {
    const { project_id, session_id } = this.#session;
    const session = this.#state.sessions.get(sessionKey(project_id, session_id));
    const project = this.#state.projects.get(project_id)?.name ?? project_id;
    const jobs = [...this.#state.jobs.values()];
    const approvals = [...this.#state.approvals.values()];
    const running = jobs.filter(({ state }) => !hasEnded(state)).length;
    const pending = approvals.filter(({ state }) => state === "pending");
    return [
      `# ${project} / ${session?.name ?? session_id}${session === undefined ? "" : ` · ${session.state}`}`,
      `# ${count(this.#lines.length, "event")}, ${count(jobs.length, "job")} (${running} running), ` +
        `${count(approvals.length, "approval")} (${pending.length} waiting)`,
      ...jobs.slice(-MAX_LISTED).map((job) => `#   ${jobLabel(job)} — ${jobDescription(job)}`),
      ...pending.slice(-MAX_LISTED).map((approval) => `#   waits: ${approvalLabel(approval)}`),
    ];
  }
}

/** `2026-11-23 15:26:33` (UTC): a session may go on for days. */
function timeOf({ timestamp }: StoredEvent): string {
  return timestamp.slice(0, 19).replace("T", " ");
}
