/** Owns choosing an answer from all that there are: it closes by itself once somebody else has answered. */
import { CancellationTokenSource, window } from "vscode";
import type { Approval, Offer } from "../../shared/protocol/approval.ts";
import { APPROVE, type GiveAnswer } from "../store/answer.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { approvalLabel, goneSentence } from "../text/approvalText.ts";
import { withoutLinks } from "../text/untrusted.ts";
import { answerChoices, type Choice, type ChoiceRange, confirmationOf } from "./answerChoices.ts";

export interface AnswerActions {
  readonly answer: GiveAnswer;
  readonly denyWithReason: (approval_id: string) => Promise<void>;
  readonly show: (approval_id: string) => Promise<void>;
}

/** Resolves when it was answered, or when nothing was chosen. */
export async function chooseAnswer(
  store: LiveStore,
  actions: AnswerActions,
  approval_id: string,
  range: ChoiceRange,
): Promise<void> {
  const approval = store.state.approvals.get(approval_id);
  if (approval?.state !== "pending") {
    void window.showInformationMessage(withoutLinks(goneSentence(approval)));
    return;
  }
  const choice = await choose(store, approval, range);
  if (choice !== undefined) await take(choice, approval, actions);
}

async function choose(store: LiveStore, approval: Approval, range: ChoiceRange): Promise<Choice | undefined> {
  const decided = new CancellationTokenSource();
  using _changes = store.onDidChange((state) => {
    if (state.approvals.get(approval.approval_id)?.state !== "pending") decided.cancel();
  });
  try {
    const picked = await window.showQuickPick(
      [...answerChoices(approval, range)],
      { title: approvalLabel(approval), placeHolder: "How is it answered?" },
      decided.token,
    );
    return picked?.choice;
  } finally {
    decided.dispose();
  }
}

async function take(choice: Choice, approval: Approval, { answer, denyWithReason, show }: AnswerActions) {
  const { approval_id } = approval;
  switch (choice.kind) {
    case "answer":
      return answer(approval_id, choice.answer);
    case "confirm":
      if (!(await confirm(approval, choice.offer))) return;
      return answer(approval_id, { ...APPROVE, remember: choice.offer.remember });
    case "denyWithReason":
      return denyWithReason(approval_id);
    case "show":
      return show(approval_id);
  }
}

async function confirm(approval: Approval, offer: Offer): Promise<boolean> {
  const { message, detail, button } = confirmationOf(approval, offer);
  const chosen = await window.showWarningMessage(withoutLinks(message), { modal: true, detail }, button);
  return chosen === button;
}
