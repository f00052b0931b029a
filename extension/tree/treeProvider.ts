/** Owns handing a tree to VS Code, and telling it what to draw again: after a change, and as time runs out for an answer. */
import { EventEmitter, type TreeDataProvider, type TreeItem, type TreeView } from "vscode";
import { CountdownTimer } from "../../shared/client/countdownTimer.ts";
import { countdownChangesInMs } from "../../shared/text/countdown.ts";
import { Lifetime } from "../lifecycle.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { pendingApprovals } from "../store/selectors.ts";
import type { TreeNode } from "./node.ts";
import { treeItem } from "./treeItem.ts";
import { type Roots, TreeModel } from "./treeModel.ts";

export class TreeProvider extends Lifetime implements TreeDataProvider<TreeNode> {
  readonly #changed = this._register(new EventEmitter<TreeNode[] | undefined>());
  readonly #model: TreeModel;
  readonly #countdowns: CountdownTimer;
  #isVisible = false;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(store: LiveStore, roots: Roots) {
    super();
    this.#model = new TreeModel(roots, store.state, Date.now);
    this.#countdowns = this._register(
      new CountdownTimer({
        shown: () => (this.#isVisible ? pendingApprovals(store.state) : []),
        changesInMs: countdownChangesInMs,
        onDue: () => this.#tick(),
      }),
    );
    this._register(
      store.onDidChange((state, changes) => {
        const stale = this.#model.update(state, changes);
        if (stale === "everything") this.#changed.fire(undefined);
        else if (stale.length > 0) this.#changed.fire([...stale]);
        if (changes.approvals.size > 0) this.#countdowns.look();
      }),
    );
  }

  /** Follows whether anybody sees the tree: where nobody does, no time is told. */
  follow(view: TreeView<TreeNode>): void {
    const look = (isVisible: boolean) => {
      this.#isVisible = isVisible;
      if (isVisible) this.#tick();
      this.#countdowns.look();
    };
    this._register(view.onDidChangeVisibility(({ visible }) => look(visible)));
    look(view.visible);
  }

  getTreeItem(node: TreeNode): TreeItem {
    return treeItem(node, this.#model.row(node));
  }

  getChildren(node?: TreeNode): TreeNode[] {
    return [...this.#model.children(node)];
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return node.parent;
  }

  #tick(): void {
    const stale = this.#model.tick();
    if (stale.length > 0) this.#changed.fire([...stale]);
  }
}
