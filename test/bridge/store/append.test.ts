/** Holds the store to its promises while it runs: order, one place an event, on disk before anybody is told. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeRecord } from "../../../bridge/store/journal/journalRecord.ts";
import type { StoredEvent } from "../../../shared/events/event.ts";
import { problem } from "../../../shared/protocol/problem.ts";
import { makeEvent, makeEvents, readAll, seqs, useStores } from "./storeFixture.ts";

const stores = useStores();

describe("append", () => {
  it("numbers events from 1 and gives them back as they were", async () => {
    const store = await stores.start(stores.newDirectory());
    expect([store.firstSeq, store.lastSeq]).toEqual([1, 0]);

    const events = makeEvents(1, 3);
    expect(seqs(await store.append(events))).toEqual([1, 2, 3]);
    expect([store.firstSeq, store.lastSeq]).toEqual([1, 3]);
    expect(await readAll(store)).toEqual(events.map((event, index) => ({ ...event, seq: index + 1 })));
    expect(store.epoch).toMatch(/^[0-9a-f]{16}$/);
    expect(store.health()).toMatchObject({ state: "open", first_seq: 1, last_seq: 3 });
  });

  it("keeps the order of the calls, in what is written, told and answered", async () => {
    const store = await stores.start(stores.newDirectory());
    const told: number[] = [];
    const answered: number[] = [];
    using _listening = store.onDidAppend((batch) => told.push(...batch.map(({ seq }) => seq)));
    const calls = Array.from({ length: 300 }, async (_, index) => {
      const [seq = 0] = seqs(await store.append([makeEvent(index)]));
      answered.push(seq);
      expect(seq).toBe(index + 1);
    });
    await Promise.all(calls);
    const expected = Array.from({ length: 300 }, (_, index) => index + 1);
    expect(told).toEqual(expected);
    expect(answered).toEqual(expected);
  });

  it("syncs together what arrives while a sync is in flight", async () => {
    const directory = stores.newDirectory();
    const { openJournalFile } = await import("../../../bridge/store/journal/journalFile.ts");
    let syncs = 0;
    const store = await stores.start(directory, {
      openJournalFile: async (path) => {
        const file = await openJournalFile(path);
        return {
          ...file,
          sync: () => {
            syncs++;
            return file.sync();
          },
        };
      },
    });
    syncs = 0;
    await Promise.all(makeEvents(1, 200).map((event) => store.append([event])));
    expect(syncs).toBe(1);
  });

  it("is on disk before listeners hear of it, and listeners hear before the caller", async () => {
    const directory = stores.newDirectory();
    const store = await stores.start(directory);
    const heard: { batch: readonly StoredEvent[]; onDisk: number[] }[] = [];
    using _listening = store.onDidAppend((batch) => {
      const lines = readFileSync(join(directory, "journal/0000000000000001.journal")).toString("latin1").split("\n");
      const onDisk = lines.flatMap((line) => decodeRecord(Buffer.from(line, "latin1"))?.seq ?? []);
      heard.push({ batch, onDisk });
    });
    await store.append(makeEvents(1, 2));
    expect(heard).toHaveLength(1);
    expect(heard[0]?.onDisk).toEqual([1, 2]);
    expect(heard[0]?.batch.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it("lets a listener find what it was told of, and append more", async () => {
    const store = await stores.start(stores.newDirectory());
    const seen = new Promise<readonly StoredEvent[]>((resolve, reject) => {
      const listening = store.onDidAppend(() => {
        listening[Symbol.dispose]();
        const more = store.append([makeEvent(2)]);
        readAll(store).then(async (events) => {
          await more;
          resolve(events);
        }, reject);
      });
    });
    await store.append([makeEvent(1)]);
    expect((await seen).map(({ seq }) => seq)).toEqual([1]);
    expect(store.lastSeq).toBe(2);
  });

  it("outlives a listener that throws", async () => {
    const store = await stores.start(stores.newDirectory());
    const told: number[] = [];
    using _bad = store.onDidAppend(() => {
      throw new Error("no");
    });
    using _good = store.onDidAppend((batch) => told.push(batch.length));
    expect(seqs(await store.append([makeEvent(1)]))).toEqual([1]);
    expect(told).toEqual([1]);
  });

  it("takes nothing once it stops, and finishes what it has taken", async () => {
    const store = await stores.start(stores.newDirectory());
    const taken = store.append(makeEvents(1, 50));
    const stopped = store.stop();
    await expect(store.append([makeEvent(51)])).rejects.toMatchObject({ code: "stopping" });
    expect(seqs(await taken)).toHaveLength(50);
    await stopped;
  });
});

describe("the same event again", () => {
  const same = (number: number) => {
    // Other key order, same content.
    const { data, event_type, ...rest } = makeEvent(number);
    return { data: Object.fromEntries(Object.entries(data).reverse()), ...rest, event_type };
  };

  it.each([
    { where: "in the same append", times: "together" },
    { where: "while it is in flight", times: "at once" },
    { where: "in the journal", times: "later" },
    { where: "in a sealed partition", times: "sealed" },
    { where: "after a restart", times: "restarted" },
    { where: "sealed, after a restart", times: "sealed, restarted" },
  ])("is one event: $where", async ({ times }) => {
    const directory = stores.newDirectory();
    const options = { partition: { maxEvents: times.startsWith("sealed") ? 1 : 1000 } };
    let store = await stores.start(directory, options);
    const told: number[] = [];
    const listen = () => store.onDidAppend((batch) => told.push(...batch.map(({ seq }) => seq)));
    listen();
    const outcomes = [];
    if (times === "together") outcomes.push(...(await store.append([makeEvent(1), same(1)])));
    else if (times === "at once") {
      outcomes.push(...(await Promise.all([store.append([makeEvent(1)]), store.append([same(1)])])).flat());
    } else {
      outcomes.push(...(await store.append([makeEvent(1)])));
      if (times.startsWith("sealed")) await store.append([makeEvent(2)]);
      if (times.endsWith("restarted")) {
        await store.stop();
        store = await stores.start(directory, options);
        listen();
      }
      outcomes.push(...(await store.append([same(1)])));
    }
    expect(outcomes).toEqual([
      { kind: "stored", seq: 1, duplicate: false },
      { kind: "stored", seq: 1, duplicate: true },
    ]);
    expect(told.filter((seq) => seq === 1)).toHaveLength(1);
    expect((await readAll(store)).filter(({ event_id }) => event_id === makeEvent(1).event_id)).toHaveLength(1);
  });

  it.each([{ maxEvents: 1000 }, { maxEvents: 1 }])(
    "is the same at another time, or told by somebody else ($maxEvents a partition)",
    async (partition) => {
      const store = await stores.start(stores.newDirectory(), { partition });
      await store.append([makeEvent(1)]);
      await store.append([makeEvent(2)]);
      const source = { component: "bridge", instance_id: "another" };
      const again = makeEvent(1, { timestamp: "2026-11-02T00:00:00.000Z", source });
      expect(await store.append([again])).toEqual([{ kind: "stored", seq: 1, duplicate: true }]);
    },
  );

  it.each([{ maxEvents: 1000 }, { maxEvents: 1 }])(
    "is refused with other content ($maxEvents a partition)",
    async (partition) => {
      const store = await stores.start(stores.newDirectory(), { partition });
      await store.append([makeEvent(1)]);
      await store.append([makeEvent(2)]);
      const [conflict, other] = await store.append([makeEvent(1, { project_id: "else" }), makeEvent(3)]);
      expect(conflict).toMatchObject({ kind: "refused", problem: { code: "event_id_conflict" } });
      expect(other).toEqual({ kind: "stored", seq: 3, duplicate: false });
      expect((await readAll(store)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    },
  );
});

describe("admission", () => {
  it("is asked once an event, in order, never for a duplicate, and what it refuses is not written", async () => {
    const store = await stores.start(stores.newDirectory());
    const asked: string[] = [];
    const decided = new Set<string>();
    const admit = (event: { event_id: string; job_id: string | null }) => {
      asked.push(event.event_id);
      const job = event.job_id ?? "";
      if (decided.has(job)) return problem("already_decided", "It was decided before.");
      decided.add(job);
      return undefined;
    };
    const decision = (number: number, job: string) => makeEvent(number, { event_type: "job.approved", job_id: job });
    const calls = await Promise.all([
      store.append([decision(1, "a"), decision(2, "a"), decision(3, "b")], { admit }),
      store.append([decision(1, "a"), decision(4, "b")], { admit }),
    ]);
    expect(calls.flat().map((outcome) => (outcome.kind === "stored" ? outcome.seq : outcome.problem.code))).toEqual([
      1,
      "already_decided",
      2,
      1,
      "already_decided",
    ]);
    expect(asked).toEqual([1, 2, 3, 4].map((number) => makeEvent(number).event_id));
    expect((await readAll(store)).map(({ job_id }) => job_id)).toEqual(["a", "b"]);
  });
});

describe("the bus's cursor", () => {
  it("is that of the newest append that had one, also after duplicates and restarts and seals", async () => {
    const directory = stores.newDirectory();
    const options = { partition: { maxEvents: 2 } };
    let store = await stores.start(directory, options);
    const reopen = async () => {
      await store.stop();
      store = await stores.start(directory, options);
      return store.busCursor;
    };
    expect(store.busCursor).toBeUndefined();
    await store.append([makeEvent(1)], { busCursor: "1-0" });
    await store.append([makeEvent(2)]);
    expect(store.busCursor).toBe("1-0");
    expect(await reopen()).toBe("1-0");
    await store.append([makeEvent(2)], { busCursor: "2-0" });
    expect(await reopen()).toBe("2-0");
    await store.append([makeEvent(3), makeEvent(4)], { busCursor: "3-0" });
    await store.append([], { busCursor: "4-0" });
    expect(await reopen()).toBe("4-0");
    expect((await readAll(store)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(seqs(await store.append([makeEvent(5)]))).toEqual([5]);
  });
});
