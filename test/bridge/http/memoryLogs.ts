/** A log store in memory: what the routes are tested against; the real one has its own tests. */
import type { LogStore } from "../../../bridge/logs/logStore.ts";
import type { LogAppendResult, LogFrame, LogPage } from "../../../shared/protocol/log.ts";
import { problem } from "../../../shared/protocol/problem.ts";

const GENERATION = "00000000000000aa";

interface MemoryLog {
  text: string;
  endState: string | undefined;
  readonly waiting: Set<() => void>;
}

export class MemoryLogs implements LogStore {
  readonly #logs = new Map<string, MemoryLog>();

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  async append(jobId: string, bytes: Uint8Array, offset?: number): Promise<LogAppendResult> {
    const log = this.#log(jobId);
    const start = offset ?? log.text.length;
    if (start > log.text.length) {
      throw problem("log_offset_conflict", "The log is shorter.", { context: { size: log.text.length } });
    }
    log.text += Buffer.from(bytes)
      .toString()
      .slice(log.text.length - start);
    this.#wake(log);
    return { size: log.text.length };
  }

  async read(jobId: string, from: { lines: number } | { offset: number; maxBytes: number }): Promise<LogPage> {
    const { text } = this.#log(jobId);
    const all = text.split("\n").slice(0, -1);
    const lines = "lines" in from ? all.slice(-from.lines) : text.slice(from.offset).split("\n").slice(0, -1);
    const offset = text.length - lines.reduce((sum, line) => sum + line.length + 1, 0);
    return { job_id: jobId, generation: GENERATION, offset, next_offset: text.length, size: text.length, lines };
  }

  async *follow(
    jobId: string,
    from: { lines: number } | { offset: number; generation?: string },
    signal: AbortSignal,
  ): AsyncIterable<LogFrame> {
    const log = this.#log(jobId);
    let offset = "offset" in from ? from.offset : (await this.read(jobId, from)).offset;
    if ("generation" in from && from.generation !== GENERATION) {
      offset = 0;
      yield { type: "log.reset", data: { offset } };
    }
    while (!signal.aborted) {
      if (log.text.length > offset) {
        const lines = log.text.slice(offset).split("\n").slice(0, -1);
        yield { type: "log.lines", data: { offset, next_offset: log.text.length, lines } };
        offset = log.text.length;
      } else if (log.endState !== undefined) {
        yield { type: "log.end", data: { offset, job_state: log.endState } };
        return;
      } else {
        await new Promise<void>((resolve) => {
          log.waiting.add(resolve);
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
    }
  }

  async generation(): Promise<string> {
    return GENERATION;
  }

  end(jobId: string, state: string): void {
    const log = this.#log(jobId);
    log.endState = state;
    this.#wake(log);
  }

  reopen(): void {}

  async remove(jobId: string): Promise<void> {
    this.#logs.delete(jobId);
  }

  #log(jobId: string): MemoryLog {
    let log = this.#logs.get(jobId);
    if (log === undefined) {
      log = { text: "", endState: undefined, waiting: new Set() };
      this.#logs.set(jobId, log);
    }
    return log;
  }

  #wake(log: MemoryLog): void {
    for (const resolve of log.waiting) resolve();
    log.waiting.clear();
  }
}
