/** Owns what an agent is answered, once an approval that its hook asked for is decided. */
import { type Approval, describeDecision } from "../../shared/protocol/approval.ts";
import type { Agent } from "./agent.ts";

/** No word at all: the agent asks at its own prompt. */
const NO_ANSWER = "";

/** What the hook prints; undefined while nobody has decided. */
export function answerOutput(agent: Agent, approval: Approval): string | undefined {
  switch (approval.state) {
    case "pending":
      return undefined;
    case "withdrawn":
      return NO_ANSWER;
    case "approved": {
      const { agent_suggestion } = approval.context;
      const isRemembered = approval.decision?.remember === "agent" && Array.isArray(agent_suggestion);
      return agent.formatAnswer({
        behavior: "allow",
        ...(isRemembered ? { suggestion: agent_suggestion } : {}),
      });
    }
    case "denied":
    case "expired":
      return agent.formatAnswer({ behavior: "deny", message: refusalMessage(approval) });
  }
}

/** A person's reason reaches the agent as it was given; without one it is told what to make of the refusal. */
export function refusalMessage(approval: Approval): string {
  const { state, decision } = approval;
  if (state === "expired" || decision?.surface === "timeout") {
    return "Nobody answered this request in time, so it was denied. Go on without it, or stop and say what you need.";
  }
  if (decision?.reason) return decision.reason;
  return `${describeDecision(approval)}. Do not try to reach the same in another way; stop and ask what to do instead.`;
}
