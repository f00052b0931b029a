/** Owns the row below a job's tool calls that says how many came before those that are still known. */
import type { State } from "../../shared/state/state.ts";
import { COMMANDS, CONTEXT_WORDS } from "../contributions.ts";
import type { Target } from "../store/target.ts";
import { count } from "../text/count.ts";
import { type NodeSource, type NodeView, pathOf, type TreeNode } from "./node.ts";

export function earlierCallsNode(source: NodeSource, parent: TreeNode, job_id: string): TreeNode {
  const id = pathOf(parent, "earlierCalls", job_id);
  return source.node(id, () => new EarlierCallsNode(parent, id, job_id));
}

class EarlierCallsNode implements TreeNode {
  readonly id: string;
  readonly parent: TreeNode;
  readonly target: Target;
  readonly #jobId: string;

  constructor(parent: TreeNode, id: string, job_id: string) {
    this.#jobId = job_id;
    this.id = id;
    this.parent = parent;
    this.target = { job_id };
  }

  view(state: State): NodeView | undefined {
    const job = state.jobs.get(this.#jobId);
    if (job === undefined) return undefined;
    const label = count(job.tool_call_count - job.tool_calls.length, "earlier tool call");
    return {
      label,
      description: "",
      tooltip: "The picture holds the newest ones alone. All of them are in the job's log and in the session's replay.",
      icon: { id: "ellipsis" },
      contextValue: CONTEXT_WORDS.toolCall,
      accessibleLabel: label,
      isOpen: false,
      command: COMMANDS.tailJobLog,
    };
  }

  hasChildren(): boolean {
    return false;
  }

  children(): readonly TreeNode[] {
    return [];
  }
}
