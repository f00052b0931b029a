/**
 * Owns one HTTP exchange with the bridge, written by hand over a bare connection: `node:http` takes as long to load as a
 * whole call may cost.
 */
import { connect, type Socket } from "node:net";
import { isAlive } from "../../shared/client/isAlive.ts";
import type { DiscoveryEntry } from "../../shared/protocol/discovery.ts";

export interface Request {
  readonly method: "GET" | "POST" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly body?: string;
}

export type Reply =
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  /** Nobody listens. */
  | { readonly kind: "away" }
  /** The answer did not come in time, or broke off. */
  | { readonly kind: "lost" };

/** No answer to a hook is longer. */
const MAX_REPLY_BYTES = 16 * 1024 * 1024;

type Target = { readonly path: string } | { readonly host: string; readonly port: number };

/** Asks, and waits for the answer. Never rejects. */
export async function exchange(entry: DiscoveryEntry, request: Request, timeoutMs: number): Promise<Reply> {
  const startMs = performance.now();
  const socket = await openConnection(entry, timeoutMs);
  if (socket === undefined) return { kind: "away" };
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const end = (reply: Reply) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reply);
    };
    const breakOff = () => end({ kind: "lost" });
    // At once behind what has come by now: on a busy machine it may be this process that is late.
    const timer = setTimeout(() => setImmediate(breakOff), timeoutMs - (performance.now() - startMs));
    socket.on("data", (piece: Buffer) => {
      received = Buffer.concat([received, piece]);
      const reply = readReply(received);
      if (reply !== undefined) end(reply);
      else if (received.length > MAX_REPLY_BYTES) breakOff();
    });
    socket.on("error", breakOff);
    socket.on("close", breakOff);
    socket.write(formatRequest(entry, request));
  });
}

/** Connects to the bridge's socket, or over TCP where that is not to be reached; undefined where nobody listens. */
export async function openConnection(entry: DiscoveryEntry, timeoutMs: number): Promise<Socket | undefined> {
  for (const target of targetsOf(entry)) {
    const socket = await connectTo(target, timeoutMs);
    if (socket !== undefined) return socket;
  }
  return undefined;
}

function connectTo(target: Target, timeoutMs: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(target);
    const settle = (isConnected: boolean) => {
      clearTimeout(timer);
      if (!isConnected) socket.destroy();
      resolve(isConnected ? socket : undefined);
    };
    const timer = setTimeout(settle, timeoutMs, false);
    socket.on("connect", () => settle(true));
    socket.on("error", () => settle(false));
  });
}

function targetsOf({ socket, url, pid }: DiscoveryEntry): readonly Target[] {
  const own = socket === null ? [] : [{ path: socket }];
  // The port of a bridge that is gone may be somebody else's by now, who must not be sent the token.
  if (!isAlive(pid)) return own;
  const { hostname, port } = new URL(url);
  // A URL keeps the brackets of an IPv6 address, a socket wants none.
  return [...own, { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) }];
}

function formatRequest({ url, token }: DiscoveryEntry, { method, path, body }: Request): string {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    // The bridge answers only to its own names, whichever way a request came.
    `Host: ${new URL(url).host}`,
    `Authorization: Bearer ${token}`,
    "Connection: close",
  ];
  if (body === undefined) return `${lines.join("\r\n")}\r\n\r\n`;
  lines.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** The reply, once all of it is there. The bridge says of each answer how long it is. */
function readReply(received: Buffer): Reply | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = received.toString("latin1", 0, headEnd);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
  if (Number.isNaN(status) || Number.isNaN(length)) return { kind: "lost" };
  const body = received.subarray(headEnd + 4);
  if (body.length < length) return undefined;
  return { kind: "answered", status, body: body.toString("utf8", 0, length) };
}
