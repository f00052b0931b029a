/** Owns whose a job's log is: the project and the session of its newest event, looked up once and remembered. */
import type { EventStore } from "../store/eventStore.ts";
import type { ForgetfulLogs, LogHolding } from "../store/retentionSweep.ts";
import type { FileLogStore } from "./fileLogStore.ts";

/** Most jobs whose place is remembered; past it all are looked up again. */
const MAX_REMEMBERED = 50_000;

interface Place {
  readonly project_id: string | null;
  readonly session_id: string | null;
}

const NOWHERE: Place = { project_id: null, session_id: null };

/** What retention needs of the logs. */
export class JobPlaces implements ForgetfulLogs {
  readonly #logs: Pick<FileLogStore, "list" | "removeListed">;
  readonly #store: Pick<EventStore, "query">;
  readonly #places = new Map<string, Place>();

  constructor(options: {
    readonly logs: Pick<FileLogStore, "list" | "removeListed">;
    readonly store: Pick<EventStore, "query">;
  }) {
    this.#logs = options.logs;
    this.#store = options.store;
  }

  async list({ withPlaces }: { readonly withPlaces: boolean }): Promise<readonly LogHolding[]> {
    const logs = await this.#logs.list();
    if (!withPlaces) return logs.map((log) => ({ ...log, ...NOWHERE }));
    const holdings: LogHolding[] = [];
    for (const log of logs) holdings.push({ ...log, ...(await this.#place(log.jobId)) });
    return holdings;
  }

  async remove(id: string): Promise<void> {
    await this.#logs.removeListed(id);
  }

  async #place(jobId: string | null): Promise<Place> {
    if (jobId === null) return NOWHERE;
    const known = this.#places.get(jobId);
    if (known !== undefined) return known;
    const [newest] = await this.#store.query({ filter: { job_id: [jobId] }, limit: 1, order: "desc" });
    if (newest === undefined) return NOWHERE;
    const { project_id, session_id } = newest;
    if (this.#places.size >= MAX_REMEMBERED) this.#places.clear();
    this.#places.set(jobId, { project_id, session_id });
    return { project_id, session_id };
  }
}
