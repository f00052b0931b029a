/** Owns `telegram.json`: read once, then written whole after each change, so that a crash leaves the old one or the new one. */
import { readFile, rename } from "node:fs/promises";
import type { Logger } from "../../diagnostics/logger.ts";
import { writeSecretFile } from "../../lifecycle/discoveryFile.ts";
import { EMPTY_RECORD, type TelegramRecord, telegramRecord } from "./telegramRecord.ts";

export interface TelegramFileOptions {
  readonly file: string;
  readonly log: Logger;
}

export class TelegramFile {
  readonly #file: string;
  readonly #log: Logger;
  #record: TelegramRecord = EMPTY_RECORD;
  /** The write that will have all changes made so far, while it has not begun. */
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor({ file, log }: TelegramFileOptions) {
    this.#file = file;
    this.#log = log;
  }

  get record(): TelegramRecord {
    return this.#record;
  }

  /** Reads what is there. A file that makes no sense is put aside: nobody is paired then, and nothing of it is lost. */
  async load(): Promise<void> {
    const text = await this.#read();
    if (text === undefined) return;
    const read = telegramRecord.safeParse(parseJson(text));
    if (read.success) {
      this.#record = read.data;
      return;
    }
    const aside = `${this.#file}.damaged`;
    this.#log.error("telegram.json is not understood: it is put aside, and every chat has to be paired again", {
      aside,
    });
    await rename(this.#file, aside);
  }

  /** Makes a change at once; resolves when it is on disk, or when it is known and logged that it cannot be written. */
  update(change: (record: TelegramRecord) => TelegramRecord): Promise<void> {
    const changed = change(this.#record);
    if (changed === this.#record) return this.settled();
    this.#record = changed;
    this.#next ??= this.#write();
    return this.#next;
  }

  /** Until everything so far is on disk. */
  settled(): Promise<void> {
    return this.#next ?? this.#last;
  }

  #write(): Promise<void> {
    const writing = this.#last.then(async () => {
      this.#next = undefined;
      try {
        await writeSecretFile(this.#file, `${JSON.stringify(this.#record, null, 2)}\n`);
      } catch (error) {
        this.#log.error("telegram.json cannot be written: pairings and buttons made now end with this process", {
          error,
        });
      }
    });
    this.#last = writing;
    return writing;
  }

  async #read(): Promise<string | undefined> {
    try {
      return await readFile(this.#file, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
