/** Owns bringing a running job's spool to the bridge, over as many bridges and connections as it takes. */
import { once } from "node:events";
import { BridgeSocket } from "../../../shared/client/bridgeSocket.ts";
import { BridgeUnreachableError } from "../../../shared/client/bridgeUnreachableError.ts";
import type { Connect } from "../../../shared/client/connectionSupervisor.ts";
import { ProblemError } from "../../../shared/protocol/problem.ts";
import { pause } from "../deadline.ts";
import { deliverRecords } from "../spool/delivery.ts";
import type { Spool } from "../spool/spool.ts";

/** After a failed try; the socket itself looks for the bridge with a back-off of its own. */
const RETRY_MS = 100;

/** At the job's end: how long the bridge gets to take what is left, while it does. */
const LAST_WAIT_MS = 2000;

export interface JobDeliveryOptions {
  readonly jobId: string;
  readonly spool: Spool;
  readonly connect: Connect;
  readonly onCancelRequested: (reason: string | null) => void;
  /** Something that the bridge will never take. */
  readonly onRefused: (problem: ProblemError) => void;
}

export class JobDelivery {
  readonly #options: JobDeliveryOptions;
  readonly #socket: BridgeSocket;
  readonly #stopping = new AbortController();
  readonly #aborted = once(this.#stopping.signal, "abort");
  #draining: Promise<void> = Promise.resolve();

  constructor(options: JobDeliveryOptions) {
    this.#options = options;
    this.#socket = new BridgeSocket({
      connect: options.connect,
      onCancelRequested: (_jobId, reason) => options.onCancelRequested(reason),
      // A socket that comes and goes is what the spool is for; the job's own output stays undisturbed.
      onError: () => undefined,
    });
  }

  start(): void {
    const { jobId } = this.#options;
    this.#socket.start();
    // Without a bridge nobody can cancel; it is asked for again at each connection.
    const attached = this.#socket.attach(jobId).catch(() => undefined);
    this.#draining = Promise.race([attached, this.#aborted]).then(() => this.#drain());
  }

  /**
   * Gives the bridge a moment to take the rest. Answers what became of it all: the bridge has it, or it is kept for the
   * next one, or the disk failed.
   *
   * @param latecomer something that is still to be told, if it comes in that moment.
   */
  async finish(latecomer: Promise<void>): Promise<"delivered" | "kept" | "lost"> {
    const { spool } = this.#options;
    const timer = setTimeout(() => this.#stopping.abort(), LAST_WAIT_MS);
    await Promise.race([latecomer, this.#aborted]);
    spool.end();
    // What is on its way to a bridge that does not answer is not waited for; the spool still has it.
    await Promise.race([this.#draining, this.#aborted]);
    clearTimeout(timer);
    const isDrained = spool.isDrained;
    await this.#socket.stop();
    await this.#draining;
    await spool.close();
    if (spool.problem !== undefined) return "lost";
    return isDrained ? "delivered" : "kept";
  }

  async #drain(): Promise<void> {
    const { spool, jobId, onRefused } = this.#options;
    const { signal } = this.#stopping;
    const target = {
      publish: async (events: Parameters<BridgeSocket["publish"]>[0]) => {
        for (const { problem: refusal } of await this.#socket.publish(events)) {
          if (refusal !== undefined) onRefused(new ProblemError(refusal));
        }
      },
      appendLog: (_jobId: string, bytes: Uint8Array, offset: number) => this.#socket.log(jobId, bytes, offset),
      onRefused,
    };
    while (!signal.aborted) {
      try {
        await spool.drain((records) => deliverRecords(jobId, records, target), signal);
        return;
      } catch (error) {
        if (!(error instanceof BridgeUnreachableError) && !(error instanceof ProblemError)) throw error;
        if (signal.aborted) return;
        await pause(RETRY_MS, signal);
      }
    }
  }
}
