/**
 * Owns who waits for an answer. A hook whose agent was answered in its own terminal is gone without a word, so a request that
 * nobody waits for is withdrawn everywhere else; after a restart of the bridge its hooks get some time to come back.
 */
import type { Approval } from "../../shared/protocol/approval.ts";
import { ProblemError } from "../../shared/protocol/problem.ts";
import type { Changes } from "../../shared/state/draft.ts";
import type { State } from "../../shared/state/state.ts";
import type { Approvals } from "../approvals/approvals.ts";
import type { Logger } from "../diagnostics/logger.ts";
import { type WithdrawalCause, withdrawalReason } from "./withdrawal.ts";

export interface AttendanceOptions {
  readonly approvals: Pick<Approvals, "decide">;
  readonly projection: {
    readonly state: State;
    onDidChange(listener: (state: State, changes: Changes) => void): Disposable;
  };
  /** Whether a hook of this bridge asked for it. */
  readonly isOwn: (approval: Approval) => boolean;
  /** How long a hook may be away before its request is withdrawn. */
  readonly absentMs: number;
  /** The same, for those that waited when the bridge was restarted. */
  readonly restartMs: number;
  /** Resolves once all that hooks have left in files is taken in, which may take longer than any of these times. */
  readonly hasRead: () => Promise<unknown>;
  /** A request of a hook has its decision, whoever made it. */
  readonly onDecided: (approval: Approval) => void;
  /** A hook has left without an answer, and its request was withdrawn. */
  readonly onLeft: (approval: Approval) => void;
  readonly log: Logger;
}

export class Attendance {
  readonly #options: AttendanceOptions;
  readonly #present = new Map<string, number>();
  /** Requests whose hooks have come to wait, since this bridge runs. */
  readonly #attended = new Set<string>();
  /** Requests that waited when the bridge was restarted: their hooks have waited for the one before. */
  readonly #inherited = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #withdrawing = new Set<Promise<boolean>>();
  #subscription: Disposable | undefined;
  #isStopped = false;

  constructor(options: AttendanceOptions) {
    this.#options = options;
  }

  /** To be called once the projection is current. */
  start(): void {
    const { projection, isOwn, restartMs, absentMs, onDecided } = this.#options;
    for (const approval of projection.state.approvals.values()) {
      if (approval.state !== "pending") continue;
      this.#inherited.add(approval.approval_id);
      this.#watch(approval, restartMs);
    }
    this.#subscription = projection.onDidChange((state, changes) => {
      for (const approval_id of changes.approvals) {
        const approval = state.approvals.get(approval_id);
        if (approval?.state === "pending") this.#watch(approval, absentMs);
        else {
          this.#forget(approval_id);
          this.#expectNobody(approval_id);
        }
        if (approval !== undefined && approval.state !== "pending" && isOwn(approval)) onDecided(approval);
      }
    });
  }

  /** From now on nobody's absence means anything: it is the bridge that goes. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#subscription?.[Symbol.dispose]();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#withdrawing);
  }

  /** A hook waits, until what it is given back is disposed of. */
  attend(approvalId: string): Disposable {
    this.#forget(approvalId);
    this.#attended.add(approvalId);
    this.#present.set(approvalId, (this.#present.get(approvalId) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#present.get(approvalId) ?? 1) - 1;
        if (left > 0) this.#present.set(approvalId, left);
        else this.#present.delete(approvalId);
        const approval = this.#options.projection.state.approvals.get(approvalId);
        if (approval !== undefined) this.#watch(approval, this.#options.absentMs);
        // Waited for before it was told, and it never was.
        else this.#attended.delete(approvalId);
      },
    };
  }

  /** Whether a hook waits for the answer, or may come to do so. */
  isExpected(approvalId: string): boolean {
    return this.#present.has(approvalId) || !this.#attended.has(approvalId);
  }

  /** A hook went before it was told that it is to wait: nobody will come for the answer, unless it is the bridge that goes. */
  async miss(approvalId: string): Promise<void> {
    const approval = this.#options.projection.state.approvals.get(approvalId);
    if (approval?.state !== "pending" || this.#isStopped || this.#present.has(approvalId)) return;
    await this.withdraw(approval, "given_up");
  }

  /** A hook says that it waits no longer, since its agent asks by itself: that is no end of the turn. */
  async giveUp(approvalId: string): Promise<void> {
    this.#expectNobody(approvalId);
    // One that is not told yet is withdrawn once it is, since nobody comes for it.
    const approval = this.#options.projection.state.approvals.get(approvalId);
    if (approval?.state === "pending") await this.withdraw(approval, "given_up");
  }

  /** Takes a request back, for which its agent does not wait; answers whether it still waited here. */
  withdraw(approval: Approval, cause: WithdrawalCause): Promise<boolean> {
    const withdrawing = this.#withdraw(approval, cause).finally(() => this.#withdrawing.delete(withdrawing));
    this.#withdrawing.add(withdrawing);
    return withdrawing;
  }

  /** Sees to it that a request does not wait for long without a hook that waits for it. */
  #watch(approval: Approval, awayMs: number): void {
    const { approval_id, state } = approval;
    if (state !== "pending" || !this.#options.isOwn(approval) || this.#isStopped) return;
    if (this.#present.has(approval_id) || this.#timers.has(approval_id)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(approval_id);
      void this.#onAbsent(approval);
    }, awayMs);
    timer.unref();
    this.#timers.set(approval_id, timer);
  }

  async #onAbsent(approval: Approval): Promise<void> {
    // A hook that gave the bridge up while it was away has left word of it.
    await this.#options.hasRead();
    if (this.#present.has(approval.approval_id) || this.#isStopped) return;
    // One that never came was too late for its bridge: its agent asks at its own prompt, and goes on.
    const hasLeft = this.#attended.has(approval.approval_id) || this.#inherited.has(approval.approval_id);
    const isWithdrawn = await this.withdraw(approval, hasLeft ? "left" : "given_up");
    if (hasLeft && isWithdrawn) this.#options.onLeft(approval);
  }

  /** No hook of it that is away is one that has left. */
  #expectNobody(approvalId: string): void {
    this.#attended.delete(approvalId);
    this.#inherited.delete(approvalId);
  }

  #forget(approvalId: string): void {
    clearTimeout(this.#timers.get(approvalId));
    this.#timers.delete(approvalId);
  }

  async #withdraw({ approval_id }: Approval, cause: WithdrawalCause): Promise<boolean> {
    const { approvals, log } = this.#options;
    const reason = withdrawalReason(approval_id, cause);
    if (reason === undefined) return false;
    try {
      await approvals.decide(approval_id, { decision: "withdraw", surface: "producer", reason });
      return true;
    } catch (error) {
      // Somebody decided in the last moment, or its job has ended: then there is nothing to take back.
      if (error instanceof ProblemError && ["already_decided", "unknown_approval"].includes(error.code)) return false;
      log.warn("A request that its agent no longer waits for could not be withdrawn", { approval_id, error });
      return false;
    }
  }
}
