/**
 * Owns the proof that a power cut at any moment costs nothing that was acknowledged: a real store's system calls are
 * recorded, every state that a disk may have been left in is rebuilt in a folder of its own, and a store is started on it.
 */
import { execFile } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { isDeepStrictEqual, promisify } from "node:util";
import type { LocalStore } from "../../../bridge/store/localStore.ts";
import { eventNumber } from "../../bridge/store/eventNumber.ts";
import { temporaryFolder } from "../../support/bridgeProcess.ts";
import { bundle } from "../../support/bundle.ts";
import { type SeededRandom, seededRandom } from "./seededRandom.ts";
import { crashStates, fingerprint, writeState } from "./simulatedDisk.ts";
import type { Violation } from "./streamHistory.ts";
import { type DiskOperation, type DiskState, readTrace, straceArguments } from "./systemCallTrace.ts";

export interface PowerLossOptions {
  readonly seed: number;
  /** What the recorded store is started with, and what opens a store on a folder. */
  readonly files: { readonly workerFile: string; readonly wasmFile: string };
  readonly createStore: (directory: string) => LocalStore;
  /** States chosen by chance at each operation, besides the systematic ones. */
  readonly samples: number;
  /** Most states that are checked, evenly over the run; all without it. */
  readonly maxStates?: number;
  /** Told after each state. */
  readonly onState?: (checked: number, of: number) => void;
}

export interface PowerLossFigures {
  readonly seed: number;
  /** Writes, truncates, syncs, renames, removals. */
  readonly operations: number;
  readonly acknowledged: number;
  /** Different ones, and how many of them a store was started on. */
  readonly states: number;
  readonly checked: number;
  /** Starts that took a torn write for damage: nothing is lost by it, but a person is told that something is. */
  readonly falseAlarms: number;
  readonly violations: readonly Violation[];
}

/** What a store must hold after a power cut at some moment of a recording. */
export interface Expectation {
  /** `seq` by event number. */
  readonly acknowledged: ReadonlyMap<number, number>;
  /** Events up to this `seq` may have been removed. */
  readonly removable: number;
}

/** A state and what a store that is started on it must hold. */
interface Case {
  readonly state: DiskState;
  readonly expectation: Expectation;
  readonly moment: string;
}

interface Recording {
  readonly trace: readonly DiskOperation[];
  readonly root: string;
  readonly before: DiskState;
  readonly acknowledgedBefore: ReadonlyMap<number, number>;
}

export async function powerLoss(options: PowerLossOptions): Promise<PowerLossFigures> {
  await using folder = await temporaryFolder();
  const random = seededRandom(options.seed);
  const program = bundle("test/bench/durability/recordedStore.ts", join(folder.path, "recordedStore.cjs"));
  const root = join(folder.path, "store");
  const { workerFile, wasmFile } = options.files;
  const record = async (...numbers: number[]): Promise<Recording> => {
    const before = readState(root);
    const output = join(folder.path, "strace.out");
    const args = [process.execPath, program, root, workerFile, wasmFile, ...numbers.map(String)];
    await promisify(execFile)("strace", [...straceArguments(output), ...args]);
    return {
      trace: readTrace(readFileSync(output, "latin1"), root, before),
      root,
      before,
      acknowledgedBefore: new Map(),
    };
  };

  // A new store, and one that is opened after a cut that tore its last write.
  const first = await record(1, 20, 6, 9);
  const firstAcknowledged = expectationAt(first, first.trace.length).acknowledged;
  tearNewestSegment(root);
  const second = { ...(await record(21, 32)), acknowledgedBefore: firstAcknowledged };
  const removed = expectationAt(first, first.trace.length).removable;
  const cases = [...casesOf(first, random, options.samples, 0), ...casesOf(second, random, options.samples, removed)];

  const violations: Violation[] = [];
  const step = Math.max(1, cases.length / (options.maxStates ?? cases.length));
  let checked = 0;
  let falseAlarms = 0;
  for (let next = 0; next < cases.length; next += step) {
    const each = cases[Math.floor(next)];
    if (each === undefined) break;
    const directory = join(folder.path, `state-${checked}`);
    mkdirSync(directory);
    writeState(each.state, directory);
    const { wrong, isAlarmed } = await checkStart(options.createStore, directory, each.expectation);
    for (const message of wrong) violations.push({ rule: "power loss", message: `${each.moment}: ${message}` });
    if (isAlarmed) falseAlarms++;
    rmSync(directory, { recursive: true });
    checked++;
    options.onState?.(checked, Math.ceil(cases.length / step));
  }
  const trace = [...first.trace, ...second.trace];
  return {
    seed: options.seed,
    operations: trace.filter(({ kind }) => kind !== "say").length,
    acknowledged: expectationAt(second, second.trace.length).acknowledged.size,
    states: cases.length,
    checked,
    falseAlarms,
    violations,
  };
}

/**
 * Starts a store on what a power cut left, twice, and says what is wrong: an acknowledged event that is missing or changed,
 * an event that nobody published, an order that is broken.
 */
export async function checkStart(
  createStore: (directory: string) => LocalStore,
  directory: string,
  expectation: Expectation,
): Promise<{ readonly wrong: string[]; readonly isAlarmed: boolean }> {
  const { acknowledged, removable } = expectation;
  const wrong: string[] = [];
  const lastAcknowledged = Math.max(0, ...acknowledged.values());
  let isAlarmed = false;
  let seenFirst: unknown;
  for (const start of ["first", "second"]) {
    const store = createStore(directory);
    try {
      await store.start();
    } catch (error) {
      wrong.push(`the ${start} start failed: ${error instanceof Error ? error.stack : String(error)}`);
      break;
    }
    const events = await store.query({ filter: {}, limit: 1_000_000, order: "asc" });
    const numbers = events.map(({ data }) => Number(data["number"]));
    if (new Set(numbers).size !== numbers.length) wrong.push("an event is there twice");
    for (const [index, { seq, ...event }] of events.entries()) {
      if (seq <= (events[index - 1]?.seq ?? 0)) wrong.push(`${seq} is out of order`);
      if (!isDeepStrictEqual(event, eventNumber(Number(event.data["number"]))))
        wrong.push(`${seq} was never published`);
    }
    const seqs = new Map(events.map(({ seq, data }) => [Number(data["number"]), seq]));
    for (const [number, seq] of acknowledged) {
      if (seq > removable && seqs.get(number) !== seq) {
        wrong.push(`event ${number} was acknowledged as ${seq} and is ${seqs.get(number) ?? "not there"}`);
      }
    }
    if (store.gaps().some(({ from }) => from <= lastAcknowledged)) {
      wrong.push(`acknowledged events are said to be lost: ${JSON.stringify(store.gaps())}`);
    }
    isAlarmed ||= store.gaps().length > 0 || store.warnings().length > 0;
    if (store.lastSeq < lastAcknowledged) wrong.push(`numbers begin again at ${store.lastSeq}`);
    if (start === "second" && !isDeepStrictEqual(seenFirst, events)) wrong.push("the second start shows other events");
    if (start === "first") {
      const [outcome] = await store.append([eventNumber(999_999)]);
      const stored =
        outcome?.kind === "stored" && !outcome.duplicate ? [{ ...eventNumber(999_999), seq: outcome.seq }] : [];
      seenFirst = [...events, ...stored];
    }
    await store.stop();
    if (wrong.length > 0) break;
  }
  return { wrong, isAlarmed };
}

/** The different states of a recording, each with the strictest expectation that was ever true of it. */
function casesOf(recording: Recording, random: SeededRandom, samples: number, removed: number): readonly Case[] {
  const { trace, root, before } = recording;
  const cases = new Map<string, Case>();
  for (let end = 0; end < trace.length; end++) {
    const { acknowledged, removable } = expectationAt(recording, end + 1);
    const expectation = { acknowledged, removable: Math.max(removable, removed) };
    const { kind } = trace[end] ?? { kind: "nothing" };
    for (const state of crashStates(trace, end, root, before, random, samples)) {
      const key = `${expectation.removable} ${fingerprint(state)}`;
      cases.set(key, { state, expectation, moment: `behind operation ${end} (${kind})` });
    }
  }
  return [...cases.values()];
}

function expectationAt({ trace, acknowledgedBefore }: Recording, end: number): Expectation {
  const acknowledged = new Map(acknowledgedBefore);
  let removable = 0;
  for (const operation of trace.slice(0, end)) {
    if (operation.kind !== "say") continue;
    const [word, number, seq] = operation.line.split(" ");
    if (word === "acknowledged") acknowledged.set(Number(number), Number(seq));
    if (word === "removing") removable = Number(number);
  }
  return { acknowledged, removable };
}

function readState(directory: string): DiskState {
  const state = new Map<string, Buffer>();
  if (!existsSync(directory)) return state;
  for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
    const path = join(directory, name);
    if (statSync(path).isFile()) state.set(relative(directory, path), readFileSync(path));
  }
  return state;
}

/** Puts half a record behind the newest one, as a cut in the middle of a write does. */
function tearNewestSegment(root: string): void {
  const [newest] = readdirSync(join(root, "journal")).sort().reverse();
  if (newest === undefined) throw new Error("There is no journal");
  const path = join(root, "journal", newest);
  appendFileSync(path, '0123abcd {"seq":');
}
