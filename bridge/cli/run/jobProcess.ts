/** Owns the command that a job runs: its output on the way through, the signals that reach it, and how it ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { isatty } from "node:tty";
import { isSameProcess, processStart } from "../spool/processIdentity.ts";
import { openOutputPipes } from "./outputPipe.ts";
import { Passage } from "./passage.ts";
import { descendantsOf, listProcesses } from "./processTree.ts";

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

/** Disposing of it lets signals end us again, which up to then are the command's. */
export class JobProcess implements Disposable {
  /** Null once it runs, else why it cannot. */
  readonly spawned: Promise<NodeJS.ErrnoException | null>;
  readonly #child: ChildProcess | undefined;
  readonly #passages: readonly Passage[] = [];
  readonly #handlers: readonly { readonly signal: NodeJS.Signals; readonly handler: () => void }[] = [];

  constructor(options: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env: NodeJS.ProcessEnv;
    /** Gets every byte, in the order in which it came. */
    readonly onOutput: (chunk: Buffer) => void;
  }) {
    const pipes = openOutputPipes();
    const [out, err] = pipes ?? [];
    let child: ChildProcess;
    try {
      child = spawn(options.command, [...options.args], {
        env: options.env,
        stdio: ["inherit", out?.writeEnd ?? "pipe", err?.writeEnd ?? "pipe"],
      });
    } catch (error) {
      // Thrown for what is wrong with the call as such: an empty name, an environment that is too large.
      if (!(error instanceof Error)) throw error;
      this.spawned = Promise.resolve(error);
      for (const pipe of pipes ?? []) pipe.from.destroy();
      return;
    } finally {
      for (const pipe of pipes ?? []) pipe[Symbol.dispose]();
    }
    this.#child = child;
    this.#handlers = this.#passSignals(child);
    this.spawned = new Promise((resolve) => {
      child.once("error", resolve);
      child.once("spawn", () => resolve(null));
    });
    const [stdout, stderr] = [out?.from ?? child.stdout, err?.from ?? child.stderr];
    if (stdout === null || stderr === null) return;
    this.#passages = [
      new Passage(stdout, process.stdout, options.onOutput),
      new Passage(stderr, process.stderr, options.onOutput),
    ];
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the command has ended and all that it printed went through. */
  async ended(): Promise<JobEnd> {
    const spawnError = await this.spawned;
    const child = this.#child;
    if (spawnError !== null || child === undefined) return { exitCode: null, signal: null, spawnError };
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    for (const passage of this.#passages) passage.beginLast();
    const closed = new AbortController();
    const allClosed = Promise.all(this.#passages.map((passage) => passage.closed)).then(() => closed.abort());
    await Promise.race([allClosed, this.#quiet(closed.signal)]);
    for (const passage of this.#passages) passage.close();
    return { exitCode: child.exitCode, signal: child.signalCode, spawnError: null };
  }

  /**
   * Asks it and what it has started to end, and makes them if they do not. One by one, since its process group is ours too, and
   * may be that of a whole pipeline.
   */
  cancel(): void {
    const child = this.#child;
    if (child?.pid === undefined) return;
    const started = descendantsOf(child.pid, listProcesses()).map((pid) => ({ pid, start: processStart(pid) }));
    const end = (signal: NodeJS.Signals) => {
      child.kill(signal);
      for (const { pid, start } of started) if (isSameProcess(pid, start)) kill(pid, signal);
    };
    end("SIGTERM");
    setTimeout(() => end("SIGKILL"), KILL_AFTER_MS).unref();
  }

  [Symbol.dispose](): void {
    for (const { signal, handler } of this.#handlers) process.off(signal, handler);
  }

  /**
   * At a terminal, Ctrl-C and Ctrl-\ reach the command by themselves, as it is in the same foreground group; sending them on
   * would make two of one. We stay, to see how it ends.
   */
  #passSignals(child: ChildProcess): readonly { readonly signal: NodeJS.Signals; readonly handler: () => void }[] {
    // Not `process.stdin.isTTY`: making that stream would turn the standard input that we share with the command non-blocking.
    const isAtTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
    return PASSED_ON.map((signal) => {
      const isTyped = isAtTerminal && (signal === "SIGINT" || signal === "SIGQUIT");
      const handler = () => {
        if (!isTyped) child.kill(signal);
      };
      process.on(signal, handler);
      return { signal, handler };
    });
  }

  /** Resolves when nothing of the command's own is to be expected any more, or at the signal. */
  async #quiet(signal: AbortSignal): Promise<void> {
    do {
      for (const passage of this.#passages) passage.beginPeriod();
      await delay(QUIET_MS, undefined, { signal }).catch(() => undefined);
    } while (!signal.aborted && this.#passages.some(({ isBusy }) => isBusy));
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended by itself, or belongs to somebody else by now.
    if (!(error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM"))) throw error;
  }
}

/** The exit code that a shell gives for an end. */
export function shellExitCode({ exitCode, signal, spawnError }: JobEnd): number {
  if (spawnError !== null) return spawnError.code === "ENOENT" ? 127 : 126;
  if (signal !== null) return 128 + constants.signals[signal];
  return exitCode ?? 1;
}
