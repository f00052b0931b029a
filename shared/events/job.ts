/** Payloads of `job.*`: one run of an agent or command, its tool calls and its approvals. */
import * as z from "zod";
import { identifier } from "./identifier.ts";
import { actor, count, facts, paths, payload, requiredText, seconds, text, timestamp } from "./payload.ts";

/** Where a decision can come from. `timeout` and `producer` are not people: the wait ran out, or the asker took it back. */
export const surface = z.enum(["vscode", "terminal", "telegram", "api", "timeout", "producer"]);
export type Surface = z.infer<typeof surface>;

/** What an approval can come to, apart from approved: refused by a person, ran out, or taken back by its asker. */
export const refusal = z.enum(["denied", "expired", "withdrawn"]);
export type Refusal = z.infer<typeof refusal>;

/** What a job leaves behind in its working tree. */
const changes = {
  files_changed: paths.optional(),
  /** Such as `+245 -12`. */
  diff_stat: text.optional(),
};

const decision = {
  /** Defaults to the job's only pending approval. */
  approval_id: identifier.optional(),
  decided_by: actor.optional(),
  surface: surface.optional(),
  reason: text.optional(),
};

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
    /** When the bridge denies it by itself; never, when absent. */
    expires_at: timestamp.optional(),
  }),
  /** Approval granted. */
  "job.approved": payload(decision),
  /** Approval denied, run out or taken back: `outcome` says which, `denied` when absent. */
  "job.denied": payload({ ...decision, outcome: refusal.optional() }),
  /** Job finished successfully. */
  "job.completed": payload({
    success: z.boolean().optional(),
    summary: text.optional(),
    duration_seconds: seconds.optional(),
    exit_code: z.int().optional(),
    ...changes,
  }),
  /** Job failed. */
  "job.failed": payload({
    error: requiredText,
    duration_seconds: seconds.optional(),
    exit_code: z.int().optional(),
    signal: text.optional(),
    ...changes,
  }),
  /** Job canceled. */
  "job.canceled": payload({
    reason: text.optional(),
    canceled_by: actor.optional(),
    duration_seconds: seconds.optional(),
    exit_code: z.int().optional(),
    signal: text.optional(),
    ...changes,
  }),
};
