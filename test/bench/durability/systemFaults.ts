/**
 * Owns the proof that a failing disk is never covered up: under a real store one system call after the other fails
 * (`strace` injects the error), once or from then on, and nothing that was acknowledged may be missing afterwards.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LocalStore } from "../../../bridge/store/localStore.ts";
import { temporaryFolder } from "../../support/bridgeProcess.ts";
import { bundle } from "../../support/bundle.ts";
import { checkStart } from "./powerLoss.ts";
import type { Violation } from "./streamHistory.ts";

export interface SystemFaultsOptions {
  readonly files: { readonly workerFile: string; readonly wasmFile: string };
  readonly createStore: (directory: string) => LocalStore;
  /** These faults only; all that there can be without it. */
  readonly faults?: readonly Fault[];
  readonly onRun?: (fault: Fault, figures: SystemFaultsFigures) => void;
}

/** The n-th call of a kind (in each thread, as `strace` counts them) fails: that one alone, or all from then on. */
export interface Fault {
  readonly call: (typeof CALLS)[number];
  readonly error: "EIO" | "ENOSPC";
  readonly n: number;
  readonly lasts: boolean;
}

export interface SystemFaultsFigures {
  readonly runs: number;
  /** Calls that failed, by kind. */
  readonly injected: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly refused: number;
  readonly violations: readonly Violation[];
}

const CALLS = ["pwrite64", "write", "fdatasync", "fsync", "ftruncate", "rename", "unlink", "openat", "mkdir"] as const;
const EVENTS = 12;

/** What the program says, a line each. */
export type Said =
  | { readonly kind: "acknowledged"; readonly number: number; readonly seq: number }
  | {
      readonly kind: "refused";
      readonly number: number;
      readonly code: string;
      readonly message: string;
      readonly state: string;
    }
  | { readonly kind: "read"; readonly events: readonly (readonly [number, number])[] }
  | { readonly kind: "warnings"; readonly warnings: readonly string[] }
  | { readonly kind: "not started" | "crashed"; readonly message: string };

interface Run {
  readonly said: readonly Said[];
  /** Calls that failed. */
  readonly injected: number;
}

export async function systemFaults(options: SystemFaultsOptions): Promise<SystemFaultsFigures> {
  await using folder = await temporaryFolder();
  const root = join(folder.path, "store");
  const program = bundle("test/bench/durability/faultedStore.ts", join(folder.path, "faultedStore.cjs"));
  const command = [process.execPath, program, root, options.files.workerFile, options.files.wasmFile, String(EVENTS)];
  const output = join(folder.path, "strace.out");
  const violations: Violation[] = [];
  const injected: Record<string, number> = {};
  let [runs, acknowledged, refused] = [0, 0, 0];
  const figures = () => ({ runs, injected, acknowledged, refused, violations });
  const note = (where: string, wrong: readonly string[]) =>
    void violations.push(...wrong.map((message) => ({ rule: "fault", message: `${where}: ${message}` })));

  // What it touches when nothing fails: only there may anything fail.
  const calm = await runUnder([], command, output);
  note("without a fault", judge(undefined, calm.said));
  const paths = touchedPaths(readFileSync(output, "utf8"), root);

  /** Answers whether there was such a call to fail. */
  const attempt = async (fault: Fault): Promise<boolean> => {
    rmSync(root, { recursive: true, force: true });
    const run = await runUnder(faultArguments(fault, paths), command, output);
    if (run.injected === 0) return false;
    const told = run.said.filter((said) => said.kind === "acknowledged");
    const expected = new Map(told.map(({ number, seq }) => [number, seq]));
    mkdirSync(root, { recursive: true });
    const { wrong } = await checkStart(options.createStore, root, { acknowledged: expected, removable: 0 });
    const { call, n, lasts, error } = fault;
    note(`${call} ${n}${lasts ? "+" : ""} ${error}`, [...judge(fault, run.said), ...wrong]);
    runs++;
    injected[call] = (injected[call] ?? 0) + run.injected;
    acknowledged += told.length;
    refused += run.said.filter(({ kind }) => kind === "refused").length;
    options.onRun?.(fault, figures());
    return true;
  };
  if (options.faults !== undefined) for (const fault of options.faults) await attempt(fault);
  else for (const first of FIRST_FAULTS) for (let n = 1; await attempt({ ...first, n }); n++);
  return figures();
}

/** Of every kind the first. */
const FIRST_FAULTS: readonly Fault[] = CALLS.flatMap((call) =>
  (["EIO", "ENOSPC"] as const).flatMap((error) => [false, true].map((lasts) => ({ call, error, n: 1, lasts }))),
);

/** What is wrong with what the program was told while its disk failed. */
export function judge(fault: Fault | undefined, said: readonly Said[]): readonly string[] {
  const wrong: string[] = [];
  const told = new Map<number, number>();
  let isRefused = false;
  for (const each of said) {
    if (each.kind === "crashed") wrong.push(`the program fell over: ${each.message}`);
    if (
      each.kind === "not started" &&
      !/The event store in .* could not be opened: .*Check the disk/.test(each.message)
    )
      wrong.push(`unclear: ${each.message}`);
    if (each.kind === "acknowledged") {
      if (isRefused && fault?.lasts && fault.call === "pwrite64") wrong.push(`${each.number} was taken by a full disk`);
      if ([...told.values()].includes(each.seq)) wrong.push(`${each.seq} was given twice`);
      told.set(each.number, each.seq);
    }
    if (each.kind === "refused") {
      if (each.code !== "store_unavailable" || !/disk/.test(each.message)) wrong.push(`unclear: ${each.message}`);
      const isFull = fault?.call === "pwrite64" && fault.error === "ENOSPC";
      if (isFull && (each.state !== "read_only" || !/is full/.test(each.message)))
        wrong.push(`not full: ${each.message}`);
      if (isFull && isRefused && !fault.lasts) wrong.push("it did not recover by itself");
      isRefused = true;
    }
    if (each.kind === "read") {
      const seqs = new Map(each.events);
      const missing = [...told].filter(([number, seq]) => seqs.get(number) !== seq);
      if (missing.length > 0) wrong.push(`acknowledged, and not to be read: ${JSON.stringify(missing)}`);
    }
  }
  if (!said.some(({ kind }) => kind === "read" || kind === "not started")) wrong.push("it did not come to an end");
  return wrong;
}

function faultArguments({ call, error, n, lasts }: Fault, paths: readonly string[]): string[] {
  const where = paths.flatMap((path) => ["-P", path]);
  return [...where, "-e", `trace=${call}`, "-e", `inject=${call}:error=${error}:when=${n}${lasts ? "+" : ""}`];
}

async function runUnder(fault: readonly string[], command: readonly string[], output: string): Promise<Run> {
  const what = fault.length > 0 ? fault : ["-e", "trace=openat,mkdir,rename,unlink"];
  const { stdout } = await promisify(execFile)(
    "strace",
    ["-f", "-qq", "-e", "signal=none", "-o", output, ...what, ...command],
    {
      // One thread for all of the main thread's calls, so that "the n-th" means something.
      env: { ...process.env, UV_THREADPOOL_SIZE: "1" },
    },
  );
  const said = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Said => JSON.parse(line));
  return { said, injected: readFileSync(output, "utf8").split("(INJECTED)").length - 1 };
}

function touchedPaths(record: string, root: string): readonly string[] {
  const paths = [...record.matchAll(/"([^"]+)"/g)].map(([, path = ""]) => path);
  return [...new Set(paths.filter((path) => path === root || path.startsWith(`${root}/`)))];
}
