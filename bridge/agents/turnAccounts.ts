/** Owns adding up what a turn leaves behind: its own changes, and what the models of its agent and its subagents used. */
import type { Job } from "../../shared/state/state.ts";
import type { EventStore } from "../store/eventStore.ts";
import type { Agent } from "./agent.ts";
import { type ModelUsage, sumModelUsage } from "./modelUsage.ts";
import { lastLines } from "./transcriptFile.ts";
import { changesOf, type TurnOutcome, usageSince } from "./turnOutcome.ts";

/** Most jobs and sessions of which anything is kept. */
const MAX_KEPT = 500;

export class TurnAccounts {
  readonly #store: Pick<EventStore, "query">;
  /** Until when a turn that went on after its end is paid for. */
  readonly #toldUntilMs = new Map<string, number>();
  /** What subagents used that the turn of their session is yet to be told of. */
  readonly #subagents = new Map<string, ModelUsage[]>();

  constructor(store: Pick<EventStore, "query">) {
    this.#store = store;
  }

  /** What a job that ends now leaves behind. */
  async close(
    job: Job,
    { agent, transcriptPath, atMs }: { agent: Agent; transcriptPath: string | undefined; atMs: number },
  ): Promise<TurnOutcome> {
    const sinceMs = Math.max(this.#toldUntilMs.get(job.job_id) ?? 0, Date.parse(job.started_at ?? job.updated_at));
    keep(this.#toldUntilMs, job.job_id, atMs);
    const sessionId = job.session_id ?? "";
    const subagents = this.#subagents.get(sessionId) ?? [];
    this.#subagents.delete(sessionId);
    const own = transcriptPath === undefined ? undefined : await usageIn(agent, transcriptPath, sinceMs);
    // The newest model's name stands for all: the turn's own comes last.
    const usage = sumModelUsage([...subagents, ...(own === undefined ? [] : [own])]);
    return { ...(await changesOf(this.#store, job)), ...(usage === undefined ? {} : { usage }) };
  }

  /** Reads what a subagent of a session used, since its job began. */
  async addSubagent(agent: Agent, job: Job | undefined, sessionId: string, transcriptPath: string): Promise<void> {
    const usage = await usageIn(agent, transcriptPath, Date.parse(job?.started_at ?? "") || 0);
    if (usage !== undefined) keep(this.#subagents, sessionId, [...(this.#subagents.get(sessionId) ?? []), usage]);
  }
}

async function usageIn(agent: Agent, transcriptPath: string, sinceMs: number): Promise<ModelUsage | undefined> {
  return usageSince(agent.readTranscript(await lastLines(transcriptPath)), sinceMs);
}

function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MAX_KEPT && oldest !== undefined) map.delete(oldest);
}
