/** Owns the texts that answer `/status`, `/jobs` and `/approvals`, from the same state that the sidebar draws. */
import type { Approval } from "../../../shared/protocol/approval.ts";
import { hasEnded, type Job, type State } from "../../../shared/state/state.ts";
import { jobName, jobOutcome } from "../../../shared/text/jobText.ts";
import { oneLine } from "../../../shared/text/oneLine.ts";
import { placeOf } from "../messages/eventMessage.ts";
import { mayReach } from "../notify/audience.ts";

const MAX_JOBS = 10;
const MARKS: Readonly<Record<Job["state"], string>> = {
  queued: "◌",
  running: "🔧",
  waiting: "⚠️",
  completed: "✅",
  failed: "❌",
  canceled: "🚫",
};

/** What runs and what waits, as far as the chat may be told. */
export function statusText(state: State, chatId: number, warnings: readonly string[]): string {
  const running = [...state.jobs.values()].filter((job) => !hasEnded(job.state) && mayReach(job, chatId));
  const waiting = pendingApprovals(state, chatId);
  return [
    running.length === 0 ? "Nothing runs." : `Running: ${running.length}`,
    ...running.slice(-MAX_JOBS).map(jobLine),
    waiting.length === 0 ? "No approval waits." : `Waiting for an answer: ${waiting.length}`,
    ...warnings.map((warning) => `⚠️ ${warning}`),
  ].join("\n");
}

export function jobsText(state: State, chatId: number): string {
  const jobs = [...state.jobs.values()]
    .filter((job) => mayReach(job, chatId))
    .slice(-MAX_JOBS)
    .reverse();
  return jobs.length === 0 ? "There is no job yet." : jobs.map(jobLine).join("\n");
}

export function approvalsText(state: State, chatId: number): string {
  const approvals = pendingApprovals(state, chatId);
  if (approvals.length === 0) return "No approval waits.";
  return approvals.map((approval) => `⚠️ ${placeOf(approval)}: ${oneLine(approval.action, 150)}`).join("\n");
}

function pendingApprovals(state: State, chatId: number): readonly Approval[] {
  return [...state.approvals.values()].filter((approval) => approval.state === "pending" && mayReach(approval, chatId));
}

function jobLine(job: Job): string {
  const facts = [job.state, ...jobOutcome(job)].join(" · ");
  return `${MARKS[job.state]} ${placeOf(job)}: ${jobName(job, 60)} — ${facts}`;
}
