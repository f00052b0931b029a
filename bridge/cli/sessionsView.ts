/** Owns how the picture is drawn in a terminal: projects, their sessions, and the newest jobs of each. */
import type { Approval } from "../../shared/protocol/approval.ts";
import { hasEnded, type Job, type JobState, type Session, type State } from "../../shared/state/state.ts";
import { agentName } from "../../shared/text/agentName.ts";
import { countdown } from "../../shared/text/countdown.ts";
import { jobName, jobOutcome } from "../../shared/text/jobText.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { spellOut } from "../../shared/text/spellOut.ts";
import { usageText } from "../../shared/text/usageText.ts";
import type { Terminal } from "./terminal.ts";

/** Ended jobs that are shown a session. */
const MAX_ENDED = 5;
const MAX_PROGRESS_LENGTH = 60;
/** Longest action that is shown whole in its line. */
export const MAX_ACTION_LENGTH = 80;

const MARKS: Readonly<Record<JobState, { readonly mark: string; readonly style: Parameters<Terminal["style"]>[0] }>> = {
  queued: { mark: "◌", style: "dim" },
  running: { mark: "▶", style: "cyan" },
  waiting: { mark: "?", style: "yellow" },
  completed: { mark: "✓", style: "green" },
  failed: { mark: "✗", style: "red" },
  canceled: { mark: "⊘", style: "dim" },
};

/** The lines of the view, as they read at a moment. */
export function sessionsView(state: State, style: Terminal["style"], nowMs: number): readonly string[] {
  const projects = [...state.projects.values()];
  if (projects.length === 0) return ["Nothing has run yet. Try: televibe run -- npm test"];
  return projects.flatMap((project) => {
    const sessions = [...state.sessions.values()].filter(({ project_id }) => project_id === project.project_id);
    const loose = jobsOf(state, project.project_id, null);
    return [
      `${style("bold", oneLine(project.name))}${idBehind(project.project_id, project.name, style)}`,
      ...loose.flatMap((job) => jobLines(state, job, "  ", style, nowMs)),
      ...sessions.flatMap((session) => [
        `  ${oneLine(session.name)}${style("dim", ` ${sessionFacts(session)}`)}${idBehind(session.session_id, session.name, style)}`,
        ...jobsOf(state, project.project_id, session.session_id).flatMap((job) =>
          jobLines(state, job, "    ", style, nowMs),
        ),
      ]),
    ];
  });
}

/** The lines that were not there before, for where nothing can be drawn over: each change is told once. */
export function newLines(before: readonly string[], after: readonly string[]): readonly string[] {
  const known = new Set(before);
  return after.filter((line) => !known.has(line));
}

/** The id that commands take, where the name is another; behind all else, as jobs have theirs. */
function idBehind(id: string, name: string, style: Terminal["style"]): string {
  return id === name ? "" : `  ${style("dim", id)}`;
}

function sessionFacts({ state, agent, usage }: Session): string {
  const facts = [oneLine(state, 30), agent === null ? "" : agentName(agent), usage === null ? "" : usageText(usage)];
  return facts.filter((fact) => fact !== "").join(" · ");
}

/** Newest first: all that go on, and a few that have ended. */
function jobsOf(state: State, project_id: string, session_id: string | null): readonly Job[] {
  const jobs = [...state.jobs.values()]
    .filter((job) => job.project_id === project_id && job.session_id === session_id)
    .reverse();
  const ended = jobs.filter((job) => hasEnded(job.state)).slice(0, MAX_ENDED);
  return jobs.filter((job) => !hasEnded(job.state) || ended.includes(job));
}

function jobLines(state: State, job: Job, indent: string, style: Terminal["style"], nowMs: number): readonly string[] {
  const { mark, style: color } = MARKS[job.state];
  const facts = [job.state, ...(hasEnded(job.state) ? jobOutcome(job) : progressOf(job))].join(" · ");
  const pending = job.approval_ids
    .flatMap((id) => state.approvals.get(id) ?? [])
    .filter((approval) => approval.state === "pending");
  return [
    `${indent}${style(color, mark)} ${jobName(job, 60)}  ${style("dim", facts)}  ${style("dim", job.job_id)}`,
    ...pending.map((approval) => `${indent}  ${approvalLine(approval, style, nowMs)}`),
  ];
}

function progressOf({ progress }: Job): readonly string[] {
  if (progress === null) return [];
  const text = oneLine(progress.text, MAX_PROGRESS_LENGTH);
  return [...(progress.percent === null ? [] : [`${Math.round(progress.percent)}%`]), ...(text === "" ? [] : [text])];
}

/** One approval: what is asked, how long there is for an answer, and the id to answer it by. */
export function approvalLine(approval: Approval, style: Terminal["style"], nowMs: number): string {
  const asked = `${oneLine(spellOut(approval.action), MAX_ACTION_LENGTH)} (${oneLine(spellOut(approval.scope), 30)})`;
  const why = approval.reason === null ? "" : ` — ${oneLine(spellOut(approval.reason), 80)}`;
  const left = countdown(approval, nowMs);
  const limit = left === undefined ? "" : `  ${style("yellow", left)}`;
  return `${style("yellow", "?")} ${asked}${why}${limit}  ${style("dim", approval.approval_id)}`;
}
