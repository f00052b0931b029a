/** Owns what every command gets: where the data is, how to reach the bridge, and the terminal. */
import { userInfo } from "node:os";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { BridgeUnreachableError } from "../../shared/client/bridgeUnreachableError.ts";
import { dataDirectory } from "../../shared/client/dataDirectory.ts";
import { paths } from "../../shared/client/dataPaths.ts";
import { findBridge, readDiscoveryFile } from "../../shared/client/findBridge.ts";
import { ownLaunch } from "../../shared/client/launchBridge.ts";
import { ensureBridge } from "../../shared/client/startBridge.ts";
import type { DiscoveryEntry } from "../../shared/protocol/discovery.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/version.ts";
import { CliError } from "./cliError.ts";
import type { Terminal } from "./terminal.ts";

export interface CliContext {
  readonly version: string;
  /** The folder of the bundles. */
  readonly assets: string;
  /** The bundle itself, which a bridge in the background runs. */
  readonly script: string;
  readonly terminal: Terminal;
}

/** A bridge that would not start is not started again before this time is over. */
const START_PAUSE_MS = 30_000;

/** How a command that needs a bridge gets one. */
export class BridgeAccess {
  readonly dataDir: string;
  readonly #context: CliContext;
  #opening: Promise<DiscoveryEntry> | undefined;
  #wasOpen = false;
  #nextStartMs = 0;

  constructor(context: CliContext, override: string | undefined) {
    this.#context = context;
    this.dataDir = dataDirectory(process.env, override);
  }

  /**
   * The bridge that runs, else one started in the background; however many ask at once, it is looked for once. A command
   * that goes on for long asks again when the bridge has gone: one that crashed is started again, one that was stopped is
   * left alone.
   *
   * @throws BridgeUnreachableError when there is none and none is to be started; BridgeStartError when it does not start.
   */
  open(signal?: AbortSignal): Promise<DiscoveryEntry> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return signal === undefined ? this.#opening : unlessAborted(this.#opening, signal);
  }

  async #open(): Promise<DiscoveryEntry> {
    const entry = (await this.find()) ?? (await this.#start());
    if (entry.protocol !== PROTOCOL_VERSION) {
      throw new CliError(
        `The bridge that runs is version ${entry.version} and speaks protocol ${entry.protocol}; this is ${this.#context.version} with protocol ${PROTOCOL_VERSION}. Stop it with \`televibe stop\` and try again.`,
      );
    }
    this.#wasOpen = true;
    return entry;
  }

  async #start(): Promise<DiscoveryEntry> {
    // A bridge that stops in good order takes its discovery file away.
    const hasStopped = this.#wasOpen && (await readDiscoveryFile(paths(this.dataDir).discoveryFile)) === undefined;
    if (hasStopped) throw new BridgeUnreachableError("it was stopped");
    if (Date.now() < this.#nextStartMs) throw new BridgeUnreachableError("it did not start");
    try {
      const { entry, started } = await ensureBridge({ dataDir: this.dataDir, launch: ownLaunch(this.#context.script) });
      if (started)
        this.#context.terminal.note("Started the Televibe bridge in the background; `televibe stop` ends it.");
      return entry;
    } catch (error) {
      this.#nextStartMs = Date.now() + START_PAUSE_MS;
      throw error;
    }
  }

  async client(): Promise<BridgeClient> {
    return new BridgeClient(await this.open());
  }

  /** The bridge that runs; undefined when none does. */
  find(): Promise<DiscoveryEntry | undefined> {
    return findBridge(this.dataDir);
  }
}

/** Who sits at this terminal, as far as the machine knows. */
export function terminalUser(): { readonly name: string } {
  return { name: userInfo().username };
}

/** Stops waiting at the signal; what is waited for goes on. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
