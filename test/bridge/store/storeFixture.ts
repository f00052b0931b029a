/** Builds what the store's tests need: the real worker, a fresh folder, events. */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { Logger } from "../../../bridge/diagnostics/logger.ts";
import type { AppendOutcome } from "../../../bridge/store/eventStore.ts";
import { LocalStore, type LocalStoreOptions } from "../../../bridge/store/localStore.ts";
import type { UnknownEvent } from "../../../shared/events/event.ts";
import { bundle } from "../../support/bundle.ts";
import { removeOlderThan } from "../../support/removeOlderThan.ts";
import { eventNumber as makeEvent } from "./eventNumber.ts";

export { makeEvent };

export const quietLog: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Registers the building of the worker before a file's tests; what it answers opens stores in folders of their own. */
export function useStores() {
  const home = mkdtempSync(join(tmpdir(), "televibe-store-"));
  const files = { workerFile: join(home, "storeWorker.js"), wasmFile: join(home, "sql-wasm.wasm") };
  const open: LocalStore[] = [];
  let folders = 0;

  beforeAll(() => {
    bundle("bridge/store/worker/main.ts", files.workerFile);
    copyFileSync(createRequire(import.meta.url).resolve("sql.js/dist/sql-wasm.wasm"), files.wasmFile);
  });
  afterAll(async () => {
    await Promise.all(open.map((store) => store.stop()));
    rmSync(home, { recursive: true, force: true });
  });

  const create = (directory: string, options: Partial<LocalStoreOptions> = {}) =>
    new LocalStore({ directory, ...files, log: quietLog, ...options });
  return {
    home,
    files,
    newDirectory: () => join(home, `store-${++folders}`),
    create,
    async start(directory: string, options: Partial<LocalStoreOptions> = {}): Promise<LocalStore> {
      const store = create(directory, options);
      open.push(store);
      await store.start();
      return store;
    },
  };
}

export function makeEvents(from: number, to: number): UnknownEvent[] {
  return Array.from({ length: to - from + 1 }, (_, index) => makeEvent(from + index));
}

/** The seq of each outcome; fails on a refusal. */
export function seqs(outcomes: readonly AppendOutcome[]): number[] {
  return outcomes.map((outcome) => {
    if (outcome.kind === "refused") throw outcome.problem;
    return outcome.seq;
  });
}

/** Everything in the store, oldest first. */
export function readAll(store: LocalStore) {
  return store.query({ filter: {}, limit: 1_000_000, order: "asc" });
}

/** Resolves when nothing waits to be sealed. */
export async function settled(store: LocalStore): Promise<void> {
  await removeOlderThan(store, "2000-01-01T00:00:00.000Z");
}
