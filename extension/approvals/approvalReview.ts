/** Owns the review: one list of everything that waits, each entry with its own answers, which follows the state and the time. */
import { type QuickInputButton, type QuickPickItem, ThemeIcon, window } from "vscode";
import { CountdownTimer } from "../../shared/client/countdownTimer.ts";
import type { Approval } from "../../shared/protocol/approval.ts";
import { countdown, countdownChangesInMs } from "../../shared/text/countdown.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { APPROVE, DENY, type GiveAnswer } from "../store/answer.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { pendingApprovals, placeName } from "../store/selectors.ts";
import { approvalDetail, approvalLabel } from "../text/approvalText.ts";
import { withoutIcons } from "../text/untrusted.ts";

interface ReviewItem extends QuickPickItem {
  readonly approval: Approval;
}

const MAX_DETAIL_LENGTH = 400;

const APPROVE_BUTTON: QuickInputButton = { iconPath: new ThemeIcon("check"), tooltip: "Approve" };
const DENY_BUTTON: QuickInputButton = { iconPath: new ThemeIcon("close"), tooltip: "Deny" };
const MORE_BUTTON: QuickInputButton = { iconPath: new ThemeIcon("ellipsis"), tooltip: "More…" };

export interface ReviewActions {
  readonly answer: GiveAnswer;
  readonly more: (approval_id: string) => Promise<void>;
  readonly show: (approval_id: string) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Resolves when the list is closed. It closes by itself when nothing waits any more. */
export async function reviewApprovals(store: LiveStore, { answer, more, show, onError }: ReviewActions): Promise<void> {
  if (pendingApprovals(store.state).length === 0) {
    void window.showInformationMessage("No approval is waiting.");
    return;
  }
  const pick = window.createQuickPick<ReviewItem>();
  pick.title = "Televibe: approvals that are waiting";
  pick.placeholder = "Answer with the buttons of an entry, or choose one to see it in the sidebar";
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.keepScrollPosition = true;
  const draw = () => {
    const [active] = pick.activeItems;
    pick.items = pendingApprovals(store.state).map((approval) => ({
      approval,
      label: withoutIcons(approvalLabel(approval)),
      description: withoutIcons(descriptionOf(store, approval)),
      ...detailOf(approval),
      buttons: [APPROVE_BUTTON, DENY_BUTTON, MORE_BUTTON],
    }));
    // New entries are other objects: whoever reads one stays at it.
    pick.activeItems = pick.items.filter(({ approval }) => approval.approval_id === active?.approval.approval_id);
    if (pick.items.length === 0) pick.hide();
  };
  using countdowns = new CountdownTimer({
    shown: () => pendingApprovals(store.state),
    changesInMs: countdownChangesInMs,
    onDue: draw,
  });
  using _changes = store.onDidChange((_, { approvals }) => {
    if (approvals.size === 0) return;
    draw();
    countdowns.look();
  });
  pick.onDidTriggerItemButton(({ item: { approval }, button }) => {
    if (button !== MORE_BUTTON) {
      answer(approval.approval_id, button === APPROVE_BUTTON ? APPROVE : DENY).catch(onError);
      return;
    }
    pick.hide();
    more(approval.approval_id).catch(onError);
  });
  pick.onDidAccept(() => {
    const [item] = pick.activeItems;
    pick.hide();
    if (item !== undefined) show(item.approval.approval_id).catch(onError);
  });
  const hidden = new Promise<void>((resolve) => pick.onDidHide(() => resolve()));
  draw();
  countdowns.look();
  pick.show();
  await hidden;
  pick.dispose();
}

function descriptionOf({ state }: LiveStore, approval: Approval): string {
  const left = countdown(approval, Date.now());
  return [placeName(state, approval), ...(left === undefined ? [] : [left])].join(" · ");
}

function detailOf(approval: Approval): { readonly detail?: string } {
  const detail = approvalDetail(approval);
  return detail === undefined ? {} : { detail: withoutIcons(oneLine(detail, MAX_DETAIL_LENGTH)) };
}
