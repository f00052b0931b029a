/** Reads one SSE response as it comes, with none of our client's code. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { createParser } from "eventsource-parser";
import { TOKEN } from "./testServer.ts";

export interface Frame {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

export interface SseReader extends Disposable {
  readonly response: IncomingMessage;
  readonly frames: Frame[];
  readonly raw: () => string;
  retryMs: () => number | undefined;
  /** Resolves with the frames so far once one fits; rejects when the stream ends first. */
  until(fits: (frame: Frame) => boolean): Promise<readonly Frame[]>;
  readonly ended: Promise<void>;
}

export async function openSse(
  server: { readonly url: string },
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<SseReader> {
  const outgoing = request(server.url + path, {
    headers: { Authorization: `Bearer ${TOKEN}`, ...headers },
    agent: false,
  });
  outgoing.on("error", () => undefined);
  outgoing.end();
  const [response]: IncomingMessage[] = await once(outgoing, "response");
  if (response === undefined) throw new Error("There was no response");

  const frames: Frame[] = [];
  const waiting = new Set<() => void>();
  let raw = "";
  let retryMs: number | undefined;
  let isOver = false;
  const parser = createParser({
    onEvent: ({ id, event, data }) => {
      frames.push({ id, event: event ?? "message", data: JSON.parse(data) });
      for (const look of waiting) look();
    },
    onRetry: (value) => {
      retryMs = value;
    },
  });
  response.setEncoding("utf8");
  response.on("data", (chunk: string) => {
    raw += chunk;
    parser.feed(chunk);
  });
  response.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => {
    response.once("close", () => {
      isOver = true;
      for (const look of waiting) look();
      resolve();
    });
  });

  return {
    response,
    frames,
    raw: () => raw,
    retryMs: () => retryMs,
    ended,
    until: (fits) =>
      new Promise((resolve, reject) => {
        let seen = 0;
        const look = () => {
          for (; seen < frames.length; seen += 1) {
            const frame = frames[seen];
            if (frame === undefined || !fits(frame)) continue;
            waiting.delete(look);
            resolve(frames);
            return;
          }
          if (isOver) reject(new Error(`The stream ended first:\n${raw}`));
        };
        waiting.add(look);
        look();
      }),
    [Symbol.dispose]: () => outgoing.destroy(),
  };
}

/** The `seq` of each event, control events left out. */
export function seqs(frames: readonly Frame[]): number[] {
  return frames.filter(({ event }) => !event.startsWith("stream.")).map(({ data }) => Number(data["seq"]));
}

/** The control events, by type and data. */
export function controls(frames: readonly Frame[]) {
  return frames.filter(({ event }) => event.startsWith("stream.")).map(({ event, data }) => ({ event, data }));
}
