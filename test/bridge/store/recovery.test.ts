/** Holds a start to its promise: whatever a crash or a bad disk left, acknowledged events are there once, or reported as lost. */
import { randomUUID } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { planRepair } from "../../../bridge/store/journal/segmentRepair.ts";
import { scanSegment } from "../../../bridge/store/journal/segmentScan.ts";
import type { LocalStore } from "../../../bridge/store/localStore.ts";
import { removeOlderThan } from "../../support/removeOlderThan.ts";
import { makeEvent, makeEvents, readAll, seqs, settled, useStores } from "./storeFixture.ts";

const stores = useStores();
const SEGMENT = "journal/0000000000000001.journal";

/** A folder with one segment of `count` events, its store stopped. */
async function storeWith(count: number, options = {}): Promise<string> {
  const directory = stores.newDirectory();
  const store = await stores.start(directory, options);
  for (const event of makeEvents(1, count)) await store.append([event]);
  await settled(store);
  await store.stop();
  return directory;
}

function copyOf(directory: string): string {
  const copy = stores.newDirectory();
  cpSync(directory, copy, { recursive: true });
  return copy;
}

const seqsIn = async (store: LocalStore) => (await readAll(store)).map(({ seq }) => seq);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe("a journal that a crash cut short", () => {
  let original: string;
  let bytes: Buffer;
  beforeAll(async () => {
    original = await storeWith(8);
    bytes = readFileSync(join(original, SEGMENT));
  });

  /** A record is whole once its JSON is; the line feed can be supplied. */
  const wholeAt = (cut: number) => ends().filter((end) => end - 1 <= cut).length;
  const ends = () => [...bytes.entries()].filter(([, byte]) => byte === 0x0a).map(([index]) => index + 1);

  it("is read up to its last whole record, at each cut of the last three", async () => {
    const file = join(stores.newDirectory(), "cut.journal");
    mkdirSync(dirname(file));
    for (let cut = ends()[4] ?? 0; cut <= bytes.length; cut++) {
      writeFileSync(file, bytes.subarray(0, cut));
      const records: number[] = [];
      const scan = await scanSegment(file, 1, async (some) => void records.push(...some.map(({ seq }) => seq)));
      expect(records, `cut at ${cut}`).toEqual(upTo(wholeAt(cut)));
      expect(planRepair(scan, true).setAside).toBe(false);
    }
  });

  it("gives back every whole record, and goes on behind it", async () => {
    const directory = copyOf(original);
    const cuts = ends()
      .slice(-4)
      .flatMap((end) => [end - 2, end - 1, end, end + 1, end + 8, end + 9, end + 200]);
    for (const cut of cuts.filter((position) => position <= bytes.length)) {
      writeFileSync(join(directory, SEGMENT), bytes.subarray(0, cut));
      const store = stores.create(directory);
      await store.start();
      const whole = wholeAt(cut);
      expect(store.lastSeq, `cut at ${cut}`).toBe(whole);
      expect(store.gaps()).toEqual([]);
      expect(seqs(await store.append([makeEvent(100), makeEvent(1)]))).toEqual([whole + 1, 1]);
      expect(await seqsIn(store)).toEqual(upTo(whole + 1));
      await store.stop();
      expect(readdirSync(join(directory, "journal"))).toEqual(["0000000000000001.journal"]);
    }
  });

  it("takes zeros at the end, as a disk leaves them, for a write that was cut short", async () => {
    const directory = copyOf(original);
    writeFileSync(join(directory, SEGMENT), Buffer.concat([bytes, Buffer.alloc(5000)]));
    const store = await stores.start(directory);
    expect(await seqsIn(store)).toEqual(upTo(8));
    expect([store.gaps(), store.warnings()]).toEqual([[], []]);
    expect(seqs(await store.append([makeEvent(9)]))).toEqual([9]);
  });
});

describe("a journal with a flipped bit", () => {
  let original: string;
  let bytes: Buffer;
  let lines: { start: number; end: number }[];
  beforeAll(async () => {
    original = await storeWith(8);
    bytes = readFileSync(join(original, SEGMENT));
    const ends = [...bytes.entries()].filter(([, byte]) => byte === 0x0a).map(([index]) => index + 1);
    lines = ends.map((end, index) => ({ start: ends[index - 1] ?? 0, end }));
  });

  it.each([
    { name: "in a checksum", line: 3, offset: 2, lost: [4] },
    { name: "in the first event", line: 0, offset: 60, lost: [1] },
    { name: "in the middle", line: 4, offset: 100, lost: [5] },
    { name: "in a line feed, which joins two events", line: 2, offset: -1, lost: [] },
    { name: "in the last event", line: 7, offset: 100, lost: [8] },
    { name: "in the last line feed", line: 7, offset: -1, lost: [] },
  ])("keeps the others and says what is lost: $name", async ({ line, offset, lost }) => {
    const directory = copyOf(original);
    const damaged = Buffer.from(bytes);
    const { start, end } = lines[line] ?? { start: 0, end: 0 };
    const position = offset < 0 ? end + offset : start + offset;
    damaged[position] = (damaged[position] ?? 0) ^ 0x04;
    writeFileSync(join(directory, SEGMENT), damaged);

    const kept = upTo(8).filter((seq) => !lost.includes(seq));
    const gaps = lost.length === 0 ? [] : [{ from: lost[0], to: lost.at(-1) }];
    const store = await stores.start(directory);
    expect(await seqsIn(store)).toEqual(kept);
    expect(store.gaps()).toEqual(gaps);
    if (lost.length > 0) {
      expect(readFileSync(join(directory, `${SEGMENT}.damaged`))).toEqual(damaged);
      expect(store.warnings().join()).toMatch(/damaged/);
    }
    // No number is given twice, and what was lost can be published again.
    expect(seqs(await store.append([makeEvent(9)]))).toEqual([9]);
    const again = seqs(await store.append(makeEvents(1, 8)));
    expect(again.filter((seq) => seq <= 8)).toEqual(kept);
    expect(again.filter((seq) => seq > 9)).toHaveLength(lost.length);
    await store.stop();

    const next = await stores.start(directory);
    expect(await seqsIn(next)).toEqual([...kept, 9, ...again.filter((seq) => seq > 9)]);
    expect(next.gaps()).toEqual(gaps);
    expect(next.warnings()).toEqual([]);
  });

  it("says so when a whole file is missing", async () => {
    const directory = await storeWith(10, { partition: { maxEvents: 3 } });
    rmSync(join(directory, "partitions/0000000000000004-0000000000000006.sqlite"));
    const store = await stores.start(directory);
    expect(await seqsIn(store)).toEqual([1, 2, 3, 7, 8, 9, 10]);
    expect(store.gaps()).toEqual([{ from: 4, to: 6 }]);
    expect(seqs(await store.append([makeEvent(11)]))).toEqual([11]);
  });

  it("leaves nothing behind of a meta.json that was half written", async () => {
    const directory = stores.newDirectory();
    await (await stores.start(directory)).stop();
    const halves = ["meta.json", "meta.copy.json"].map((name) => join(directory, `${name}.${randomUUID()}.tmp`));
    for (const half of halves) writeFileSync(half, "{");
    await stores.start(directory);
    expect(
      readdirSync(directory)
        .filter((name) => name.startsWith("meta"))
        .sort(),
    ).toEqual(["meta.copy.json", "meta.json"]);
  });

  it("reads the copy when meta.json is damaged", async () => {
    const directory = await storeWith(10, { partition: { maxEvents: 3 } });
    const meta = join(directory, "meta.json");
    const text = readFileSync(meta, "utf8");
    // One digit: events would be removed as too old.
    writeFileSync(meta, text.replace('"first_seq": 1', '"first_seq": 7'));
    const store = await stores.start(directory);
    expect(store.epoch).toBe(JSON.parse(text).epoch);
    expect(await seqsIn(store)).toEqual(upTo(10));
    expect(existsSync(`${meta}.damaged`)).toBe(true);
    expect(store.warnings().join()).toMatch(/meta\.json was damaged.*its copy took its place/);
    await store.stop();
    expect((await stores.start(directory)).warnings()).toEqual([]);
  });

  it("begins a new epoch when neither meta.json nor its copy can be read", async () => {
    const directory = await storeWith(10, { partition: { maxEvents: 3 } });
    const old = await stores.start(directory);
    const { epoch } = old;
    expect(await removeOlderThan(old, makeEvent(4).timestamp)).toBe(3);
    await old.stop();
    for (const name of ["meta.json", "meta.copy.json"]) writeFileSync(join(directory, name), "{");
    const store = await stores.start(directory);
    expect(store.epoch).not.toBe(epoch);
    expect(await seqsIn(store)).toEqual(upTo(10).slice(3));
    // What retention has removed is not taken for lost.
    expect([store.firstSeq, store.gaps()]).toEqual([4, []]);
    expect(store.warnings().join()).toMatch(/readers begin anew/);
    expect(seqs(await store.append([makeEvent(11)]))).toEqual([11]);
  });

  it("notes what a damaged partition has lost, also when a crash came before the note", async () => {
    const directory = await storeWith(10, { partition: { maxEvents: 3 } });
    const file = join(directory, "partitions/0000000000000004-0000000000000006.sqlite");
    const bytes = readFileSync(file);
    for (let at = bytes.indexOf('"number":5'); at !== -1; at = bytes.indexOf('"number":5', at + 1))
      bytes[at + 9] = 0x36;
    writeFileSync(file, bytes);
    const meta = ["meta.json", "meta.copy.json"].map((name) => ({ name, text: readFileSync(join(directory, name)) }));
    const store = await stores.start(directory);
    expect(await seqsIn(store)).toEqual([1, 2, 3, 4, 6, 7, 8, 9, 10]);
    await store.stop();
    for (const { name, text } of meta) writeFileSync(join(directory, name), text);
    const next = await stores.start(directory);
    expect(next.gaps()).toEqual([{ from: 5, to: 5 }]);
    expect(next.warnings().join()).toMatch(/One event is lost \(seq 5\)/);
  });

  it("opens files of an older version, and keeps what they say", async () => {
    const directory = copyOf(original);
    const { epoch } = JSON.parse(readFileSync(join(directory, "meta.json"), "utf8"));
    rmSync(join(directory, "meta.copy.json"));
    // As the first version wrote it: no checksum, no copy.
    writeFileSync(join(directory, "meta.json"), JSON.stringify({ format: 1, epoch, first_seq: 1, sealed_seq: 0 }));
    const store = await stores.start(directory);
    expect([store.epoch, store.warnings()]).toEqual([epoch, []]);
    expect(await seqsIn(store)).toEqual(upTo(8));
  });

  it("refuses files of a newer version, and says what to do", async () => {
    const directory = copyOf(original);
    writeFileSync(join(directory, "meta.json"), JSON.stringify({ format: 99, something: "new" }));
    await expect(stores.create(directory).start()).rejects.toMatchObject({
      code: "store_version",
      message: expect.stringContaining("Update Televibe"),
    });
    expect(JSON.parse(readFileSync(join(directory, "meta.json"), "utf8"))).toMatchObject({ format: 99 });
  });
});

describe("a crash while a partition is sealed", () => {
  /** The three states in which sealing passes: only the journal, both, only the partition. */
  let unsealed: string;
  let sealed: string;
  const PARTITION = "partitions/0000000000000001-0000000000000008.sqlite";
  const SIDECAR = "partitions/0000000000000001-0000000000000008.bloom";
  const rotated = { partition: { maxEvents: 8 } };
  beforeAll(async () => {
    unsealed = await storeWith(8);
    // The next segment had begun.
    writeFileSync(join(unsealed, "journal/0000000000000009.journal"), "");
    sealed = copyOf(unsealed);
    const store = await stores.start(sealed, rotated);
    await settled(store);
    await store.stop();
    expect(existsSync(join(sealed, SEGMENT))).toBe(false);
  });

  const put = (from: string, to: string, ...files: string[]) => {
    for (const file of files) {
      mkdirSync(dirname(join(to, file)), { recursive: true });
      copyFileSync(join(from, file), join(to, file));
    }
  };
  const halve = (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 20_000));

  it.each<{ name: string; make: () => string }>([
    { name: "before anything was written", make: () => copyOf(unsealed) },
    {
      name: "with half a temporary file",
      make: () => {
        const directory = copyOf(unsealed);
        put(sealed, directory, PARTITION);
        halve(join(directory, PARTITION));
        cpSync(join(directory, PARTITION), join(directory, `${PARTITION}.tmp`));
        rmSync(join(directory, PARTITION));
        return directory;
      },
    },
    {
      name: "with the partition in place, without its sidecar",
      make: () => {
        const directory = copyOf(unsealed);
        put(sealed, directory, PARTITION);
        return directory;
      },
    },
    {
      name: "with the partition and half its sidecar",
      make: () => {
        const directory = copyOf(unsealed);
        put(sealed, directory, PARTITION, SIDECAR);
        writeFileSync(join(directory, SIDECAR), readFileSync(join(directory, SIDECAR)).subarray(0, 50));
        return directory;
      },
    },
    {
      name: "with both",
      make: () => {
        const directory = copyOf(unsealed);
        put(sealed, directory, PARTITION, SIDECAR);
        return directory;
      },
    },
    {
      name: "with both, and the metadata written",
      make: () => {
        const directory = copyOf(unsealed);
        put(sealed, directory, PARTITION, SIDECAR, "meta.json");
        return directory;
      },
    },
    {
      name: "with both, and a partition that the disk has lost the end of",
      make: () => {
        const directory = copyOf(unsealed);
        put(sealed, directory, PARTITION, SIDECAR);
        halve(join(directory, PARTITION));
        return directory;
      },
    },
    { name: "after all of it", make: () => copyOf(sealed) },
    {
      name: "after all of it, the next segment's name lost",
      make: () => {
        const directory = copyOf(sealed);
        rmSync(join(directory, "journal/0000000000000009.journal"));
        return directory;
      },
    },
  ])("loses and doubles nothing: $name", async ({ make }) => {
    const directory = make();
    for (const round of [1, 2]) {
      const store = await stores.start(directory, rotated);
      expect(store.lastSeq).toBe(8 + round - 1);
      expect(await seqsIn(store)).toEqual(upTo(8 + round - 1));
      expect(store.gaps()).toEqual([]);
      expect(seqs(await store.append([makeEvent(4), makeEvent(8 + round)]))).toEqual([4, 8 + round]);
      expect(await seqsIn(store)).toEqual(upTo(8 + round));
      await settled(store);
      await store.stop();
      expect(readdirSync(join(directory, "journal"))).toEqual(["0000000000000009.journal"]);
      expect(readdirSync(join(directory, "partitions")).filter((name) => !name.includes("damaged"))).toEqual([
        "0000000000000001-0000000000000008.bloom",
        "0000000000000001-0000000000000008.sqlite",
      ]);
    }
  });
});
