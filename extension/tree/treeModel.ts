/**
 * Owns what is drawn of a tree, and which rows have to be drawn again after a change: the lowest ones whose look or
 * children differ from what was handed out, never more. No VS Code in it.
 */
import type { Changes } from "../../shared/state/draft.ts";
import type { State } from "../../shared/state/state.ts";
import type { NodeSource, NodeView, TreeNode } from "./node.ts";

/** A row as it is handed out. */
export interface DrawnRow extends NodeView {
  readonly children: "none" | "collapsed" | "expanded";
}

/** What of a tree is out of date. */
export type Refresh = "everything" | readonly TreeNode[];

export type Roots = (state: State, source: NodeSource) => readonly TreeNode[];

/** What was handed out of one row. */
interface Drawn {
  row: DrawnRow | undefined;
  /** Undefined while nobody asked for its children. */
  childIds: readonly string[] | undefined;
}

export class TreeModel implements NodeSource {
  readonly #roots: Roots;
  readonly #nowMs: () => number;
  readonly #nodes = new Map<string, TreeNode>();
  readonly #drawn = new Map<string, Drawn>();
  /** The first word on whether a row shows its children; after it, the user's own clicks count. */
  readonly #isOpen = new Map<string, boolean>();
  #rootIds: readonly string[] | undefined;
  #state: State;

  constructor(roots: Roots, state: State, nowMs: () => number) {
    this.#roots = roots;
    this.#state = state;
    this.#nowMs = nowMs;
  }

  node(id: string, make: () => TreeNode): TreeNode {
    const known = this.#nodes.get(id);
    if (known !== undefined) return known;
    const node = make();
    this.#nodes.set(id, node);
    return node;
  }

  /** The row for a node; undefined when the state has it no more. */
  row(node: TreeNode): DrawnRow | undefined {
    const row = this.#rowOf(node);
    this.#drawnOf(node).row = row;
    return row;
  }

  /** The nodes under one, or the top ones. */
  children(node: TreeNode | undefined): readonly TreeNode[] {
    const children = node === undefined ? this.#roots(this.#state, this) : node.children(this.#state);
    const ids = children.map(({ id }) => id);
    if (node === undefined) this.#rootIds = ids;
    else this.#drawnOf(node).childIds = ids;
    return children;
  }

  /**
   * Takes a new state; answers what of the drawn rows is out of date with it. It counts as told: VS Code asks again for what
   * it is told of, or keeps it in mind while the view is hidden.
   */
  update(state: State, changes: Changes): Refresh {
    this.#state = state;
    const rootsChanged = this.#updateRoots();
    const stale = new Set<TreeNode>();
    for (const [id, drawn] of this.#drawn) {
      const node = this.#nodes.get(id);
      if (node === undefined || !mayHaveChanged(node, changes)) continue;
      const hasOtherChildren = this.#updateChildren(node, drawn);
      const looksOther = this.#updateRow(node, drawn);
      if (hasOtherChildren || looksOther) stale.add(node);
    }
    if (rootsChanged) return "everything";
    return [...stale].filter((node) => !hasAncestorIn(node, stale) && this.#nodes.has(node.id));
  }

  /** Takes note that time has passed; answers the rows that read otherwise by that alone, which only an approval's does. */
  tick(): readonly TreeNode[] {
    const stale: TreeNode[] = [];
    for (const [id, drawn] of this.#drawn) {
      const node = this.#nodes.get(id);
      if (node?.target.approval_id !== undefined && this.#updateRow(node, drawn)) stale.push(node);
    }
    return stale;
  }

  #updateRoots(): boolean {
    if (this.#rootIds === undefined) return false;
    const before = this.#rootIds;
    this.#rootIds = idsOf(this.#roots(this.#state, this));
    this.#forgetLost(before, this.#rootIds);
    return !isSameList(before, this.#rootIds);
  }

  #updateChildren(node: TreeNode, drawn: Drawn): boolean {
    const before = drawn.childIds;
    if (before === undefined) return false;
    drawn.childIds = idsOf(node.children(this.#state));
    this.#forgetLost(before, drawn.childIds);
    return !isSameList(before, drawn.childIds);
  }

  #updateRow(node: TreeNode, drawn: Drawn): boolean {
    const before = drawn.row;
    const now = this.#rowOf(node);
    // What is gone is no row's own news: its parent's list tells it.
    if (before === undefined || now === undefined) return false;
    drawn.row = now;
    return !isSameRow(before, now);
  }

  #rowOf(node: TreeNode): DrawnRow | undefined {
    const view = node.view(this.#state, this.#nowMs());
    if (view === undefined) return undefined;
    if (!node.hasChildren(this.#state)) return { ...view, children: "none" };
    const isOpen = this.#isOpen.get(node.id) ?? view.isOpen;
    this.#isOpen.set(node.id, isOpen);
    return { ...view, isOpen, children: isOpen ? "expanded" : "collapsed" };
  }

  #drawnOf(node: TreeNode): Drawn {
    const known = this.#drawn.get(node.id);
    if (known !== undefined) return known;
    const drawn: Drawn = { row: undefined, childIds: undefined };
    this.#drawn.set(node.id, drawn);
    return drawn;
  }

  #forgetLost(before: readonly string[], now: readonly string[]): void {
    const kept = new Set(now);
    this.#forget(before.filter((id) => !kept.has(id)));
  }

  /** Lets go of nodes, and of all that was drawn under them. */
  #forget(ids: readonly string[]): void {
    for (const id of ids) {
      this.#forget(this.#drawn.get(id)?.childIds ?? []);
      this.#drawn.delete(id);
      this.#isOpen.delete(id);
      this.#nodes.delete(id);
    }
  }
}

function idsOf(nodes: readonly TreeNode[]): readonly string[] {
  return nodes.map(({ id }) => id);
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}

function isSameRow(a: DrawnRow, b: DrawnRow): boolean {
  return (
    a.label === b.label &&
    a.description === b.description &&
    a.tooltip === b.tooltip &&
    a.contextValue === b.contextValue &&
    a.icon.id === b.icon.id &&
    a.icon.color === b.icon.color &&
    a.children === b.children
  );
}

function hasAncestorIn(node: TreeNode, nodes: ReadonlySet<TreeNode>): boolean {
  for (let parent = node.parent; parent !== undefined; parent = parent.parent) {
    if (nodes.has(parent)) return true;
  }
  return false;
}

/** Jobs' rows are many, and most changes are not theirs; the few others are simply compared. */
function mayHaveChanged({ target: { job_id, approval_id }, parent }: TreeNode, changes: Changes): boolean {
  if (job_id === undefined || parent === undefined) return true;
  return changes.jobs.has(job_id) || (approval_id !== undefined && changes.approvals.has(approval_id));
}
