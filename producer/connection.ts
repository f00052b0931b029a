/** Owns one producer's connection: what its events have in common, who is told of a cancel, and the end of it all. */
import { v7 as newId } from "uuid";
import { BridgeSocket } from "../shared/client/bridgeSocket.ts";
import type { Connect } from "../shared/client/connectionSupervisor.ts";
import type { EventInput, EventSource } from "../shared/events/event.ts";
import type { EventType } from "../shared/events/taxonomy.ts";
import type { ProducerEvent, ProducerEventOf } from "./events.ts";
import type { Job } from "./job.ts";
import { Outbox } from "./outbox.ts";
import { RunningJob } from "./runningJob.ts";
import type { JobStart, Televibe } from "./televibe.ts";
import { unawaited } from "./unawaited.ts";

export interface ConnectionOptions {
  readonly connect: Connect;
  readonly source: EventSource;
  readonly maxWaitingBytes: number;
  readonly closeTimeoutMs: number;
  readonly onError: (error: unknown) => void;
}

export class Connection implements Televibe {
  readonly #options: ConnectionOptions;
  readonly #socket: BridgeSocket;
  readonly #outbox: Outbox;
  readonly #jobs = new Map<string, RunningJob>();
  #closing: Promise<void> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = new BridgeSocket({
      connect: options.connect,
      onStatus: ({ state }) => {
        if (state === "connected") this.#outbox.retryNow();
      },
      onCancelRequested: (jobId, reason) => this.#jobs.get(jobId)?.requestCancel(reason),
      // A bridge that comes and goes is what the outbox is for.
      onError: () => undefined,
    });
    this.#outbox = new Outbox({ socket: this.#socket, ...options });
    this.#socket.start();
  }

  startJob(start: JobStart): Job {
    const jobId = start.jobId ?? newId();
    const job = new RunningJob({
      jobId,
      start,
      connect: this.#options.connect,
      tell: (event) => this.#tell(event),
      log: (log, bytes) => this.#outbox.addLog(log, bytes),
      refuse: (error) => {
        this.#options.onError(error);
        return unawaited(Promise.reject(error));
      },
      onEnd: () => {
        this.#jobs.delete(jobId);
        this.#socket.detach(jobId);
      },
    });
    this.#jobs.set(jobId, job);
    // Without a bridge nobody can cancel; it is asked for again at each connection.
    this.#socket.attach(jobId).catch(() => undefined);
    return job;
  }

  publish(events: readonly ProducerEvent[]): Promise<readonly (number | null)[]> {
    return unawaited(Promise.all(events.map((event) => this.#tell(event))));
  }

  flush(): Promise<void> {
    return this.#outbox.flush();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The end of a block must not hide what happened in it: what was lost is told to `onError`, each thing by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch(() => undefined);
  }

  async #close(): Promise<void> {
    for (const job of this.#jobs.values()) void job.fail("The program that ran the job ended before the job did");
    await this.#outbox.close(this.#options.closeTimeoutMs);
  }

  #tell<T extends EventType>({ data, recipients, ...event }: ProducerEventOf<T>): Promise<number | null> {
    const complete: EventInput = {
      event_id: newId(),
      timestamp: new Date().toISOString(),
      source: this.#options.source,
      ...event,
      data: { ...data },
      ...(recipients === undefined ? {} : { recipients: [...recipients] }),
    };
    return this.#outbox.addEvent(complete);
  }
}
