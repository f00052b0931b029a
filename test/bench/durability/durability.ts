/**
 * Owns the list of the durability proofs, each whole: what takes minutes and is run as a benchmark. The tests run samples
 * of the same. A proof that finds a single violation has failed.
 */
import { join } from "node:path";
import { LocalStore } from "../../../bridge/store/localStore.ts";
import { eventNumber } from "../../bridge/store/eventNumber.ts";
import { temporaryFolder } from "../../support/bridgeProcess.ts";
import { everyByte, type FlipFigures, flipJournal, flipMetadata, flipPartition, sampledBits } from "./bitFlips.ts";
import { killRounds } from "./killRounds.ts";
import { powerLoss } from "./powerLoss.ts";
import { newSeed, seededRandom } from "./seededRandom.ts";
import type { Violation } from "./streamHistory.ts";
import { systemFaults } from "./systemFaults.ts";
import { tailCuts } from "./tailCuts.ts";

export interface ProofResult {
  /** To be written down as they are. */
  readonly figures: Readonly<Record<string, unknown>>;
  readonly violations: readonly Violation[];
}

export interface DurabilityProof {
  readonly name: string;
  /** Minutes on a machine with two cores that has nothing else to do. */
  readonly minutes: number;
  /** The same seed tries the same. */
  readonly run: (seed: number, tell: (progress: string) => void) => Promise<ProofResult>;
}

const KILLS = 200;
const CUT_RECORDS = 3;
/** Bits that are flipped in the large partition. */
const SAMPLED_FLIPS = 5000;
const LARGE_PARTITION_EVENTS = 5000;
const NO_LOG = { debug() {}, info() {}, warn() {}, error() {} };

type CreateStore = (directory: string, partition?: { readonly maxEvents: number }) => LocalStore;

/** @param dist the folder of the bundles, made by `node scripts/build.mjs` */
export function durabilityProofs(dist: string): readonly DurabilityProof[] {
  const files = { workerFile: join(dist, "storeWorker.js"), wasmFile: join(dist, "sql-wasm.wasm") };
  const createStore: CreateStore = (directory, partition) =>
    new LocalStore({ directory, ...files, log: NO_LOG, ...(partition === undefined ? {} : { partition }) });
  return [
    {
      name: "kill -9 at random moments, under load",
      minutes: 5,
      run: async (seed, tell) => {
        const { violations, ...figures } = await killRounds({
          rounds: KILLS,
          seed,
          onRound: (round, { acknowledged }) => tell(`${round} of ${KILLS} kills, ${acknowledged} acknowledged`),
        });
        return { figures, violations };
      },
    },
    {
      name: `the journal cut at every byte of its last ${CUT_RECORDS} records`,
      minutes: 6,
      run: async () => {
        await using store = await sampleStore(createStore, 8, 14);
        const { violations, ...figures } = await tailCuts({
          store: store.path,
          scratch: `${store.path}-copy`,
          createStore,
          records: CUT_RECORDS,
        });
        return { figures, violations };
      },
    },
    {
      name: "a flipped bit in every byte of every file, and anywhere in a large partition",
      minutes: 8,
      run: async (seed, tell) => {
        const random = seededRandom(seed);
        await using small = await sampleStore(createStore, 8, 14);
        await using large = await sampleStore(createStore, LARGE_PARTITION_EVENTS, LARGE_PARTITION_EVENTS);
        const scratch = `${small.path}-copy`;
        const segment = `${small.path}/journal/0000000000000009.journal`;
        const all: FlipFigures[] = [];
        tell("meta.json, the journal, a sidecar");
        all.push(await flipMetadata(small.path, scratch, (bytes) => everyByte(bytes, 8, random)));
        all.push(await flipJournal(segment, 9, scratch, (bytes) => everyByte(bytes, 8, random)));
        all.push(await flipPartition(small.path, ".bloom", scratch, (bytes) => everyByte(bytes, 8, random)));
        tell("a small partition");
        all.push(await flipPartition(small.path, ".sqlite", scratch, (bytes) => everyByte(bytes, 1, random)));
        tell("a large partition");
        all.push(
          await flipPartition(large.path, ".sqlite", scratch, (bytes) => sampledBits(bytes, SAMPLED_FLIPS, random)),
        );
        const files = all.map(({ violations: _, ...figures }) => figures);
        return { figures: { seed, files }, violations: all.flatMap(({ violations }) => violations) };
      },
    },
    {
      name: "power loss in every state that a disk may be left in",
      minutes: 3,
      run: async (seed, tell) => {
        const { violations, ...figures } = await powerLoss({
          seed,
          files,
          createStore,
          samples: 8,
          onState: (checked, of) => tell(`${checked} of ${of} states`),
        });
        return { figures, violations };
      },
    },
    {
      name: "every system call on a file failing once, and from then on",
      minutes: 6,
      run: async (_seed, tell) => {
        const { violations, ...figures } = await systemFaults({
          files,
          createStore,
          onRun: ({ call, error, n }, { runs }) => tell(`${runs} runs (${call} ${n} ${error})`),
        });
        return { figures, violations };
      },
    },
  ];
}

/** Runs one proof, with a seed of its own if none is given. @throws when it finds a violation; the message has the seed. */
export async function prove(
  { name, run }: DurabilityProof,
  tell: (progress: string) => void,
  seed = newSeed(),
): Promise<ProofResult["figures"]> {
  const { figures, violations } = await run(seed, tell);
  if (violations.length === 0) return figures;
  const first = violations.slice(0, 10).map(({ rule, message }) => `${rule}: ${message}`);
  throw new Error(`${violations.length} violations in "${name}" (seed ${seed}):\n${first.join("\n")}`);
}

/** A stopped store in which the n-th event is `eventNumber(n)`, in partitions of `maxEvents`. */
async function sampleStore(
  createStore: CreateStore,
  maxEvents: number,
  events: number,
): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await temporaryFolder();
  const path = `${folder.path}/store`;
  const store = createStore(path, { maxEvents });
  await store.start();
  for (let number = 1; number <= events; number++) await store.append([eventNumber(number)]);
  // Waits for sealing.
  await store.removeOlderThan("2000-01-01T00:00:00.000Z");
  await store.stop();
  return { path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
