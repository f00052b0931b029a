/** Owns having a bridge for as long as a program runs: whenever it asks, the one that runs, else one started in the background. */
import type { DiscoveryEntry } from "../protocol/discovery.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { BridgeUnreachableError } from "./bridgeUnreachableError.ts";
import { paths } from "./dataPaths.ts";
import { findBridge, readDiscoveryFile } from "./findBridge.ts";
import { ownLaunch } from "./launchBridge.ts";
import { ensureBridge } from "./startBridge.ts";

/** A bridge that would not start is not started again before this time is over. */
const START_PAUSE_MS = 30_000;

export interface BridgeStarterOptions {
  readonly dataDir: string;
  /** The bundle of the `televibe` command, which a bridge in the background runs; without it none is started. */
  readonly script: string | undefined;
  readonly version: string;
  readonly onStarted?: () => void;
}

/** The bridge that runs is of another version, and the two do not understand each other. */
export class ProtocolMismatchError extends Error {
  readonly code = "protocol_mismatch";

  constructor(entry: DiscoveryEntry, ownVersion: string) {
    super(
      `The bridge that runs is version ${entry.version} and speaks protocol ${entry.protocol}; this is ${ownVersion} with protocol ${PROTOCOL_VERSION}. Stop it with \`televibe stop\` and try again.`,
    );
    this.name = "ProtocolMismatchError";
  }
}

export class BridgeStarter {
  readonly #options: BridgeStarterOptions;
  #opening: Promise<DiscoveryEntry> | undefined;
  #wasOpen = false;
  #nextStartMs = 0;

  constructor(options: BridgeStarterOptions) {
    this.#options = options;
  }

  /**
   * However many ask at once, the bridge is looked for once. Whoever goes on for long asks again when it has gone: one that
   * crashed is started again, one that was stopped is left alone.
   *
   * @throws BridgeUnreachableError when there is none and none is to be started; BridgeStartError when it does not start;
   * ProtocolMismatchError.
   */
  open(signal?: AbortSignal): Promise<DiscoveryEntry> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return signal === undefined ? this.#opening : unlessAborted(this.#opening, signal);
  }

  async #open(): Promise<DiscoveryEntry> {
    const { dataDir, version } = this.#options;
    const entry = (await findBridge(dataDir)) ?? (await this.#start());
    if (entry.protocol !== PROTOCOL_VERSION) throw new ProtocolMismatchError(entry, version);
    this.#wasOpen = true;
    return entry;
  }

  async #start(): Promise<DiscoveryEntry> {
    const { dataDir, script, onStarted } = this.#options;
    // A bridge that stops in good order takes its discovery file away.
    const hasStopped = this.#wasOpen && (await readDiscoveryFile(paths(dataDir).discoveryFile)) === undefined;
    if (hasStopped) throw new BridgeUnreachableError("it was stopped");
    if (script === undefined) throw new BridgeUnreachableError("none runs");
    if (Date.now() < this.#nextStartMs) throw new BridgeUnreachableError("it did not start");
    try {
      const { entry, started } = await ensureBridge({ dataDir, launch: ownLaunch(script) });
      if (started) onStarted?.();
      return entry;
    } catch (error) {
      this.#nextStartMs = Date.now() + START_PAUSE_MS;
      throw error;
    }
  }
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
