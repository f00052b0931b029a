/** Owns what every command gets: where the data is, how to reach the bridge, and the terminal. */
import { userInfo } from "node:os";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { BridgeStarter } from "../../shared/client/bridgeStarter.ts";
import { dataDirectory } from "../../shared/client/dataDirectory.ts";
import { findBridge } from "../../shared/client/findBridge.ts";
import type { DiscoveryEntry } from "../../shared/protocol/discovery.ts";
import type { Terminal } from "./terminal.ts";

export interface CliContext {
  readonly version: string;
  /** The folder of the bundles. */
  readonly assets: string;
  /** The bundle itself, which a bridge in the background runs. */
  readonly script: string;
  readonly terminal: Terminal;
}

/** How a command that needs a bridge gets one. */
export class BridgeAccess {
  readonly dataDir: string;
  readonly #starter: BridgeStarter;

  constructor({ script, version, terminal }: CliContext, override: string | undefined) {
    this.dataDir = dataDirectory(process.env, override);
    this.#starter = new BridgeStarter({
      dataDir: this.dataDir,
      script,
      version,
      onStarted: () => terminal.note("Started the Televibe bridge in the background; `televibe stop` ends it."),
    });
  }

  /** The bridge that runs, else one started in the background, as `BridgeStarter.open` has it. */
  open(signal?: AbortSignal): Promise<DiscoveryEntry> {
    return this.#starter.open(signal);
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
