/** Owns approvals running out: at `expires_at` the bridge denies them by itself, also when it was away at that moment. */
import type { Approval } from "../../shared/protocol/approval.ts";
import { ProblemError } from "../../shared/protocol/problem.ts";
import type { State } from "../../shared/state/state.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { Approvals, ApprovalsOptions } from "./approvals.ts";

/** Longest delay that a Node timer takes, in milliseconds; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** When an expiry could not be stored it is tried again after this long. */
const RETRY_MS = 5000;

export interface ExpiryOptions {
  readonly approvals: Pick<Approvals, "decide">;
  readonly projection: Pick<ApprovalsOptions["projection"], "state" | "onDidChange">;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/** How long until something expires, and what has: pure, so that it can be tried without waiting. */
export function dueApprovals(
  state: State,
  nowMs: number,
): { readonly due: readonly Approval[]; readonly nextMs: number | undefined } {
  const limited = [...state.approvals.values()].flatMap((approval) =>
    approval.state === "pending" && approval.expires_at !== null
      ? [{ approval, atMs: Date.parse(approval.expires_at) }]
      : [],
  );
  const future = limited.filter(({ atMs }) => atMs > nowMs).map(({ atMs }) => atMs - nowMs);
  return {
    due: limited.filter(({ atMs }) => atMs <= nowMs).map(({ approval }) => approval),
    nextMs: future.length === 0 ? undefined : Math.min(...future, MAX_TIMER_MS),
  };
}

export class ApprovalExpiry {
  readonly #options: ExpiryOptions;
  #timer: NodeJS.Timeout | undefined;
  #subscription: Disposable | undefined;
  readonly #expiring = new Map<string, Promise<void>>();
  #isStopped = false;

  constructor(options: ExpiryOptions) {
    this.#options = options;
  }

  /** To be called once the projection is current. */
  start(): void {
    this.#subscription = this.#options.projection.onDidChange((_state, changes) => {
      if (changes.approvals.size > 0) this.#look();
    });
    this.#look();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#subscription?.[Symbol.dispose]();
    await Promise.all(this.#expiring.values());
  }

  #look(): void {
    if (this.#isStopped) return;
    const { due, nextMs } = dueApprovals(this.#options.projection.state, this.#options.nowMs());
    for (const { approval_id } of due) {
      if (this.#expiring.has(approval_id)) continue;
      this.#expiring.set(
        approval_id,
        this.#expire(approval_id).finally(() => this.#expiring.delete(approval_id)),
      );
    }
    if (nextMs !== undefined) this.#lookAfter(nextMs);
  }

  #lookAfter(delayMs: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), delayMs);
    this.#timer.unref();
  }

  async #expire(approval_id: string): Promise<void> {
    try {
      await this.#options.approvals.decide(approval_id, { decision: "expire", surface: "timeout" });
    } catch (error) {
      // Somebody answered in the last moment: theirs counts.
      if (error instanceof ProblemError && error.code === "already_decided") return;
      this.#options.log.warn("An approval that ran out could not be denied; it is tried again", { approval_id, error });
      this.#lookAfter(RETRY_MS);
    }
  }
}
