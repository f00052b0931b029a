/** Fails system calls under the store, and proves the judge of it. A sample: `npm run bench` fails every call there is. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { type Fault, judge, type Said, systemFaults } from "../../bench/durability/systemFaults.ts";
import { useStores } from "./storeFixture.ts";

const stores = useStores();
const fault = (call: Fault["call"], n: number, error: Fault["error"], lasts = false): Fault => ({
  call,
  n,
  error,
  lasts,
});

describe("what a store says while its disk fails", () => {
  const acknowledged = (number: number, seq = number): Said => ({ kind: "acknowledged", number, seq });
  const refused = (number: number, state = "read_only", message = "The disk is full"): Said => ({
    kind: "refused",
    number,
    code: "store_unavailable",
    message,
    state,
  });
  const read = (...numbers: number[]): Said => ({ kind: "read", events: numbers.map((number) => [number, number]) });
  const full = fault("pwrite64", 2, "ENOSPC");
  const fullForGood = fault("pwrite64", 2, "ENOSPC", true);

  it("is good when it refuses in words, reads on and goes on", () => {
    expect(judge(full, [acknowledged(1), refused(2), read(1), acknowledged(2), read(1, 2)])).toEqual([]);
    expect(judge(fullForGood, [acknowledged(1), refused(2), read(1), refused(3), read(1)])).toEqual([]);
  });

  it.each<{ name: string; fault: Fault; said: Said[]; message: RegExp }>([
    {
      name: "an acknowledged event is gone",
      fault: full,
      said: [acknowledged(1), read()],
      message: /not to be read: \[\[1,1]]/,
    },
    {
      name: "a number is given twice",
      fault: full,
      said: [acknowledged(1), acknowledged(2, 1)],
      message: /1 was given twice/,
    },
    {
      name: "a full disk takes an event",
      fault: fullForGood,
      said: [refused(1), acknowledged(2)],
      message: /taken by a full/,
    },
    { name: "it stays closed once there is room", fault: full, said: [refused(1), refused(2)], message: /not recover/ },
    { name: "a full disk ends it", fault: full, said: [refused(1, "failed")], message: /not full/ },
    { name: "the words are missing", fault: full, said: [refused(1, "read_only", "EIO")], message: /unclear/ },
    {
      name: "it does not start and does not say why",
      fault: full,
      said: [{ kind: "not started", message: "EIO: i/o error" }],
      message: /unclear/,
    },
    { name: "it falls over", fault: full, said: [{ kind: "crashed", message: "boom" }], message: /fell over: boom/ },
    { name: "it hangs", fault: full, said: [acknowledged(1)], message: /did not come to an end/ },
  ])("is found wanting when $name", ({ fault: injected, said, message }) => {
    expect(judge(injected, said).join("\n")).toMatch(message);
  });
});

it.runIf(spawnSync("strace", ["-V"]).status === 0)("keeps what it acknowledged, whichever call fails", async () => {
  const figures = await systemFaults({
    files: stores.files,
    createStore: stores.create,
    faults: [
      fault("pwrite64", 3, "ENOSPC"),
      fault("pwrite64", 4, "ENOSPC", true),
      fault("fdatasync", 5, "EIO"),
      fault("fsync", 2, "EIO", true),
      fault("rename", 2, "ENOSPC"),
      fault("openat", 6, "EIO"),
    ],
  });
  expect(figures.violations).toEqual([]);
  expect(figures.runs).toBeGreaterThanOrEqual(5);
  expect(figures.refused).toBeGreaterThan(8);
});
