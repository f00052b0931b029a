/** Owns the bound on label values that come from outside: each makes a series that is kept for as long as the process runs. */
import { EVENT_TYPES } from "../../shared/events/known.ts";

/** Stands for every value beyond the bound. */
export const OTHER = "other";

/** Most projects that are counted each on its own. */
export const MAX_PROJECT_LABELS = 200;

/** The first so many values keep their name; later ones share `other`. */
export class BoundedLabel {
  readonly #maxValues: number;
  readonly #values = new Set<string>();

  constructor(maxValues: number) {
    this.#maxValues = maxValues;
  }

  label(value: string): string {
    if (this.#values.has(value)) return value;
    if (this.#values.size >= this.#maxValues) return OTHER;
    this.#values.add(value);
    return value;
  }
}

const KNOWN_TYPES: ReadonlySet<string> = new Set(EVENT_TYPES);

/** An event type of this version, or `other`. */
export function eventTypeLabel(eventType: string): string {
  return KNOWN_TYPES.has(eventType) ? eventType : OTHER;
}
