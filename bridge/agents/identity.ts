/** Owns the ids that an agent's sessions, turns and calls have with us: made of the agent's own, so that they are found again. */
import { createHash } from "node:crypto";
import { v5 as nameBasedId } from "uuid";
import { identifier, jobIdentifier } from "../../shared/events/identifier.ts";
import { type HookAgent, type HookCall, isHookAgent } from "../../shared/protocol/agentHook.ts";
import type { Approval } from "../../shared/protocol/approval.ts";

/** Ours, and as random as any: names below it are the ids of what we make of a hook's call. */
const NAMESPACE = "5b8d2c1e-0f5a-4e57-9a55-8f0c1f6f3d94";

const HOOK_APPROVAL = /^([a-z]+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function sessionIdOf(agent: HookAgent, id: string | undefined): string {
  return fitting(`${agent}-${id ?? "unnamed"}`, agent, isIdentifier);
}

export function jobIdOf(agent: HookAgent, turnId: string): string {
  return fitting(`${agent}-${turnId}`, agent, (name) => jobIdentifier.safeParse(name).success);
}

export function taskIdOf(sessionId: string, taskId: string): string {
  return fitting(`${sessionId}-${taskId}`, "task", isIdentifier);
}

/** An agent's id of a tool's use, as an event may have it. */
export function toolUseIdOf(id: string): string {
  return fitting(id, "tool", isIdentifier);
}

export function approvalIdOf(agent: HookAgent, hookId: string): string {
  return `${agent}-${hookId.toLowerCase()}`;
}

/** The agent whose hook asked for an approval; undefined for what others asked. */
export function askingAgent(approvalId: string): HookAgent | undefined {
  const [, agent = ""] = HOOK_APPROVAL.exec(approvalId) ?? [];
  return isHookAgent(agent) ? agent : undefined;
}

/** Whether the hook that asks waits at this bridge. With Redis there are others, which have hooks of their own. */
export function waitsAt(bridge: string, { approval_id, context }: Pick<Approval, "approval_id" | "context">): boolean {
  return askingAgent(approval_id) !== undefined && (context["bridge"] ?? bridge) === bridge;
}

/** One call is told from another by all that is in it: its id is its sender's choice. */
export function callKey(agent: HookAgent, call: HookCall): string {
  return createHash("sha256")
    .update(JSON.stringify([agent, call]))
    .digest("base64");
}

/** The same call makes the same events, however often it is delivered. `nth` counts those of one type. */
export function eventIdOf(hookId: string, eventType: string, nth: number): string {
  return nameBasedId(`${hookId.toLowerCase()}\n${eventType}\n${nth}`, NAMESPACE);
}

function isIdentifier(name: string): boolean {
  return identifier.safeParse(name).success;
}

/** What cannot be a name of ours, such as a path, gets one that is made of it. */
function fitting(name: string, prefix: string, fits: (name: string) => boolean): string {
  // Half a character, which an agent's JSON may have, has no bytes that an id could be made of.
  return fits(name) ? name : `${prefix}-${nameBasedId(name.replace(/\p{Surrogate}/gu, "\ufffd"), NAMESPACE)}`;
}
