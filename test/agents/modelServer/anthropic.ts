/** Owns Anthropic's Messages API as Claude Code speaks it: what it asks, and how a streamed answer is written. */
import { z } from "zod";
import { type Conversation, type ModelAnswer, USAGE_AN_ANSWER } from "./conversation.ts";
import type { ModelDialect, ServerSentEvent } from "./modelServer.ts";

const Block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  tool_use_id: z.string().optional(),
  content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).optional(),
});
const Message = z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(Block)]) });
const Request = z.looseObject({
  model: z.string(),
  messages: z.array(Message),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
});

export const ANTHROPIC: ModelDialect = {
  path: "/v1/messages",
  read: (body) => {
    const request = Request.parse(body);
    return { model: request.model, conversation: conversationOf(request) };
  },
  write: streamOf,
};

function conversationOf({ messages, tools = [] }: z.infer<typeof Request>): Conversation {
  const turns = messages.map(({ role, content }) => ({
    role,
    blocks: typeof content === "string" ? [{ type: "text", text: content }] : content,
  }));
  // The agent puts reminders of its own beside a result, so a message with a result in it is no prompt.
  const asked = turns.findLastIndex(
    ({ role, blocks }) => role === "user" && !blocks.some(({ type }) => type === "tool_result"),
  );
  const since = turns.slice(asked + 1);
  return {
    prompt: (turns[asked]?.blocks ?? []).map(({ text = "" }) => text).join("\n"),
    tools: tools.map(({ name }) => name),
    results: since
      .flatMap(({ blocks }) => blocks)
      .filter(({ type }) => type === "tool_result")
      .map((block) => ({ id: idOf(block), text: textOf(block) })),
    answersSoFar: since.filter(({ role }) => role === "assistant").length,
  };
}

function idOf(block: z.infer<typeof Block>): string {
  return block.tool_use_id ?? "";
}

function textOf({ content = "" }: z.infer<typeof Block>): string {
  return typeof content === "string" ? content : content.map(({ text = "" }) => text).join("\n");
}

function streamOf({ text, uses = [] }: ModelAnswer, model: string, id: string): ServerSentEvent[] {
  const blocks = [
    ...(text === undefined ? [] : [{ start: { type: "text", text: "" }, delta: { type: "text_delta", text } }]),
    ...uses.map((use) => ({
      start: { type: "tool_use", id: use.id, name: use.tool, input: {} },
      delta: { type: "input_json_delta", partial_json: JSON.stringify(use.input) },
    })),
  ];
  const usage = {
    input_tokens: USAGE_AN_ANSWER.input,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: USAGE_AN_ANSWER.cacheRead,
  };
  const events = [
    {
      type: "message_start",
      message: {
        id,
        type: "message",
        role: "assistant",
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...usage, output_tokens: 1 },
      },
    },
    ...blocks.flatMap(({ start, delta }, index) => [
      { type: "content_block_start", index, content_block: start },
      { type: "content_block_delta", index, delta },
      { type: "content_block_stop", index },
    ]),
    {
      type: "message_delta",
      delta: { stop_reason: uses.length > 0 ? "tool_use" : "end_turn", stop_sequence: null },
      usage: { ...usage, output_tokens: USAGE_AN_ANSWER.output },
    },
    { type: "message_stop" },
  ];
  return events.map((data) => ({ event: data.type, data }));
}
