/**
 * Owns the list of the durability proofs, each whole: what takes minutes and is run as a benchmark. The tests run samples
 * of the same. A proof that finds a single violation has failed.
 */
import { join } from "node:path";
import { LocalStore } from "../../../bridge/store/localStore.ts";
import { eventNumber } from "../../bridge/store/eventNumber.ts";
import { temporaryFolder } from "../../support/bridgeProcess.ts";
import { removeOlderThan } from "../../support/removeOlderThan.ts";
import { everyByte, type FlipFigures, flipJournal, flipMetadata, flipPartition, sampledBits } from "./bitFlips.ts";
import { killRounds } from "./killRounds.ts";
import { powerLoss } from "./powerLoss.ts";
import { seededRandom } from "./seededRandom.ts";
import type { Violation } from "./streamHistory.ts";
import { type Fault, systemFaults } from "./systemFaults.ts";
import { tailCuts } from "./tailCuts.ts";

export interface ProofResult {
  /** To be written down as they are. */
  readonly figures: Readonly<Record<string, unknown>>;
  readonly violations: readonly Violation[];
}

export interface DurabilityProof {
  /** How it is chosen on the command line. */
  readonly id: string;
  readonly name: string;
  /** Minutes on a machine with two cores that has nothing else to do. */
  readonly minutes: number;
  /** The same seed tries the same; `isQuick` only as much as runs every line. */
  readonly run: (seed: number, tell: (progress: string) => void, isQuick: boolean) => Promise<ProofResult>;
}

const KILLS = 200;
const QUICK_KILLS = 3;
const QUICK_CUT_EVERY = 90;
const QUICK_FLIPS = 40;
const QUICK_STATES = 6;
const QUICK_FAULTS: readonly Fault[] = [
  { call: "pwrite64", n: 3, error: "ENOSPC", lasts: false },
  { call: "fdatasync", n: 4, error: "EIO", lasts: false },
];
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
      id: "kills",
      name: "kill -9 at random moments, under load",
      minutes: 5,
      run: async (seed, tell, isQuick) => {
        const { violations, ...figures } = await killRounds({
          rounds: isQuick ? QUICK_KILLS : KILLS,
          seed,
          onRound: (round, { acknowledged }) => tell(`${round} of ${KILLS} kills, ${acknowledged} acknowledged`),
        });
        return { figures, violations };
      },
    },
    {
      id: "tail-cuts",
      name: `the journal cut at every byte of its last ${CUT_RECORDS} records`,
      minutes: 6,
      run: async (_seed, _tell, isQuick) => {
        await using store = await sampleStore(createStore, 8, 14);
        const { violations, ...figures } = await tailCuts({
          store: store.path,
          scratch: `${store.path}-copy`,
          createStore,
          records: CUT_RECORDS,
          every: isQuick ? QUICK_CUT_EVERY : 1,
        });
        return { figures, violations };
      },
    },
    {
      id: "bit-flips",
      name: "a flipped bit in every byte of every file, and anywhere in a large partition",
      minutes: 18,
      run: async (seed, tell, isQuick) => {
        const random = seededRandom(seed);
        await using small = await sampleStore(createStore, 8, 14);
        await using large = await sampleStore(createStore, LARGE_PARTITION_EVENTS, LARGE_PARTITION_EVENTS);
        const scratch = `${small.path}-copy`;
        const segment = `${small.path}/journal/0000000000000009.journal`;
        const all: FlipFigures[] = [];
        const each = (bits: number) => (bytes: number) =>
          isQuick ? sampledBits(bytes, QUICK_FLIPS, random) : everyByte(bytes, bits, random);
        tell("meta.json, the journal, a sidecar");
        all.push(await flipMetadata(small.path, scratch, each(8)));
        all.push(await flipJournal(segment, 9, scratch, each(8)));
        all.push(await flipPartition(small.path, ".bloom", scratch, each(8)));
        tell("a small partition");
        all.push(await flipPartition(small.path, ".sqlite", scratch, each(1)));
        tell("a large partition");
        all.push(
          await flipPartition(large.path, ".sqlite", scratch, (bytes) =>
            sampledBits(bytes, isQuick ? QUICK_FLIPS : SAMPLED_FLIPS, random),
          ),
        );
        const files = all.map(({ violations: _, ...figures }) => figures);
        return { figures: { seed, files }, violations: all.flatMap(({ violations }) => violations) };
      },
    },
    {
      id: "power-loss",
      name: "power loss in every state that a disk may be left in",
      minutes: 3,
      run: async (seed, tell, isQuick) => {
        const { violations, ...figures } = await powerLoss({
          seed,
          files,
          createStore,
          samples: 8,
          ...(isQuick ? { maxStates: QUICK_STATES } : {}),
          onState: (checked, of) => tell(`${checked} of ${of} states`),
        });
        return { figures, violations };
      },
    },
    {
      id: "system-faults",
      name: "every system call on a file failing once, and from then on",
      minutes: 6,
      run: async (_seed, tell, isQuick) => {
        const { violations, ...figures } = await systemFaults({
          files,
          createStore,
          ...(isQuick ? { faults: QUICK_FAULTS } : {}),
          onRun: ({ call, error, n }, { runs }) => tell(`${runs} runs (${call} ${n} ${error})`),
        });
        return { figures, violations };
      },
    },
  ];
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
  await removeOlderThan(store, "2000-01-01T00:00:00.000Z");
  await store.stop();
  return { path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
