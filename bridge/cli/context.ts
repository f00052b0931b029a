/** Owns what every command gets: where the data is, how to reach the bridge, and the terminal. */
import { userInfo } from "node:os";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { dataDirectory } from "../../shared/client/dataDirectory.ts";
import { findBridge } from "../../shared/client/findBridge.ts";
import { type BridgeLaunch, ensureBridge } from "../../shared/client/startBridge.ts";
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

/** How a command that needs a bridge gets one. */
export class BridgeAccess {
  readonly dataDir: string;
  readonly #context: CliContext;
  #opening: Promise<DiscoveryEntry> | undefined;

  constructor(context: CliContext, override: string | undefined) {
    this.#context = context;
    this.dataDir = dataDirectory(process.env, override);
  }

  /** The bridge that runs, else one started in the background; however many ask at once, it is looked for once. */
  async open(signal?: AbortSignal): Promise<DiscoveryEntry> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    const entry = await this.#opening;
    signal?.throwIfAborted();
    return entry;
  }

  async #open(): Promise<DiscoveryEntry> {
    const { entry, started } = await ensureBridge({ dataDir: this.dataDir, launch: this.#launch() });
    if (started) this.#context.terminal.note("Started the Televibe bridge in the background; `televibe stop` ends it.");
    if (entry.protocol !== PROTOCOL_VERSION) {
      throw new CliError(
        `The bridge that runs is version ${entry.version} and speaks protocol ${entry.protocol}; this is ${this.#context.version} with protocol ${PROTOCOL_VERSION}. Stop it with \`televibe stop\` and try again.`,
      );
    }
    return entry;
  }

  async client(): Promise<BridgeClient> {
    return new BridgeClient(await this.open());
  }

  /** The bridge that runs; undefined when none does. */
  find(): Promise<DiscoveryEntry | undefined> {
    return findBridge(this.dataDir);
  }

  #launch(): BridgeLaunch {
    return { command: process.execPath, args: [this.#context.script, "bridge", "--background"] };
  }
}

/** Who sits at this terminal, as far as the machine knows. */
export function terminalUser(): { readonly name: string } {
  return { name: userInfo().username };
}
