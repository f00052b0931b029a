/** Calls that cannot be taken in: tried again for as long as that may help, and no longer. */
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HookSpool } from "../../../bridge/agents/hookSpool.ts";
import { createLogger } from "../../../bridge/diagnostics/logger.ts";
import { problem } from "../../../shared/protocol/problem.ts";
import { eventually } from "../../support/eventually.ts";

async function triesOf(failure: Error, enough: number) {
  const directory = await mkdtemp(join(tmpdir(), "tv-"));
  const name = `000000000000001-${randomUUID()}.json`;
  const call = { agent: "claude", hook_id: randomUUID(), at: "2026-11-25T10:00:00.000Z", input: {} };
  await writeFile(join(directory, name), JSON.stringify(call));
  let tries = 0;
  const take = async () => {
    tries++;
    throw failure;
  };
  const log = createLogger({ write: () => undefined, nowMs: Date.now });
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
  it("for what is in it is set aside after three tries", async () => {
    expect(await triesOf(new URIError("URI malformed"), 3)).toEqual({ tries: 3, isSetAside: true });
  });

  it("while the store is away is tried for as long as it takes", async () => {
    const found = await triesOf(problem("store_unavailable", "The disk is full."), 6);
    expect(found.isSetAside).toBe(false);
  });
});
