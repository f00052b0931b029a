/** Owns OpenAI's Responses API as Codex speaks it: what it asks, and how a streamed answer is written. */
import { z } from "zod";
import { type Conversation, type ModelAnswer, type ToolUse, USAGE_AN_ANSWER } from "./conversation.ts";
import type { ModelDialect, ServerSentEvent } from "./modelServer.ts";

const Text = z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]);
const Item = z.looseObject({
  type: z.string(),
  role: z.string().optional(),
  content: Text.nullish(),
  call_id: z.string().optional(),
  output: z.unknown().optional(),
});
const Request = z.looseObject({
  model: z.string(),
  input: z.array(Item),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().optional() })).optional(),
});

/** Tools whose input is one text in a form of their own, not JSON. */
const FREE_FORM = new Set(["apply_patch"]);

export const OPENAI: ModelDialect = {
  path: "/v1/responses",
  read: (body) => {
    const request = Request.parse(body);
    return { model: request.model, conversation: conversationOf(request) };
  },
  write: streamOf,
};

function conversationOf({ input, tools = [] }: z.infer<typeof Request>): Conversation {
  const asked = input.findLastIndex(({ type, role }) => type === "message" && role === "user");
  const since = input.slice(asked + 1);
  const prompt = input[asked];
  return {
    prompt: prompt === undefined ? "" : textOf(prompt.content ?? ""),
    tools: tools.map(({ type, name }) => name ?? type),
    results: since
      .filter(({ type }) => type.endsWith("_output"))
      .map(({ call_id = "", output }) => ({ id: call_id, text: outputOf(output) })),
    answersSoFar: answersIn(
      since.map(({ type, role }) => ({ isAnswer: type.endsWith("_call") || role === "assistant" })),
    ),
  };
}

/** Everything that the model said at once stands together, and what it was told stands between. */
function answersIn(items: readonly { readonly isAnswer: boolean }[]): number {
  return items.filter(({ isAnswer }, index) => isAnswer && items[index - 1]?.isAnswer !== true).length;
}

function textOf(content: z.infer<typeof Text>): string {
  return typeof content === "string" ? content : content.map(({ text = "" }) => text).join("\n");
}

function outputOf(output: unknown): string {
  const text = Text.safeParse(output);
  return text.success ? textOf(text.data) : JSON.stringify(output);
}

function streamOf({ text, uses = [] }: ModelAnswer, model: string, id: string): ServerSentEvent[] {
  const items = [
    ...(text === undefined
      ? []
      : [{ type: "message", id: `${id}_text`, role: "assistant", content: [{ type: "output_text", text }] }]),
    ...uses.map(itemOf),
  ];
  const events = [
    { type: "response.created", response: { id, model } },
    ...items.map((item, output_index) => ({ type: "response.output_item.done", output_index, item })),
    {
      type: "response.completed",
      response: {
        id,
        usage: {
          input_tokens: USAGE_AN_ANSWER.input + USAGE_AN_ANSWER.cacheRead,
          input_tokens_details: { cached_tokens: USAGE_AN_ANSWER.cacheRead },
          output_tokens: USAGE_AN_ANSWER.output,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: USAGE_AN_ANSWER.input + USAGE_AN_ANSWER.cacheRead + USAGE_AN_ANSWER.output,
        },
      },
    },
  ];
  return events.map((data) => ({ event: data.type, data }));
}

function itemOf({ id, tool, input }: ToolUse): object {
  return FREE_FORM.has(tool)
    ? { type: "custom_tool_call", id: `item_${id}`, call_id: id, name: tool, input: input["input"] }
    : { type: "function_call", id: `item_${id}`, call_id: id, name: tool, arguments: JSON.stringify(input) };
}
