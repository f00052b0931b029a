/**
 * Owns a terminal that a person could sit at: tmux, whose screen is read and whose keys are pressed. It has no end of its
 * own: its processes are found by their environment and end with those of its world.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "../../support/eventually.ts";

const COLUMNS = "140";
const ROWS = "50";

export class Terminal {
  readonly #socketPath: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(socketPath: string, env: NodeJS.ProcessEnv) {
    this.#socketPath = socketPath;
    this.#env = env;
  }

  /** Opens one that runs a command. @param folder where its socket is put. */
  static async open(options: {
    readonly command: readonly string[];
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly folder: string;
  }): Promise<Terminal> {
    const { command, cwd, env, folder } = options;
    const terminal = new Terminal(join(folder, "tmux"), env);
    const size = ["-x", COLUMNS, "-y", ROWS];
    await terminal.#tmux("new-session", "-d", ...size, "-c", cwd, ...command, ";", "set", "-g", "remain-on-exit", "on");
    return terminal;
  }

  /** What a person sees now. */
  async screen(): Promise<string> {
    return (await this.#tmux("capture-pane", "-p")).trimEnd();
  }

  /** Waits until the screen shows it; fails with the screen that it shows instead. */
  async shows(what: RegExp, timeoutMs?: number): Promise<void> {
    let last = "";
    const look = async () => {
      last = await this.screen();
      return what.test(last);
    };
    await eventually(`${what} on the screen`, look, timeoutMs).catch((error: unknown) => {
      throw new Error(`The screen showed no ${what}, but:\n${last}`, { cause: error });
    });
  }

  /** Presses a key, named as tmux names it. */
  async press(key: string): Promise<void> {
    await this.#tmux("send-keys", key);
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const own = ["-u", "-S", this.#socketPath, "-f", "/dev/null"];
    const { stdout } = await promisify(execFile)("tmux", [...own, ...args], { env: this.#env });
    return stdout;
  }
}
