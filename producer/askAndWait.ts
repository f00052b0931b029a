/** Owns asking for one approval and waiting for its answer, through restarts of the bridge. */
import { v7 as newId } from "uuid";
import { awaitDecision } from "../shared/client/awaitDecision.ts";
import { BridgeClient } from "../shared/client/bridgeClient.ts";
import type { Connect } from "../shared/client/connectionSupervisor.ts";
import type { Payload } from "../shared/events/taxonomy.ts";
import type { Approval } from "../shared/protocol/approval.ts";
import { ProblemError } from "../shared/protocol/problem.ts";
import type { Answer, Question } from "./job.ts";

/** The bridge ends the wait in time and tells; this much later it is taken as run out. */
const GRACE_MS = 3000;

export interface AskOptions {
  readonly question: Question;
  readonly connect: Connect;
  /** Takes the question back. */
  readonly signal: AbortSignal;
  /** Tells the question; resolves with its `seq` once the bridge has it. */
  readonly tell: (data: Payload<"job.approval_needed">) => Promise<number | null>;
}

export async function askAndWait({ question, connect, signal, tell }: AskOptions): Promise<Answer> {
  const { scope, action, reason, context, timeoutMs, onTimeout } = question;
  const approvalId = newId();
  const deadlineMs = timeoutMs === undefined ? undefined : Date.now() + timeoutMs;
  const seq = await tell({
    approval_id: approvalId,
    scope,
    action,
    reason,
    ...(context === undefined ? {} : { context: { ...context } }),
    ...(deadlineMs === undefined ? {} : { expires_at: new Date(deadlineMs).toISOString() }),
    on_timeout: onTimeout,
  });
  const overdue =
    deadlineMs === undefined ? [] : [AbortSignal.timeout(Math.max(0, deadlineMs - Date.now()) + GRACE_MS)];
  const approval = await awaitDecision({
    approvalId,
    connect,
    signal: AbortSignal.any([signal, ...overdue]),
    isHeldBack: seq === null,
  });
  if (approval !== undefined) return toAnswer(approval);
  const undecided = { approvalId, decidedBy: null, surface: null, reason: null, approved: false } as const;
  if (!signal.aborted) return { ...undecided, state: "expired" };
  return (await withdraw(approvalId, connect)) ?? { ...undecided, state: "withdrawn" };
}

/** Takes it back everywhere. Answers what was decided just before; undefined when nobody can be told. */
async function withdraw(approvalId: string, connect: Connect): Promise<Answer | undefined> {
  try {
    const client = new BridgeClient(await connect(AbortSignal.timeout(GRACE_MS)));
    return toAnswer((await client.decide(approvalId, { decision: "withdraw", surface: "producer" })).approval);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== "already_decided") return undefined;
    const client = new BridgeClient(await connect(AbortSignal.timeout(GRACE_MS)));
    return toAnswer(await client.approval(approvalId));
  }
}

function toAnswer({ approval_id, state, decision }: Approval): Answer {
  const facts = {
    approvalId: approval_id,
    decidedBy: decision?.decided_by?.name ?? null,
    surface: decision?.surface ?? null,
    reason: decision?.reason ?? null,
  };
  if (state === "approved") return { ...facts, approved: true, state };
  return { ...facts, approved: false, state: state === "pending" ? "expired" : state };
}
