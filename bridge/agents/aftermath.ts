/** Owns what follows from the end of a request, where no hook of its agent will tell it. */
import type { Approval } from "../../shared/protocol/approval.ts";
import { hasEnded, type Job } from "../../shared/state/state.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { Ingest } from "../http/ingest.ts";
import type { Projection } from "../projection/projection.ts";
import type { EventStore } from "../store/eventStore.ts";
import type { Agent } from "./agent.ts";
import { AGENTS } from "./agents.ts";
import { askingAgent } from "./identity.ts";
import type { KeyedQueue } from "./keyedQueue.ts";
import { refusalMessage } from "./permissionAnswer.ts";
import type { PlannedEvent } from "./plan.ts";
import { type EventOrigin, publishPlanned } from "./publication.ts";
import { cancelLine, decisionLine } from "./story.ts";
import type { StoryTeller } from "./storyTeller.ts";
import { changesOf } from "./turnOutcome.ts";
import { wasLeft } from "./withdrawal.ts";

export interface AftermathOptions {
  readonly ingest: () => Pick<Ingest, "checkMany" | "publish">;
  readonly store: Pick<EventStore, "query">;
  readonly projection: Pick<Projection, "state">;
  /** Whether a hook of this bridge asked for it. */
  readonly isOwn: (approval: Approval) => boolean;
  /** The order in which things are done in a session. */
  readonly queue: KeyedQueue;
  readonly teller: StoryTeller;
  /** How long an agent may say nothing after its hook has left, before it is taken for gone. */
  readonly silentMs: number;
  readonly nowMs: () => number;
  readonly log: Logger;
}

export class Aftermath {
  readonly #options: AftermathOptions;
  /** By session: those whose hook has left, and whose agent has not called since. */
  readonly #silent = new Map<string, NodeJS.Timeout>();

  constructor(options: AftermathOptions) {
    this.#options = options;
  }

  /**
   * To be called behind what hooks have left behind. A bridge that ended may have withdrawn a request and not come to the end of its turn,
   * or it still waited for a word of the agent.
   */
  start(): void {
    const { projection, isOwn, queue, log } = this.#options;
    for (const approval of projection.state.approvals.values()) {
      const { approval_id, session_id } = approval;
      if (session_id === null || !isOwn(approval) || !wasLeft(approval)) continue;
      const resuming = queue.run(session_id, async () => {
        if (this.#isLastWord(approval)) this.left(approval);
      });
      resuming.catch((error: unknown) =>
        log.warn("What follows from a request that nobody waits for could not be told", { approval_id, error }),
      );
    }
  }

  /** A decision is told in the job's log, and a call that was refused is over. */
  decided(approval: Approval): void {
    this.#inSession(approval, async (agent, job) => {
      // Behind what is told already; the call's end need not wait for it.
      void this.#tell(agent, job, decisionLine(approval));
      await this.#publish(agent, job, approval, refusedCall(approval, job));
    });
  }

  /**
   * The hook has left: with some agents the turn is over then, since its user said no in the terminal. Others call again if
   * they go on; those that do not have ended with their hook.
   */
  left(approval: Approval): void {
    const { approval_id, session_id } = approval;
    const asker = askingAgent(approval_id);
    if (asker === undefined || session_id === null) return;
    const { name, endsHooksWhenInterrupted } = AGENTS[asker];
    if (endsHooksWhenInterrupted) this.#cancel(approval, `${name} no longer waits for an answer`);
    else this.#cancelIfSilent(approval, session_id, `${name} was not heard of since it stopped waiting for an answer`);
  }

  /** The agent has called: it is there. */
  heard(sessionId: string): void {
    clearTimeout(this.#silent.get(sessionId));
    this.#silent.delete(sessionId);
  }

  /** From now on nobody's silence means anything: it is the bridge that goes. */
  stop(): void {
    for (const timer of this.#silent.values()) clearTimeout(timer);
    this.#silent.clear();
  }

  /** Whether nothing is known of its turn since it was decided. */
  #isLastWord({ job_id, decision }: Approval): boolean {
    const job = this.#options.projection.state.jobs.get(job_id);
    return job !== undefined && decision !== null && !hasEnded(job.state) && job.updated_at <= decision.decided_at;
  }

  #cancelIfSilent(approval: Approval, sessionId: string, reason: string): void {
    this.heard(sessionId);
    const timer = setTimeout(() => {
      this.#silent.delete(sessionId);
      this.#cancel(approval, reason);
    }, this.#options.silentMs);
    timer.unref();
    this.#silent.set(sessionId, timer);
  }

  #cancel(approval: Approval, reason: string): void {
    this.#inSession(approval, async (agent, job) => {
      await this.#tell(agent, job, cancelLine(reason));
      const data = { reason, ...(await changesOf(this.#options.store, job)) };
      await this.#publish(agent, job, approval, [{ event_type: "job.canceled", job_id: job.job_id, data }]);
    });
  }

  /** Does something about a request's job in the order of its session, unless the job has ended by then. */
  #inSession({ approval_id, session_id, job_id }: Approval, act: (agent: Agent, job: Job) => Promise<void>): void {
    const { projection, queue, log } = this.#options;
    const asker = askingAgent(approval_id);
    if (asker === undefined || session_id === null) return;
    const acting = queue.run(session_id, async () => {
      const job = projection.state.jobs.get(job_id);
      if (job !== undefined && !hasEnded(job.state)) await act(AGENTS[asker], job);
    });
    acting.catch((error: unknown) =>
      log.warn("What follows from a decision could not be told", { approval_id, error }),
    );
  }

  #tell(agent: Agent, { job_id, session_id }: Job, line: string): Promise<void> {
    const part = { job_id, lines: [line], isEnd: false, until: undefined };
    return this.#options.teller.tell({
      agent,
      sessionId: session_id ?? "",
      transcriptPath: undefined,
      sinceMs: 0,
      part,
    });
  }

  async #publish(agent: Agent, job: Job, approval: Approval, events: readonly PlannedEvent[]): Promise<void> {
    const { ingest, nowMs, log } = this.#options;
    const origin: EventOrigin = {
      // None of those that the hook's own call has made.
      hookId: `${approval.approval_id} is over`,
      at: new Date(nowMs()).toISOString(),
      agent,
      sessionId: job.session_id ?? "",
      projectId: job.project_id,
    };
    if (events.length > 0) await publishPlanned(ingest(), events, origin, log);
  }
}

/** The end of the call that was asked about: it does not run. */
function refusedCall(approval: Approval, job: Job): readonly PlannedEvent[] {
  const { state, context, job_id } = approval;
  const call = job.tool_calls.find((each) => each.call_id === context["tool_use_id"] && each.state === "running");
  if ((state !== "denied" && state !== "expired") || call === undefined) return [];
  const { tool, call_id: tool_use_id, summary, file } = call;
  const data = {
    tool,
    tool_use_id,
    success: false,
    error: refusalMessage(approval),
    ...(summary === null ? {} : { summary }),
    ...(file === null ? {} : { file }),
  };
  return [{ event_type: "job.tool_completed", job_id, data }];
}
