/**
 * Owns the events that were acknowledged while Redis was away: on disk, in order, until Redis has them. A line is whole or
 * was never acknowledged; sending one twice does no harm, since every store knows its event ids.
 */
import { type FileHandle, open } from "node:fs/promises";
import type { Event } from "../../../shared/events/event.ts";
import { type EventDefaults, parseEvent } from "../../../shared/events/parse.ts";
import type { Logger } from "../../diagnostics/logger.ts";

export class OutboxFile {
  readonly #path: string;
  readonly #defaults: EventDefaults;
  readonly #log: Logger;
  #file: FileHandle | undefined;
  #size = 0;
  #events: Event[] = [];
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: { readonly path: string; readonly defaults: EventDefaults; readonly log: Logger }) {
    this.#path = options.path;
    this.#defaults = options.defaults;
    this.#log = options.log;
  }

  /** How many wait. */
  get length(): number {
    return this.#events.length;
  }

  /** The one that is to be sent first. */
  get first(): Event | undefined {
    return this.#events[0];
  }

  async open(): Promise<void> {
    await (await open(this.#path, "a", 0o600)).close();
    const file = await open(this.#path, "r+");
    this.#file = file;
    const text = await file.readFile("utf8");
    const end = text.lastIndexOf("\n") + 1;
    // A last line without its end was cut off by a crash, before it was acknowledged.
    this.#size = Buffer.byteLength(text.slice(0, end));
    this.#events = text
      .slice(0, end)
      .split("\n")
      .flatMap((line) => this.#parse(line));
  }

  /** Resolves when the events are on disk. */
  append(events: readonly Event[]): Promise<void> {
    return this.#inTurn(async (file) => {
      const bytes = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
      await file.write(bytes, 0, bytes.length, this.#size);
      await file.datasync();
      this.#size += bytes.length;
      this.#events.push(...events);
    });
  }

  /** The first one is in Redis. When it was the last that waited, the file is emptied. */
  shift(): Promise<void> {
    return this.#inTurn(async (file) => {
      this.#events.shift();
      if (this.#events.length > 0) return;
      await file.truncate(0);
      this.#size = 0;
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  #inTurn(act: (file: FileHandle) => Promise<void>): Promise<void> {
    const turn = this.#writing.then(() => {
      if (this.#file === undefined) throw new Error(`${this.#path} is not open`);
      return act(this.#file);
    });
    // The next turn does not care how this one ended; its caller does.
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  #parse(line: string): Event[] {
    if (line === "") return [];
    const parsed = parseEventText(line, this.#defaults);
    if (parsed !== undefined) return [parsed];
    this.#log.error("A line of the Redis outbox is damaged and was left out", { file: this.#path });
    return [];
  }
}

/** An event from text that another bridge, or this one earlier, wrote; undefined when it is none. */
export function parseEventText(text: string, defaults: EventDefaults): Event | undefined {
  try {
    const parsed = parseEvent(JSON.parse(text), defaults);
    return parsed.ok ? parsed.value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
