/**
 * Owns the notifications: each approval is told once in a window, and one toast is open at a time, since VS Code cannot
 * take one back. Those that come in the meantime are told together when it closes.
 */
import { window, workspace } from "vscode";
import type { Approval } from "../../shared/protocol/approval.ts";
import type { NotificationMode } from "../contributions.ts";
import { Lifetime } from "../lifecycle.ts";
import { APPROVE, DENY, type GiveAnswer } from "../store/answer.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { pendingApprovals } from "../store/selectors.ts";
import { approvalSentence, waitingSentence } from "../text/approvalText.ts";
import { folderOf, nextToast, shouldNotify } from "./notificationPolicy.ts";

export interface NotifierActions {
  readonly mode: () => NotificationMode;
  readonly answer: GiveAnswer;
  /** Offers all that it can be answered with, for which a toast has no room. */
  readonly more: (approval_id: string) => Promise<void>;
  readonly review: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/**
 * A warning hides in the bell by itself after 18 s, and VS Code tells nobody (microsoft/vscode#90452): after this long a toast
 * that got no answer does not stand in the way of the next one.
 */
const TOAST_LIFETIME_MS = 20_000;

export class ApprovalNotifier extends Lifetime {
  readonly #store: LiveStore;
  readonly #actions: NotifierActions;
  /** Told in this window. */
  readonly #told = new Set<string>();
  /** What the toast that is open asks about. */
  #open: readonly string[] = [];
  #openTimer: NodeJS.Timeout | undefined;

  constructor(store: LiveStore, actions: NotifierActions) {
    super();
    this.#store = store;
    this.#actions = actions;
    this._register(store.onDidChange(() => this.#look()));
    // What was left to another window is told where the user turns up.
    this._register(window.onDidChangeWindowState(({ focused }) => focused && this.#look()));
    this._register({ dispose: () => clearTimeout(this.#openTimer) });
  }

  #look(): void {
    const { state } = this.#store;
    const isPending = (id: string) => state.approvals.get(id)?.state === "pending";
    for (const id of this.#told) if (!isPending(id)) this.#told.delete(id);
    const unseen = this.#unseen();
    // A toast whose questions were all answered elsewhere asks nothing any more.
    const toast = nextToast(unseen, this.#open.some(isPending));
    if (toast.kind === "none") return;
    for (const { approval_id } of unseen) this.#told.add(approval_id);
    this.#open = unseen.map(({ approval_id }) => approval_id);
    clearTimeout(this.#openTimer);
    const opened = this.#open;
    this.#openTimer = setTimeout(() => this.#closed(opened), TOAST_LIFETIME_MS);
    const shown = toast.kind === "one" ? this.#ask(toast.approval, opened) : this.#askForReview(opened);
    shown.catch(this.#actions.onError);
  }

  #unseen(): readonly Approval[] {
    const { state } = this.#store;
    const facts = {
      mode: this.#actions.mode(),
      isFocused: window.state.focused,
      folders: (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
    };
    return pendingApprovals(state)
      .filter(({ approval_id }) => !this.#told.has(approval_id))
      .filter((approval) => shouldNotify(folderOf(state, approval), facts));
  }

  async #ask(approval: Approval, opened: readonly string[]): Promise<void> {
    const { approval_id } = approval;
    const text = approvalSentence(this.#store.state, approval);
    const choice = await window.showWarningMessage(text, "Approve", "Deny", "More…");
    this.#closed(opened);
    if (choice === "Approve") await this.#actions.answer(approval_id, APPROVE);
    else if (choice === "Deny") await this.#actions.answer(approval_id, DENY);
    else if (choice === "More…") await this.#actions.more(approval_id);
  }

  async #askForReview(opened: readonly string[]): Promise<void> {
    const choice = await window.showWarningMessage(waitingSentence(opened.length), "Review");
    this.#closed(opened);
    if (choice === "Review") await this.#actions.review();
  }

  /** Another toast may have taken its place by now; that one stays. */
  #closed(opened: readonly string[]): void {
    if (this.#open !== opened) return;
    this.#open = [];
    clearTimeout(this.#openTimer);
    this.#look();
  }
}
