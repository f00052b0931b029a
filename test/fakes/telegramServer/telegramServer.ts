/**
 * Owns a stand-in for Telegram's servers in tests: the Bot API over HTTP on loopback, as strict as the real one, with people
 * to write and press, faults to script, and an account of what was sent to whom and when.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type BotCommandSetting, callMethod, wireChat } from "./botApi.ts";
import { CallbackQueries } from "./callbackQueries.ts";
import { FakeChat, type FakeMessage } from "./chat.ts";
import { FakeUser } from "./fakeUser.ts";
import { Faults } from "./faults.ts";
import { FloodControl } from "./floodControl.ts";
import { Refusal } from "./refusal.ts";
import { isMethod, type Params, readParams } from "./requestBody.ts";
import { UpdateQueue } from "./updateQueue.ts";

/** One call that reached the server. */
export interface RecordedCall {
  readonly method: string;
  readonly params: Params;
  readonly atMs: number;
  /** HTTP status of the answer; 0 where there was none. */
  readonly status: number;
}

export class TelegramServer implements AsyncDisposable {
  readonly token: string;
  readonly bot = { id: 700_100_200, username: "televibe_test_bot" };
  readonly floods = new FloodControl();
  readonly faults = new Faults();
  readonly queries = new CallbackQueries();
  readonly updates = new UpdateQueue(() => this.#tellWatchers());
  readonly commandSettings: BotCommandSetting[] = [];
  readonly #calls: RecordedCall[] = [];
  readonly #chats = new Map<number, FakeChat>();
  readonly #watchers = new Set<() => void>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #nextUserId = 5_000_001;
  #nextGroupId = -4_000_001;
  #revoked = false;
  #down = false;

  private constructor(token: string) {
    this.token = token;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => response.destroy(asError(error)));
    });
    this.#server.on("connection", (socket) => {
      if (this.#down) {
        socket.resetAndDestroy();
        return;
      }
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(options: { readonly token?: string } = {}): Promise<TelegramServer> {
    const server = new TelegramServer(options.token ?? "700100200:AAFakeFakeFakeFakeFakeFakeFakeFakeFak");
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** What takes the place of `https://api.telegram.org`. */
  get apiRoot(): string {
    const address = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${address.port}`;
  }

  /** A person who has started a chat with the bot. */
  user(firstName: string, username?: string): FakeUser {
    const id = this.#nextUserId++;
    const chat = new FakeChat(id, "private", firstName);
    this.#chats.set(id, chat);
    return new FakeUser({ id, firstName, username }, chat, {
      updates: this.updates,
      queries: this.queries,
      chats: this.#chats,
    });
  }

  group(title: string, options: { readonly threads?: readonly number[] } = {}): FakeChat {
    const chat = new FakeChat(this.#nextGroupId--, "group", title);
    for (const thread of options.threads ?? []) chat.threads.add(thread);
    this.#chats.set(chat.id, chat);
    return chat;
  }

  /** The group becomes a supergroup, with another id and none of the old messages. */
  migrate(group: FakeChat): FakeChat {
    const supergroup = new FakeChat(-1_000_000_000_000 + group.id, "supergroup", group.title);
    this.#chats.set(supergroup.id, supergroup);
    group.upgradeTo(supergroup.id);
    const date = Math.floor(Date.now() / 1000);
    this.updates.push("message", { message_id: 1, date, chat: wireChat(group), migrate_to_chat_id: supergroup.id });
    return supergroup;
  }

  /** The messages that a chat shows now, oldest first. */
  messages(chatId: number): readonly FakeMessage[] {
    return [...(this.#chats.get(chatId)?.messages.values() ?? [])];
  }

  /** What the bot wrote in a chat, as it shows now. */
  fromBot(chatId: number): readonly FakeMessage[] {
    return this.messages(chatId).filter((message) => message.fromBot);
  }

  /** The first message of the bot that fits, as soon as there is one. */
  waitForMessage(chatId: number, fits: (message: FakeMessage) => boolean, timeoutMs = 10_000): Promise<FakeMessage> {
    return this.waitFor(
      () => this.fromBot(chatId).find(fits),
      timeoutMs,
      () => {
        const texts = this.fromBot(chatId).map(({ text }) => text);
        return `no message that fits in chat ${chatId}; there are ${JSON.stringify(texts)}`;
      },
    );
  }

  /** Waits until what is asked for is there; it is asked again whenever anything happens on the server. */
  waitFor<T>(
    ask: () => T | undefined,
    timeoutMs = 10_000,
    describe = () => "what was waited for did not come",
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer);
        this.#watchers.delete(look);
      };
      const look = () => {
        const found = ask();
        if (found === undefined) return;
        finish();
        resolve(found);
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`Within ${timeoutMs} ms: ${describe()}`));
      }, timeoutMs);
      this.#watchers.add(look);
      look();
    });
  }

  /** Until a long poll is open. */
  async waitForPoll(): Promise<void> {
    await this.waitFor(() => (this.updates.isPolled ? true : undefined));
  }

  /** All calls so far, or those of one method. */
  calls(method?: string): readonly RecordedCall[] {
    return method === undefined ? this.#calls : this.#calls.filter((call) => call.method === method);
  }

  /** The token is worth nothing any more. */
  revokeToken(): void {
    this.#revoked = true;
  }

  /** Every connection is cut, and no new one is taken until `comeBack`. */
  goDown(): void {
    this.#down = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  comeBack(): void {
    this.#down = false;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const closed = new AbortController();
    response.on("close", () => closed.abort());
    const [, token = "", method = ""] = /^\/bot([^/]*)\/(\w+)$/.exec(request.url ?? "") ?? [];
    const fault = this.faults.take(method);
    if (fault === "reset") {
      this.#record({ method, params: {}, status: 0 });
      request.socket.resetAndDestroy();
      return;
    }
    if (fault === "badGateway") return this.#page(method, response, 502, "<html><h1>502 Bad Gateway</h1></html>");
    if (fault === "captivePortal") return this.#page(method, response, 200, "<html>Please sign in to the Wi-Fi</html>");
    let params: Params = {};
    let status = 200;
    let body: unknown;
    try {
      this.#checkToken(token, method);
      params = await readParams(method, request);
      body = { ok: true, result: fault === "silence" ? undefined : await this.#call(method, params, closed.signal) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      status = error.status;
      body = { ok: false, error_code: status, description: error.message, parameters: error.parameters };
    }
    const answers = fault !== "silence" && fault !== "lostAnswer" && !closed.signal.aborted;
    if (answers) {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    }
    if (fault === "lostAnswer") request.socket.resetAndDestroy();
    this.#record({ method, params, status: answers ? status : 0 });
  }

  #call(method: string, params: Params, closed: AbortSignal): Promise<unknown> {
    const { bot, floods, updates, queries, commandSettings } = this;
    const world = {
      bot,
      chats: this.#chats,
      floods,
      updates,
      queries,
      commandSettings,
      changed: () => this.#tellWatchers(),
    };
    return callMethod(world, method, params, closed);
  }

  #checkToken(token: string, method: string): void {
    if (!/^\d+:[\w-]{30,}$/.test(token)) throw new Refusal(404, "Not Found");
    if (token !== this.token || this.#revoked) throw new Refusal(401, "Unauthorized");
    if (!isMethod(method)) throw new Refusal(404, "Not Found: method not found");
  }

  #page(method: string, response: ServerResponse, status: number, html: string): void {
    response.writeHead(status, { "content-type": "text/html" });
    response.end(html);
    this.#record({ method, params: {}, status });
  }

  #record(call: Omit<RecordedCall, "atMs">): void {
    this.#calls.push({ ...call, atMs: performance.now() });
    this.#tellWatchers();
  }

  #tellWatchers(): void {
    for (const look of [...this.#watchers]) look();
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
