/** Owns how this window comes to its bridge: it attaches to the one that runs, or starts it where it may. */
import type { Connect } from "../../shared/client/connectionSupervisor.ts";
import { findBridge } from "../../shared/client/findBridge.ts";
import { type BridgeLaunch, ownLaunch } from "../../shared/client/launchBridge.ts";
import { BridgeStartError, ensureBridge } from "../../shared/client/startBridge.ts";
import type { DiscoveryEntry } from "../../shared/protocol/discovery.ts";
import { StartPolicy } from "./startPolicy.ts";

export interface ConnectionOptions {
  /** Read at each try, since settings change. */
  readonly dataDir: () => string;
  readonly mayStart: () => boolean;
  readonly launch: BridgeLaunch;
  /** The bridge did not come up, and this window starts none any more unless a person asks. */
  readonly onGivenUp?: (error: BridgeStartError) => void;
}

/** There is no bridge, and this window was told not to start one. */
export class NoBridgeError extends Error {
  readonly code = "no_bridge";

  constructor(dataDir: string) {
    super(
      `No bridge runs for ${dataDir}. Start it with "Televibe: Start Bridge", or with "televibe bridge" in a terminal`,
    );
    this.name = "NoBridgeError";
  }
}

export class BridgeConnection {
  readonly #options: ConnectionOptions;
  #policy = new StartPolicy();
  #lastFailure: BridgeStartError | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  readonly connect: Connect = async (signal) => {
    const { mayStart } = this.#options;
    const entry = this.#policy.mayStart(mayStart()) ? await this.#ensure(signal) : await this.find(signal);
    this.#policy = this.#policy.afterSuccess();
    this.#lastFailure = undefined;
    return entry;
  };

  /** Finds the bridge that runs, and never starts one. */
  readonly find: Connect = async (signal) => {
    const dataDir = this.#options.dataDir();
    const entry = await findBridge(dataDir, signal);
    if (entry === undefined) throw this.#lastFailure ?? new NoBridgeError(dataDir);
    return entry;
  };

  /** Lets the next try start a bridge, whatever the setting says and however often it failed. */
  allowStart(): void {
    this.#policy = this.#policy.afterAsking();
    this.#lastFailure = undefined;
  }

  async #ensure(signal: AbortSignal): Promise<DiscoveryEntry> {
    const { dataDir, launch, onGivenUp } = this.#options;
    try {
      return (await ensureBridge({ dataDir: dataDir(), launch, signal })).entry;
    } catch (error) {
      if (error instanceof BridgeStartError) {
        this.#policy = this.#policy.afterFailure();
        this.#lastFailure = error;
        if (this.#policy.hasGivenUp) onGivenUp?.(error);
      }
      throw error;
    }
  }
}

/** VS Code's own runtime runs the bridge, so that nobody has to install Node. */
export function bridgeLaunch(bridgeFile: string): BridgeLaunch {
  return {
    ...ownLaunch(bridgeFile),
    // What the window was started with to be debugged is not the bridge's.
    env: { ELECTRON_RUN_AS_NODE: "1", ELECTRON_NO_ASAR: "1", NODE_OPTIONS: "" },
  };
}
