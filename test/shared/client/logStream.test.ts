import { describe, expect, it } from "vitest";
import { followLog } from "../../../shared/client/logStream.ts";
import type { LogFrame } from "../../../shared/protocol/log.ts";
import { control, problem, ScriptedBridge } from "./scriptedBridge.ts";

const FAST = { firstMs: 1, maxMs: 5 };
const HEAD = { "Content-Type": "text/event-stream" };

/** A log of numbered lines of ten bytes each, served from wherever the reader stands. */
function serveLog(bridge: ScriptedBridge, options: { lines: number; cutAfter: number; ended: boolean }): void {
  let served = 0;
  bridge.override = ({ headers, url }, response) => {
    const asked = Number(new URL(url, "http://bridge").searchParams.get("offset"));
    const cursor = String(headers["last-event-id"] ?? `aaaaaaaa-${asked}`);
    const first = Number(cursor.split("-")[1]) / 10;
    if (first === options.lines && options.ended) return void response.writeHead(204).end();
    response.writeHead(200, HEAD);
    for (let line = first; line < options.lines; line += 1) {
      served += 1;
      if (served % options.cutAfter === 0) return void response.write(": about to break\n\n", () => bridge.cut());
      const data = { offset: line * 10, next_offset: line * 10 + 10, lines: [text(line)] };
      response.write(control("log.lines", data, `aaaaaaaa-${line * 10 + 10}`));
    }
    if (!options.ended) response.end(control("log.end", { offset: options.lines * 10, job_state: "completed" }));
    else response.end();
  };
}

const text = (line: number) => `line ${String(line).padStart(4, "0")}`;

async function collect(frames: AsyncIterable<LogFrame>): Promise<LogFrame[]> {
  const all: LogFrame[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

const linesOf = (frames: readonly LogFrame[]) =>
  frames.flatMap((frame) => (frame.type === "log.lines" ? frame.data.lines : []));

describe("following a job's log", () => {
  it("brings each line once, in order, through connections that break, and ends with the job", async () => {
    await using bridge = await ScriptedBridge.start();
    serveLog(bridge, { lines: 40, cutAfter: 7, ended: false });
    const frames = await collect(followLog({ connect: async () => bridge.entry, jobId: "a/b", backoff: FAST }));
    expect(linesOf(frames)).toEqual(Array.from({ length: 40 }, (_, line) => text(line)));
    expect(frames.at(-1)).toEqual({ type: "log.end", data: { offset: 400, job_state: "completed" } });
    expect(bridge.seen.length).toBeGreaterThan(3);
    expect(bridge.seen[0]?.url).toBe("/v1/jobs/a%2Fb/log?follow=true&offset=0");
  });

  it("ends when the bridge says that there is nothing more", async () => {
    await using bridge = await ScriptedBridge.start();
    serveLog(bridge, { lines: 3, cutAfter: 1_000, ended: true });
    const frames = await collect(followLog({ connect: async () => bridge.entry, jobId: "j", backoff: FAST }));
    expect(linesOf(frames)).toHaveLength(3);
  });

  it("fails with the bridge's problem where there is nothing to follow", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.override = (_request, response) => problem(response, 404, "unknown_job");
    const following = collect(followLog({ connect: async () => bridge.entry, jobId: "j", backoff: FAST }));
    await expect(following).rejects.toMatchObject({ code: "unknown_job" });
  });

  it("begins where it is told", async () => {
    await using bridge = await ScriptedBridge.start();
    serveLog(bridge, { lines: 5, cutAfter: 1_000, ended: false });
    const connect = async () => bridge.entry;
    expect(linesOf(await collect(followLog({ connect, jobId: "j", from: { offset: 30 } })))).toEqual([
      text(3),
      text(4),
    ]);
    await collect(followLog({ connect, jobId: "j", from: { lines: 20 } }));
    expect(bridge.seen[1]?.url).toBe("/v1/jobs/j/log?follow=true&lines=20");
  });

  it("holds the bridge back while its consumer takes its time", async () => {
    await using bridge = await ScriptedBridge.start();
    let written = 0;
    let stalled: () => void = () => undefined;
    const hasStalled = new Promise<void>((resolve) => {
      stalled = resolve;
    });
    const LINES = 2_000;
    bridge.override = (_request, response) => {
      response.writeHead(200, HEAD);
      const write = () => {
        while (written < LINES) {
          const data = { offset: written, next_offset: written + 1, lines: ["x".repeat(20_000)] };
          written += 1;
          if (!response.write(control("log.lines", data, `aaaaaaaa-${written}`))) {
            response.once("drain", write);
            // Nothing drains any more once the reader, the kernel and the queue are full.
            setTimeout(stalled, 300);
            return;
          }
        }
        response.end(control("log.end", { offset: written, job_state: "completed" }));
      };
      write();
    };
    const frames = followLog({ connect: async () => bridge.entry, jobId: "j" });
    await frames.next();
    await hasStalled;
    expect(written).toBeLessThan(LINES);
    let count = 1;
    for await (const frame of frames) if (frame.type === "log.lines") count += 1;
    expect(count).toBe(LINES);
  });

  it("ends with its signal, and when its consumer leaves", async () => {
    await using bridge = await ScriptedBridge.start();
    bridge.override = (_request, response) => {
      response
        .writeHead(200, HEAD)
        .write(control("log.lines", { offset: 0, next_offset: 2, lines: ["x"] }, "aaaaaaaa-2"));
    };
    const controller = new AbortController();
    const connect = async () => bridge.entry;
    for await (const frame of followLog({ connect, jobId: "j", signal: controller.signal })) {
      expect(frame.type).toBe("log.lines");
      controller.abort();
    }
    for await (const _frame of followLog({ connect, jobId: "j" })) break;
    expect(await collect(followLog({ connect, jobId: "j", signal: AbortSignal.abort() }))).toEqual([]);
  });
});
