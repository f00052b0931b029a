/** Owns the output channels of jobs' logs: one a job that somebody asked to see, few at a time, the oldest goes first. */
import { type OutputChannel, window } from "vscode";
import { BridgeUnreachableError, describeError } from "../../shared/client/bridgeUnreachableError.ts";
import type { Connect } from "../../shared/client/connectionSupervisor.ts";
import { followLog } from "../../shared/client/logStream.ts";
import { hasEnded, type Job } from "../../shared/state/state.ts";
import type { LiveStore } from "../store/liveStore.ts";
import { channelName } from "./channelName.ts";
import { endLine } from "./endLine.ts";
import { writeLog } from "./logWriter.ts";

/** More would flood the list of channels. */
const MAX_CHANNELS = 5;
/** VS Code drops a channel's beginning past about 30 MB (microsoft/vscode#74262), and reading it all would take a while. */
const MAX_SHOWN_BYTES = 16 * 1024 * 1024;
/** The log's end and the job's come by two streams; the log's may win by so much. */
const JOB_END_WAIT_MS = 2_000;

interface Tail {
  readonly channel: OutputChannel;
  readonly following: AbortController;
  done: Promise<void>;
  hasFailed: boolean;
  hasEnded: boolean;
}

export class JobLogs {
  readonly #store: LiveStore;
  readonly #connect: Connect;
  /** By job id, oldest first. */
  readonly #tails = new Map<string, Tail>();

  /** @param connect finds the bridge; a log reader must not start one. */
  constructor(store: LiveStore, connect: Connect) {
    this.#store = store;
    this.#connect = connect;
  }

  /** Shows a job's log without taking the focus, and follows it from its beginning if nobody does yet. */
  show(job: Job): void {
    const known = this.#tails.get(job.job_id);
    // A job may be started again after it ended, and goes on in the same log.
    const isOver = known?.hasFailed === true || (known?.hasEnded === true && !hasEnded(job.state));
    if (isOver) this.#close(job.job_id);
    const tail = this.#tails.get(job.job_id) ?? this.#open(job);
    tail.channel.show(true);
  }

  /** Stops following and closes the channels. */
  async stop(): Promise<void> {
    const tails = [...this.#tails.values()];
    for (const id of [...this.#tails.keys()]) this.#close(id);
    await Promise.all(tails.map(({ done }) => done));
  }

  #open(job: Job): Tail {
    const surplus = Math.max(0, this.#tails.size - MAX_CHANNELS + 1);
    for (const id of [...this.#tails.keys()].slice(0, surplus)) this.#close(id);
    const taken = new Set([...this.#tails.values()].map(({ channel }) => channel.name));
    const channel = window.createOutputChannel(channelName(this.#store.state, job, taken));
    const following = new AbortController();
    const tail: Tail = { channel, following, hasFailed: false, hasEnded: false, done: Promise.resolve() };
    tail.done = this.#follow(job.job_id, tail);
    this.#tails.set(job.job_id, tail);
    return tail;
  }

  async #follow(jobId: string, tail: Tail): Promise<void> {
    const { channel, following } = tail;
    // A channel that was closed takes nothing more, and throws.
    const whileOpen = (write: () => void) => (following.signal.aborted ? undefined : write());
    const sink = {
      append: (text: string) => whileOpen(() => channel.append(text)),
      clear: () => whileOpen(() => channel.clear()),
    };
    try {
      const offset = await this.#beginning(jobId, following.signal);
      if (offset > 0) sink.append("— The log is long; this is the end of it. All of it: televibe tail —\n");
      const frames = followLog({ connect: this.#connect, jobId, from: { offset }, signal: following.signal });
      await writeLog(frames, sink, async (jobState) =>
        endLine(await this.#endedJob(jobId, following.signal), jobState),
      );
      tail.hasEnded = true;
    } catch (error) {
      if (following.signal.aborted) return;
      tail.hasFailed = true;
      channel.appendLine(`— The log cannot be read: ${describeError(error)} —`);
    }
  }

  /** The byte from which on a channel can hold the log; 0 while the bridge is away. */
  async #beginning(jobId: string, signal: AbortSignal): Promise<number> {
    const { status } = this.#store;
    if (status.state !== "connected") return 0;
    try {
      const { size } = await this.#store.client.logPage(jobId, { lines: 1 }, signal);
      return Math.max(0, size - MAX_SHOWN_BYTES);
    } catch (error) {
      // Gone this very moment: who follows the log waits for it to come back.
      if (error instanceof BridgeUnreachableError) return 0;
      throw error;
    }
  }

  /** The job, once the picture has its end too. */
  async #endedJob(jobId: string, signal: AbortSignal): Promise<Job | undefined> {
    const find = () => this.#store.state.jobs.get(jobId);
    if (find()?.ended_at !== null) return find();
    const waiting = AbortSignal.any([signal, AbortSignal.timeout(JOB_END_WAIT_MS)]);
    await new Promise<void>((resolve) => {
      const changes = this.#store.onDidChange(() => find()?.ended_at !== null && finish());
      const finish = () => {
        changes[Symbol.dispose]();
        resolve();
      };
      waiting.addEventListener("abort", finish, { once: true });
    });
    return find();
  }

  #close(jobId: string): void {
    const tail = this.#tails.get(jobId);
    this.#tails.delete(jobId);
    tail?.following.abort();
    tail?.channel.dispose();
  }
}
