/** Owns the documents in which sessions are replayed: read-only, one a session, filled while one watches. */
import { setTimeout as delay } from "node:timers/promises";
import { EventEmitter, type TextDocumentContentProvider, Uri, window, workspace } from "vscode";
import type { StoredEvent } from "../../shared/events/event.ts";
import type { Session } from "../../shared/state/state.ts";
import { Lifetime } from "../lifecycle.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { Replay } from "./replayText.ts";
import { MAX_REPLAY_EVENTS, readSessionEvents } from "./sessionEvents.ts";

const SCHEME = "televibe-replay";
/** A replay takes about this many steps, however long it is: each gives VS Code the whole text anew. */
const STEPS = 20;
const STEP_MS = 50;

export class ReplayDocuments extends Lifetime implements TextDocumentContentProvider {
  readonly #store: LiveStore;
  readonly #changed = this._register(new EventEmitter<Uri>());
  readonly #texts = new Map<string, string>();
  /** By document: the replay that plays in it. Another one of the same session takes its place. */
  readonly #playing = new Map<string, AbortController>();

  readonly onDidChange = this.#changed.event;

  constructor(store: LiveStore) {
    super();
    this.#store = store;
    this._register(workspace.registerTextDocumentContentProvider(SCHEME, this));
    this._register(
      workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === SCHEME) this.#stop(uri);
      }),
    );
    this._register({ dispose: () => this.#playing.forEach((playing) => void playing.abort()) });
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.toString()) ?? "This replay is over. Start it again with Televibe: Replay Session.\n";
  }

  /** Opens a session's document and plays its past into it. Resolves when all was played. */
  async replay(session: Session): Promise<void> {
    const uri = uriOf(session);
    this.#stop(uri);
    const playing = new AbortController();
    this.#playing.set(uri.toString(), playing);
    const { signal } = playing;
    const { events, isCut } = await readSessionEvents(this.#store.client, session, signal);
    if (isCut) {
      void window.showInformationMessage(
        `The session is long: this is a replay of its last ${MAX_REPLAY_EVENTS} events.`,
      );
    }
    const replay = new Replay(session);
    this.#put(uri, replay.text(events.length));
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
    await this.#play(uri, replay, events, signal);
  }

  async #play(uri: Uri, replay: Replay, events: readonly StoredEvent[], signal: AbortSignal): Promise<void> {
    const size = Math.max(1, Math.ceil(events.length / STEPS));
    for (let start = 0; start < events.length; start += size) {
      if (signal.aborted) return;
      const end = Math.min(events.length, start + size);
      replay.play(events.slice(start, end));
      this.#put(uri, replay.text(events.length - end));
      if (end < events.length) await delay(STEP_MS);
    }
  }

  #put(uri: Uri, text: string): void {
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
  }

  #stop(uri: Uri): void {
    const key = uri.toString();
    this.#playing.get(key)?.abort();
    this.#playing.delete(key);
    this.#texts.delete(key);
  }
}

/** The path is what the editor's tab shows; the query tells two sessions of one name apart. */
function uriOf({ project_id, session_id, name }: Session): Uri {
  const title = name.replaceAll(/[\\/]/g, "-");
  return Uri.from({
    scheme: SCHEME,
    path: `/Replay of ${title}.log`,
    query: new URLSearchParams({ project_id, session_id }).toString(),
  });
}
