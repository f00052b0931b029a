/** Owns a project's row, and what stands under it: its sessions, then its jobs of no session. */
import type { State } from "../../shared/state/state.ts";
import { oneLine } from "../../shared/text/oneLine.ts";
import { CONTEXT_WORDS } from "../contributions.ts";
import { jobsOf, sessionsOf } from "../store/selectors.ts";
import type { Target } from "../store/target.ts";
import { factSheet } from "../text/markdown.ts";
import { jobNode } from "./jobNode.ts";
import { type NodeSource, type NodeView, pathOf, type TreeNode } from "./node.ts";
import { sessionNode } from "./sessionNode.ts";

const MAX_LABEL_LENGTH = 80;

export function projectNode(source: NodeSource, project_id: string): TreeNode {
  const id = pathOf(undefined, "project", project_id);
  return source.node(id, () => new ProjectNode(source, id, project_id));
}

class ProjectNode implements TreeNode {
  readonly id: string;
  readonly parent = undefined;
  readonly target: Target;
  readonly #source: NodeSource;
  readonly #projectId: string;

  constructor(source: NodeSource, id: string, project_id: string) {
    this.#source = source;
    this.#projectId = project_id;
    this.id = id;
    this.target = { project_id };
  }

  view(state: State): NodeView | undefined {
    const project = state.projects.get(this.#projectId);
    if (project === undefined) return undefined;
    const label = oneLine(project.name, MAX_LABEL_LENGTH) || this.#projectId;
    return {
      label,
      description: "",
      tooltip: factSheet(project.name, [
        ["Project", project.project_id],
        ["Folder", project.path],
        ["Repository", project.repository],
        ["Last scan", project.last_scan?.summary ?? null],
      ]),
      icon: { id: "repo" },
      contextValue: CONTEXT_WORDS.project,
      accessibleLabel: `Project ${label}`,
      isOpen: true,
    };
  }

  /** Also while there are none: VS Code leaves a row closed for good that had none when it was first drawn. */
  hasChildren(): boolean {
    return true;
  }

  children(state: State): readonly TreeNode[] {
    return [
      ...sessionsOf(state, this.#projectId).map((session) => sessionNode(this.#source, this, session)),
      ...jobsOf(state, this.#projectId, null).map((job) => jobNode(this.#source, this, job)),
    ];
  }
}
