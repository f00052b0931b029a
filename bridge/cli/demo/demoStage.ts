/**
 * Owns what the demo's sessions share: the connection, the clock, and the end, which is the script's, Ctrl-C's or that of
 * somebody who removes the demo while it runs.
 */
import { v7 as newId } from "uuid";
import { BridgeSocket } from "../../../shared/client/bridgeSocket.ts";
import type { Connect } from "../../../shared/client/connectionSupervisor.ts";
import type { EventInput } from "../../../shared/events/event.ts";
import { ProblemError } from "../../../shared/protocol/problem.ts";
import type { DemoClock } from "./demoClock.ts";
import { DEMO_PROJECT, DEMO_PROJECT_NAME } from "./demoProject.ts";

/** Why a script ends before its time. */
export class DemoStopped extends Error {
  readonly code = "demo_stopped";
  /** What is told of the jobs that are stopped by it. */
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.name = "DemoStopped";
    this.reason = reason;
  }
}

export interface DemoStageOptions {
  readonly connect: Connect;
  readonly clock: DemoClock;
  /** `internal`, unless the demo is to be seen in Telegram. */
  readonly visibility: "public" | "internal";
  /** Ends the demo. */
  readonly interrupted: AbortSignal;
  /** An approval waits for an answer. */
  readonly onAsked: (approvalId: string, action: string) => void;
}

export type DemoEvent = Pick<EventInput, "event_type" | "data"> & {
  readonly sessionId?: string;
  readonly jobId?: string;
};

export class DemoStage implements AsyncDisposable {
  readonly connect: Connect;
  readonly clock: DemoClock;
  readonly onAsked: DemoStageOptions["onAsked"];
  /** Aborted, with a `DemoStopped`, when the demo ends before its time. */
  readonly signal: AbortSignal;
  readonly #visibility: "public" | "internal";
  readonly #instanceId = newId();
  readonly #removed = new AbortController();
  readonly #closed = new AbortController();
  readonly #cancellers = new Map<string, (reason: string | null) => void>();
  readonly #socket: BridgeSocket;
  readonly #connected: Promise<void>;
  #removedAtSeq = 0;
  #lastSeq = 0;

  constructor({ connect, clock, visibility, interrupted, onAsked }: DemoStageOptions) {
    this.connect = connect;
    this.clock = clock;
    this.onAsked = onAsked;
    this.#visibility = visibility;
    this.signal = AbortSignal.any([this.#removed.signal, this.#closed.signal, stopAt(interrupted)]);
    let connected = () => {};
    this.#connected = new Promise((resolve) => {
      connected = resolve;
    });
    this.#socket = new BridgeSocket({
      connect,
      onStatus: ({ state }) => {
        if (state === "connected") connected();
      },
      onCancelRequested: (jobId, reason) => this.#cancellers.get(jobId)?.(reason),
    });
  }

  /** Whether somebody removed the demo, so that nothing more is told: it would bring the project back. */
  get isRemoved(): boolean {
    return this.#removed.signal.aborted;
  }

  /** Connects, and tells of the project. */
  async open(): Promise<void> {
    this.#socket.start();
    await this.#connected;
    this.#socket.subscribe({
      filter: { project_id: [DEMO_PROJECT], type: ["project.removed"] },
      onEvents: (batch) => {
        this.#removedAtSeq = batch.at(-1)?.seq ?? this.#removedAtSeq;
        this.#removed.abort(new DemoStopped("The demo was removed"));
      },
    });
    await this.tell({ event_type: "project.registered", data: { name: DEMO_PROJECT_NAME } });
  }

  async tell({ event_type, data, sessionId, jobId }: DemoEvent): Promise<void> {
    if (this.isRemoved && event_type !== "project.removed") return;
    const event: EventInput = {
      event_id: newId(),
      event_type,
      timestamp: this.clock.timestamp(),
      source: { component: "demo", instance_id: this.#instanceId },
      project_id: DEMO_PROJECT,
      session_id: sessionId ?? null,
      job_id: jobId ?? null,
      data: data ?? {},
      visibility: this.#visibility,
    };
    const [result] = await this.#socket.publish([event]);
    if (result?.problem !== undefined) throw new ProblemError(result.problem);
    this.#lastSeq = Math.max(this.#lastSeq, result?.seq ?? 0);
  }

  async log(jobId: string, bytes: Uint8Array, offset: number): Promise<void> {
    if (!this.isRemoved) await this.#socket.log(jobId, bytes, offset);
  }

  /** Lets people cancel a job, until the answer is disposed. */
  async attach(jobId: string, onCancel: (reason: string | null) => void): Promise<Disposable> {
    this.#cancellers.set(jobId, onCancel);
    await this.#socket.attach(jobId);
    return {
      [Symbol.dispose]: () => {
        this.#cancellers.delete(jobId);
        this.#socket.detach(jobId);
      },
    };
  }

  /** Closes the connection, and ends what is still played. What crossed the demo's removal on its way is taken away again. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new DemoStopped("The demo was ended"));
    if (this.isRemoved && this.#lastSeq > this.#removedAtSeq) {
      await this.tell({ event_type: "project.removed", data: { reason: "The demo was removed" } });
    }
    await this.#socket.stop();
  }
}

function stopAt(interrupted: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort(new DemoStopped("The demo was ended"));
  if (interrupted.aborted) stop();
  interrupted.addEventListener("abort", stop, { once: true });
  return controller.signal;
}
