/** Owns the presses that wait for an answer: one answer each, and none after a while. */
import { badRequest } from "./refusal.ts";

export interface FakeAnswer {
  readonly text: string;
  readonly alert: boolean;
}

interface OpenQuery {
  readonly expiresAtMs: number;
  readonly answer: (answer: FakeAnswer) => void;
}

export class CallbackQueries {
  readonly #open = new Map<string, OpenQuery>();
  #nextId = 1;
  /** Telegram documents no figure; others saw presses refused after about 15 s. */
  lifetimeMs = 15_000;
  /** Of the latest press. */
  latestId = "";

  /** A new press: its id, and what the bot will answer. */
  add(): { readonly id: string; readonly answered: Promise<FakeAnswer> } {
    // Real ids are 64-bit numbers that do not fit a double.
    const id = `49301882${String(this.#nextId++).padStart(11, "0")}`;
    this.latestId = id;
    const answered = new Promise<FakeAnswer>((answer) => {
      this.#open.set(id, { expiresAtMs: performance.now() + this.lifetimeMs, answer });
    });
    return { id, answered };
  }

  /** From now on every press that was made so far is too old. */
  expireAll(): void {
    this.#open.clear();
  }

  answer(id: unknown, text: unknown, alert: boolean): void {
    const query = typeof id === "string" ? this.#open.get(id) : undefined;
    if (query === undefined || performance.now() > query.expiresAtMs) {
      throw badRequest("query is too old and response timeout expired or query ID is invalid");
    }
    const toast = typeof text === "string" ? text : "";
    if ([...toast].length > 200) throw badRequest("MESSAGE_TOO_LONG");
    this.#open.delete(String(id));
    query.answer({ text: toast, alert });
  }
}
