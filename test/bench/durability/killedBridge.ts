/** Owns a real bridge that is going to be killed: started without waiting for it, so that its start can be hit too. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { TELEVIBE, testEnvironment } from "../../support/bridgeProcess.ts";

const READY = /is ready: (http:\S+)/;

export class KilledBridge {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  #output = "";
  #address: string | undefined;

  /** @param around a program that ends by executing the arguments it gets. */
  constructor(dataDir: string, token: string, args: readonly string[], around: readonly string[] = []) {
    const [program = "", ...rest] = [...around, process.execPath, TELEVIBE, "bridge", "--data-dir", dataDir, ...args];
    this.#process = spawn(program, rest, {
      env: testEnvironment({ TELEVIBE_TOKEN: token }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#exited = once(this.#process, "exit");
    const collect = (chunk: Buffer) => {
      this.#output += chunk.toString();
      this.#address ??= READY.exec(this.#output)?.[1];
    };
    this.#process.stdout?.on("data", collect);
    this.#process.stderr?.on("data", collect);
  }

  /** Where it listens; undefined before it is ready and after its end. */
  get address(): string | undefined {
    return this.hasEnded ? undefined : this.#address;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error("The bridge could not be started");
    return this.#process.pid;
  }

  /** What it printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Resolves when it is gone, with its exit code; null when a signal ended it. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    if (!this.hasEnded) this.#process.kill(signal);
    await this.#exited;
    return this.#process.exitCode;
  }
}
