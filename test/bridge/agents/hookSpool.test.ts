/** What is done with calls that wait: how much of them at a time, and how often those are tried that cannot be taken in. */
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HookSpool } from "../../../bridge/agents/hookSpool.ts";
import { createLogger } from "../../../bridge/diagnostics/logger.ts";
import { problem } from "../../../shared/protocol/problem.ts";
import { eventually } from "../../support/eventually.ts";

const AT = "2026-11-25T10:00:00.000Z";
const log = createLogger({ write: () => undefined, nowMs: Date.now });

async function triesOf(failure: Error, enough: number) {
  const directory = await mkdtemp(join(tmpdir(), "tv-"));
  const name = `000000000000001-${randomUUID()}.json`;
  const call = { agent: "claude", hook_id: randomUUID(), at: AT, input: {} };
  await writeFile(join(directory, name), JSON.stringify(call));
  let tries = 0;
  const take = async () => {
    tries++;
    throw failure;
  };
  const spool = new HookSpool({ directory, take, lookIntervalMs: 5, log });
  await spool.start();
  await eventually("the tries", () => tries >= enough);
  const isSetAside = () => readdir(directory).then((names) => names.includes(`${name}.bad`));
  if (enough < 5) await eventually("the file set aside", isSetAside);
  await spool.stop();
  const found = { tries, isSetAside: await isSetAside() };
  await rm(directory, { recursive: true });
  return found;
}

describe("a call that cannot be taken in", () => {
  it.each([new URIError("URI malformed"), problem("invalid_event", "The event does not fit its schema.")])(
    "for what is in it is set aside after three tries: %s",
    async (failure) => {
      expect(await triesOf(failure, 3)).toEqual({ tries: 3, isSetAside: true });
    },
  );

  it("while the store is away is tried for as long as it takes", async () => {
    const found = await triesOf(problem("store_unavailable", "The disk is full."), 6);
    expect(found.isSetAside).toBe(false);
  });
});

it("removes the oldest of many files that it set aside", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tv-"));
  const names = Array.from({ length: 230 }, (_, index) => `${String(index).padStart(15, "0")}-${randomUUID()}.json`);
  for (const name of names.slice(0, 110)) await writeFile(join(directory, `${name}.bad`), "");
  for (const name of names.slice(110)) await writeFile(join(directory, name), "no call");
  const spool = new HookSpool({ directory, take: async () => undefined, lookIntervalMs: 5, log });
  await spool.start();
  await spool.settled();
  await spool.stop();
  const left = await readdir(directory);
  expect(left.length).toBeLessThan(200);
  expect(left).toEqual(expect.arrayContaining(names.slice(-100).map((name) => `${name}.bad`)));
  await rm(directory, { recursive: true });
});

describe("more than fits into memory", () => {
  it("is read as what was read before is stored, and the rest stays where it is when the bridge stops", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tv-"));
    const names = Array.from({ length: 40 }, (_, index) => `${String(index).padStart(15, "0")}-${randomUUID()}.json`);
    for (const name of names) {
      const call = { agent: "claude", hook_id: name.slice(16, -5), at: AT, input: { text: "x".repeat(900_000) } };
      await writeFile(join(directory, name), JSON.stringify(call));
    }
    const given: string[] = [];
    let release = () => {};
    const stored = new Promise<void>((resolve) => {
      release = resolve;
    });
    const take = async (_agent: string, { hook_id }: { readonly hook_id: string }) => {
      given.push(hook_id);
      await stored;
    };
    const spool = new HookSpool({ directory, take, lookIntervalMs: 1000, log });
    await spool.start();
    const draining = spool.drain();
    await eventually("16 MiB of calls", () => given.length === 18);
    const stopping = spool.stop();
    release();
    await stopping;
    expect(await draining).toBe(false);
    expect(given).toEqual(names.slice(0, 18).map((name) => name.slice(16, -5)));
    expect((await readdir(directory)).sort()).toEqual(names.slice(18));
    await rm(directory, { recursive: true });
  });
});
