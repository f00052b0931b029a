import { describe, expect, it } from "vitest";
import { EmbeddedBus } from "../../../bridge/bus/embeddedBus.ts";
import { createLogger } from "../../../bridge/diagnostics/logger.ts";
import { Projection } from "../../../bridge/projection/projection.ts";
import { reduce } from "../../../shared/state/reduce.ts";
import { EMPTY_STATE } from "../../../shared/state/state.ts";
import { MemoryStore } from "../../fakes/memoryStore.ts";
import { event } from "../bus/busEvents.ts";

async function start() {
  const store = new MemoryStore();
  const logLines: string[] = [];
  const log = createLogger({ write: (line) => logLines.push(line), nowMs: Date.now });
  const bus = new EmbeddedBus({ store, admit: () => undefined, log });
  await bus.start();
  return { store, bus, logLines, projection: new Projection({ store, bus, log }) };
}

const messages = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) =>
    event("coordination.message_sent", { data: { message: String(from + index) } }),
  );

describe("The projection", () => {
  it("is what the reducer makes of all that is stored", async () => {
    const { bus, store, projection } = await start();
    const jobs = Array.from({ length: 2500 }, (_, index) => event("job.queued", { job: `job-${index % 50}` }));
    await bus.publish(jobs);
    await projection.start();
    await bus.publish([event("job.completed", { job: "job-1" })]);
    expect(projection.state.seq).toBe(2501);
    expect(projection.state).toEqual(reduce(EMPTY_STATE, store.events).state);
  });

  it("misses and doubles nothing that comes while it reads the past", async () => {
    const { bus, store, projection } = await start();
    await bus.publish(messages(1, 50));
    let next = 51;
    store.beforeQuery = async () => {
      if (next <= 60) await bus.publish(messages(next, next++));
    };
    await projection.start();
    await bus.publish(messages(next, next));
    expect(projection.state.notices.map(({ seq }) => seq)).toEqual(store.events.map(({ seq }) => seq));
    expect(projection.state).toEqual(reduce(EMPTY_STATE, store.events).state);
  });

  it("tells its listeners what a batch changed, and none of another one's faults", async () => {
    const { bus, projection, logLines } = await start();
    await projection.start();
    projection.onDidChange(() => {
      throw new Error("A listener's own fault");
    });
    const heard: string[][] = [];
    const listen = (_state: unknown, { jobs }: { readonly jobs: ReadonlySet<string> }) => void heard.push([...jobs]);
    const first = projection.onDidChange(listen);
    projection.onDidChange(listen);
    await bus.publish([event("job.queued", { job: "a" }), event("job.queued", { job: "b" })]);
    first[Symbol.dispose]();
    await bus.publish([event("job.queued", { job: "c" })]);
    expect(heard).toEqual([["a", "b"], ["a", "b"], ["c"]]);
    expect(logLines.join("")).toContain("A listener's own fault");
  });

  it("follows nothing any more once it is stopped", async () => {
    const { bus, projection } = await start();
    await projection.start();
    await projection.stop();
    await bus.publish(messages(1, 1));
    expect(projection.state.seq).toBe(0);
  });
});
