/** Owns what a person, or a rule, is given to judge an agent's request by. */
import { isDeepStrictEqual } from "node:util";
import type { Payload } from "../../shared/events/taxonomy.ts";
import type { Approval } from "../../shared/protocol/approval.ts";
import type { Job } from "../../shared/state/state.ts";
import { cut } from "./hookInput.ts";
import { approvalIdOf, toolUseIdOf } from "./identity.ts";
import type { Meaning, Suggestion } from "./meaning.ts";
import { jobOf, type Occasion, workFolder } from "./occasion.ts";
import { proposedDiff } from "./proposedDiff.ts";
import { shownPath, type ToolUse } from "./toolUse.ts";

/**
 * Most that all of it may have, as JSON. What is judged is shown whole or not at all: a command of which only the beginning
 * could be read is left to the agent's own prompt.
 */
const MAX_REQUEST_BYTES = 200_000;
const MAX_COMMAND_BYTES = 50_000;
const MAX_DIFF_BYTES = 20_000;
const MAX_REASON = 2000;

export type ApprovalRequest = Payload<"job.approval_needed">;

interface AskedWith {
  readonly diff: string | undefined;
  readonly suggestion: Suggestion | undefined;
  /** The one that its hook waits at. */
  readonly bridge: string;
}

/** What is asked of a person at this bridge; undefined where nothing is, or it comes too late. */
export async function requestOf(
  meaning: Meaning,
  occasion: Occasion,
  bridge: string,
): Promise<ApprovalRequest | undefined> {
  if (meaning.kind !== "permission_asked" || occasion.isLate) return undefined;
  const { use, suggestion } = meaning;
  const diff = await diffOf(use, occasion);
  return approvalRequest(occasion, jobOf(occasion), use, { diff, suggestion, bridge });
}

async function diffOf({ change, path }: ToolUse, occasion: Occasion): Promise<string | undefined> {
  if (change === undefined) return undefined;
  return proposedDiff(change, path === undefined ? "" : shownPath(path, workFolder(occasion)));
}

/** The request; undefined when it is too long to be judged from afar. */
function approvalRequest(
  occasion: Occasion,
  job: Job | undefined,
  use: ToolUse,
  { diff, suggestion, bridge }: AskedWith,
): ApprovalRequest | undefined {
  const { agent, cwd, subagent, hookId, place, projectId } = occasion;
  if (jsonBytes(use.action) > MAX_COMMAND_BYTES) return undefined;
  // Of what could not be read, the part that is cut off may be the one that matters.
  if (use.isUnclear === true && jsonBytes(diff ?? "") > MAX_DIFF_BYTES) return undefined;
  const toolUseId = use.id ?? startedCall(job, use);
  const context = {
    agent: agent.id,
    bridge,
    tool: use.tool,
    ...(use.command === undefined ? {} : { command: use.command }),
    ...(use.path === undefined ? {} : { path: use.path }),
    ...(use.paths === undefined ? {} : { paths: use.paths }),
    ...(use.isUnclear === true ? { unclear: true } : {}),
    ...(cwd === undefined ? {} : { cwd }),
    // A session stays in the project that it began in, and its agent may go elsewhere.
    ...(place.project === projectId ? {} : { project: place.project }),
    ...(cwd === undefined ? {} : { project_folder: place.projectFolder }),
    ...(subagent === undefined ? {} : { subagent: cut(subagent, 100) }),
    ...(toolUseId === undefined ? {} : { tool_use_id: toolUseId }),
    ...(suggestion === undefined ? {} : { agent_suggestion: suggestion.data }),
  };
  const shown = {
    ...(diff === undefined ? {} : { diff: cutBytes(diff, MAX_DIFF_BYTES) }),
    ...(use.details === undefined ? {} : { details: use.details }),
  };
  const request = {
    approval_id: approvalIdOf(agent.id, hookId),
    scope: use.scope,
    action: use.action,
    ...(use.reason === undefined ? {} : { reason: cut(use.reason, MAX_REASON) }),
    context: { ...context, ...shown },
    ...(suggestion === undefined ? {} : { offers: [{ remember: "agent" as const, text: suggestion.text }] }),
  };
  return jsonBytes(request) > MAX_REQUEST_BYTES ? undefined : request;
}

/** Whether an approval is for this very use of a tool. Claude Code names no use when it asks, so what is asked counts. */
export function isFor(approval: Approval, use: ToolUse): boolean {
  const { tool, tool_use_id } = approval.context;
  if (tool !== use.tool) return false;
  if (tool_use_id !== undefined && use.id !== undefined) return tool_use_id === toolUseIdOf(use.id);
  return approval.action === use.action;
}

/** Whether an approval is of this very question. Whoever reuses an id must not have the answer to another one. */
export function isOf(approval: Approval, request: ApprovalRequest, jobId: string | null): boolean {
  const asked = { ...approval.context };
  const context: Record<string, unknown> = { ...request.context };
  // Which call it belongs to is looked up, and that call may have ended by the time that it is asked again.
  for (const each of [asked, context]) delete each["tool_use_id"];
  return (
    approval.job_id === jobId &&
    approval.scope === request.scope &&
    approval.action === request.action &&
    isDeepStrictEqual(asked, JSON.parse(JSON.stringify(context)))
  );
}

/** The running call that is asked about: it was told just before, under its id. */
function startedCall(job: Job | undefined, use: ToolUse): string | undefined {
  return job?.tool_calls.findLast(
    (call) => call.state === "running" && call.tool === use.tool && (call.summary ?? "") === use.summary,
  )?.call_id;
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function cutBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  // The cut may have gone through a character, and a line cut in two would read as another one.
  const head = bytes
    .subarray(0, maxBytes)
    .toString()
    .replace(/[^\n]*$/, "");
  return `${head}… and ${bytes.length - Buffer.byteLength(head)} more bytes\n`;
}
