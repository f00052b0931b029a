/** Owns one WebSocket connection from its handshake to its end, with a heartbeat that notices a dead one. */
import { WebSocket } from "ws";
import { HEARTBEAT_INTERVAL_MS } from "../protocol/version.ts";
import type { ClientMessage, ServerMessage } from "../protocol/webSocketMessage.ts";
import { CLOSE_SLOW_READER, CLOSE_STOPPING } from "../protocol/webSocketMessage.ts";
import { describeError } from "./bridgeUnreachableError.ts";
import type { SessionEnd } from "./connectionSupervisor.ts";
import { type BridgeAddress, openConnection } from "./openConnection.ts";

export interface WebSocketLink {
  /** Sends a message, or drops it when the connection has just ended: its end is on its way. */
  send(message: ClientMessage): void;
  /** The same for a message that is JSON already. */
  sendText(text: string): void;
}

export interface WebSocketLinkOptions {
  readonly address: BridgeAddress;
  readonly signal: AbortSignal;
  readonly onOpen: (link: WebSocketLink) => void;
  /** Must not throw. */
  readonly onMessage: (message: ServerMessage) => void;
}

/** How long the other end may take to say goodbye before it is cut off. */
const CLOSE_TIMEOUT_MS = 1_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * Runs a connection until it ends.
 *
 * @throws BridgeUnreachableError when the bridge cannot be connected to.
 */
export async function runWebSocket(options: WebSocketLinkOptions): Promise<SessionEnd> {
  const { address, signal, onOpen, onMessage } = options;
  const connection = await openConnection(address, signal);
  const { host } = new URL(address.url);
  const socket = new WebSocket(`ws://${host}/v1/ws`, {
    // Handed over connected: `ws` itself can reach a Unix socket only by a URL, in which some paths have no spelling.
    createConnection: () => connection,
    headers: { Authorization: `Bearer ${address.token}`, Host: host },
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    // Costs four times the processor time, and the other end is on this machine.
    perMessageDeflate: false,
    // Masks keep web pages from choosing the bytes that a proxy on the way sees. Here there is neither page nor proxy, and a
    // mask of zeros, which changes no byte, saves both ends a pass over each.
    generateMask: (mask) => mask.fill(0),
  });
  return new Promise((resolve) => {
    let failure: string | undefined;
    let heardAtMs = 0;
    const goodbye = () => {
      socket.close(1000);
      closing = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
    };
    let closing: NodeJS.Timeout | undefined;
    let heartbeat: NodeJS.Timeout | undefined;
    const beat = () => {
      if (performance.now() - heardAtMs > 2.5 * HEARTBEAT_INTERVAL_MS) {
        failure = "The bridge was silent for too long";
        socket.terminate();
      } else if (socket.readyState === WebSocket.OPEN) socket.ping();
    };
    const heard = () => {
      heardAtMs = performance.now();
    };

    socket.on("open", () => {
      heard();
      heartbeat = setInterval(beat, HEARTBEAT_INTERVAL_MS);
      const sendText = (text: string) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      };
      onOpen({ send: (message) => sendText(JSON.stringify(message)), sendText });
    });
    socket.on("pong", heard);
    socket.on("message", (data) => {
      heard();
      onMessage(JSON.parse(String(data)));
    });
    socket.on("unexpected-response", (_request, response) => {
      failure =
        response.statusCode === 401
          ? "The bridge did not accept the token"
          : `The bridge answered the WebSocket with status ${response.statusCode}`;
      response.destroy();
      socket.terminate();
    });
    socket.on("error", (error) => {
      failure ??= describeError(error);
    });
    socket.on("close", (code) => {
      clearInterval(heartbeat);
      clearTimeout(closing);
      signal.removeEventListener("abort", goodbye);
      resolve({ reason: failure ?? describeClose(code) });
    });
    signal.addEventListener("abort", goodbye, { once: true });
    if (signal.aborted) goodbye();
  });
}

function describeClose(code: number): string {
  if (code === CLOSE_SLOW_READER) return "The bridge cut the connection off, since it was read too slowly";
  if (code === CLOSE_STOPPING) return "The bridge is stopping";
  return `The bridge closed the connection (${code})`;
}
