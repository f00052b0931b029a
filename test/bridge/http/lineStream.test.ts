/** Holds long answers to the pace of whoever reads them, and to an end when nobody does any more. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { sendLines } from "../../../bridge/http/lineStream.ts";

const PIECE = `${JSON.stringify({ text: "x".repeat(64 * 1024) })}\n`;

/** A server that sends so many pieces to whoever asks, and counts. */
async function startPieces(pieces: number, failAt = Number.POSITIVE_INFINITY) {
  const seen = { made: 0, isOver: false, error: undefined as unknown };
  let over = () => {};
  const finished = new Promise<void>((resolve) => (over = resolve));
  async function* make(): AsyncGenerator<string> {
    try {
      for (; seen.made < pieces; seen.made++) {
        if (seen.made === failAt) throw new Error("no more");
        yield PIECE;
      }
    } finally {
      seen.isOver = true;
    }
  }
  const server = createServer((incoming, response) => {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    sendLines({ request: incoming, response, signal: gone.signal }, make())
      .catch((error: unknown) => {
        seen.error = error;
        response.destroy();
      })
      .finally(over);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const asking = request({ port, host: "127.0.0.1" }).end();
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  return {
    ...{ seen, response, finished },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Resolves once nothing more was made for a while. */
async function settledCount(seen: { readonly made: number }): Promise<number> {
  for (let before = -1; ; await delay(100)) {
    if (seen.made === before && before > 0) return before;
    before = seen.made;
  }
}

describe("an answer by lines", () => {
  it("waits for a reader that takes its time, and goes on", async () => {
    await using world = await startPieces(1000);
    // The kernel and Node hold some megabytes; all of it are 64.
    expect(await settledCount(world.seen)).toBeLessThan(300);
    let bytes = 0;
    for await (const chunk of world.response) bytes += chunk.length;
    expect(bytes).toBe(1000 * PIECE.length);
    expect(world.seen).toMatchObject({ made: 1000, isOver: true, error: undefined });
  });

  it("ends with its reader", async () => {
    await using world = await startPieces(1000);
    await settledCount(world.seen);
    world.response.destroy();
    await world.finished;
    expect(world.seen.isOver).toBe(true);
    expect(world.seen.made).toBeLessThan(1000);
  });

  it("breaks off where making it fails", async () => {
    await using world = await startPieces(1000, 3);
    const read = async () => {
      for await (const _chunk of world.response);
    };
    await expect(read()).rejects.toMatchObject({ code: "ECONNRESET" });
    await world.finished;
    expect(world.seen.error).toMatchObject({ message: "no more" });
  });
});
