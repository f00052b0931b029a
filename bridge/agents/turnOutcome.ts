/** Owns what a turn leaves behind: the files that it changed, how many lines of them, and what its model used. */
import { isKnownEvent } from "../../shared/events/known.ts";
import type { Job } from "../../shared/state/state.ts";
import { formatLineCounts, type LineCounts, parseLineCounts, sumLineCounts } from "../diff/lineCounts.ts";
import type { EventStore } from "../store/eventStore.ts";
import type { TranscriptEntry } from "./agent.ts";
import { boundedNames } from "./boundedNames.ts";
import { type ModelUsage, sumModelUsage } from "./modelUsage.ts";

export type TurnOutcome = {
  readonly files_changed?: string[];
  readonly diff_stat?: string;
  readonly usage?: ModelUsage;
};

const PAGE_EVENTS = 1000;

/** What the tools of a job changed, as their events tell it: the state keeps only the newest of them. */
export async function changesOf(store: Pick<EventStore, "query">, job: Job): Promise<TurnOutcome> {
  const files = new Set<string>();
  const counts: LineCounts[] = [];
  for (let after = 0; ; ) {
    const filter = { job_id: [job.job_id], type: ["job.tool_completed"] };
    const page = await store.query({ filter, after, limit: PAGE_EVENTS, order: "asc" });
    for (const event of page) {
      if (!isKnownEvent(event) || event.event_type !== "job.tool_completed") continue;
      const { files_changed, diff_stat } = event.data;
      if (Array.isArray(files_changed)) for (const file of files_changed) if (typeof file === "string") files.add(file);
      const lines = diff_stat === undefined ? undefined : parseLineCounts(diff_stat);
      if (lines !== undefined) counts.push(lines);
    }
    const last = page.at(-1);
    if (page.length < PAGE_EVENTS || last === undefined) break;
    after = last.seq;
  }
  return {
    ...(files.size === 0 ? {} : { files_changed: boundedNames(files) }),
    ...(counts.length === 0 ? {} : { diff_stat: formatLineCounts(sumLineCounts(counts)) }),
  };
}

/** What was used since a moment, as a transcript tells it. */
export function usageSince(entries: readonly TranscriptEntry[], sinceMs: number): ModelUsage | undefined {
  const byId = new Map<string, ModelUsage>();
  for (const entry of entries) {
    if (entry.kind === "used" && entry.atMs >= sinceMs) byId.set(entry.id, entry.usage);
  }
  return sumModelUsage([...byId.values()]);
}
