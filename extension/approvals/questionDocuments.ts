/** Owns the read-only documents in which approvals are judged. One that is open shows the answer once there is one. */
import { EventEmitter, type TextDocumentContentProvider, Uri, window, workspace } from "vscode";
import { Lifetime } from "../lifecycle.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { approvalLabel } from "../text/approvalText.ts";
import { hasMoreToRead, questionText } from "./questionText.ts";

const SCHEME = "televibe-approval";
const MAX_TITLE_LENGTH = 40;

export class QuestionDocuments extends Lifetime implements TextDocumentContentProvider {
  readonly #store: LiveStore;
  readonly #changed = this._register(new EventEmitter<Uri>());
  /** Those that are open, by approval. */
  readonly #open = new Map<string, Uri>();

  readonly onDidChange = this.#changed.event;

  constructor(store: LiveStore) {
    super();
    this.#store = store;
    this._register(workspace.registerTextDocumentContentProvider(SCHEME, this));
    this._register(
      workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === SCHEME) this.#open.delete(uri.query);
      }),
    );
    this._register(
      store.onDidChange((_, { approvals }) => {
        for (const [id, uri] of this.#open) if (approvals.has(id)) this.#changed.fire(uri);
      }),
    );
  }

  provideTextDocumentContent({ query: approval_id }: Uri): string {
    const { state } = this.#store;
    const approval = state.approvals.get(approval_id);
    return approval === undefined ? "This approval is not known any more.\n" : questionText(state, approval).text;
  }

  /** Opens what an approval asks for, if its row does not say it all. The focus stays where the answer is given. */
  async open(approval_id: string): Promise<void> {
    const { state } = this.#store;
    const approval = state.approvals.get(approval_id);
    if (approval === undefined || !hasMoreToRead(approval)) return;
    const title = approvalLabel(approval).replaceAll(/[\\/]/g, "-").slice(0, MAX_TITLE_LENGTH);
    const uri = Uri.from({
      scheme: SCHEME,
      // What the editor's tab shows, and by whose end it is coloured.
      path: `/${title}.${questionText(state, approval).extension}`,
      query: approval_id,
    });
    this.#open.set(approval_id, uri);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true, preserveFocus: true });
  }
}
