/** Owns answers that are given in this window: sends them, and says so where one came too late or did not get through. */
import { window } from "vscode";
import type { LiveStore } from "../store/liveStore.ts";
import { withoutLinks } from "../text/untrusted.ts";
import { type Answer, decide } from "./decide.ts";

export class Decisions {
  readonly #store: LiveStore;
  readonly #showProblem: () => Promise<void>;

  /** @param showProblem what "Show Status" does, offered where an answer did not get through. */
  constructor(store: LiveStore, showProblem: () => Promise<void>) {
    this.#store = store;
    this.#showProblem = showProblem;
  }

  /** Says nothing when all is well: the row leaves the list, on every surface. */
  async answer(approval_id: string, answer: Answer, reason?: string): Promise<void> {
    const outcome = await decide(() => this.#store.client, approval_id, answer, reason);
    if (outcome.kind === "late") {
      // Not awaited: a message stays open as long as its reader likes.
      void window.showInformationMessage(withoutLinks(outcome.message));
    } else if (outcome.kind === "failed") {
      const choice = await window.showErrorMessage(withoutLinks(outcome.message), "Try Again", "Show Status");
      if (choice === "Try Again") await this.answer(approval_id, answer, reason);
      else if (choice === "Show Status") await this.#showProblem();
    }
  }
}
