/** Owns the approval as the protocol shows it, and the request that decides one. */
import type { Remember, Surface, TimeoutDecision } from "../events/job.ts";
import { spellOut } from "../text/spellOut.ts";

export type ApprovalState = "pending" | "approved" | "denied" | "expired" | "withdrawn";

/** The one decision of an approval. */
export interface Decision {
  readonly decided_at: string;
  readonly decided_by: { readonly name: string; readonly id?: string } | null;
  readonly surface: Surface | null;
  readonly reason: string | null;
  /** What else an approval stands for; null when it is for the one question. */
  readonly remember: Remember | null;
  /** The event that carries it. */
  readonly event_id: string;
}

/** What may be chosen instead of a plain yes. */
export interface Offer {
  readonly remember: Remember;
  /** What would be allowed from then on, in full. */
  readonly text: string;
}

export interface Approval {
  readonly approval_id: string;
  readonly project_id: string;
  readonly session_id: string | null;
  readonly job_id: string;
  readonly state: ApprovalState;
  readonly scope: string;
  readonly action: string;
  readonly reason: string | null;
  readonly context: Readonly<Record<string, unknown>>;
  readonly requested_at: string;
  readonly expires_at: string | null;
  /** What is decided at `expires_at`. */
  readonly on_timeout: TimeoutDecision;
  readonly offers: readonly Offer[];
  readonly visibility: "public" | "internal";
  readonly recipients: readonly string[];
  readonly decision: Decision | null;
  /** The event that asked. */
  readonly event_id: string;
}

/** Body of `POST /v1/approvals/{approval_id}`. */
export interface DecisionRequest {
  readonly decision: "approve" | "deny" | "withdraw";
  readonly reason?: string;
  readonly decided_by?: { readonly name: string; readonly id?: string };
  readonly surface?: Surface;
  /** One of the approval's offers; with `approve` alone. */
  readonly remember?: Remember;
}

/** Answer of a decision that was the first. A later one is an `already_decided` problem with the approval in its context. */
export interface DecisionResult {
  readonly approval: Approval;
  readonly seq: number;
  /** Why the rule that was to be remembered could not be written; the decision counts all the same. */
  readonly not_remembered?: string;
}

/** One line that tells a person how an approval ended; the same words on every surface. */
export function describeDecision(approval: Approval): string {
  const { state, decision } = approval;
  if (state === "pending") return "Waiting for an answer";
  if (state === "expired") return "Timed out, so denied";
  if (state === "withdrawn") return "Withdrawn by its asker";
  const verb = state === "approved" ? "Approved" : "Denied";
  if (decision?.surface === "timeout") return `${verb}, since nobody answered in time`;
  const by = decision?.decided_by ? ` by ${inLine(decision.decided_by.name)}` : "";
  const where = decision?.surface && decision.surface !== "rule" ? ` in ${SURFACE_NAMES[decision.surface]}` : "";
  const lasting = decision?.remember ? `, ${REMEMBERED[decision.remember]}` : "";
  const why = decision?.reason ? `: ${inLine(decision.reason)}` : "";
  return `${verb}${by}${where}${lasting}${why}`;
}

function inLine(text: string): string {
  return spellOut(text.replace(/\s+/g, " ").trim());
}

const REMEMBERED: Readonly<Record<Remember, string>> = {
  session: "for this session",
  always: "always from now on",
  agent: "and its agent asks no more",
};

const SURFACE_NAMES: Readonly<Record<Exclude<Surface, "rule">, string>> = {
  vscode: "VS Code",
  terminal: "a terminal",
  telegram: "Telegram",
  api: "the API",
  timeout: "no time",
  producer: "the job",
};
