/** Calls hooks as agents do: over HTTP, one after the other, and waits for answers. */
import { randomUUID } from "node:crypto";
import type { HookAgent, HookAnswer, HookCall } from "../../../shared/protocol/agentHook.ts";
import { send, type TestServer } from "../http/testServer.ts";

/** A clock of its own: each call is a second behind the one before. */
export class Agent {
  readonly #server: Pick<TestServer, "url">;
  readonly #agent: HookAgent;
  readonly #common: Readonly<Record<string, unknown>>;
  #atMs: number;

  constructor(
    server: Pick<TestServer, "url">,
    agent: HookAgent,
    common: Readonly<Record<string, unknown>>,
    start = "2026-11-25T10:00:00.000Z",
  ) {
    this.#atMs = Date.parse(start);
    this.#server = server;
    this.#agent = agent;
    this.#common = { cwd: "/nowhere/shop", ...common };
  }

  make(event: string, fields: Readonly<Record<string, unknown>> = {}): HookCall {
    this.#atMs += 1000;
    return {
      hook_id: randomUUID(),
      at: new Date(this.#atMs).toISOString(),
      input: { ...this.#common, hook_event_name: event, ...fields },
    };
  }

  call(event: string, fields: Readonly<Record<string, unknown>> = {}): Promise<HookAnswer> {
    return deliver(this.#server, this.#agent, this.make(event, fields));
  }

  /** A tool's use from its beginning to its end. */
  async use(tool: string, tool_input: object, id: string, response: unknown = {}): Promise<void> {
    await this.call("PreToolUse", { tool_name: tool, tool_input, tool_use_id: id });
    await this.call("PostToolUse", { tool_name: tool, tool_input, tool_use_id: id, tool_response: response });
  }
}

export async function deliver(server: Pick<TestServer, "url">, agent: HookAgent, call: HookCall): Promise<HookAnswer> {
  const received = await send(server, {
    method: "POST",
    path: `/v1/hooks/${agent}`,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(call),
  });
  if (received.status !== 200) throw new Error(`${received.status}: ${received.text}`);
  return JSON.parse(received.text);
}

export async function waitForAnswer(
  server: Pick<TestServer, "url">,
  agent: HookAgent,
  approvalId: string,
  waitSeconds = 60,
): Promise<HookAnswer> {
  const path = `/v1/hooks/${agent}/answers/${approvalId}?wait=${waitSeconds}`;
  const received = await send(server, { path });
  if (received.status !== 200) throw new Error(`${received.status}: ${received.text}`);
  return JSON.parse(received.text);
}
