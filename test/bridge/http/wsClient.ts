/** A plain WebSocket client for tests, with none of our client's code: what is sent and what came, as it is. */
import { once } from "node:events";
import { WebSocket } from "ws";
import type { ServerMessage } from "../../../shared/protocol/webSocketMessage.ts";
import { TOKEN } from "./testServer.ts";

export interface WsClient extends Disposable {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[];
  send(message: unknown): void;
  /** Resolves with the first message that fits, of those that came and those that come. */
  next(fits: (message: ServerMessage) => boolean): Promise<ServerMessage>;
  /** Sends a request and resolves with what answers it. */
  ask(message: { readonly id: string } & Readonly<Record<string, unknown>>): Promise<ServerMessage>;
  readonly closed: Promise<number>;
}

export async function openWs(
  server: { readonly socketPath: string },
  options: { readonly autoPong?: boolean } = {},
): Promise<WsClient> {
  const socket = new WebSocket(`ws+unix://${server.socketPath}:/v1/ws`, {
    headers: { Authorization: `Bearer ${TOKEN}` },
    perMessageDeflate: false,
    ...options,
  });
  const messages: ServerMessage[] = [];
  const waiting = new Set<() => void>();
  socket.on("message", (data) => {
    messages.push(JSON.parse(String(data)));
    for (const look of waiting) look();
  });
  const closed = new Promise<number>((resolve) => {
    socket.once("close", (code) => resolve(code));
  });
  await once(socket, "open");

  const send = (message: unknown) => socket.send(typeof message === "string" ? message : JSON.stringify(message));
  const next = (fits: (message: ServerMessage) => boolean) =>
    new Promise<ServerMessage>((resolve) => {
      const look = () => {
        const found = messages.find(fits);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    socket,
    messages,
    send,
    next,
    closed,
    ask: (message) => {
      send(message);
      return next((answer) => "id" in answer && answer.id === message.id && answer.op !== "events");
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}

/** The `seq`s that a subscription was sent, in order. */
export function seqsOf(messages: readonly ServerMessage[], id: string): number[] {
  return eventsOf(messages, id).flatMap((event) => ("seq" in event ? [event.seq] : []));
}

/** What a subscription was sent, control events included. */
export function eventsOf(messages: readonly ServerMessage[], id: string) {
  return messages.flatMap((message) => (message.op === "events" && message.id === id ? message.events : []));
}
