/**
 * Owns what is kept of a growing partition's events for the filters beside its file, so that nothing is read back for them. It
 * may hold events of an insert that failed: a filter that has too much only says "perhaps" more often.
 */
import type { Event } from "../../../shared/events/event.ts";
import { addTerms } from "../partitionTerms.ts";

type Types = Set<string>;
type Jobs = Map<string | null, Types>;
type Sessions = Map<string | null, Jobs>;

export class PartitionContents {
  readonly #eventIds: string[] = [];
  readonly #terms = new Set<string>();
  /** Each project's sessions' jobs' types so far: most events bring nothing new. */
  readonly #seen = new Map<string, Sessions>();

  get eventIds(): readonly string[] {
    return this.#eventIds;
  }

  /** What queries can ask for and find here. */
  get terms(): ReadonlySet<string> {
    return this.#terms;
  }

  add({ event_id, event_type, project_id, session_id, job_id }: Event): void {
    this.#eventIds.push(event_id);
    const sessions = entryOf<string, Sessions>(this.#seen, project_id, () => new Map());
    const jobs = entryOf<string | null, Jobs>(sessions, session_id, () => new Map());
    const types = entryOf<string | null, Types>(jobs, job_id, () => new Set());
    if (types.has(event_type)) return;
    types.add(event_type);
    addTerms(this.#terms, { project: project_id, session: session_id, job: job_id, type: event_type });
  }
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
