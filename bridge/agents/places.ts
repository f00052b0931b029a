/** Owns finding out where an agent works, without asking git again at each of its calls. */
import { findPlace, type Place } from "../git/place.ts";

/** A branch may be another one a minute later. */
const KEPT_MS = 60_000;
const MAX_KEPT = 200;

/** What is said of an agent that does not tell where it is. */
const NOWHERE: Place = { project: "unknown", projectFolder: "", session: "default", branch: null, worktree: null };

export class Places {
  readonly #kept = new Map<string, { readonly untilMs: number; readonly place: Promise<Place> }>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  find(cwd: string | undefined): Promise<Place> {
    if (cwd === undefined) return Promise.resolve(NOWHERE);
    const known = this.#kept.get(cwd);
    if (known !== undefined && known.untilMs > this.#nowMs()) return known.place;
    const place = findPlace(cwd);
    this.#kept.delete(cwd);
    this.#kept.set(cwd, { untilMs: this.#nowMs() + KEPT_MS, place });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return place;
  }
}
