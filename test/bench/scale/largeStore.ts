/** Owns the large data directories that the benchmark starts bridges on: made once, kept in the cache, copied for each use. */

import { existsSync } from "node:fs";
import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { LocalStore } from "../../../bridge/store/localStore.ts";
import { startBridgeProcess } from "../../support/bridgeProcess.ts";
import { history } from "./history.ts";

/** To be raised when what is written changes, so that no older one is taken from the cache. */
const VERSION = 1;
const BATCH_EVENTS = 1000;
/** Without a saved state the first start reads all events. */
const FIRST_START_TIMEOUT_MS = 10 * 60_000;
/** Nothing of it may go while it is measured. */
const KEEP_ALL = { days: null, max_bytes: null };

/** The folder of a store with so many events; `dist` has the bundles. */
export async function largeStore(events: number, cache: string, dist: string): Promise<string> {
  const folder = join(cache, `history-${VERSION}-${events}`);
  if (existsSync(folder)) return folder;
  const making = `${folder}.making`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true, mode: 0o700 });
  await writeFile(join(making, "retention.json"), JSON.stringify(KEEP_ALL));
  await write(join(making, "store"), events, dist);
  const bridge = await startBridgeProcess({ dataDir: making, startTimeoutMs: FIRST_START_TIMEOUT_MS });
  await bridge.stop();
  await rename(making, folder);
  return folder;
}

/** A copy to write to, which shares what is never written to where the file system can. */
export async function copyOf(folder: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(folder, to, { recursive: true });
}

async function write(directory: string, events: number, dist: string): Promise<void> {
  const log = { debug() {}, info() {}, warn: console.warn, error: console.error };
  const store = new LocalStore({
    directory,
    workerFile: resolve(dist, "storeWorker.js"),
    wasmFile: resolve(dist, "sql-wasm.wasm"),
    log,
  });
  await store.start();
  let batch: Parameters<LocalStore["append"]>[0][number][] = [];
  for (const event of history(events, Date.now())) {
    batch.push(event);
    if (batch.length < BATCH_EVENTS) continue;
    await store.append(batch);
    batch = [];
  }
  await store.append(batch);
  await store.stop();
}
