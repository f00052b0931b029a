/** Owns reading a request's parameters, from JSON or from a multipart form, and refusing those that a method does not have. */
import type { IncomingMessage } from "node:http";
import { badRequest } from "./refusal.ts";

/** A file that was uploaded. */
export interface UploadedFile {
  readonly fileName: string;
  readonly content: string;
}

export type Params = Readonly<Record<string, unknown>>;

const DELIVERY = [
  "chat_id",
  "message_thread_id",
  "disable_notification",
  "protect_content",
  "reply_parameters",
  "reply_markup",
];
const TEXT = ["text", "entities", "link_preview_options"];

/** The methods that the fake has, each with its parameters. Telegram ignores unknown ones; the fake refuses them, to catch misspellings. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  getMe: [],
  getUpdates: ["offset", "limit", "timeout", "allowed_updates"],
  deleteWebhook: ["drop_pending_updates"],
  setMyCommands: ["commands", "scope", "language_code"],
  sendMessage: [...DELIVERY, ...TEXT],
  sendDocument: [...DELIVERY, "document", "caption", "caption_entities"],
  editMessageText: ["chat_id", "message_id", "reply_markup", ...TEXT],
  editMessageReplyMarkup: ["chat_id", "message_id", "reply_markup"],
  deleteMessage: ["chat_id", "message_id"],
  sendChatAction: ["chat_id", "action", "message_thread_id"],
  answerCallbackQuery: ["callback_query_id", "text", "show_alert", "url", "cache_time"],
};

export function isMethod(name: string): boolean {
  return Object.hasOwn(METHODS, name);
}

export async function readParams(method: string, request: IncomingMessage): Promise<Params> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const params = await decode(Buffer.concat(chunks), request.headers["content-type"] ?? "");
  const known = METHODS[method] ?? [];
  for (const name of Object.keys(params)) {
    // telegraf adds the method's name to its forms.
    if (!known.includes(name) && name !== "method") throw badRequest(`unknown parameter "${name}" of ${method}`);
  }
  return params;
}

async function decode(body: Buffer, type: string): Promise<Params> {
  if (body.length === 0) return {};
  if (type.startsWith("application/json")) {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    if (typeof parsed !== "object" || parsed === null) throw badRequest("can't parse JSON object");
    return { ...parsed };
  }
  if (!type.startsWith("multipart/form-data")) throw badRequest(`unsupported content type ${type}`);
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
  const params: Record<string, unknown> = {};
  for (const [name, value] of form) {
    params[name] = typeof value === "string" ? fromFormField(name, value) : await uploaded(value);
  }
  return params;
}

async function uploaded(file: File): Promise<UploadedFile> {
  return { fileName: file.name, content: await file.text() };
}

/** In a form all is text; numbers, booleans and objects are written as JSON. */
function fromFormField(name: string, value: string): unknown {
  if (name === "caption") return value;
  try {
    return JSON.parse(value);
  } catch (error) {
    if (error instanceof SyntaxError) return value;
    throw error;
  }
}
