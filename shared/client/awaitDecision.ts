/** Owns waiting for an approval's decision, through restarts of the bridge. */
import { setTimeout as delay } from "node:timers/promises";
import type { Approval } from "../protocol/approval.ts";
import { ProblemError } from "../protocol/problem.ts";
import { BridgeClient } from "./bridgeClient.ts";
import { BridgeUnreachableError } from "./bridgeUnreachableError.ts";
import type { Connect } from "./connectionSupervisor.ts";
import { BridgeStartError } from "./startBridge.ts";

/** One question to the bridge takes this long at most, then the next one is asked. */
const WAIT_SECONDS = 25;
const RETRY_MS = 250;

export interface DecisionWait {
  readonly approvalId: string;
  readonly connect: Connect;
  readonly signal: AbortSignal;
  /** The bridge has the question on disk, and Redis is to give it its place before anybody sees it. */
  readonly isHeldBack: boolean;
  /** Told once each time that the bridge goes away. */
  readonly onAway?: (error: Error) => void;
  /** Told the approval as it stands while it waits, at once at first: rules may have given it a time that its asker did not. */
  readonly onWaiting?: (approval: Approval) => void;
}

/** The approval once it is decided; undefined when the signal came first. @throws ProblemError when the bridge refuses. */
export async function awaitDecision(wait: DecisionWait): Promise<Approval | undefined> {
  const { approvalId, connect, signal, isHeldBack, onAway, onWaiting } = wait;
  let isAway = false;
  let waitSeconds = onWaiting === undefined ? WAIT_SECONDS : 0;
  while (!signal.aborted) {
    try {
      const client = new BridgeClient(await connect(signal));
      const approval = await client.approval(approvalId, { waitSeconds, signal });
      isAway = false;
      if (approval.state !== "pending") return approval;
      onWaiting?.(approval);
      waitSeconds = WAIT_SECONDS;
    } catch (error) {
      if (signal.aborted) break;
      const passing = passingError(error, isHeldBack);
      if (passing === undefined) throw error;
      if (!isAway) onAway?.(passing);
      isAway = true;
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

/** The bridge being away, or on its way up, is no answer. */
export function isPassing(error: unknown): error is Error {
  if (error instanceof BridgeUnreachableError || error instanceof BridgeStartError) return true;
  return error instanceof ProblemError && error.document.status >= 500;
}

/** What to tell of an error that time may mend; undefined for any other. */
export function passingError(error: unknown, isHeldBack: boolean): Error | undefined {
  if (isPassing(error)) return error;
  const isUnknown = error instanceof ProblemError && error.code === "unknown_approval";
  return isUnknown && isHeldBack
    ? new Error("Redis is away, so nobody can answer yet; the bridge keeps the question until it is back.", {
        cause: error,
      })
    : undefined;
}
