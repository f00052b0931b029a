/** Owns asking for one approval and waiting for its answer, through restarts of the bridge. */
import { setTimeout as delay } from "node:timers/promises";
import { v7 as newId } from "uuid";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { BridgeUnreachableError } from "../../../shared/client/bridgeUnreachableError.ts";
import type { EventInput } from "../../../shared/events/event.ts";
import type { Approval } from "../../../shared/protocol/approval.ts";
import { ProblemError } from "../../../shared/protocol/problem.ts";
import type { BridgeAccess } from "../context.ts";

/** One question to the bridge takes this long at most, then the next one is asked. */
const WAIT_SECONDS = 25;
const RETRY_MS = 250;

export interface Question {
  readonly project: string;
  readonly session: string | null;
  readonly workspace: string;
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
  readonly #access: BridgeAccess;
  readonly #jobId: string;
  readonly #deadlineMs: number | undefined;

  constructor(question: Question, access: BridgeAccess) {
    this.#question = question;
    this.#access = access;
    this.#jobId = question.jobId ?? newId();
    this.#deadlineMs = question.timeoutSeconds === undefined ? undefined : Date.now() + question.timeoutSeconds * 1000;
  }

  /** Asks. Resolves once the bridge has taken the question. */
  async ask(): Promise<void> {
    const { question, scope, action, workspace, jobId } = this.#question;
    const own = jobId === undefined ? [this.#event("job.started", { instruction: question, workspace })] : [];
    const needed = this.#event("job.approval_needed", {
      approval_id: this.approvalId,
      scope,
      action,
      ...(action === question ? {} : { reason: question }),
      ...(this.#deadlineMs === undefined ? {} : { expires_at: new Date(this.#deadlineMs).toISOString() }),
    });
    await (await this.#access.client()).publish([...own, needed]);
  }

  /** The answer. Undefined when the time is over and no bridge could say so. */
  async answer(signal: AbortSignal): Promise<Approval | undefined> {
    while (!signal.aborted) {
      try {
        const client = new BridgeClient(await this.#access.open(signal));
        const approval = await client.approval(this.approvalId, { waitSeconds: this.#waitSeconds(), signal });
        if (approval.state !== "pending") return approval;
      } catch (error) {
        if (signal.aborted) break;
        if (!isPassing(error)) throw error;
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
      // The bridge ends the wait in time; this is for a bridge that is not there then.
      if (this.#deadlineMs !== undefined && Date.now() > this.#deadlineMs + WAIT_SECONDS * 1000) return undefined;
    }
    return undefined;
  }

  /** Takes the question back, everywhere. */
  async withdraw(): Promise<void> {
    const client = await this.#access.client();
    await client.decide(this.approvalId, { decision: "withdraw", surface: "producer" });
    await this.finish("Withdrawn");
  }

  /** Ends the job that was made for the question. */
  async finish(summary: string): Promise<void> {
    if (this.#question.jobId !== undefined) return;
    await (await this.#access.client()).publish([this.#event("job.completed", { success: true, summary })]);
  }

  #waitSeconds(): number {
    if (this.#deadlineMs === undefined) return WAIT_SECONDS;
    return Math.min(WAIT_SECONDS, Math.max(1, Math.ceil((this.#deadlineMs - Date.now()) / 1000)));
  }

  #event(event_type: string, data: Record<string, unknown>): EventInput {
    const { project, session } = this.#question;
    // Of a job that is made for the question alone, its start and end would only say in Telegram what the question says.
    const isFrame = event_type !== "job.approval_needed";
    return {
      ...(isFrame ? { visibility: "internal" as const } : {}),
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

/** The bridge being away, or on its way up, is no answer. */
function isPassing(error: unknown): boolean {
  return error instanceof BridgeUnreachableError || (error instanceof ProblemError && error.document.status >= 500);
}
