/** Owns handing a tree to VS Code, and telling it what to draw again. */
import { EventEmitter, type TreeDataProvider, type TreeItem } from "vscode";
import { Lifetime } from "../lifecycle.ts";
import type { LiveStore } from "../store/liveStore.ts";
import type { TreeNode } from "./node.ts";
import { treeItem } from "./treeItem.ts";
import { type Roots, TreeModel } from "./treeModel.ts";

export class TreeProvider extends Lifetime implements TreeDataProvider<TreeNode> {
  readonly #changed = this._register(new EventEmitter<TreeNode[] | undefined>());
  readonly #model: TreeModel;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(store: LiveStore, roots: Roots) {
    super();
    this.#model = new TreeModel(roots, store.state);
    this._register(
      store.onDidChange((state, changes) => {
        const stale = this.#model.update(state, changes);
        if (stale === "everything") this.#changed.fire(undefined);
        else if (stale.length > 0) this.#changed.fire([...stale]);
      }),
    );
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
}
