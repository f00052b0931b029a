/** Owns answers that are given in this window: sends them, and says so where one came too late or did not get through. */
import { window } from "vscode";
import type { Answer } from "../store/answer.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { withoutLinks } from "../text/untrusted.ts";
import { decide } from "./decide.ts";

export class Decisions {
  readonly #store: LiveStore;
  readonly #showProblem: () => Promise<void>;

  /** @param showProblem what "Show Status" does, offered where an answer did not get through. */
  constructor(store: LiveStore, showProblem: () => Promise<void>) {
    this.#store = store;
    this.#showProblem = showProblem;
  }

  /** Says nothing when all is well: the row leaves the list, on every surface. */
  async answer(approval_id: string, answer: Answer): Promise<void> {
    const outcome = await decide(() => this.#store.client, approval_id, answer);
    if (outcome.kind === "late") {
      // Not awaited: a message stays open as long as its reader likes.
      void window.showInformationMessage(withoutLinks(outcome.message));
    } else if (outcome.kind === "failed") {
      const choice = await window.showErrorMessage(withoutLinks(outcome.message), "Try Again", "Show Status");
      if (choice === "Try Again") await this.answer(approval_id, answer);
      else if (choice === "Show Status") await this.#showProblem();
    }
  }

  /** Asks for a reason first: whoever asked is told it, and an agent can act on it. */
  async denyWithReason(approval_id: string): Promise<void> {
    const reason = await window.showInputBox({
      title: "Televibe: Deny",
      prompt: "Why? Whoever asked is told it. Leave it empty to give no reason.",
      placeHolder: "Reason (optional)",
    });
    // Escape takes the whole answer back; an empty reason does not.
    if (reason !== undefined) await this.answer(approval_id, { decision: "deny", reason: reason.trim() });
  }
}
