/** Owns what the rest of the bridge knows of job logs: bytes go in at an offset, whole lines come out from one. */
import type { LogAppendResult, LogFrame, LogPage } from "../../shared/protocol/log.ts";

export interface LogStore {
  start(): Promise<void>;
  /** Waits for appends in flight, ends all followers. */
  stop(): Promise<void>;

  /**
   * Appends bytes that begin at `offset` of the job's output. Bytes that are there already are passed over, so a chunk
   * may be sent again; without an offset they go to the end.
   *
   * @throws ProblemError `log_offset_conflict` when the log is shorter than the offset (its `context` has the size).
   */
  append(jobId: string, bytes: Uint8Array, offset?: number): Promise<LogAppendResult>;

  /** The last `lines` lines, or up to `maxBytes` from `offset` on. An unknown job has an empty log. */
  read(jobId: string, from: { lines: number } | { offset: number; maxBytes: number }): Promise<LogPage>;

  /**
   * The log from a place on, then what comes, until the job has ended and all of it was sent. Pulls: a reader that takes
   * its time holds nothing up. `generation` (from a cursor) of another file answers `log.reset` first.
   */
  follow(
    jobId: string,
    from: { lines: number } | { offset: number; generation?: string },
    signal: AbortSignal,
  ): AsyncIterable<LogFrame>;

  /** The generation that cursors into a job's log carry. */
  generation(jobId: string): Promise<string>;

  /** The job has ended in this state: its followers get what is left, then `log.end`. */
  end(jobId: string, state: string): void;

  /** The job runs (again): `follow` waits for more. */
  reopen(jobId: string): void;

  /** Removes a job's log. */
  remove(jobId: string): Promise<void>;
}
