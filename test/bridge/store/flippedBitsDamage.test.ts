/** Holds every file of the store to noticing a flipped bit. A sample: `npm run bench` flips bits in every byte. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  everyByte,
  type FlipFigures,
  flipJournal,
  flipMetadata,
  flipPartition,
  sampledBits,
} from "../../bench/durability/bitFlips.ts";
import { seededRandom } from "../../bench/durability/seededRandom.ts";
import { makeEvent, makeEvents, settled, useStores } from "./storeFixture.ts";

const stores = useStores();
const random = seededRandom(20_261_123);

describe("a flipped bit", () => {
  let store: string;
  beforeAll(async () => {
    store = stores.newDirectory();
    const open = stores.create(store, { partition: { maxEvents: 8 } });
    await open.start();
    for (const event of makeEvents(1, 14)) await open.append([event]);
    await settled(open);
    await open.stop();
  });
  const scratch = () => stores.newDirectory();
  const holds = (figures: FlipFigures, noticed = figures.flips) => {
    expect(figures.violations).toEqual([]);
    expect(figures.flips).toBeGreaterThan(0);
    expect(figures.noticed).toBe(noticed);
  };

  it("anywhere in the journal costs no more than its own record, and is reported", async () => {
    const segment = join(store, "journal/0000000000000009.journal");
    holds(await flipJournal(segment, 9, scratch(), (bytes) => everyByte(bytes, 1, random)));
  });

  it("in a partition is never served as truth", async () => {
    holds(await flipPartition(store, ".sqlite", scratch(), (bytes) => sampledBits(bytes, 150, random)));
  });

  it("in a row's number serves no event under another's", async () => {
    const name = "partitions/0000000000000001-0000000000000008.sqlite";
    const bytes = readFileSync(join(store, name));
    // SQLite's cell: size, number, the columns' types, and then the first column with a text, the event's id.
    const eventId = makeEvent(0).event_id.slice(0, 30);
    const places: { byte: number; bit: number }[] = [];
    for (let at = bytes.indexOf(eventId); at !== -1; at = bytes.indexOf(eventId, at + 1)) {
      for (let back = 9; back <= 13; back++) places.push({ byte: at - back, bit: 0 });
    }
    holds(await flipPartition(store, ".sqlite", scratch(), () => places));
  });

  it("in a sidecar changes nothing: it is made anew", async () => {
    const figures = await flipPartition(store, ".bloom", scratch(), (bytes) => sampledBits(bytes, 60, random));
    holds(figures);
    expect(figures.harmless).toBe(figures.flips);
  });

  it("in meta.json changes nothing while its copy is there, and is not believed without", async () => {
    holds(await flipMetadata(store, scratch(), (bytes) => everyByte(bytes, 1, random)));
  });

  it("is what these tests can see: without a checksum, meta.json is believed", async () => {
    const unchecked = stores.newDirectory();
    await (await stores.start(unchecked)).stop();
    const epoch = "0123456789abcdef";
    const meta = JSON.stringify({ format: 1, epoch, first_seq: 1, sealed_seq: 8, bus_cursor: null, gaps: [] });
    writeFileSync(join(unchecked, "meta.json"), meta);
    const { violations } = await flipMetadata(unchecked, scratch(), (bytes) => everyByte(bytes, 1, random));
    expect(violations.map(({ message }) => message).join("\n")).toMatch(/sealed_seq was 8 and is read as/);
  });
});
