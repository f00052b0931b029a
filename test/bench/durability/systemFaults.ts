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
  /** Every how manyth fault is tried; all of them with 1. */
  readonly every: number;
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
type Said =
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
  let [runs, acknowledged, refused, turn] = [0, 0, 0, 0];
  const figures = () => ({ runs, injected, acknowledged, refused, violations });

  // What it touches when nothing fails: only there may anything fail.
  const calm = await runUnder([], command, output);
  for (const message of judge({ call: "write", error: "EIO", n: 0, lasts: false }, calm)) {
    violations.push({ rule: "fault", message: `without a fault: ${message}` });
  }
  const paths = touchedPaths(readFileSync(output, "utf8"), root);

  for (const call of CALLS) {
    for (const error of ["EIO", "ENOSPC"] as const) {
      for (const lasts of [false, true]) {
        for (let n = 1, isOver = false; !isOver; n++) {
          if (turn++ % options.every !== 0 && n < EVENTS) continue;
          const fault: Fault = { call, error, n, lasts };
          rmSync(root, { recursive: true, force: true });
          const run = await runUnder(faultArguments(fault, paths), command, output);
          isOver = run.injected === 0;
          if (isOver) break;
          runs++;
          injected[call] = (injected[call] ?? 0) + run.injected;
          const told = new Map(
            run.said.flatMap((said) => (said.kind === "acknowledged" ? [[said.number, said.seq]] : [])),
          );
          acknowledged += told.size;
          refused += run.said.filter(({ kind }) => kind === "refused").length;
          const wrong = [...judge(fault, run)];
          mkdirSync(root, { recursive: true });
          wrong.push(...(await checkStart(options.createStore, root, { acknowledged: told, removable: 0 })).wrong);
          for (const message of wrong) {
            violations.push({ rule: "fault", message: `${call} ${n}${lasts ? "+" : ""} ${error}: ${message}` });
          }
          options.onRun?.(fault, figures());
          if (options.every > 1 && n >= EVENTS) break;
        }
      }
    }
  }
  return figures();
}

/** What is wrong with what the program was told while its disk failed. */
export function judge(fault: Fault, { said }: Run): readonly string[] {
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
      if (isRefused && fault.lasts && fault.call === "pwrite64") wrong.push(`${each.number} was taken by a full disk`);
      if ([...told.values()].includes(each.seq)) wrong.push(`${each.seq} was given twice`);
      told.set(each.number, each.seq);
    }
    if (each.kind === "refused") {
      if (each.code !== "store_unavailable" || !/disk/.test(each.message)) wrong.push(`unclear: ${each.message}`);
      const isFull = fault.call === "pwrite64" && fault.error === "ENOSPC";
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
