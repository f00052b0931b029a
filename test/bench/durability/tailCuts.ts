/**
 * Owns the proof that a journal which ends anywhere in its last records is read up to its last whole one, and goes on
 * behind it: cut at every byte, with whatever a disk may have put behind the cut.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalStore } from "../../../bridge/store/localStore.ts";
import { checkStart } from "./powerLoss.ts";
import type { Violation } from "./streamHistory.ts";

export interface TailCutsOptions {
  /** A stopped store whose `n`-th event is `eventNumber(n)`. It stays as it is. */
  readonly store: string;
  readonly createStore: (directory: string) => LocalStore;
  /** For copies. */
  readonly scratch: string;
  /** The last records that are cut. */
  readonly records: number;
  /** Every how manyth byte; 1 for all. */
  readonly every: number;
}

export interface TailCutsFigures {
  readonly cuts: number;
  readonly violations: readonly Violation[];
}

/** A file system gives a file its length before its bytes: at some cuts zeros follow, up to the end of a page. */
const PAGE_BYTES = 4096;
const ZEROS_EVERY = 16;

export async function tailCuts(options: TailCutsOptions): Promise<TailCutsFigures> {
  const { store, createStore, scratch, records, every } = options;
  const segment = join("journal", readdirSync(join(store, "journal")).sort().at(-1) ?? "");
  const bytes = readFileSync(join(store, segment));
  const ends = [...bytes.entries()].filter(([, byte]) => byte === 0x0a).map(([index]) => index + 1);
  const first = Number(/\d+/.exec(segment)?.[0]);
  const from = ends.at(-records - 1) ?? 0;
  const violations: Violation[] = [];
  let cuts = 0;
  for (let cut = from; cut <= bytes.length; cut += every) {
    // A record is whole once its JSON is: the line feed can be supplied.
    const whole = ends.filter((end) => end - 1 <= cut).length;
    const acknowledged = new Map(Array.from({ length: first - 1 + whole }, (_, index) => [index + 1, index + 1]));
    rmSync(scratch, { recursive: true, force: true });
    cpSync(store, scratch, { recursive: true });
    const behind = Buffer.alloc(cuts % ZEROS_EVERY === 0 ? PAGE_BYTES - (cut % PAGE_BYTES) : 0);
    writeFileSync(join(scratch, segment), Buffer.concat([bytes.subarray(0, cut), behind]));
    const { wrong, isAlarmed } = await checkStart(createStore, scratch, { acknowledged, removable: 0 });
    if (isAlarmed) wrong.push("a cut was taken for damage");
    for (const message of wrong) violations.push({ rule: "tail", message: `cut at byte ${cut}: ${message}` });
    cuts++;
  }
  return { cuts, violations };
}
