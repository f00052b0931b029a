/** Owns answers that are made line by line for as long as it takes: no faster than the client takes them, and no longer than it stays. */
import { once } from "node:events";
import type { RequestContext } from "./route.ts";

export const NDJSON_TYPE = "application/x-ndjson";

/**
 * Sends pieces of NDJSON. What goes wrong before the first one is a problem document; after it the answer breaks off, so
 * whoever reads must know the last line when it sees it.
 */
export async function sendLines(
  { request, response, signal }: Pick<RequestContext, "request" | "response" | "signal">,
  pieces: AsyncGenerator<string>,
): Promise<void> {
  try {
    let next = await pieces.next();
    response.writeHead(200, {
      "Content-Type": `${NDJSON_TYPE}; charset=utf-8`,
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    while (next.done !== true) {
      if (!response.write(next.value)) await once(response, "drain", { signal });
      signal.throwIfAborted();
      next = await pieces.next();
    }
    response.end();
  } finally {
    await pieces.return(undefined);
  }
}

/** Values as lines. */
export async function* jsonLines(values: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`;
}
