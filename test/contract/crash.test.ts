/** Promise 1, 2 and 4: `kill -9` at any moment loses no acknowledged event, and a reader that comes back sees each once. */
import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import type { StoredEvent } from "../../shared/events/event.ts";
import { type BridgeProcess, startBridgeProcess, temporaryFolder } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";
import { type RawFrame, readRawEventStream } from "../support/rawEventStream.ts";

const ROUNDS = 20;
const PUBLISHERS = 4;

it(`loses nothing and doubles nothing in ${ROUNDS} kills during a stream of publishes`, async () => {
  await using folder = await temporaryFolder();
  let bridge: BridgeProcess = await startBridgeProcess({ dataDir: folder.path });
  const finished = new AbortController();
  const frames: RawFrame[] = [];
  const acknowledged: { readonly event_id: string; readonly seq: number }[] = [];

  try {
    const reading = readRawEventStream({
      entry: () => bridge.entry,
      path: "/v1/events/stream?after=0",
      signal: finished.signal,
      onFrame: (frame) => frames.push(frame),
    });
    const stopPublishing = new AbortController();
    const publishing = Array.from({ length: PUBLISHERS }, (_, publisher) =>
      publishForever({ publisher, bridge: () => bridge, signal: stopPublishing.signal, acknowledged }),
    );

    for (let round = 0; round < ROUNDS; round += 1) {
      const before = acknowledged.length;
      await eventually("publishes are acknowledged again", () => acknowledged.length > before + 20);
      await delay(randomInt(0, 60));
      await bridge.kill();
      bridge = await startBridgeProcess({ dataDir: folder.path });
    }
    stopPublishing.abort();
    await Promise.all(publishing);

    const stored = await readAll(new BridgeClient(bridge.entry));
    const lastSeq = stored.at(-1)?.seq ?? 0;
    await eventually("the reader has the last event", () => frames.some((frame) => seqOf(frame) === lastSeq));
    finished.abort();
    await reading;

    expect(acknowledged.length).toBeGreaterThan(ROUNDS * 20);
    expect(
      stored.map(({ seq }) => seq),
      "seq has neither gaps nor repeats",
    ).toEqual(stored.map((_, index) => index + 1));
    expect(new Set(stored.map(({ event_id }) => event_id)).size, "no event is there twice").toBe(stored.length);
    const seqById = new Map(stored.map(({ event_id, seq }) => [event_id, seq]));
    const lost = acknowledged.filter(({ event_id, seq }) => seqById.get(event_id) !== seq);
    expect(lost, "every acknowledged event is there under its seq").toEqual([]);
    for (let publisher = 0; publisher < PUBLISHERS; publisher += 1) {
      const counts = stored.filter(({ source }) => source.instance_id === String(publisher)).map(countOf);
      expect(counts, `publisher ${publisher} in order`).toEqual(counts.map((_, index) => index));
    }

    expect(frames.filter(({ event }) => event === "stream.gap")).toEqual([]);
    const seen = frames.filter(({ event }) => event !== undefined && !event.startsWith("stream."));
    expect(seen.map(seqOf), "the reader saw each event exactly once, in order").toEqual(stored.map(({ seq }) => seq));
  } finally {
    finished.abort();
    await bridge.kill();
  }
});

/** One producer: one event at a time, each sent again under the same id until it is acknowledged. */
async function publishForever(options: {
  readonly publisher: number;
  readonly bridge: () => BridgeProcess;
  readonly signal: AbortSignal;
  readonly acknowledged: { readonly event_id: string; readonly seq: number }[];
}): Promise<void> {
  for (let count = 0; !options.signal.aborted; count += 1) {
    const event = {
      event_id: randomUUID(),
      event_type: "job.progress",
      timestamp: new Date().toISOString(),
      source: { component: "test", instance_id: String(options.publisher) },
      project_id: "crash",
      job_id: `job-${options.publisher}`,
      data: { message: "step", count },
    };
    for (;;) {
      const seq = await new BridgeClient(options.bridge().entry).publish([event]).then(
        ([result]) => result?.seq,
        // The bridge is dead or on its way up: what is not acknowledged is sent again.
        () => undefined,
      );
      if (typeof seq === "number") {
        options.acknowledged.push({ event_id: event.event_id, seq });
        break;
      }
      await delay(20);
    }
  }
}

async function readAll(client: BridgeClient): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  for (;;) {
    const page = await client.events({ order: "asc", limit: 1000, after: String(all.at(-1)?.seq ?? 0) });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

function seqOf({ id }: RawFrame): number {
  return Number(id?.split("-").at(-1));
}

function countOf({ data }: StoredEvent): unknown {
  return "count" in data ? data["count"] : undefined;
}
