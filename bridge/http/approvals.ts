/** Owns `/v1/approvals`: listing, waiting for a decision and deciding. */
import * as z from "zod";
import { remember, surface } from "../../shared/events/job.ts";
import { requiredText } from "../../shared/events/payload.ts";
import type { ApprovalState, DecisionRequest } from "../../shared/protocol/approval.ts";
import { problem } from "../../shared/protocol/problem.ts";
import { readJson } from "./jsonRequest.ts";
import { QueryParameters } from "./parameters.ts";
import { type Answer, jsonAnswer, type RequestContext, type Route } from "./route.ts";
import type { Services } from "./services.ts";

/** Longest that one request waits; whoever wants to wait longer asks again. */
export const MAX_WAIT_SECONDS = 300;

const STATES: readonly ApprovalState[] = ["pending", "approved", "denied", "expired", "withdrawn"];

const decisionRequest = z.strictObject({
  decision: z.enum(["approve", "deny", "withdraw"]),
  reason: z.string().optional(),
  decided_by: z.strictObject({ name: requiredText, id: z.string().optional() }).optional(),
  /** `timeout` and `rule` are the bridge's own to say. */
  surface: surface.exclude(["timeout", "rule"]).optional(),
  remember: remember.optional(),
});

export function approvalRoutes(services: Services): readonly Route[] {
  return [
    { method: "GET", path: "/v1/approvals", handle: (context) => list(services, context) },
    { method: "GET", path: "/v1/approvals/{approval_id}", handle: (context) => read(services, context) },
    { method: "POST", path: "/v1/approvals/{approval_id}", handle: (context) => decide(services, context) },
  ];
}

function list({ approvals }: Services, { query }: RequestContext): Answer {
  const parameters = new QueryParameters(query).allow("state", "project_id", "session_id");
  const state = parameters.choice("state", STATES);
  const project_id = parameters.text("project_id");
  const session_id = parameters.text("session_id");
  const filter = {
    ...(state === undefined ? {} : { state }),
    ...(project_id === undefined ? {} : { project_id }),
    ...(session_id === undefined ? {} : { session_id }),
  };
  return jsonAnswer(200, { approvals: approvals.list(filter) });
}

async function read({ approvals }: Services, { path, query, signal }: RequestContext): Promise<Answer> {
  const parameters = new QueryParameters(query).allow("wait");
  const seconds = parameters.integer("wait", { least: 0, most: MAX_WAIT_SECONDS }) ?? 0;
  const id = path["approval_id"] ?? "";
  const approval = approvals.get(id);
  if (approval === undefined) throw problem("unknown_approval", `There is no approval "${id}".`);
  if (seconds === 0 || approval.state !== "pending") return jsonAnswer(200, approval);
  const awaited = await approvals.waitForDecision(id, seconds * 1000, signal);
  if (signal.aborted && awaited.state === "pending") {
    throw problem("stopping", "The bridge is stopping; ask again in a moment. The approval still waits.");
  }
  return jsonAnswer(200, awaited);
}

async function decide({ approvals }: Services, { path, query, request }: RequestContext): Promise<Answer> {
  new QueryParameters(query).allow();
  const body = await readJson(request, decisionRequest);
  const { decision, reason, decided_by, surface: where, remember: lasting } = body;
  if (lasting !== undefined && decision !== "approve") {
    throw problem("invalid_request", '"remember" goes with the decision "approve" alone.');
  }
  const { name, id } = decided_by ?? {};
  const asked: DecisionRequest = {
    decision,
    surface: where ?? "api",
    ...(reason === undefined ? {} : { reason }),
    ...(lasting === undefined ? {} : { remember: lasting }),
    ...(name === undefined ? {} : { decided_by: id === undefined ? { name } : { name, id } }),
  };
  return jsonAnswer(200, await approvals.decide(path["approval_id"] ?? "", asked));
}
