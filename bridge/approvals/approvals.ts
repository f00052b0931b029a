/** Owns deciding approvals and waiting for decisions. What is decided, the ledger and the order of events say. */
import type { Event } from "../../shared/events/event.ts";
import type { Remember } from "../../shared/events/job.ts";
import type { Approval, ApprovalState, DecisionRequest, DecisionResult } from "../../shared/protocol/approval.ts";
import { type ProblemError, parseProblem, problem } from "../../shared/protocol/problem.ts";
import type { Changes } from "../../shared/state/draft.ts";
import type { State } from "../../shared/state/state.ts";
import type { EventBus } from "../bus/eventBus.ts";
import type { Logger } from "../diagnostics/logger.ts";
import { type Answer, decisionEvent } from "./decisionEvent.ts";
import { isDecision, unknownApproval, withApprovalId } from "./decisionTarget.ts";
import { alreadyDecided } from "./ledger.ts";

/** Longest delay that a Node timer takes, in milliseconds; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A decision that was beaten is on its way to the disk; it is told once it is there. */
const BEATEN_WAIT_MS = 10_000;

export interface ApprovalsOptions {
  readonly bus: Pick<EventBus, "publish">;
  readonly projection: {
    readonly state: State;
    onDidChange(listener: (state: State, changes: Changes) => void): Disposable;
    /** An approval that the state has forgotten (its job ended long ago), for as long as its events are stored. */
    recallApproval(approval_id: string): Promise<Approval | undefined>;
  };
  readonly newEventId: () => string;
  readonly nowMs: () => number;
  readonly instanceId: string;
  readonly rules: {
    /** Writes the rule that an approval is to stand for from now on; the answer takes it back. */
    remember(approval: Approval, remember: Remember): Promise<() => Promise<void>>;
  };
  readonly log: Logger;
}

export interface ApprovalFilter {
  readonly state?: ApprovalState;
  readonly project_id?: string;
  readonly session_id?: string;
}

export class Approvals {
  readonly #options: ApprovalsOptions;

  constructor(options: ApprovalsOptions) {
    this.#options = options;
  }

  /** Those that wait come first, in the order in which they were asked. */
  list(filter: ApprovalFilter = {}): readonly Approval[] {
    const fits = ({ state, project_id, session_id }: Approval) =>
      (filter.state === undefined || filter.state === state) &&
      (filter.project_id === undefined || filter.project_id === project_id) &&
      (filter.session_id === undefined || filter.session_id === session_id);
    const all = [...this.#options.projection.state.approvals.values()].filter(fits);
    const pending = all.filter(({ state }) => state === "pending");
    return [...pending, ...all.filter(({ state }) => state !== "pending")];
  }

  get(approval_id: string): Approval | undefined {
    return this.#options.projection.state.approvals.get(approval_id);
  }

  /**
   * Decides an approval. Resolves when the decision is on disk and everybody can be told. What it is to stand for besides is a rule by
   * then; where none can be written it counts for the one question, and nobody is told otherwise.
   *
   * @throws ProblemError `unknown_approval`, `invalid_request` for a `remember` that is not offered, or `already_decided` with the approval and its decision in the context.
   */
  async decide(approval_id: string, answer: DecisionRequest | Answer): Promise<DecisionResult> {
    const approval = await this.#find(approval_id);
    if (approval.state !== "pending") throw alreadyDecided(approval);
    if (answer.remember === undefined) return this.#publish(approval, answer);
    checkOffered(approval, answer.remember);
    const { rules, log } = this.#options;
    let takeBack: () => Promise<void>;
    try {
      takeBack = await rules.remember(approval, answer.remember);
    } catch (error) {
      log.warn("A rule that somebody chose could not be written", { error });
      const { remember: _remember, ...once } = answer;
      const not_remembered = error instanceof Error ? error.message : String(error);
      return { ...(await this.#publish(approval, once)), not_remembered };
    }
    try {
      return await this.#publish(approval, answer);
    } catch (error) {
      // Somebody else was first, perhaps with a no.
      await takeBack();
      throw error;
    }
  }

  async #publish(approval: Approval, answer: DecisionRequest | Answer): Promise<DecisionResult> {
    const { approval_id } = approval;
    const { bus, newEventId, nowMs, instanceId } = this.#options;
    const event = decisionEvent(approval, answer, {
      event_id: newEventId(),
      timestamp: new Date(nowMs()).toISOString(),
      source: { component: "bridge", instance_id: instanceId },
    });
    const [result] = await bus.publish([event]);
    if (result?.problem !== undefined) throw await this.#refusal(approval_id, parseProblem(result.problem));
    const decided = this.get(approval_id);
    if (decided === undefined || result === undefined || result.seq === null) {
      throw new Error(`The decision ${event.event_id} was published and has no place in the order`);
    }
    // With several bridges the job may have ended a moment before, elsewhere: then that was first.
    if (decided.decision?.event_id !== event.event_id) throw alreadyDecided(decided);
    return { approval: decided, seq: result.seq };
  }

  /** Resolves with the approval once it is decided, or as it is when the time is over or the signal says so. */
  async waitForDecision(approval_id: string, timeoutMs: number, signal?: AbortSignal): Promise<Approval> {
    const approval = await this.#find(approval_id);
    if (approval.state !== "pending" || signal?.aborted) return approval;
    await this.#changed(approval_id, timeoutMs, signal);
    return this.get(approval_id) ?? approval;
  }

  /**
   * A decision without an `approval_id` gets the one that it can only mean; other events pass as they are.
   *
   * @throws ProblemError `unknown_approval` when it cannot be told.
   */
  resolveDecision(event: Event): Event {
    if (!isDecision(event) || event.data.approval_id !== undefined) return event;
    return withApprovalId(this.#options.projection.state, event);
  }

  async #find(approval_id: string): Promise<Approval> {
    const approval = this.get(approval_id) ?? (await this.#options.projection.recallApproval(approval_id));
    if (approval === undefined) throw unknownApproval(approval_id);
    return approval;
  }

  /** Whoever was beaten is told of the decision that won, once that one can no longer be lost. */
  async #refusal(approval_id: string, refusal: ProblemError | undefined): Promise<Error> {
    if (refusal?.code !== "already_decided") return refusal ?? new Error("The decision was refused without a reason");
    const approval = await this.waitForDecision(approval_id, BEATEN_WAIT_MS);
    return approval.state === "pending" ? refusal : alreadyDecided(approval);
  }

  #changed(approval_id: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        subscription[Symbol.dispose]();
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const subscription = this.#options.projection.onDidChange((state, changes) => {
        if (changes.approvals.has(approval_id) && state.approvals.get(approval_id)?.state !== "pending") end();
      });
      const timer = setTimeout(end, Math.min(timeoutMs, MAX_TIMER_MS));
      signal?.addEventListener("abort", end);
    });
  }
}

function checkOffered({ offers }: Approval, remember: Remember): void {
  if (offers.some((offer) => offer.remember === remember)) return;
  const offered = offers.map((offer) => `"${offer.remember}"`).join(", ");
  throw problem(
    "invalid_request",
    `This approval cannot be given with "remember": "${remember}"; it offers ${offered || "nothing of the kind"}.`,
  );
}
