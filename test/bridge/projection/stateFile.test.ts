/** Holds the saved state to being what the events came to, and to being no more than a short way there. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { EmbeddedBus } from "../../../bridge/bus/embeddedBus.ts";
import { createLogger } from "../../../bridge/diagnostics/logger.ts";
import { Projection } from "../../../bridge/projection/projection.ts";
import { STATE_FORMAT, StateFile } from "../../../bridge/projection/stateFile.ts";
import { EMPTY_STATE } from "../../../shared/state/state.ts";
import { toWire } from "../../../shared/state/wire.ts";
import { type EventFacts, stateAfter } from "../../builders/storedEvent.ts";
import { MemoryStore } from "../../fakes/memoryStore.ts";
import { event } from "../bus/busEvents.ts";

const home = mkdtempSync(join(tmpdir(), "televibe-state-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let files = 0;
const newPath = () => join(home, `state-${++files}.ndjson`);

/** Something of everything that the state has. */
const FACTS: readonly EventFacts[] = [
  { type: "project.registered", data: { name: "Shop\nand \u2028 more", path: "/shop" } },
  { type: "orchestrator.started" },
  { type: "session.created", data: { name: "Login", branch: "b", agent: "claude" } },
  { type: "job.queued", job: "j", data: { instruction: "Do it" } },
  { type: "job.started", job: "j", data: { instruction: "Do it" } },
  { type: "job.tool_started", job: "j", data: { tool: "Bash", call_id: "c" } },
  { type: "job.tool_completed", job: "j", data: { tool: "Bash", call_id: "c", success: true } },
  { type: "job.progress", job: "j", data: { message: "Half of it" } },
  { type: "job.approval_needed", job: "j", data: { approval_id: "a", scope: "push", action: "git push" } },
  { type: "job.approved", job: "j", data: { approval_id: "a" } },
  { type: "job.completed", job: "j", data: { duration_seconds: 2 } },
  { type: "job.approval_needed", job: "k", data: { approval_id: "b", scope: "push", action: "git tag" } },
  { type: "task.created", data: { task_id: "t", title: "Later" } },
  { type: "coordination.message_sent", data: { message: "Hello" } },
];

describe("a saved state", () => {
  const state = stateAfter(FACTS);

  it("comes back as it was, also when it is large", async () => {
    const file = new StateFile(newPath());
    expect(await file.read()).toBeUndefined();
    await file.write("e1", state);
    expect(await file.read()).toEqual({ epoch: "e1", state });
    const jobs = Array.from({ length: 3000 }, (_, index) => ({ type: "job.queued", job: `job-${index}` }));
    const large = stateAfter(jobs, state);
    await file.write("e1", large);
    expect(await file.read()).toEqual({ epoch: "e1", state: large });
    await file.write("e2", EMPTY_STATE);
    expect(await file.read()).toEqual({ epoch: "e2", state: EMPTY_STATE });
  });

  it("is of no use when any byte of it is another or missing", async () => {
    const path = newPath();
    const file = new StateFile(path);
    await file.write("e1", state);
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at++) {
      const other = Buffer.from(whole);
      other[at] = (other[at] ?? 0) ^ 1;
      writeFileSync(path, other);
      expect(await file.read(), `byte ${at}`).toBeUndefined();
      writeFileSync(path, whole.subarray(0, at));
      expect(await file.read(), `cut at ${at}`).toBeUndefined();
    }
  });

  it("is of the reducer that made it: raise STATE_FORMAT when this fails, and write the new one here", () => {
    const hash = createHash("sha256")
      .update(JSON.stringify(toWire(state)))
      .digest("hex")
      .slice(0, 16);
    expect({ format: STATE_FORMAT, hash }).toEqual({ format: 3, hash: "aa5c3b824ddf2ab8" });
  });
});

describe("the projection", () => {
  const log = createLogger({ write: () => undefined, nowMs: Date.now });

  it("reads only what came after the saved state", async () => {
    const store = new MemoryStore();
    const path = newPath();
    const start = async () => {
      const bus = new EmbeddedBus({ store, admit: () => undefined, log });
      await bus.start();
      const projection = new Projection({ store, bus, file: new StateFile(path), log });
      return { bus, projection };
    };
    const first = await start();
    await first.projection.start();
    await first.bus.publish([event("job.queued", { job: "a" }), event("job.queued", { job: "b" })]);
    await first.projection.stop();
    const read: number[] = [];
    store.beforeQuery = async ({ after = 0 }) => void read.push(after);

    await store.append([event("job.started", { job: "b", data: { instruction: "x" } })]);
    const second = await start();
    await second.projection.start();
    expect(read[0]).toBe(2);
    expect([...second.projection.state.jobs.values()].map(({ state }) => state)).toEqual(["queued", "running"]);
    await second.projection.stop();

    const later = stateAfter([{ type: "job.queued", job: "from-elsewhere" }], { ...second.projection.state, seq: 3 });
    const useless = [
      () => writeFileSync(path, "nonsense"),
      () => new StateFile(path).write("another store", later),
      () => new StateFile(path).write(store.epoch, later),
    ];
    for (const write of useless) {
      await write();
      const next = await start();
      await next.projection.start();
      expect(next.projection.state).toEqual(second.projection.state);
      await next.projection.stop();
    }
  });
});
