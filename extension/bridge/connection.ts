/** Owns how this window comes to its bridge: it attaches to the one that runs, or starts it where it may. */
import type { Connect } from "../../shared/client/connectionSupervisor.ts";
import { findBridge } from "../../shared/client/findBridge.ts";
import { type BridgeLaunch, ensureBridge } from "../../shared/client/startBridge.ts";

export interface ConnectionOptions {
  /** Read at each try, since settings change. */
  readonly dataDir: () => string;
  readonly mayStart: () => boolean;
  readonly launch: BridgeLaunch;
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
  /** A person asked for a bridge: for the rest of this window's life that counts as leave to start one. */
  #wasAsked = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  readonly connect: Connect = async (signal) => {
    const dataDir = this.#options.dataDir();
    if (this.#wasAsked || this.#options.mayStart()) {
      const { entry } = await ensureBridge({ dataDir, launch: this.#options.launch, signal });
      return entry;
    }
    return this.find(signal);
  };

  /** Finds the bridge that runs, and never starts one. */
  readonly find: Connect = async (signal) => {
    const dataDir = this.#options.dataDir();
    const entry = await findBridge(dataDir, signal);
    if (entry === undefined) throw new NoBridgeError(dataDir);
    return entry;
  };

  /** Lets the next try start a bridge, whatever the setting says. */
  allowStart(): void {
    this.#wasAsked = true;
  }
}

/** VS Code's own runtime runs the bridge, so that nobody has to install Node. */
export function bridgeLaunch(bridgeFile: string): BridgeLaunch {
  return {
    command: process.execPath,
    args: [bridgeFile, "bridge", "--background"],
    env: { ELECTRON_RUN_AS_NODE: "1" },
  };
}
