/** Owns the review: one list of everything that waits, each entry with its own Approve and Deny, which follows the state. */
import { type QuickInputButton, type QuickPickItem, ThemeIcon, window } from "vscode";
import type { Approval } from "../../shared/protocol/approval.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { spellOut } from "../../shared/text/spellOut.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { pendingApprovals, placeName } from "../store/selectors.ts";
import { approvalLabel } from "../text/approvalText.ts";
import { withoutIcons } from "../text/untrusted.ts";
import type { Answer } from "./decide.ts";

interface ReviewItem extends QuickPickItem {
  readonly approval: Approval;
}

const MAX_REASON_LENGTH = 400;

const APPROVE: QuickInputButton = { iconPath: new ThemeIcon("check"), tooltip: "Approve" };
const DENY: QuickInputButton = { iconPath: new ThemeIcon("close"), tooltip: "Deny" };

export interface ReviewActions {
  readonly answer: (approval_id: string, answer: Answer) => Promise<void>;
  readonly show: (approval_id: string) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Resolves when the list is closed. It closes by itself when nothing waits any more. */
export async function reviewApprovals(store: LiveStore, { answer, show, onError }: ReviewActions): Promise<void> {
  if (pendingApprovals(store.state).length === 0) {
    void window.showInformationMessage("No approval is waiting.");
    return;
  }
  const pick = window.createQuickPick<ReviewItem>();
  pick.title = "Televibe: approvals that are waiting";
  pick.placeholder = "Answer with the buttons of an entry, or choose one to see it in the sidebar";
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  const draw = () => {
    pick.items = pendingApprovals(store.state).map((approval) => ({
      approval,
      label: withoutIcons(approvalLabel(approval)),
      description: withoutIcons(placeName(store.state, approval)),
      ...(approval.reason === null
        ? {}
        : { detail: withoutIcons(oneLine(spellOut(approval.reason), MAX_REASON_LENGTH)) }),
      buttons: [APPROVE, DENY],
    }));
    if (pick.items.length === 0) pick.hide();
  };
  const changes = store.onDidChange((_, { approvals }) => {
    if (approvals.size > 0) draw();
  });
  pick.onDidTriggerItemButton(({ item, button }) => {
    answer(item.approval.approval_id, button === APPROVE ? "approve" : "deny").catch(onError);
  });
  pick.onDidAccept(() => {
    const [item] = pick.activeItems;
    pick.hide();
    if (item !== undefined) show(item.approval.approval_id).catch(onError);
  });
  const hidden = new Promise<void>((resolve) => pick.onDidHide(() => resolve()));
  draw();
  pick.show();
  await hidden;
  changes[Symbol.dispose]();
  pick.dispose();
}
