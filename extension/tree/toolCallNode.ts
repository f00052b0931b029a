/** Owns a tool call's row. */
import type { State, ToolCall } from "../../shared/state/state.ts";
import { formatDuration } from "../../shared/text/duration.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { CONTEXT_WORDS } from "../contributions.ts";
import type { Target } from "../store/target.ts";
import { factSheet } from "../text/markdown.ts";
import { type NodeIcon, type NodeSource, type NodeView, pathOf, type TreeNode } from "./node.ts";

const MAX_LABEL_LENGTH = 60;
const MAX_DETAIL_LENGTH = 80;

export function toolCallNode(source: NodeSource, parent: TreeNode, job_id: string, call_id: string): TreeNode {
  const id = pathOf(parent, "call", call_id);
  return source.node(id, () => new ToolCallNode(parent, id, job_id, call_id));
}

class ToolCallNode implements TreeNode {
  readonly id: string;
  readonly parent: TreeNode;
  readonly target: Target;
  readonly #jobId: string;
  readonly #callId: string;

  constructor(parent: TreeNode, id: string, job_id: string, call_id: string) {
    this.#jobId = job_id;
    this.#callId = call_id;
    this.id = id;
    this.parent = parent;
    this.target = { job_id, call_id };
  }

  view(state: State): NodeView | undefined {
    const call = state.jobs.get(this.#jobId)?.tool_calls.find(({ call_id }) => call_id === this.#callId);
    if (call === undefined) return undefined;
    const label = oneLine(call.tool, MAX_LABEL_LENGTH);
    const description = descriptionOf(call);
    return {
      label,
      description,
      tooltip: factSheet(call.tool, [
        ["State", call.state],
        ["Error", call.error],
        ["What", call.summary],
        ["File", call.file],
        ["Changes", call.diff_stat],
        ["Started", call.started_at],
        ["Took", call.duration_seconds === null ? null : formatDuration(call.duration_seconds)],
      ]),
      icon: ICONS[call.state],
      contextValue: CONTEXT_WORDS.toolCall,
      accessibleLabel: `Tool ${label}, ${description}`,
      isOpen: false,
    };
  }

  hasChildren(): boolean {
    return false;
  }

  children(): readonly TreeNode[] {
    return [];
  }
}

const ICONS: Readonly<Record<ToolCall["state"], NodeIcon>> = {
  running: { id: "loading~spin", color: "charts.blue" },
  succeeded: { id: "tools" },
  failed: { id: "warning", color: "testing.iconFailed" },
};

/** What it works on says more than that it went well; only a call that did not, or has not yet, says its state. */
function descriptionOf(call: ToolCall): string {
  const parts = [
    oneLine(call.file ?? call.summary ?? "", MAX_DETAIL_LENGTH),
    call.state === "succeeded" ? "" : call.state,
    oneLine(call.error ?? "", MAX_DETAIL_LENGTH),
    call.duration_seconds === null ? "" : formatDuration(call.duration_seconds),
    oneLine(call.diff_stat ?? "", MAX_DETAIL_LENGTH),
  ];
  return parts.filter((part) => part !== "").join(" · ");
}
