/** Owns the little of `fetch` that the `eventsource` package needs, over the bridge's own connection and with its token. */
import type { IncomingMessage } from "node:http";
import type { FetchLike } from "eventsource";
import { type ProblemError, parseProblem } from "../protocol/problem.ts";
import type { BridgeAddress } from "./openConnection.ts";
import { parseJson } from "./parseJson.ts";
import { readBody, sendRequest } from "./sendRequest.ts";

export interface NodeFetchOptions {
  /** Sent with each request, besides the token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Awaited before each chunk is read: what holds it back, holds the bridge back. */
  readonly beforeRead?: () => Promise<void>;
  /** Gets the bridge's reason for a status that is not 200: `EventSource` passes on nothing but the number. */
  readonly onProblem?: (problem: ProblemError) => void;
}

/** Makes the function that `EventSource` calls for its connection. */
export function nodeFetch(
  address: BridgeAddress,
  { headers, beforeRead, onProblem }: NodeFetchOptions = {},
): FetchLike {
  return async (url, init) => {
    const { pathname, search } = new URL(url);
    const signal: AbortSignal = init.signal;
    const response = await sendRequest(address, {
      method: "GET",
      path: pathname + search,
      headers: { ...init.headers, ...headers },
      signal,
    });
    if (onProblem !== undefined && isRefusal(response)) {
      const problem = parseProblem(parseJson((await readBody(response, signal)).toString()));
      if (problem !== undefined) onProblem(problem);
    }
    return {
      url: String(url),
      status: response.statusCode ?? 0,
      redirected: false,
      headers: { get: (name) => header(response, name) },
      body: { getReader: () => chunkReader(response, beforeRead) },
    };
  };
}

/**
 * Reads chunk by chunk. Not `Readable.toWeb`: it turns a connection that broke off into an `AbortError`, which
 * `EventSource` takes for its own doing, and then waits for ever.
 */
function chunkReader(response: IncomingMessage, beforeRead: (() => Promise<void>) | undefined) {
  const chunks: AsyncIterator<Buffer, undefined> = response[Symbol.asyncIterator]();
  return {
    read: async () => {
      await beforeRead?.();
      const { done, value } = await chunks.next();
      return done === true ? { done: true as const } : { done: false as const, value };
    },
    cancel: async () => {
      response.destroy();
    },
  };
}

function isRefusal({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 400;
}

function header(response: IncomingMessage, name: string): string | null {
  const value = response.headers[name.toLowerCase()];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
