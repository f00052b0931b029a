/** Owns what a row of a tree is, apart from VS Code: its identity, how it looks in a state, and what is under it. */
import type { State } from "../../shared/state/state.ts";
import type { CommandId } from "../contributions.ts";
import type { Target } from "../store/target.ts";

/** A codicon, and a colour of the theme that supports what the description says in words. */
export interface NodeIcon {
  readonly id: string;
  readonly color?: string;
}

export interface NodeView {
  readonly label: string;
  readonly description: string;
  /** Markdown with everything from outside escaped. */
  readonly tooltip: string;
  readonly icon: NodeIcon;
  /** Words for the manifest's `viewItem` clauses. */
  readonly contextValue: string;
  /** What a screen reader says: label and state, without icons. */
  readonly accessibleLabel: string;
  /** Whether it shows its children when it is drawn for the first time. */
  readonly isOpen: boolean;
  /** What a click on it does, besides selecting it. */
  readonly command?: CommandId;
}

/**
 * One row. There is one object for it as long as it is drawn, so that VS Code keeps its selection and whether it is
 * expanded; what it shows is read from the state each time.
 */
export interface TreeNode {
  /** The whole path: the same id may occur under two parents. */
  readonly id: string;
  readonly parent: TreeNode | undefined;
  readonly target: Target;
  /** How it looks at a moment; undefined when the state has it no more. */
  view(state: State, nowMs: number): NodeView | undefined;
  hasChildren(state: State): boolean;
  children(state: State): readonly TreeNode[];
}

/** Makes nodes, or answers the ones that were made before. */
export interface NodeSource {
  node(id: string, make: () => TreeNode): TreeNode;
}

/** An id under a parent's, with what it is made of encoded, so that no two paths come to the same text. */
export function pathOf(parent: TreeNode | undefined, kind: string, id: string): string {
  return `${parent === undefined ? "" : `${parent.id}/`}${kind}:${encodeURIComponent(id)}`;
}
