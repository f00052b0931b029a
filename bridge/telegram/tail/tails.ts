/** Owns the logs that are being followed: one a chat. */
import { LogTail, type LogTailOptions, type TailRequest } from "./logTail.ts";

export class Tails {
  readonly #options: LogTailOptions;
  readonly #running = new Map<number, LogTail>();
  readonly #work = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: LogTailOptions) {
    this.#options = options;
  }

  /** Follows a log in a chat; the one that was followed there before comes to its end. */
  begin(request: TailRequest): void {
    if (this.#stopped) return;
    this.end(request.chatId, "Stopped: another log is followed now.");
    const tail = new LogTail(request, this.#options);
    const done = tail.run().finally(() => {
      this.#work.delete(done);
      if (this.#running.get(request.chatId) === tail) this.#running.delete(request.chatId);
    });
    this.#work.add(done);
    this.#running.set(request.chatId, tail);
  }

  /** Answers whether a log was being followed there. */
  end(chatId: number, why = "Stopped."): boolean {
    const running = this.#running.get(chatId);
    running?.stop(why);
    this.#running.delete(chatId);
    return running !== undefined;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const chatId of [...this.#running.keys()]) this.end(chatId, "Stopped: the bridge stops.");
    await Promise.all(this.#work);
  }
}
