/** Owns finding the approval that a command is about: the row's own, the only one that waits, or the one that is picked. */
import { window } from "vscode";
import type { Approval } from "../../shared/protocol/approval.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { pendingApprovals, placeName } from "../store/selectors.ts";
import { readTarget } from "../store/target.ts";
import { approvalDetail, approvalLabel } from "../text/approvalText.ts";
import { withoutIcons } from "../text/untrusted.ts";

/** Its id; undefined when nothing waits, which is said, or nothing was picked. */
export async function pickApproval(store: LiveStore, argument: unknown, title: string): Promise<string | undefined> {
  const target = readTarget(argument);
  if (target?.approval_id !== undefined) return target.approval_id;
  const waiting = pendingApprovals(store.state).filter(
    ({ job_id }) => target?.job_id === undefined || target.job_id === job_id,
  );
  if (waiting.length === 0) {
    void window.showInformationMessage("No approval is waiting.");
    return undefined;
  }
  const picked = await window.showQuickPick(
    waiting.map((approval) => itemOf(store, approval)),
    { title, placeHolder: "Which one?", matchOnDescription: true, matchOnDetail: true },
  );
  return picked?.approval_id;
}

function itemOf({ state }: LiveStore, approval: Approval) {
  const detail = approvalDetail(approval);
  return {
    approval_id: approval.approval_id,
    label: withoutIcons(approvalLabel(approval)),
    description: withoutIcons(placeName(state, approval)),
    ...(detail === undefined ? {} : { detail: withoutIcons(detail) }),
  };
}
