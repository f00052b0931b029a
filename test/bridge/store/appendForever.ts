/**
 * The program that the kill tests start: appends for ever, several at a time, and says what was acknowledged. Its output
 * is a pipe, to which Node writes synchronously: what it says was said when it is killed.
 */
import { LocalStore } from "../../../bridge/store/localStore.ts";
import { eventNumber } from "./eventNumber.ts";

const [directory = "", workerFile = "", wasmFile = ""] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const store = new LocalStore({ directory, workerFile, wasmFile, log, partition: { maxEvents: 300 } });

async function appendForever(lane: number): Promise<void> {
  for (let number = store.lastSeq * 10 + lane; ; number += 5) {
    const [outcome] = await store.append([eventNumber(number)]);
    if (outcome?.kind === "stored" && !outcome.duplicate) process.stdout.write(`${number} ${outcome.seq}\n`);
  }
}

store
  .start()
  .then(() => Promise.all([1, 2, 3, 4, 5].map(appendForever)))
  .catch((error: unknown) => {
    process.stderr.write(`${error}\n`);
    process.exitCode = 3;
    return store.stop();
  });
