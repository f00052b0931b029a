/** The program that publishes straight into a store, ours or better-sqlite3's, each in a process that does nothing else. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { LocalStore } from "../../../bridge/store/localStore.ts";
import { type LoopFigures, publishLoop } from "./publishLoop.ts";
import { programOptions } from "./runProgram.ts";
import type { SampleEvent } from "./sampleEvent.ts";
import { SqliteStore } from "./sqliteStore.ts";

export interface StorePublisherOptions {
  readonly store: "televibe" | "better-sqlite3" | "better-sqlite3 with full text";
  readonly directory: string;
  /** The folder of the bundles: the worker, SQLite's WebAssembly. */
  readonly assets: string;
  /** Where peers are found from. */
  readonly peersFrom: string;
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

const tell = (message: string, context?: object) => console.error(message, context);
const log = { debug() {}, info() {}, warn: tell, error: tell };

async function run(): Promise<LoopFigures> {
  const options = programOptions<StorePublisherOptions>();
  return options.store === "televibe" ? publishToOurs(options) : publishToSqlite(options);
}

async function publishToOurs(options: StorePublisherOptions): Promise<LoopFigures> {
  const { directory, assets } = options;
  const files = { workerFile: join(assets, "storeWorker.js"), wasmFile: join(assets, "sql-wasm.wasm") };
  const store = new LocalStore({ directory, ...files, log });
  await store.start();
  const figures = await publishLoop({ ...options, publish: (event) => store.append([event]) });
  await store.stop();
  return figures;
}

/** One transaction an event; calls queue on its one thread, as anybody's who uses it. */
async function publishToSqlite(options: StorePublisherOptions): Promise<LoopFigures> {
  const hasSearch = options.store === "better-sqlite3 with full text";
  const store = new SqliteStore(createRequire(options.peersFrom), join(options.directory, "events.sqlite"), hasSearch);
  const figures = await publishLoop({ ...options, publish: async (event: SampleEvent) => store.append(event) });
  store.close();
  return figures;
}

run().then(
  (figures) => process.stdout.write(JSON.stringify(figures)),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  },
);
