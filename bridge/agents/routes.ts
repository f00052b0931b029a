/** Owns `/v1/hooks/{agent}`: a hook's call, the answer that a hook waits for, and that it waits no longer. */
import { HOOK_AGENTS, type HookAgent, isHookAgent, MAX_HOOK_WAIT_SECONDS } from "../../shared/protocol/agentHook.ts";
import { problem } from "../../shared/protocol/problem.ts";
import { readJson } from "../http/jsonRequest.ts";
import { QueryParameters } from "../http/parameters.ts";
import { type Answer, jsonAnswer, type RequestContext, type Route } from "../http/route.ts";
import type { AgentHooks } from "./agentHooks.ts";
import { hookCall } from "./hookCall.ts";

type Hooks = Pick<AgentHooks, "call" | "answer" | "giveUp">;

export function hookRoutes(hooks: Hooks): readonly Route[] {
  return [
    { method: "POST", path: "/v1/hooks/{agent}", handle: (context) => call(hooks, context) },
    { method: "GET", path: "/v1/hooks/{agent}/answers/{approval_id}", handle: (context) => answer(hooks, context) },
    { method: "DELETE", path: "/v1/hooks/{agent}/answers/{approval_id}", handle: (context) => giveUp(hooks, context) },
  ];
}

async function call(hooks: Hooks, context: RequestContext): Promise<Answer> {
  const agent = agentOf(context);
  new QueryParameters(context.query).allow();
  return jsonAnswer(200, await hooks.call(agent, await readJson(context.request, hookCall), context.signal));
}

async function answer(hooks: Hooks, context: RequestContext): Promise<Answer> {
  const agent = agentOf(context);
  const { path, query, signal } = context;
  const parameters = new QueryParameters(query).allow("wait");
  const seconds = parameters.integer("wait", { least: 0, most: MAX_HOOK_WAIT_SECONDS }) ?? 0;
  return jsonAnswer(200, await hooks.answer(agent, path["approval_id"] ?? "", seconds * 1000, signal));
}

async function giveUp(hooks: Hooks, context: RequestContext): Promise<Answer> {
  const agent = agentOf(context);
  new QueryParameters(context.query).allow();
  return jsonAnswer(200, await hooks.giveUp(agent, context.path["approval_id"] ?? ""));
}

function agentOf({ path }: RequestContext): HookAgent {
  const name = path["agent"] ?? "";
  if (isHookAgent(name)) return name;
  throw problem(
    "invalid_request",
    `The hooks of "${name}" are not understood; those of ${HOOK_AGENTS.join(" and ")} are. Other programs publish events.`,
    { issues: [{ path: "agent", message: `must be one of ${HOOK_AGENTS.join(", ")}` }] },
  );
}
