/** Owns a job's row; under it stand what it asked, then its tool calls, newest first. */
import type { Job, JobState, State } from "../../shared/state/state.ts";
import { hasEnded } from "../../shared/state/state.ts";
import { agentName } from "../../shared/text/agentName.ts";
import { formatDuration } from "../../shared/text/duration.ts";
import { usageText } from "../../shared/text/usageText.ts";
import { COMMANDS, CONTEXT_WORDS } from "../contributions.ts";
import type { Target } from "../store/target.ts";
import { count } from "../text/count.ts";
import { jobDescription, jobLabel } from "../text/jobText.ts";
import { factSheet } from "../text/markdown.ts";
import { approvalNode } from "./approvalNode.ts";
import { earlierCallsNode } from "./earlierCallsNode.ts";
import { type NodeIcon, type NodeSource, type NodeView, pathOf, type TreeNode } from "./node.ts";
import { toolCallNode } from "./toolCallNode.ts";

/** Most changed files that a tooltip lists. */
const MAX_LISTED_FILES = 10;

type JobId = Pick<Job, "job_id" | "project_id" | "session_id">;

export function jobNode(source: NodeSource, parent: TreeNode, job: JobId): TreeNode {
  const id = pathOf(parent, "job", job.job_id);
  return source.node(id, () => new JobNode(source, parent, id, job));
}

class JobNode implements TreeNode {
  readonly id: string;
  readonly parent: TreeNode;
  readonly target: Target;
  readonly #source: NodeSource;
  readonly #jobId: string;

  constructor(source: NodeSource, parent: TreeNode, id: string, { job_id, project_id, session_id }: JobId) {
    this.#source = source;
    this.#jobId = job_id;
    this.id = id;
    this.parent = parent;
    this.target = { project_id, job_id, ...(session_id === null ? {} : { session_id }) };
  }

  view(state: State): NodeView | undefined {
    const job = state.jobs.get(this.#jobId);
    if (job === undefined) return undefined;
    const label = jobLabel(job);
    const description = jobDescription(job);
    return {
      label,
      description,
      tooltip: tooltipOf(job),
      icon: ICONS[job.state],
      contextValue: hasEnded(job.state) ? CONTEXT_WORDS.job : `${CONTEXT_WORDS.job} ${CONTEXT_WORDS.active}`,
      accessibleLabel: `Job ${label}, ${description}`,
      isOpen: job.state === "waiting",
      command: COMMANDS.tailJobLog,
    };
  }

  hasChildren(state: State): boolean {
    const job = state.jobs.get(this.#jobId);
    return job !== undefined && (job.approval_ids.length > 0 || job.tool_calls.length > 0);
  }

  children(state: State): readonly TreeNode[] {
    const job = state.jobs.get(this.#jobId);
    if (job === undefined) return [];
    const asked = job.approval_ids.filter((id) => state.approvals.has(id));
    return [
      ...asked.toReversed().map((id) => approvalNode(this.#source, this, { approval_id: id, job_id: job.job_id })),
      ...job.tool_calls.toReversed().map((call) => toolCallNode(this.#source, this, job.job_id, call.call_id)),
      ...(job.tool_call_count > job.tool_calls.length ? [earlierCallsNode(this.#source, this, job.job_id)] : []),
    ];
  }
}

const ICONS: Readonly<Record<JobState, NodeIcon>> = {
  queued: { id: "clock" },
  running: { id: "loading~spin", color: "charts.blue" },
  waiting: { id: "bell-dot", color: "charts.yellow" },
  completed: { id: "pass", color: "testing.iconPassed" },
  failed: { id: "error", color: "testing.iconFailed" },
  canceled: { id: "circle-slash", color: "disabledForeground" },
};

function tooltipOf(job: Job): string {
  const files = job.files_changed.slice(0, MAX_LISTED_FILES);
  const more = job.files_changed.length - files.length;
  return factSheet(jobLabel(job, 300), [
    ["State", job.state],
    ["Error", job.error],
    ["Summary", job.summary],
    ["Agent", job.agent === null ? null : agentName(job.agent)],
    ["Branch", job.branch],
    ["Folder", job.workspace],
    ["Started", job.started_at],
    ["Ended", job.ended_at],
    ["Took", job.duration_seconds === null ? null : formatDuration(job.duration_seconds)],
    ["Exit code", job.exit_code === null ? null : String(job.exit_code)],
    ["Signal", job.signal],
    ["Tool calls", job.tool_call_count === 0 ? null : String(job.tool_call_count)],
    ["Used", job.usage === null ? null : usageText(job.usage)],
    ["Changes", job.diff_stat],
    ["Files", [...files, ...(more > 0 ? [`and ${count(more, "more", "more")}`] : [])].join("\n")],
    ["Job", job.job_id],
  ]);
}
