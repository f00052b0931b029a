/** Owns the command that a job runs: its output on the way through, the signals that reach it, and how it ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";

/** Signals that are meant for the job and reach us. */
const PASSED_ON = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Once the command has ended, whatever it left in the background may hold its output open: we wait for quiet, not for them. */
const QUIET_MS = 200;

/** How long a canceled job gets to end by itself. */
const KILL_AFTER_MS = 10_000;

export interface JobEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It could not be run at all: `ENOENT`, `EACCES`, … */
  readonly spawnError: NodeJS.ErrnoException | null;
}

export class JobProcess {
  readonly #child: ChildProcess;
  readonly #spawnError: Promise<NodeJS.ErrnoException | null>;
  readonly #onOutput: (chunk: Buffer) => void;
  #lastOutputMs = 0;

  constructor(options: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env: NodeJS.ProcessEnv;
    /** Gets every byte, in the order in which it came. */
    readonly onOutput: (chunk: Buffer) => void;
  }) {
    this.#onOutput = options.onOutput;
    this.#child = spawn(options.command, [...options.args], { env: options.env, stdio: ["inherit", "pipe", "pipe"] });
    this.#spawnError = new Promise((resolve) => {
      this.#child.once("error", resolve);
      this.#child.once("spawn", () => resolve(null));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Passes everything through until the command has ended. */
  async run(): Promise<JobEnd> {
    const spawnError = await this.#spawnError;
    if (spawnError !== null) return { exitCode: null, signal: null, spawnError };
    const { stdout, stderr } = this.#child;
    if (stdout !== null) this.#pass(stdout, process.stdout);
    if (stderr !== null) this.#pass(stderr, process.stderr);
    const closed = once(this.#child, "close");
    const stopPassing = this.#passSignals();
    try {
      if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
      await Promise.race([closed, this.#quiet()]);
    } finally {
      stopPassing();
    }
    return { exitCode: this.#child.exitCode, signal: this.#child.signalCode, spawnError: null };
  }

  /** Asks it to end, and makes it if it does not. */
  cancel(): void {
    this.#child.kill("SIGTERM");
    setTimeout(() => this.#child.kill("SIGKILL"), KILL_AFTER_MS).unref();
  }

  /** Whoever reads us slowly slows the command, as without us; whoever closes our output closes the command's. */
  #pass(from: Readable, to: Writable): void {
    from.on("data", (chunk: Buffer) => {
      this.#lastOutputMs = Date.now();
      this.#onOutput(chunk);
      if (to.write(chunk)) return;
      from.pause();
      to.once("drain", () => from.resume());
    });
    to.on("error", () => from.destroy());
  }

  /**
   * At a terminal, Ctrl-C and Ctrl-\ reach the command by themselves, as it is in the same foreground group; sending them on
   * would make two of one. We stay, to see how it ends.
   */
  #passSignals(): () => void {
    const isAtTerminal = process.stdin.isTTY === true;
    const handlers = PASSED_ON.map((signal) => {
      const isTyped = isAtTerminal && (signal === "SIGINT" || signal === "SIGQUIT");
      const handler = () => {
        if (!isTyped) this.#child.kill(signal);
      };
      process.on(signal, handler);
      return { signal, handler };
    });
    return () => {
      for (const { signal, handler } of handlers) process.off(signal, handler);
    };
  }

  async #quiet(): Promise<void> {
    let seenMs = -1;
    while (seenMs !== this.#lastOutputMs) {
      seenMs = this.#lastOutputMs;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }
}

/** The exit code that a shell gives for an end. */
export function shellExitCode({ exitCode, signal, spawnError }: JobEnd): number {
  if (spawnError !== null) return spawnError.code === "EACCES" ? 126 : 127;
  if (signal !== null) return 128 + constants.signals[signal];
  return exitCode ?? 1;
}
