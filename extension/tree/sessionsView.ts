/** Owns the Sessions view. */
import { window } from "vscode";
import { VIEWS } from "../contributions.ts";
import { Lifetime } from "../lifecycle.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { projectsOf } from "../store/selectors.ts";
import { projectNode } from "./projectNode.ts";
import { TreeProvider } from "./treeProvider.ts";

export class SessionsView extends Lifetime {
  constructor(store: LiveStore) {
    super();
    const treeDataProvider = this._register(
      new TreeProvider(store, (state, source) =>
        projectsOf(state).map(({ project_id }) => projectNode(source, project_id)),
      ),
    );
    this._register(window.createTreeView(VIEWS.sessions, { treeDataProvider, showCollapseAll: true }));
  }
}
