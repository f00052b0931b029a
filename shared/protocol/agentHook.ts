/**
 * Owns what a coding agent's hook tells the bridge (`POST /v1/hooks/{agent}`), and what it is answered with. The hook itself
 * knows nothing of the agent: it hands on what the agent wrote, and prints what the bridge says.
 */

/** The agents whose hooks are understood. */
export const HOOK_AGENTS = ["claude", "codex"] as const;
export type HookAgent = (typeof HOOK_AGENTS)[number];

/** Longest wait for an answer that one request may ask for, in seconds. */
export const MAX_HOOK_WAIT_SECONDS = 300;

/** How deep what the agent wrote may be nested. No agent nests it deeper, and writing it as JSON again would run out of stack. */
export const MAX_HOOK_INPUT_DEPTH = 500;

/** One call of a hook. */
export interface HookCall {
  /** A UUID of the hook's own: the same call delivered twice counts once. */
  readonly hook_id: string;
  /** When the agent called: RFC 3339. */
  readonly at: string;
  /** What the agent wrote on the hook's standard input. */
  readonly input: Readonly<Record<string, unknown>>;
}

export type HookAnswer =
  /** Nothing is to be said to the agent. */
  | { readonly kind: "done" }
  /** To be printed as it is: it is in the agent's own form. Empty where the agent's own prompt is to decide. */
  | { readonly kind: "answer"; readonly output: string }
  /** A person is asked: the answer is at `GET /v1/hooks/{agent}/answers/{approval_id}?wait=S`. */
  | { readonly kind: "wait"; readonly approval_id: string };

export function isHookAgent(name: string): name is HookAgent {
  return HOOK_AGENTS.some((agent) => agent === name);
}
