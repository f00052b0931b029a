/** Owns one HTTP request to the bridge, over whichever connection reaches it. JSON calls and streams both go through here. */
import { type Agent, type IncomingMessage, request } from "node:http";
import { BridgeUnreachableError, describeError } from "./bridgeUnreachableError.ts";
import { type BridgeAddress, openConnection } from "./openConnection.ts";

export interface BridgeRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** What keeps connections from one request to the next; one of its own, when absent. */
  readonly agent?: Agent;
  /** How long the connection may be silent. Streams have their own watchdog and set none. */
  readonly silenceMs?: number;
}

/**
 * Sends a request; resolves with the response's head, its body still to come.
 *
 * A connection a request, closed after it: one over a Unix socket takes a tenth of a millisecond, and one that is kept can
 * be closed by the bridge just as the next request goes out.
 *
 * @throws BridgeUnreachableError when there is no answer; the signal's reason when it was aborted.
 */
export async function sendRequest(address: BridgeAddress, options: BridgeRequest): Promise<IncomingMessage> {
  const { method, path, headers, body, signal, agent, silenceMs } = options;
  const socket = agent === undefined ? await openConnection(address, signal) : undefined;
  return new Promise((resolve, reject) => {
    const outgoing = request({
      ...(socket === undefined ? {} : { createConnection: () => socket }),
      ...(agent === undefined ? {} : { agent }),
      // Not connected to, since the connection is there: VS Code's extension host puts a proxy agent in the place of any
      // other way to connect, unless a request names a socket (@vscode/proxy-agent).
      socketPath: address.socket ?? "none",
      method,
      path,
      headers: {
        // The bridge answers only to its own names, whichever way a request came.
        Host: new URL(address.url).host,
        Authorization: `Bearer ${address.token}`,
        ...(body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) }),
        ...headers,
      },
      ...(signal === undefined ? {} : { signal }),
    });
    if (silenceMs !== undefined) {
      outgoing.setTimeout(silenceMs, () => outgoing.destroy(new Error(`no answer in ${silenceMs / 1000} s`)));
    }
    outgoing.once("response", resolve);
    outgoing.on("error", (error) => {
      if (signal?.aborted) reject(signal.reason);
      else if (error instanceof BridgeUnreachableError) reject(error);
      else reject(new BridgeUnreachableError(describeError(error), { cause: error }));
    });
    outgoing.end(body);
  });
}

/**
 * Reads a response's body to its end.
 *
 * @throws BridgeUnreachableError when the connection ends before it.
 */
export async function readBody(response: IncomingMessage, signal?: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk);
  } catch (error) {
    signal?.throwIfAborted();
    throw new BridgeUnreachableError(`its answer broke off (${describeError(error)})`, { cause: error });
  }
  return Buffer.concat(chunks);
}
