/** Owns an approval's row: under its job, where it stays once it is decided, and in the list of those that wait. */
import { type Approval, type ApprovalState, describeDecision } from "../../shared/protocol/approval.ts";
import type { State } from "../../shared/state/state.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { spellOut } from "../../shared/text/spellOut.ts";
import { CONTEXT_WORDS } from "../contributions.ts";
import { placeName } from "../store/selectors.ts";
import type { Target } from "../store/target.ts";
import { approvalLabel } from "../text/approvalText.ts";
import { jobLabel } from "../text/jobText.ts";
import { factSheet } from "../text/markdown.ts";
import { type NodeIcon, type NodeSource, type NodeView, pathOf, type TreeNode } from "./node.ts";

const MAX_DESCRIPTION_LENGTH = 120;

type ApprovalId = Pick<Approval, "approval_id" | "job_id">;

/** Without a parent it stands by itself, and says where it comes from. */
export function approvalNode(source: NodeSource, parent: TreeNode | undefined, approval: ApprovalId): TreeNode {
  const id = pathOf(parent, "approval", approval.approval_id);
  return source.node(id, () => new ApprovalNode(parent, id, approval));
}

class ApprovalNode implements TreeNode {
  readonly id: string;
  readonly parent: TreeNode | undefined;
  readonly target: Target;
  readonly #approvalId: string;

  constructor(parent: TreeNode | undefined, id: string, { approval_id, job_id }: ApprovalId) {
    this.#approvalId = approval_id;
    this.id = id;
    this.parent = parent;
    this.target = { job_id, approval_id };
  }

  view(state: State): NodeView | undefined {
    const approval = state.approvals.get(this.#approvalId);
    if (approval === undefined) return undefined;
    const label = approvalLabel(approval);
    const where = placeName(state, approval);
    const isPending = approval.state === "pending";
    const description = oneLine(
      this.parent === undefined ? where : isPending ? "waiting for an answer" : describeDecision(approval),
      MAX_DESCRIPTION_LENGTH,
    );
    const { approval: word, pending } = CONTEXT_WORDS;
    return {
      label,
      description,
      tooltip: tooltipOf(state, approval, where),
      icon: ICONS[approval.state],
      contextValue: isPending ? `${word} ${pending}` : word,
      accessibleLabel: `Approval ${label}, ${description}`,
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

const ICONS: Readonly<Record<ApprovalState, NodeIcon>> = {
  pending: { id: "bell-dot", color: "charts.yellow" },
  approved: { id: "check", color: "testing.iconPassed" },
  denied: { id: "close", color: "testing.iconFailed" },
  expired: { id: "watch", color: "disabledForeground" },
  withdrawn: { id: "discard", color: "disabledForeground" },
};

function tooltipOf(state: State, approval: Approval, where: string): string {
  const job = state.jobs.get(approval.job_id);
  return factSheet(spellOut(approval.action), [
    ["Why", approval.reason === null ? null : spellOut(approval.reason)],
    ["Scope", spellOut(approval.scope)],
    ["Where", where],
    ["Job", job === undefined ? approval.job_id : jobLabel(job)],
    ["Asked", approval.requested_at],
    ["Times out", approval.state === "pending" ? approval.expires_at : null],
    ["Answer", approval.state === "pending" ? null : describeDecision(approval)],
  ]);
}
