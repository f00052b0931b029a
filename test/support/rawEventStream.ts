/**
 * Reads an SSE stream byte by byte, with none of our client's code, and records every frame as it came: the judge of what
 * a reader really saw. It reconnects with `Last-Event-ID` and nothing else.
 */
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { createParser } from "eventsource-parser";
import type { DiscoveryEntry } from "../../shared/protocol/discovery.ts";

export interface RawFrame {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string;
}

const RECONNECT_MS = 50;

/** Reads until the signal; `entry` is asked anew at each connection, since a restarted bridge has another address. */
export async function readRawEventStream(options: {
  readonly entry: () => DiscoveryEntry;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly onFrame: (frame: RawFrame) => void;
}): Promise<void> {
  let lastEventId: string | undefined;
  while (!options.signal.aborted) {
    const { url, token } = options.entry();
    await readOnce({
      url: url + options.path,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId }),
      },
      signal: options.signal,
      onFrame: (frame) => {
        if (frame.id !== undefined) lastEventId = frame.id;
        options.onFrame(frame);
      },
    });
    if (!options.signal.aborted) await delay(RECONNECT_MS);
  }
}

/** One connection, until it ends in whatever way: a killed bridge is what these tests are about. */
function readOnce(options: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onFrame: (frame: RawFrame) => void;
}): Promise<void> {
  return new Promise((resolve) => {
    const parser = createParser({
      onEvent: ({ id, event, data }) => options.onFrame({ id, event, data }),
    });
    const outgoing = request(options.url, { headers: options.headers, signal: options.signal, agent: false });
    outgoing.on("error", () => resolve());
    outgoing.on("response", (response) => {
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => parser.feed(chunk));
      response.on("error", () => resolve());
      response.on("close", () => resolve());
    });
    outgoing.end();
  });
}
