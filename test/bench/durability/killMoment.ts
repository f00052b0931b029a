/**
 * Owns choosing when a bridge is killed: at any time after its start, under load, or just as it touches one of its files,
 * since the short moments in which it does would seldom be met by chance.
 */
import { watch } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { SeededRandom } from "./seededRandom.ts";

export type KillMoment =
  | { readonly at: "time"; readonly delayMs: number }
  | { readonly at: "load"; readonly acknowledgements: number; readonly delayMs: number }
  | { readonly at: "file"; readonly folder: string; readonly name: RegExp; readonly delayMs: number };

/** No moment is waited for longer. */
const LIMIT_MS = 4000;
const LOOK_MS = 2;

const FILES = [
  { folder: "partitions", name: /\.sqlite\.tmp$/ },
  { folder: "partitions", name: /\.sqlite$/ },
  { folder: "partitions", name: /\.(bloom|sidecar)/ },
  { folder: "journal", name: /\.journal$/ },
  { folder: "", name: /^meta\.json/ },
] as const;

export function chooseKillMoment(random: SeededRandom): KillMoment {
  switch (random.pick(["time", "load", "file", "file"])) {
    case "time":
      return { at: "time", delayMs: random.integer(0, 2500) };
    case "load":
      return { at: "load", acknowledgements: random.integer(1, 800), delayMs: random.integer(0, 50) };
    case "file":
      return { at: "file", ...random.pick(FILES), delayMs: random.pick([0, 0, 1, 2, 5]) };
  }
}

/** Resolves when the moment has come. `acknowledged` counts what was acknowledged so far. */
export async function killMoment(moment: KillMoment, store: string, acknowledged: () => number): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  if (moment.at === "load") {
    const before = acknowledged();
    while (acknowledged() < before + moment.acknowledgements && Date.now() < deadline) await delay(LOOK_MS);
  }
  if (moment.at === "file") {
    // The start touches the same files: let it be over more often than not.
    const before = acknowledged();
    while (acknowledged() === before && Date.now() < deadline) await delay(LOOK_MS);
    await touched(join(store, moment.folder), moment.name, AbortSignal.timeout(LIMIT_MS));
  }
  if (moment.delayMs > 0) await delay(moment.delayMs);
}

function touched(folder: string, pattern: RegExp, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_, name) => {
      if (name === null || !pattern.test(name)) return;
      watcher.close();
      resolve();
    });
    signal.addEventListener("abort", () => {
      watcher.close();
      resolve();
    });
  });
}
