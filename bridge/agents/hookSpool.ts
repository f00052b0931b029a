/**
 * Owns taking in what hooks leave, since nobody waits for what they tell, or since the bridge was away: a file each, named by its
 * time, so that the oldest comes first. A file goes once what is in it is stored.
 */
import { constants, type FSWatcher, watch } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { parseJson } from "../../shared/client/parseJson.ts";
import { HOOK_AGENTS, type HookAgent, type HookCall } from "../../shared/protocol/agentHook.ts";
import type { Logger } from "../diagnostics/logger.ts";
import { hookCall } from "./hookCall.ts";

/** `<at in ms, 15 digits>-<hook_id>.json`; what is still being written ends otherwise. */
const NAME = /^\d{15}-[0-9a-fA-F-]{36}\.json$/;
const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** A call that fails so often for what is in it will always. */
const MAX_FAILURES = 3;

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
  /** How often calls have failed for what is in them, by file. */
  readonly #failures = new Map<string, number>();
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
      const checked = spooledCall.safeParse(parseJson((await readSmallFile(path)) ?? ""));
      if (checked.success) return checked.data;
      await this.#setAside(name, "is not understood");
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
      this.#failures.delete(name);
    } catch (error) {
      const failures = (this.#failures.get(name) ?? 0) + (isLasting(error) ? 1 : 0);
      this.#failures.set(name, failures);
      log.warn("What an agent's hook left behind could not be taken in; it is tried again", { file: name, error });
      if (failures >= MAX_FAILURES) await this.#setAside(name, `could not be taken in ${failures} times`);
    }
  }

  /** Under a name that is not looked for any more. */
  async #setAside(name: string, why: string): Promise<void> {
    const { directory, log } = this.#options;
    this.#failures.delete(name);
    try {
      await rename(join(directory, name), join(directory, `${name}.bad`));
      log.warn(`What an agent's hook left behind ${why}; it is set aside`, { file: name });
    } catch (error) {
      if (!isMissing(error)) log.warn("What an agent's hook left behind cannot be set aside", { file: name, error });
    }
  }
}

/** Undefined for what is no file that a hook leaves: a link, a pipe, a folder, or one that is too large. */
async function readSmallFile(path: string): Promise<string | undefined> {
  // Waits for nothing: a pipe opens only once somebody writes to it. Windows has neither.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  try {
    await using file = await open(path, flags);
    const found = await file.stat();
    if (!found.isFile() || found.size > MAX_FILE_BYTES) return undefined;
    const content = Buffer.alloc(found.size);
    // No more than its size, which may grow while it is read.
    const { bytesRead } = await file.read(content, 0, found.size, 0);
    return content.toString("utf8", 0, bytesRead);
  } catch (error) {
    // A link, as the one or the other system says it; a socket, or a device that is not there.
    if (hasCode(error, ["ELOOP", "EMLINK", "EISDIR", "ENXIO", "ENODEV", "EOPNOTSUPP"])) return undefined;
    throw error;
  }
}

/** Whether it fails for what is in the call. Anything else passes, such as a store that is away or a full disk. */
function isLasting(error: unknown): boolean {
  return [TypeError, RangeError, URIError, SyntaxError].some((each) => error instanceof each);
}

function isMissing(error: unknown): boolean {
  return hasCode(error, ["ENOENT"]);
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.some((code) => code === error.code);
}
