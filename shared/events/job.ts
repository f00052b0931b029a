/** Payloads of `job.*`: one run of an agent or command, its tool calls and its approvals. */
import * as z from "zod";
import { identifier } from "./identifier.ts";
import { actor, count, facts, paths, payload, requiredText, seconds, text, timestamp, usage } from "./payload.ts";

/**
 * Where a decision can come from. `timeout`, `producer` and `rule` are not people: the wait ran out, the asker took it back,
 * or a rule that somebody wrote before decided.
 */
export const surface = z.enum(["vscode", "terminal", "telegram", "api", "timeout", "producer", "rule"]);
export type Surface = z.infer<typeof surface>;

/** What an approval can come to, apart from approved: refused by a person, ran out, or taken back by its asker. */
export const refusal = z.enum(["denied", "expired", "withdrawn"]);
export type Refusal = z.infer<typeof refusal>;

/**
 * What an approval is to stand for besides the one question: for all like it in its session, or always (both as a rule of
 * ours), or as the agent that asks suggested it itself.
 */
export const remember = z.enum(["session", "always", "agent"]);
export type Remember = z.infer<typeof remember>;

/** What a person may choose instead of a plain yes; `text` says in full what would be allowed from then on. */
export const offer = z.looseObject({ remember, text: requiredText });

/** What happens to an approval that nobody answers in time. */
export const timeoutDecision = z.enum(["approve", "deny"]);
export type TimeoutDecision = z.infer<typeof timeoutDecision>;

/** What a job leaves behind, in its working tree and on the bill. */
const outcome = {
  files_changed: paths.optional(),
  /** Such as `+245 -12`. */
  diff_stat: text.optional(),
  usage: usage.optional(),
};

const decision = {
  /** Defaults to the job's only pending approval. */
  approval_id: identifier.optional(),
  decided_by: actor.optional(),
  surface: surface.optional(),
  reason: text.optional(),
};

/** The rule that decided: its place in the file, from 0, its words, and the event that asked. */
const deciding = z.looseObject({ index: count, text, question: identifier });

export const jobPayloads = {
  /** Job added to queue. */
  "job.queued": payload({
    instruction: text.optional(),
    workspace: text.optional(),
    branch: text.optional(),
    position: count.optional(),
  }),
  /** Execution began. */
  "job.started": payload({
    instruction: requiredText,
    workspace: text.optional(),
    branch: text.optional(),
    command: z.array(z.string()).optional(),
    pid: count.optional(),
    agent: text.optional(),
  }),
  /** Progress update. */
  "job.progress": payload({
    type: text.optional(),
    tool: text.optional(),
    file: text.optional(),
    action: text.optional(),
    message: text.optional(),
    percent: z.number().min(0).max(100).optional(),
  }),
  /** Tool invocation starting. `tool_use_id` pairs it with its completion. */
  "job.tool_started": payload({
    tool: requiredText,
    tool_use_id: identifier.optional(),
    file: text.optional(),
    summary: text.optional(),
    input: facts.optional(),
  }),
  /** Tool finished. Without a `tool_use_id` it ends the newest running call of the same tool. */
  "job.tool_completed": payload({
    tool: requiredText,
    tool_use_id: identifier.optional(),
    success: z.boolean().optional(),
    file: text.optional(),
    summary: text.optional(),
    error: text.optional(),
    diff_stat: text.optional(),
    duration_seconds: seconds.optional(),
  }),
  /** Waiting for approval. `approval_id` defaults to the event's own id. */
  "job.approval_needed": payload({
    approval_id: identifier.optional(),
    scope: requiredText,
    action: requiredText,
    reason: text.optional(),
    context: facts.optional(),
    /** When the bridge decides it by itself; never, when absent. */
    expires_at: timestamp.optional(),
    /** What it then decides: `deny`, when absent. */
    on_timeout: timeoutDecision.optional(),
    offers: z.array(offer).max(8).optional(),
  }),
  /** Approval granted. */
  "job.approved": payload({ ...decision, rule: deciding.optional(), remember: remember.optional() }),
  /** Approval denied, run out or taken back: `outcome` says which, `denied` when absent. */
  "job.denied": payload({ ...decision, rule: deciding.optional(), outcome: refusal.optional() }),
  /** Job finished successfully. */
  "job.completed": payload({
    success: z.boolean().optional(),
    summary: text.optional(),
    duration_seconds: seconds.optional(),
    exit_code: z.int().optional(),
    ...outcome,
  }),
  /** Job failed. */
  "job.failed": payload({
    error: requiredText,
    duration_seconds: seconds.optional(),
    exit_code: z.int().optional(),
    signal: text.optional(),
    ...outcome,
  }),
  /** Job canceled. */
  "job.canceled": payload({
    reason: text.optional(),
    canceled_by: actor.optional(),
    duration_seconds: seconds.optional(),
    exit_code: z.int().optional(),
    signal: text.optional(),
    ...outcome,
  }),
};
