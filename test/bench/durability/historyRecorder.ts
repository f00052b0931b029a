/** Owns reading one event stream over many lives of a bridge, as `curl` would, and writing down what was heard. */
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { createParser } from "eventsource-parser";
import type { HistoryEntry, StreamHistory } from "./streamHistory.ts";

export interface HistoryRecorderOptions {
  readonly reader: string;
  /** The filter, as a query string. */
  readonly filter: string;
  readonly address: () => string | undefined;
  readonly token: string;
  readonly signal: AbortSignal;
}

const RECONNECT_MS = 20;

export class HistoryRecorder implements StreamHistory {
  readonly reader: string;
  readonly entries: HistoryEntry[] = [];
  readonly #options: HistoryRecorderOptions;
  #lastEventId: string | undefined;
  #lastSeq = 0;

  constructor(options: HistoryRecorderOptions) {
    this.reader = options.reader;
    this.#options = options;
  }

  /** The newest that it heard of. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Reads until the signal. */
  async run(): Promise<void> {
    const { address, signal } = this.#options;
    while (!signal.aborted) {
      const url = address();
      if (url !== undefined) await this.#connect(url);
      await delay(RECONNECT_MS);
    }
  }

  #connect(url: string): Promise<void> {
    const { filter, token, signal } = this.#options;
    const headers = {
      Authorization: `Bearer ${token}`,
      ...(this.#lastEventId === undefined ? {} : { "Last-Event-ID": this.#lastEventId }),
    };
    return new Promise((resolve) => {
      const parser = createParser({ onEvent: ({ id, event, data }) => this.#hear(id, event ?? "", data) });
      const path = `${url}/v1/events/stream?after=0${filter}`;
      const outgoing = request(path, { headers, signal, agent: false });
      outgoing.on("error", () => resolve());
      outgoing.on("response", (response) => {
        if (response.statusCode !== 200) {
          outgoing.destroy();
          resolve();
          return;
        }
        this.entries.push({ kind: "connected", after: seqOf(this.#lastEventId) });
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => parser.feed(chunk));
        response.on("error", () => resolve());
        response.on("close", () => resolve());
      });
      outgoing.end();
    });
  }

  #hear(id: string | undefined, type: string, data: string): void {
    if (id !== undefined) this.#lastEventId = id;
    this.#lastSeq = Math.max(this.#lastSeq, seqOf(this.#lastEventId));
    const content = JSON.parse(data);
    if (type === "stream.gap") this.entries.push({ kind: "gap", ...content });
    else if (type === "stream.cursor" || type === "stream.caught_up") {
      this.entries.push({ kind: "bookmark", seq: content.seq });
    } else if (!type.startsWith("stream.")) {
      this.entries.push({ kind: "event", seq: seqOf(id), eventId: content.event_id });
    }
  }
}

/** A cursor is `epoch-seq`. */
function seqOf(cursor: string | undefined): number {
  return cursor === undefined ? 0 : Number(cursor.split("-").at(-1));
}
