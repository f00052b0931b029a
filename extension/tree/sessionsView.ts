/** Owns the Sessions view. */
import { window } from "vscode";
import { VIEWS } from "../contributions.ts";
import { Lifetime } from "../lifecycle.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { projectsOf } from "../store/selectors.ts";
import { awayNote } from "./awayNote.ts";
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
    const view = this._register(window.createTreeView(VIEWS.sessions, { treeDataProvider, showCollapseAll: true }));
    treeDataProvider.follow(view);
    this._register(
      store.onStatus((status) => {
        const { description, message } = awayNote(status, store.state.projects.size > 0);
        // Each assignment goes to the window, changed or not.
        if ((view.description ?? "") !== description) view.description = description;
        if ((view.message ?? "") !== message) view.message = message;
      }),
    );
  }
}
