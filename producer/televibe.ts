/** Owns what the author of an agent or a script sees of the connection to Televibe. */
import type { ProducerEvent } from "./events.ts";
import type { Job } from "./job.ts";

export interface ConnectOptions {
  /** What this program is called, such as `release-agent`: the `component` of its events' source. */
  readonly component: string;
  /** Tells apart several of the same program; the process id, when absent. */
  readonly instanceId?: string;
  /** The bridge's data directory; `TELEVIBE_DATA_DIR`, else `~/.televibe`, when absent. */
  readonly dataDir?: string;
  /** Whether a bridge is started in the background where none runs; true, when absent. */
  readonly startBridge?: boolean;
  /** How much is kept while the bridge is away; 16 MiB, when absent. Beyond it, what is told is dropped with a `BufferFullError`. */
  readonly maxWaitingBytes?: number;
  /** How long the end waits for the bridge to take what is left; 5 s, when absent. */
  readonly closeTimeoutMs?: number;
  /** Gets what went wrong with something that nobody awaits; a process warning, when absent. It must not throw. */
  readonly onError?: (error: unknown) => void;
}

/** A connection. It outlives bridges that are restarted: what is told meanwhile is kept, and told once. */
export interface Televibe extends AsyncDisposable {
  /** Tells that a job begins. */
  startJob(job: JobStart): Job;
  /** Gives any events, in order. Resolves with the `seq` of each, null for one that waits for Redis. */
  publish(events: readonly ProducerEvent[]): Promise<readonly (number | null)[]>;
  /** Resolves when the bridge has taken all that was told so far. */
  flush(): Promise<void>;
  /** Fails jobs that have not ended, waits for the bridge to take the rest, and closes. @throws UndeliveredError */
  close(): Promise<void>;
}

export interface JobStart {
  /** The repository or folder, such as `shop`. */
  readonly project: string;
  /** The line of work in it, such as a branch; none, when absent. */
  readonly session?: string;
  /** What the job is to do, as people read it. */
  readonly instruction: string;
  /** A new one is made when absent. */
  readonly jobId?: string;
  readonly workspace?: string;
  readonly branch?: string;
  readonly command?: readonly string[];
  readonly agent?: string;
  /** Of all events of the job: `internal` never leaves this machine for Telegram. */
  readonly visibility?: "public" | "internal";
  readonly recipients?: readonly string[];
}
