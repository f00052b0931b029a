/** Owns asking for one approval and waiting for its answer, through restarts of the bridge. */
import { v7 as newId } from "uuid";
import { awaitDecision, isPassing, passingError } from "../../../shared/client/awaitDecision.ts";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { BridgeUnreachableError } from "../../../shared/client/bridgeUnreachableError.ts";
import type { EventInput } from "../../../shared/events/event.ts";
import { type Approval, describeDecision } from "../../../shared/protocol/approval.ts";
import { ProblemError } from "../../../shared/protocol/problem.ts";
import type { BridgeAccess } from "../context.ts";
import { deadlineSignal } from "../deadline.ts";

/** The bridge ends the wait in time and tells; this much later we do it ourselves. */
const GRACE_MS = 3000;

export interface Question {
  readonly project: string;
  readonly session: string | null;
  readonly workspace: string;
  /** The project's own folder; undefined where the project is none of this place. */
  readonly projectFolder: string | undefined;
  /** The job that asks; one is made for the question alone when there is none. */
  readonly jobId: string | undefined;
  readonly question: string;
  readonly scope: string;
  readonly action: string;
  readonly timeoutSeconds: number | undefined;
}

export class ApprovalRequest {
  readonly approvalId = newId();
  readonly #question: Question;
  readonly #access: Pick<BridgeAccess, "open">;
  readonly #jobId: string;
  readonly #deadlineMs: number | undefined;
  readonly #onAway: (error: Error) => void;
  /** Whether the bridge has the question on disk, and Redis is to give it its place before anybody sees it. */
  #isHeldBack = false;

  /** @param onAway told once each time that the bridge goes away while it is waited for. */
  constructor(question: Question, access: Pick<BridgeAccess, "open">, onAway: (error: Error) => void) {
    this.#question = question;
    this.#access = access;
    this.#onAway = onAway;
    this.#jobId = question.jobId ?? newId();
    this.#deadlineMs = question.timeoutSeconds === undefined ? undefined : Date.now() + question.timeoutSeconds * 1000;
  }

  /** Asks. Resolves once the bridge has taken the question; throws when no bridge can be had. */
  async ask(): Promise<void> {
    const { question, scope, action, workspace, projectFolder, jobId } = this.#question;
    const own = jobId === undefined ? [this.#event("job.started", { instruction: question, workspace })] : [];
    const needed = this.#event("job.approval_needed", {
      approval_id: this.approvalId,
      scope,
      action,
      ...(action === question ? {} : { reason: question }),
      ...(projectFolder === undefined ? {} : { context: { project_folder: projectFolder } }),
      ...(this.#deadlineMs === undefined ? {} : { expires_at: new Date(this.#deadlineMs).toISOString() }),
    });
    await this.#publish([...own, needed]);
  }

  /**
   * The answer. Undefined when the time is over, or the signal came, and no bridge could say so.
   *
   * @param onWaiting told the question as it stands while it waits: rules may have given it a time that its asker did not.
   */
  async answer(signal: AbortSignal, onWaiting: (approval: Approval) => void): Promise<Approval | undefined> {
    using deadline = deadlineSignal(this.#deadlineMs === undefined ? undefined : this.#deadlineMs + GRACE_MS);
    const ended = AbortSignal.any([signal, deadline.signal]);
    return await awaitDecision({
      approvalId: this.approvalId,
      connect: (stop) => this.#access.open(stop),
      signal: ended,
      isHeldBack: this.#isHeldBack,
      onAway: this.#onAway,
      onWaiting,
    });
  }

  /** Takes the question back, everywhere. Answers whether it did: somebody may have decided just before, or no bridge is there. */
  async withdraw(): Promise<boolean> {
    try {
      const client = new BridgeClient(await this.#access.open());
      await client.decide(this.approvalId, { decision: "withdraw", surface: "producer" });
      await this.#end("job.canceled", { reason: "Withdrawn by its asker" });
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.code === "already_decided") {
        // Its own job ends all the same, or it would seem to run for ever.
        await this.#end("job.canceled", { reason: "Answered when it was not wanted any more" });
        return false;
      }
      const passing = passingError(error, this.#isHeldBack);
      if (passing === undefined) throw error;
      this.#onAway(passing);
      return false;
    }
  }

  /** Ends the job that was made for the question, as the answer has it. The answer stands, so a bridge that is away now is no failure. */
  async finish(approval: Approval): Promise<void> {
    const words = describeDecision(approval);
    // Nothing that was not allowed has been done.
    if (approval.state === "approved") await this.#end("job.completed", { success: true, summary: words });
    else await this.#end("job.canceled", { reason: words });
  }

  async #end(eventType: "job.completed" | "job.canceled", data: Record<string, unknown>): Promise<void> {
    if (this.#question.jobId !== undefined) return;
    try {
      await this.#publish([this.#event(eventType, data)]);
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.#onAway(error);
    }
  }

  /** Again, should the bridge go away in the middle: the events have ids, so they count once. */
  async #publish(events: readonly EventInput[]): Promise<void> {
    for (let isLast = false; ; isLast = true) {
      try {
        const results = await new BridgeClient(await this.#access.open()).publish(events);
        const refused = results.find(({ problem }) => problem !== undefined)?.problem;
        if (refused !== undefined) throw new ProblemError(refused);
        this.#isHeldBack = results.some(({ seq }) => seq === null);
        return;
      } catch (error) {
        if (isLast || !(error instanceof BridgeUnreachableError)) throw error;
      }
    }
  }

  #event(event_type: string, data: Record<string, unknown>): EventInput {
    const { project, session } = this.#question;
    return {
      event_id: newId(),
      event_type,
      timestamp: new Date().toISOString(),
      source: { component: "ask", instance_id: this.#jobId },
      project_id: project,
      session_id: session,
      job_id: this.#jobId,
      data,
    };
  }
}
