/**
 * A server that speaks `/v1/hooks` as the bridge does and does what the test says: on the data directory's Unix socket or on
 * TCP alone, found through a discovery file.
 */
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { HookAnswer, HookCall } from "../../shared/protocol/agentHook.ts";
import type { DiscoveryEntry } from "../../shared/protocol/discovery.ts";

const TOKEN = "the-token-of-the-test";

export interface HookServerOptions {
  readonly dataDir: string;
  /** What a call is answered with; never, when undefined. A number is a status. Default: done. */
  readonly answer?: (call: HookCall) => HookAnswer | number | undefined;
  readonly hasSocket?: boolean;
}

export class HookServer implements AsyncDisposable {
  readonly #options: HookServerOptions;
  readonly #server = createServer((request, response) => void this.#handle(request, response));
  readonly #answers = new Map<string, string>();
  readonly #waiting = new Map<string, Set<ServerResponse>>();
  /** Approvals for which a hook said that it waits no longer. */
  readonly givenUp: string[] = [];
  readonly calls: (HookCall & { readonly path: string })[] = [];

  private constructor(options: HookServerOptions) {
    this.#options = options;
  }

  static async start(options: HookServerOptions): Promise<HookServer> {
    const server = new HookServer(options);
    await server.#listen();
    return server;
  }

  /** Approvals that are being waited for just now. */
  get asked(): readonly string[] {
    return [...this.#waiting].flatMap(([id, responses]) => (responses.size > 0 ? [id] : []));
  }

  decide(approvalId: string, output: string): void {
    this.#answers.set(approvalId, output);
    for (const response of this.#waiting.get(approvalId) ?? []) send(response, 200, { kind: "answer", output });
  }

  /** Breaks every connection, as a bridge that is killed does; the discovery file stays. */
  async kill(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
    if (this.#options.hasSocket ?? true) rmSync(this.#socket, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.kill();
  }

  get #socket(): string {
    return join(this.#options.dataDir, "bridge.sock");
  }

  async #listen(): Promise<void> {
    const { dataDir, hasSocket = true } = this.#options;
    await mkdir(dataDir, { recursive: true });
    if (hasSocket) this.#server.listen(this.#socket);
    else this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    const port = typeof address === "object" && address !== null ? address.port : 1;
    const entry: DiscoveryEntry = {
      schema: 1,
      instance_id: "test",
      pid: process.pid,
      version: "0.0.0",
      protocol: 1,
      socket: hasSocket ? this.#socket : null,
      url: `http://127.0.0.1:${port}`,
      token: TOKEN,
      started_at: new Date().toISOString(),
      data_dir: dataDir,
    };
    await writeFile(join(dataDir, "bridge.json"), JSON.stringify(entry));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://bridge");
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      send(response, 401, { code: "unauthorized" });
    } else if (request.method === "POST") {
      const call: HookCall = JSON.parse(await text(request));
      this.calls.push({ ...call, path: pathname });
      const answer = this.#options.answer === undefined ? { kind: "done" as const } : this.#options.answer(call);
      if (typeof answer === "number") send(response, answer, { code: "refused" });
      else if (answer !== undefined) send(response, 200, answer);
    } else if (request.method === "DELETE") {
      this.givenUp.push(decodeURIComponent(pathname.split("/").at(-1) ?? ""));
      send(response, 200, { kind: "answer", output: "" });
    } else {
      this.#wait(decodeURIComponent(pathname.split("/").at(-1) ?? ""), Number(searchParams.get("wait")), response);
    }
  }

  #wait(approvalId: string, seconds: number, response: ServerResponse): void {
    const output = this.#answers.get(approvalId);
    if (output !== undefined) {
      send(response, 200, { kind: "answer", output });
      return;
    }
    const waiting = this.#waiting.get(approvalId) ?? new Set();
    this.#waiting.set(approvalId, waiting.add(response));
    const timer = setTimeout(() => send(response, 200, { kind: "wait", approval_id: approvalId }), seconds * 1000);
    response.once("close", () => {
      clearTimeout(timer);
      waiting.delete(response);
    });
  }
}

function send(response: ServerResponse, status: number, content: object): void {
  const body = Buffer.from(JSON.stringify(content));
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": body.length }).end(body);
}
