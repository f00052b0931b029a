/** Owns an approval's row: under its job, where it stays once it is decided, and in the list of those that wait. */
import { type Approval, type ApprovalState, describeDecision } from "../../shared/protocol/approval.ts";
import type { State } from "../../shared/state/state.ts";
import { countdown, roughCountdown } from "../../shared/text/countdown.ts";
import { distinctOffers, offerLabel } from "../../shared/text/offerText.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { questionOf } from "../../shared/text/question.ts";
import { spellOut } from "../../shared/text/spellOut.ts";
import { CONTEXT_WORDS } from "../contributions.ts";
import { placeName } from "../store/selectors.ts";
import type { Target } from "../store/target.ts";
import { approvalLabel } from "../text/approvalText.ts";
import { jobLabel } from "../text/jobText.ts";
import { codeBlock, factSheet } from "../text/markdown.ts";
import { type NodeIcon, type NodeSource, type NodeView, pathOf, type TreeNode } from "./node.ts";

const MAX_DESCRIPTION_LENGTH = 120;
const MAX_OTHER_FACTS = 8;

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

  view(state: State, nowMs: number): NodeView | undefined {
    const approval = state.approvals.get(this.#approvalId);
    if (approval === undefined) return undefined;
    const label = approvalLabel(approval);
    const where = placeName(state, approval);
    const isPending = approval.state === "pending";
    const status = isPending ? "waiting for an answer" : describeDecision(approval);
    // The time left comes first: the rest may be cut off by a narrow view.
    const description = (left: string | undefined) => {
      const rest = this.parent === undefined ? where : left === undefined ? status : "";
      return oneLine([left ?? "", rest].filter((part) => part !== "").join(" · "), MAX_DESCRIPTION_LENGTH);
    };
    const { approval: word, pending, offers } = CONTEXT_WORDS;
    const words = [word, ...(isPending ? [pending] : []), ...(isPending && approval.offers.length > 0 ? [offers] : [])];
    return {
      label,
      description: description(countdown(approval, nowMs)),
      tooltip: tooltipOf(state, approval, where),
      icon: ICONS[approval.state],
      contextValue: words.join(" "),
      // Rougher than what is seen: a screen reader may say it anew each time that it changes.
      accessibleLabel: `Approval ${label}, ${description(roughCountdown(approval, nowMs))}`,
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
  const isPending = approval.state === "pending";
  const { agent, tool, command, path, cwd, diff, details, others } = questionOf(approval);
  const sheet = factSheet(spellOut(approval.action), [
    ["Why", approval.reason === null ? null : spellOut(approval.reason)],
    ["Scope", spellOut(approval.scope)],
    ["Agent", agent],
    ["Tool", tool],
    ["File", path],
    ["Runs in", cwd],
    ["Where", where],
    ["Job", job === undefined ? approval.job_id : jobLabel(job)],
    ...others.slice(0, MAX_OTHER_FACTS),
    ["Asked", approval.requested_at],
    [
      approval.on_timeout === "approve" ? "Approved by itself at" : "Denied by itself at",
      isPending ? approval.expires_at : null,
    ],
    ...(isPending
      ? distinctOffers(approval).map((offer) => [offerLabel(approval, offer), spellOut(offer.text)] as const)
      : []),
    ["Answer", isPending ? null : describeDecision(approval)],
  ]);
  const blocks = [
    ...(command === null ? [] : [codeBlock(command, "shellscript")]),
    ...(details === null ? [] : [codeBlock(details, "text")]),
    ...(diff === null ? [] : [codeBlock(diff, "diff")]),
  ];
  return [sheet, ...blocks].join("\n\n");
}
