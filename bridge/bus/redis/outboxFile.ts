/**
 * Owns the events that were acknowledged while Redis was away: on disk, in order, until Redis has them. A line is
 * `crc32 json LF`; a last one without its end was never acknowledged. Sending an event twice does no harm, since every
 * store knows its event ids: so nothing is crossed out, and the file is emptied when all of it was sent.
 */
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import type { Event } from "../../../shared/events/event.ts";
import { type EventDefaults, parseEvent } from "../../../shared/events/parse.ts";
import type { Logger } from "../../diagnostics/logger.ts";
import { FILE_MODE, syncDirectory } from "../../store/durableFile.ts";

export class OutboxFile {
  readonly #path: string;
  readonly #defaults: EventDefaults;
  readonly #log: Logger;
  #file: FileHandle | undefined;
  /** Bytes that hold whole lines. */
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
    await (await open(this.#path, "a", FILE_MODE)).close();
    await syncDirectory(dirname(this.#path));
    const file = await open(this.#path, "r+");
    this.#file = file;
    const text = await file.readFile("utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    this.#size = Buffer.byteLength(whole);
    this.#events = whole.split("\n").flatMap((line) => this.#parse(line));
  }

  /** Resolves when the events are on disk; otherwise none of them is kept. */
  append(events: readonly Event[]): Promise<void> {
    return this.#inTurn(async (file) => {
      const bytes = Buffer.from(events.map(encodeLine).join(""));
      try {
        await writeAll(file, bytes, this.#size);
        await file.datasync();
      } catch (error) {
        await this.#cutBack(file);
        throw error;
      }
      this.#size += bytes.length;
      this.#events.push(...events);
    });
  }

  /** The first one is in Redis. When it was the last that waited, the file is emptied. */
  shift(): Promise<void> {
    return this.#inTurn(async (file) => {
      this.#events.shift();
      if (this.#events.length > 0) return;
      this.#size = 0;
      await file.truncate(0);
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

  /** What was written in part must not be found, after a crash, by the side of what is written over it. */
  async #cutBack(file: FileHandle): Promise<void> {
    try {
      await file.truncate(this.#size);
    } catch (error) {
      this.#log.warn("The Redis outbox could not be cut back after a failed write", { file: this.#path, error });
    }
  }

  #parse(line: string): Event[] {
    if (line === "") return [];
    const event = decodeLine(line, this.#defaults);
    if (event !== undefined) return [event];
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

function encodeLine(event: Event): string {
  const json = JSON.stringify(event);
  return `${checksum(json)} ${json}\n`;
}

function decodeLine(line: string, defaults: EventDefaults): Event | undefined {
  const space = line.indexOf(" ");
  const json = line.slice(space + 1);
  return line.slice(0, space) === checksum(json) ? parseEventText(json, defaults) : undefined;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, "0");
}

/** A disk that fills up takes a part of what it is given, and says so without an error. */
async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
