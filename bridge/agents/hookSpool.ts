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
import { type ProblemCode, ProblemError } from "../../shared/protocol/problem.ts";
import type { Logger } from "../diagnostics/logger.ts";
import { hookCall } from "./hookCall.ts";

/** `<at in ms, 15 digits>-<hook_id>.json`; what is still being written ends otherwise. */
const NAME = /^\d{15}-[0-9a-fA-F-]{36}\.json$/;
const SET_ASIDE = /^\d{15}-[0-9a-fA-F-]{36}\.json\.bad$/;
const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** What is read and not yet stored may be so much: days of an agent without a bridge do not fit into memory. */
const MAX_TAKING_BYTES = 16 * 1024 * 1024;
/** What was set aside is kept of so many, for whoever looks for the cause. */
const MAX_SET_ASIDE = 100;
/** A call that fails so often for what is in it will always. */
const MAX_FAILURES = 3;
/** What is wrong with the events that a call came to. */
const LASTING_PROBLEMS: readonly ProblemCode[] = ["invalid_event", "event_too_large", "body_too_large"];

const spooledCall = z.strictObject({ agent: z.enum(HOOK_AGENTS), ...hookCall.shape });

export interface HookSpoolOptions {
  readonly directory: string;
  /** Takes a call; resolves once what it came to is stored. Calls are given in their order, without waiting for each other. */
  readonly take: (agent: HookAgent, call: HookCall) => Promise<unknown>;
  /** Besides whenever the system says that a file has come, which it may not, or no longer. */
  readonly lookIntervalMs: number;
  readonly log: Logger;
}

interface LeftCall {
  readonly call: z.infer<typeof spooledCall>;
  readonly bytes: number;
}

export class HookSpool {
  readonly #options: HookSpoolOptions;
  /** Files whose calls are being taken, by name. */
  readonly #taking = new Map<string, Promise<void>>();
  #takingBytes = 0;
  /** How often calls have failed for what is in them, by file. */
  readonly #failures = new Map<string, number>();
  #intake: Promise<boolean> | undefined;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Since the oldest of them were removed. */
  #setAsideCount = 0;
  #isStopped = false;

  constructor(options: HookSpoolOptions) {
    this.#options = options;
  }

  /** Begins to take in what lies there, without waiting for it; what comes later is taken as it comes. */
  async start(): Promise<void> {
    const { directory, lookIntervalMs, log } = this.#options;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      this.#watcher = watch(directory, { persistent: false }, () => void this.drain());
      this.#watcher.on("error", (error) => log.debug("The folder of agents' hooks is no longer watched", { error }));
    } catch (error) {
      log.debug("The folder of agents' hooks cannot be watched, so it is looked into", { error });
    }
    void this.#removeOldest();
    this.#timer = setInterval(() => void this.drain(), lookIntervalMs);
    this.#timer.unref();
    void this.drain();
  }

  /** Gives nothing more to `take`; resolves once all that was given is taken, or could not be. The rest stays where it is. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#watcher?.close();
    await this.#intake;
    await Promise.all(this.#taking.values());
  }

  /**
   * Gives everything that lies there now to `take`, oldest first. Resolves once it was given, not once it was taken; answers
   * whether all of it was: a stop leaves the rest.
   */
  async drain(): Promise<boolean> {
    // Whoever comes while it is read may have a file that it has passed already.
    await this.#intake;
    this.#intake ??= this.#takeIn().finally(() => {
      this.#intake = undefined;
    });
    return this.#intake;
  }

  /** Resolves once everything that lies there now is taken, or could not be; answers as `drain`. */
  async settled(): Promise<boolean> {
    const isWhole = await this.drain();
    await Promise.all(this.#taking.values());
    return isWhole;
  }

  async #takeIn(): Promise<boolean> {
    for (const name of await this.#names()) {
      if (this.#taking.has(name)) continue;
      if (this.#isStopped) return false;
      const left = await this.#read(name);
      if (left === undefined) continue;
      await this.#haveRoom(left.bytes);
      if (this.#isStopped) return false;
      this.#takingBytes += left.bytes;
      const taking = this.#take(name, left.call).finally(() => {
        this.#taking.delete(name);
        this.#takingBytes -= left.bytes;
      });
      this.#taking.set(name, taking);
    }
    return true;
  }

  async #haveRoom(bytes: number): Promise<void> {
    while (this.#takingBytes + bytes > MAX_TAKING_BYTES) {
      const [oldest] = this.#taking.values();
      await oldest;
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

  async #read(name: string): Promise<LeftCall | undefined> {
    const path = join(this.#options.directory, name);
    try {
      const content = await readSmallFile(path);
      const checked = spooledCall.safeParse(parseJson(content?.toString() ?? ""));
      if (content !== undefined && checked.success) return { call: checked.data, bytes: content.length };
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
      this.#setAsideCount++;
      if (this.#setAsideCount >= MAX_SET_ASIDE) await this.#removeOldest();
    } catch (error) {
      if (!isMissing(error)) log.warn("What an agent's hook left behind cannot be set aside", { file: name, error });
    }
  }

  /** Of what was set aside: an agent whose calls are all wrong must not fill the disk. */
  async #removeOldest(): Promise<void> {
    const { directory, log } = this.#options;
    this.#setAsideCount = 0;
    try {
      const names = (await readdir(directory)).filter((name) => SET_ASIDE.test(name)).sort();
      for (const name of names.slice(0, -MAX_SET_ASIDE)) await rm(join(directory, name), { force: true });
    } catch (error) {
      log.debug("What agents' hooks left behind and was set aside cannot be removed", { error });
    }
  }
}

/** Undefined for what is no file that a hook leaves: a link, a pipe, a folder, or one that is too large. */
async function readSmallFile(path: string): Promise<Buffer | undefined> {
  // Waits for nothing: a pipe opens only once somebody writes to it. Windows has neither.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  try {
    await using file = await open(path, flags);
    const found = await file.stat();
    if (!found.isFile() || found.size > MAX_FILE_BYTES) return undefined;
    const content = Buffer.alloc(found.size);
    // No more than its size, which may grow while it is read.
    const { bytesRead } = await file.read(content, 0, found.size, 0);
    return content.subarray(0, bytesRead);
  } catch (error) {
    // A link, as the one or the other system says it; a socket, or a device that is not there.
    if (hasCode(error, ["ELOOP", "EMLINK", "EISDIR", "ENXIO", "ENODEV", "EOPNOTSUPP"])) return undefined;
    throw error;
  }
}

/** Whether it fails for what is in the call. Anything else passes, such as a store that is away or a full disk. */
function isLasting(error: unknown): boolean {
  if (error instanceof ProblemError) return LASTING_PROBLEMS.includes(error.code);
  return [TypeError, RangeError, URIError, SyntaxError].some((each) => error instanceof each);
}

function isMissing(error: unknown): boolean {
  return hasCode(error, ["ENOENT"]);
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.some((code) => code === error.code);
}
