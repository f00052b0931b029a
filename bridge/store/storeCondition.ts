/** Owns how the store is: whether it takes events, why not, and what a person should know about it. */
import type { StoreHealth } from "../../shared/protocol/health.ts";
import { type ProblemError, problem } from "../../shared/protocol/problem.ts";
import { JournalError } from "./journal/journal.ts";

export class StoreCondition {
  readonly #directory: string;
  readonly #notices: string[] = [];
  /** The last write met a full disk; the next append tries again. */
  #diskFull: ProblemError | undefined;
  #failure: ProblemError | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get state(): StoreHealth["state"] {
    if (this.#failure !== undefined) return "failed";
    return this.#diskFull === undefined ? "open" : "read_only";
  }

  /** Why nothing can be taken any more; a full disk is worth another try. */
  get refusal(): ProblemError | undefined {
    return this.#failure;
  }

  /** In sentences. */
  get warnings(): readonly string[] {
    const problems = [this.#failure, this.#diskFull].flatMap((error) => (error === undefined ? [] : [error.message]));
    return [...this.#notices, ...problems];
  }

  /** Something that a person should know until the bridge is restarted. */
  notice(sentence: string): void {
    this.#notices.push(sentence);
  }

  written(): void {
    this.#diskFull = undefined;
  }

  /** Answers what whoever waits for the write is told. */
  writeFailed(error: unknown): ProblemError {
    if (!(error instanceof JournalError) || error.code !== "disk_full") return this.fail(error);
    this.#diskFull = problem(
      "store_unavailable",
      `The disk that holds ${this.#directory} is full: nothing of this was stored. Free some space and publish again.`,
      { cause: error },
    );
    return this.#diskFull;
  }

  /** Final: after a failed sync nobody knows what is on disk until it is read again. */
  fail(error: unknown): ProblemError {
    const reason = error instanceof Error ? error.message : String(error);
    this.#failure = problem(
      "store_unavailable",
      `The event store takes nothing more: ${reason}. Check the disk that holds ${this.#directory}, then restart the bridge.`,
      { cause: error },
    );
    return this.#failure;
  }
}
