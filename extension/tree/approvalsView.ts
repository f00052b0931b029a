/** Owns the Pending Approvals view and the badge that counts them: the truth, where a notification is a convenience. */
import { type TreeView, window } from "vscode";
import { VIEWS } from "../contributions.ts";
import { Lifetime } from "../lifecycle.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { pendingApprovals } from "../store/selectors.ts";
import { waitingSentence } from "../text/approvalText.ts";
import { approvalNode } from "./approvalNode.ts";
import type { TreeNode } from "./node.ts";
import { TreeProvider } from "./treeProvider.ts";

export class ApprovalsView extends Lifetime {
  readonly #view: TreeView<TreeNode>;
  readonly #provider: TreeProvider;
  #shownCount = 0;

  constructor(store: LiveStore) {
    super();
    this.#provider = this._register(
      new TreeProvider(store, (state, source) =>
        pendingApprovals(state).map((approval) => approvalNode(source, undefined, approval)),
      ),
    );
    this.#view = this._register(window.createTreeView(VIEWS.approvals, { treeDataProvider: this.#provider }));
    this.#provider.follow(this.#view);
    this._register(store.onDidChange((state) => this.#showCount(pendingApprovals(state).length)));
  }

  /** Brings an approval into sight; resolves to false when it does not wait any more. */
  async reveal(approval_id: string): Promise<boolean> {
    const node = this.#provider.getChildren().find(({ target }) => target.approval_id === approval_id);
    if (node === undefined) return false;
    await this.#view.reveal(node, { select: true, focus: true });
    return true;
  }

  #showCount(count: number): void {
    if (count === this.#shownCount) return;
    this.#shownCount = count;
    // VS Code takes a badge away for undefined only.
    this.#view.badge = count === 0 ? undefined : { value: count, tooltip: waitingSentence(count) };
  }
}
