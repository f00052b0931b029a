/** Owns what a scripted model is asked and what it says, whatever the form it travels in. */

/** A call that the model makes of one of the agent's tools. */
export interface ToolUse {
  readonly id: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What became of a tool call, as the agent told the model. */
export interface ToolResult {
  readonly id: string;
  readonly text: string;
}

/** One answer of the model: something said, tools called, or both. */
export interface ModelAnswer {
  readonly text?: string;
  readonly uses?: readonly ToolUse[];
}

/** What one request told the model. */
export interface Conversation {
  /** The last thing that the user, or the agent for the user, said. */
  readonly prompt: string;
  /** The tools that the agent offers; none where it asks something of its own, a title for instance. */
  readonly tools: readonly string[];
  /** Every tool result since that prompt. */
  readonly results: readonly ToolResult[];
  /** How often the model has answered since that prompt. */
  readonly answersSoFar: number;
}

/** The model: reads a conversation and says what comes next. */
export type Script = (conversation: Conversation) => ModelAnswer;

/**
 * A model that gives these answers to a prompt, one after the other, and then says that it is done. So it says at once to
 * whatever else an agent asks it beside the prompt, such as a title for it, for which there are no tools, or fewer.
 */
export function answering(prompt: string, ...answers: readonly ModelAnswer[]): Script {
  return (conversation) => {
    const answer = conversation.prompt.trimEnd().endsWith(prompt) ? answers[conversation.answersSoFar] : undefined;
    const hasTools = (answer?.uses ?? []).every(({ tool }) => conversation.tools.includes(tool));
    return answer !== undefined && hasTools ? answer : { text: "Done." };
  };
}

/** What every answer is said to have cost. */
export const USAGE_AN_ANSWER = { input: 1_200, output: 34, cacheRead: 300 } as const;
