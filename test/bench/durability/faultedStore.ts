/**
 * The program under whose store the disk fails: it appends one event after the other whatever becomes of them, reads
 * everything back after each refusal, and says on its standard output what it was told.
 */
import { writeSync } from "node:fs";
import { LocalStore } from "../../../bridge/store/localStore.ts";
import { ProblemError } from "../../../shared/protocol/problem.ts";
import { eventNumber } from "../../bridge/store/eventNumber.ts";
import { removeOlderThan } from "../../support/removeOlderThan.ts";

const [directory = "", workerFile = "", wasmFile = "", to = "12"] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const store = new LocalStore({ directory, workerFile, wasmFile, log, partition: { maxEvents: 5 } });

const say = (what: object) => void writeSync(1, `${JSON.stringify(what)}\n`);
const settle = () => removeOlderThan(store, "2000-01-01T00:00:00.000Z");

async function readBack(): Promise<void> {
  const events = await store.query({ filter: {}, limit: 1000, order: "asc" });
  say({ kind: "read", events: events.map(({ seq, data }) => [data["number"], seq]) });
}

async function append(number: number): Promise<void> {
  try {
    const [outcome] = await store.append([eventNumber(number)]);
    if (outcome?.kind === "stored") say({ kind: "acknowledged", number, seq: outcome.seq });
  } catch (error) {
    const code = error instanceof ProblemError ? error.code : "none";
    say({ kind: "refused", number, code, message: String(error), state: store.health().state });
    await readBack();
  }
}

async function run(): Promise<void> {
  try {
    await store.start();
  } catch (error) {
    say({ kind: "not started", message: String(error) });
    return;
  }
  for (let number = 1; number <= Number(to); number++) {
    await append(number);
    // Sealing goes on at its own pace: waiting for it makes every run alike.
    if (number % 5 === 0) await settle();
  }
  await readBack();
  say({ kind: "warnings", warnings: store.warnings() });
  await store.stop();
}

process.on("unhandledRejection", (error) => say({ kind: "crashed", message: String(error) }));
run().catch((error: unknown) => say({ kind: "crashed", message: String(error) }));
