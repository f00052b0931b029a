/**
 * Owns taking in what hooks leave, since nobody waits for what they tell, or since the bridge was away: a file each, named by its
 * time, so that the oldest comes first. A file goes once what is in it is stored.
 */
import { type FSWatcher, watch } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { parseJson } from "../../shared/client/parseJson.ts";
import { HOOK_AGENTS, type HookAgent, type HookCall } from "../../shared/protocol/agentHook.ts";
import type { Logger } from "../diagnostics/logger.ts";
import { hookCall } from "./hookCall.ts";

/** `<at in ms, 15 digits>-<hook_id>.json`; what is still being written ends otherwise. */
const NAME = /^\d{15}-[0-9a-fA-F-]{36}\.json$/;
const MAX_FILE_BYTES = 4 * 1024 * 1024;

const spooledCall = z.strictObject({ agent: z.enum(HOOK_AGENTS), ...hookCall.shape });

export interface HookSpoolOptions {
  readonly directory: string;
  /** Takes a call; resolves once what it came to is stored. Calls are given in their order, without waiting for each other. */
  readonly take: (agent: HookAgent, call: HookCall) => Promise<unknown>;
  /** Besides whenever the system says that a file has come, which it may not, or no longer. */
  readonly lookIntervalMs: number;
  readonly log: Logger;
}

export class HookSpool {
  readonly #options: HookSpoolOptions;
  /** Files whose calls are being taken, by name. */
  readonly #taking = new Map<string, Promise<void>>();
  #intake: Promise<void> | undefined;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HookSpoolOptions) {
    this.#options = options;
  }

  /** Takes in what lies there; what comes later is taken as it comes. */
  async start(): Promise<void> {
    const { directory, lookIntervalMs, log } = this.#options;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      this.#watcher = watch(directory, { persistent: false }, () => void this.drain());
      this.#watcher.on("error", (error) => log.debug("The folder of agents' hooks is no longer watched", { error }));
    } catch (error) {
      log.debug("The folder of agents' hooks cannot be watched, so it is looked into", { error });
    }
    this.#timer = setInterval(() => void this.drain(), lookIntervalMs);
    this.#timer.unref();
    await this.drain();
  }

  /** Takes nothing more; resolves once all that was given is taken, or could not be. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#watcher?.close();
    await this.#intake;
    await Promise.all(this.#taking.values());
  }

  /** Gives everything that lies there now to `take`; resolves once it was given, not once it was taken. */
  async drain(): Promise<void> {
    // Whoever comes while it is read may have a file that it has passed already.
    await this.#intake;
    this.#intake ??= this.#takeIn().finally(() => {
      this.#intake = undefined;
    });
    await this.#intake;
  }

  async #takeIn(): Promise<void> {
    for (const name of await this.#names()) {
      if (this.#taking.has(name)) continue;
      const call = await this.#read(name);
      if (call === undefined) continue;
      const taking = this.#take(name, call).finally(() => this.#taking.delete(name));
      this.#taking.set(name, taking);
    }
  }

  async #names(): Promise<readonly string[]> {
    try {
      return (await readdir(this.#options.directory)).filter((name) => NAME.test(name)).sort();
    } catch (error) {
      if (isMissing(error)) return [];
      this.#options.log.warn("What agents' hooks left behind could not be looked for; it is tried again", { error });
      return [];
    }
  }

  async #read(name: string): Promise<z.infer<typeof spooledCall> | undefined> {
    const path = join(this.#options.directory, name);
    try {
      const { size } = await stat(path);
      const content = size > MAX_FILE_BYTES ? undefined : parseJson(await readFile(path, "utf8"));
      const checked = spooledCall.safeParse(content);
      if (checked.success) return checked.data;
      await rename(path, `${path}.bad`);
      this.#options.log.warn("What an agent's hook left behind is not understood; it is set aside", { file: name });
    } catch (error) {
      if (!isMissing(error)) {
        this.#options.log.warn("What an agent's hook left behind could not be read; it is tried again", {
          file: name,
          error,
        });
      }
    }
    return undefined;
  }

  async #take(name: string, { agent, ...call }: z.infer<typeof spooledCall>): Promise<void> {
    const { directory, take, log } = this.#options;
    try {
      await take(agent, call);
      await rm(join(directory, name), { force: true });
    } catch (error) {
      log.warn("What an agent's hook left behind could not be taken in; it is tried again", { file: name, error });
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
