/**
 * Owns a scripted model: an HTTP server that speaks one dialect, answers as its script says, and remembers what it was
 * told. It listens on a Unix socket, which reaches into the network name space that an agent is shut in.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import type { Conversation, ModelAnswer, Script } from "./conversation.ts";

export interface ServerSentEvent {
  readonly event: string;
  readonly data: object;
}

/** One provider's form of asking a model. */
export interface ModelDialect {
  readonly path: string;
  read(body: unknown): { readonly model: string; readonly conversation: Conversation };
  write(answer: ModelAnswer, model: string, id: string): ServerSentEvent[];
}

export interface ModelServer extends AsyncDisposable {
  readonly socketPath: string;
  /** What the model was told so far, oldest first; what the agent asked for itself is not in it. */
  readonly conversations: readonly Conversation[];
}

export async function startModelServer(options: {
  readonly dialect: ModelDialect;
  readonly script: Script;
  readonly socketPath: string;
}): Promise<ModelServer> {
  const { dialect, script, socketPath } = options;
  const conversations: Conversation[] = [];
  let answers = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://model");
    if (request.method !== "POST" || !pathname.startsWith(dialect.path)) {
      response.writeHead(request.method === "HEAD" ? 200 : 404, { "content-type": "application/json" }).end("{}");
      return;
    }
    const body = await json(request);
    if (pathname.endsWith("/count_tokens")) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ input_tokens: 1_500 }));
      return;
    }
    const { model, conversation } = dialect.read(body);
    // Without tools the agent asks for itself: a title, a summary.
    const isForUser = conversation.tools.length > 0;
    if (isForUser) conversations.push(conversation);
    answers += 1;
    const said = isForUser ? script(conversation) : { text: "A title" };
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const { event, data } of dialect.write(said, model, `answer_${answers}`)) {
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    }
    response.end();
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // The agent shows what it was answered, and so does the test that fails for it.
      response.writeHead(400, { "content-type": "text/plain" }).end(String(error));
    });
  });
  server.listen(socketPath);
  await once(server, "listening");
  return {
    socketPath,
    conversations,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
