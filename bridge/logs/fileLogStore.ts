/**
 * Owns the folder of job logs. Bytes are kept as they came, ANSI sequences and all; they are in the file when an append
 * resolves, and so outlive the bridge, though not a loss of power: a log is no event.
 */
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LogAppendResult, LogFrame, LogPage } from "../../shared/protocol/log.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { SharedFrame } from "./frameCache.ts";
import { generationFile, JobLog, jobOfLog } from "./jobLog.ts";
import { lastLinesOffset, readLines } from "./lineReader.ts";
import { logFileName } from "./logFileName.ts";
import { type LogBounds, logIdOf, removeLogFiles, segmentsDirectory, unlessMissing } from "./logSegments.ts";
import type { LogStore } from "./logStore.ts";
import { isPlainName } from "./plainName.ts";

/** About how much of a log one frame holds. */
const FRAME_BYTES = 64 * 1024;

/** A job that prints without end keeps its newest gigabyte, and does not fill the disk of whoever left it running. */
export const DEFAULT_LOG_BOUNDS: LogBounds = { maxBytes: 1024 ** 3, segmentBytes: 64 * 1024 ** 2 };

/** What a log says that ended before anybody asked, of a job that the state has forgotten. */
const ENDED_BEFORE = "ended";

export interface ListedLog {
  /** The name of the file that `logFileName` makes of the job's id. */
  readonly id: string;
  /** Null where the name is a hash and nobody wrote down of what. */
  readonly jobId: string | null;
  readonly bytes: number;
  readonly lastWriteMs: number;
  /** Its job runs, or somebody reads it. */
  readonly isRunning: boolean;
}

export class FileLogStore implements LogStore {
  readonly #directory: string;
  readonly #diagnostics: Logger;
  readonly #bounds: LogBounds;
  readonly #logs = new Map<string, JobLog>();
  /** Jobs that run, as far as this bridge was told: the logs of all others are complete. */
  readonly #running = new Set<string>();
  readonly #endStates = new Map<string, string>();
  readonly #stopping = new AbortController();

  /** @param options `bounds` of one log; default: a gigabyte. */
  constructor(options: { readonly directory: string; readonly log: Logger; readonly bounds?: LogBounds }) {
    this.#directory = options.directory;
    this.#diagnostics = options.log;
    this.#bounds = options.bounds ?? DEFAULT_LOG_BOUNDS;
  }

  async start(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
  }

  async append(jobId: string, bytes: Uint8Array, offset?: number): Promise<LogAppendResult> {
    return this.#use(jobId, async (log) => ({ size: await log.append(bytes, offset) }));
  }

  async read(jobId: string, from: { lines: number } | { offset: number; maxBytes: number }): Promise<LogPage> {
    return this.#use(jobId, async (log) => {
      const contents = await log.contents();
      const generation = await log.generation();
      if (contents === undefined) return { job_id: jobId, generation, offset: 0, next_offset: 0, size: 0, lines: [] };
      const { start, end: size } = contents;
      const isComplete = !this.#running.has(jobId);
      const offset =
        "lines" in from ? await lastLinesOffset(contents, from.lines) : Math.min(Math.max(from.offset, start), size);
      const maxBytes = "lines" in from ? size - offset : from.maxBytes;
      const { lines, nextOffset } = await readLines(contents, { offset, maxBytes, isComplete });
      return { job_id: jobId, generation, offset, next_offset: nextOffset, size, lines };
    });
  }

  async *follow(
    jobId: string,
    from: { lines: number } | { offset: number; generation?: string },
    signal: AbortSignal,
  ): AsyncIterable<LogFrame> {
    const aborted = AbortSignal.any([signal, this.#stopping.signal]);
    const log = this.#logOf(jobId);
    log.users += 1;
    try {
      let offset = 0;
      const contents = await log.contents();
      if ("lines" in from) {
        offset = contents === undefined ? 0 : await lastLinesOffset(contents, from.lines);
      } else {
        const isOther = from.generation !== undefined && from.generation !== (await log.generation());
        if (isOther || from.offset > (contents?.end ?? 0)) yield { type: "log.reset", data: { offset: 0 } };
        else offset = from.offset;
      }
      let { beginnings } = log;
      while (!aborted.aborted) {
        // Taken before reading: what comes while it reads is seen as a change, not slept through.
        const { version } = log;
        if (log.beginnings !== beginnings) {
          ({ beginnings } = log);
          offset = 0;
          yield { type: "log.reset", data: { offset } };
        }
        const start = (await log.contents())?.start ?? 0;
        if (offset < start) {
          yield { type: "log.gap", data: { from: offset, to: start, reason: "rotated" } };
          offset = start;
        }
        const isComplete = !this.#running.has(jobId);
        const frame = await this.#readFrame(log, offset, isComplete);
        // Removed or stopped while it read: these may be bytes of another log, or none for another reason than its end.
        if (aborted.aborted || log.beginnings !== beginnings) continue;
        if (frame === "gone") continue;
        if (frame !== undefined) {
          yield frame;
          offset = frame.data.next_offset;
        } else if (isComplete) {
          yield { type: "log.end", data: { offset, job_state: this.#endStates.get(jobId) ?? ENDED_BEFORE } };
          return;
        } else {
          await log.changedSince(version, aborted);
        }
      }
    } finally {
      await this.#release(jobId, log);
    }
  }

  generation(jobId: string): Promise<string> {
    return this.#use(jobId, (log) => log.generation());
  }

  end(jobId: string, state: string): void {
    this.#running.delete(jobId);
    this.#endStates.set(jobId, state);
    const log = this.#logs.get(jobId);
    if (log === undefined) return;
    log.wake();
    // It may have been kept open for the running job alone.
    log.users += 1;
    this.#release(jobId, log).catch((error: unknown) => {
      this.#diagnostics.warn("A log file could not be closed", { jobId, error });
    });
  }

  reopen(jobId: string): void {
    this.#running.add(jobId);
    this.#endStates.delete(jobId);
  }

  async remove(jobId: string): Promise<void> {
    // Its followers stay with the log, and are told that it begins anew.
    await this.#use(jobId, (log) => log.remove());
    this.#endStates.delete(jobId);
  }

  /** Every log that there is, with what decides whether it may go. */
  async list(): Promise<readonly ListedLog[]> {
    const ids = new Set((await readdir(this.#directory)).flatMap((fileName) => logIdOf(fileName) ?? []));
    const running = new Set([...this.#running].map(logFileName));
    const logs: ListedLog[] = [];
    for (const id of ids) {
      const files = await this.#files(id);
      if (files.length === 0) continue;
      const jobId = isPlainName(id) ? id : await jobOfLog(join(this.#directory, `${id}.log`));
      const bytes = files.reduce((sum, { size }) => sum + size, 0);
      const lastWriteMs = Math.max(...files.map(({ mtimeMs }) => mtimeMs));
      const isRunning = running.has(id) || this.#isOpen(id);
      logs.push({ id, jobId: jobId ?? null, bytes, lastWriteMs, isRunning });
    }
    return logs;
  }

  /** Of all logs together. */
  async bytes(): Promise<number> {
    return (await this.list()).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Removes a log as `list` names it, unless its job runs by now or somebody reads it. */
  async removeListed(id: string): Promise<void> {
    if (this.#isOpen(id) || [...this.#running].some((jobId) => logFileName(jobId) === id)) return;
    const path = join(this.#directory, `${id}.log`);
    await removeLogFiles(path);
    await rm(generationFile(path), { force: true });
  }

  async #files(id: string): Promise<{ readonly size: number; readonly mtimeMs: number }[]> {
    const first = join(this.#directory, `${id}.log`);
    const directory = segmentsDirectory(first);
    const later = ((await readdir(directory).catch(unlessMissing)) ?? []).map((name) => join(directory, name));
    const found = await Promise.all([first, ...later].map((path) => stat(path).catch(unlessMissing)));
    return found.filter((file) => file !== undefined);
  }

  /** Does something with a job's log, and lets go of its file if nobody else needs it. */
  async #use<T>(jobId: string, act: (log: JobLog) => Promise<T>): Promise<T> {
    const log = this.#logOf(jobId);
    log.users += 1;
    try {
      return await act(log);
    } finally {
      await this.#release(jobId, log);
    }
  }

  #logOf(jobId: string): JobLog {
    let log = this.#logs.get(jobId);
    if (log === undefined) {
      log = new JobLog(join(this.#directory, `${logFileName(jobId)}.log`), jobId, this.#bounds);
      this.#logs.set(jobId, log);
    }
    return log;
  }

  /** Files of running jobs stay open; of the others only as long as somebody reads. */
  async #release(jobId: string, log: JobLog): Promise<void> {
    log.users -= 1;
    const isWanted = this.#running.has(jobId) && !this.#stopping.signal.aborted;
    if (log.users > 0 || isWanted || this.#logs.get(jobId) !== log) return;
    this.#logs.delete(jobId);
    await log.close();
  }

  #isOpen(id: string): boolean {
    return [...this.#logs.keys()].some((jobId) => logFileName(jobId) === id);
  }

  /** What begins at an offset, read once for all who stand there; `gone` when it was taken away from under the reader. */
  async #readFrame(log: JobLog, offset: number, isComplete: boolean): Promise<SharedFrame | "gone"> {
    const { beginnings } = log;
    const contents = await log.contents();
    if (contents === undefined) return undefined;
    try {
      const key = `${beginnings} ${contents.end} ${isComplete}`;
      const read = () => readLines(contents, { offset, maxBytes: FRAME_BYTES, isComplete });
      return await log.frames.frame(offset, key, read);
    } catch (error) {
      // The file was closed under the reader's hands: by a stop, a removal, or since the log has grown past its bound.
      if (this.#stopping.signal.aborted || log.beginnings !== beginnings || offset < contents.start) return "gone";
      throw error;
    }
  }
}
