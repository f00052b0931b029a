/**
 * Owns finding an approval that the state has let go, since its job ended many jobs ago: a late answer is to be told what
 * was decided for as long as the events are stored. Rare, so it reads the store instead of keeping everything in memory.
 */
import { isKnownEvent } from "../../shared/events/known.ts";
import type { Approval } from "../../shared/protocol/approval.ts";
import { reduce } from "../../shared/state/reduce.ts";
import { EMPTY_STATE, type State } from "../../shared/state/state.ts";
import type { EventStore } from "../store/eventStore.ts";

const PAGE_EVENTS = 1000;

/** What says how an approval was asked for and how it ended. */
const TELLING = [
  "job.approval_needed",
  "job.approved",
  "job.denied",
  "job.completed",
  "job.failed",
  "job.canceled",
] as const;

export async function recallApproval(
  store: Pick<EventStore, "query">,
  approval_id: string,
): Promise<Approval | undefined> {
  const job_id = await askingJob(store, approval_id);
  if (job_id === undefined) return undefined;
  let state: State = EMPTY_STATE;
  for (;;) {
    const filter = { job_id: [job_id], type: TELLING };
    const page = await store.query({ filter, after: state.seq, limit: PAGE_EVENTS, order: "asc" });
    if (page.length === 0) return state.approvals.get(approval_id);
    state = reduce(state, page).state;
  }
}

/** The job that asked for it, looked for from the newest on. */
async function askingJob(store: Pick<EventStore, "query">, approval_id: string): Promise<string | undefined> {
  let before: number | undefined;
  for (;;) {
    const page = await store.query({
      filter: { type: ["job.approval_needed"] },
      limit: PAGE_EVENTS,
      order: "desc",
      ...(before === undefined ? {} : { before }),
    });
    for (const event of page) {
      if (!isKnownEvent(event) || event.event_type !== "job.approval_needed" || event.job_id === null) continue;
      if ((event.data.approval_id ?? event.event_id) === approval_id) return event.job_id;
    }
    before = page.at(-1)?.seq;
    if (before === undefined) return undefined;
  }
}
