/** Runs the real bridge, as a user's machine would: the built `dist/televibe.js` in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type DiscoveryEntry, parseDiscoveryEntry } from "../../shared/protocol/discovery.ts";

export const TELEVIBE = resolve(import.meta.dirname, "../../dist/televibe.js");
const START_TIMEOUT_MS = 20_000;

/** A folder that goes away with the test. Short on purpose: a Unix socket's path has about 100 bytes. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "tv-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export interface BridgeProcess extends AsyncDisposable {
  readonly entry: DiscoveryEntry;
  readonly dataDir: string;
  readonly process: ChildProcess;
  /** What it printed so far. */
  output(): string;
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** Starts a bridge and resolves once it says that it is ready. */
export async function startBridgeProcess(options: {
  readonly dataDir: string;
  readonly args?: readonly string[];
  /** For Node itself. */
  readonly runtimeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly startTimeoutMs?: number;
}): Promise<BridgeProcess> {
  const { dataDir, args = [], runtimeArgs = [] } = options;
  const child = spawn(process.execPath, [...runtimeArgs, TELEVIBE, "bridge", "--data-dir", dataDir, ...args], {
    env: testEnvironment({ TELEVIBE_DATA_DIR: dataDir, ...options.env }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const exited = once(child, "exit");
  const ready = new Promise<void>((resolveReady, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`The bridge did not start in time:\n${printed}`)),
      options.startTimeoutMs ?? START_TIMEOUT_MS,
    );
    const onOutput = (chunk: Buffer) => {
      printed += chunk.toString();
      if (!/is ready/.test(printed)) return;
      clearTimeout(timer);
      resolveReady();
    };
    child.stdout.on("data", onOutput);
    child.stderr.on("data", onOutput);
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`The bridge ended (${code ?? signal}) before it was ready:\n${printed}`));
    });
  });
  await ready;

  const entry = parseDiscoveryEntry(await readFile(join(dataDir, "bridge.json"), "utf8"));
  if (entry === undefined) throw new Error("The bridge wrote no valid discovery entry");
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
    return child.exitCode;
  };
  return {
    entry,
    dataDir,
    process: child,
    output: () => printed,
    kill: async () => {
      await end("SIGKILL");
    },
    stop: () => end("SIGTERM"),
    [Symbol.asyncDispose]: async () => {
      await end("SIGKILL");
    },
  };
}

/** The environment of a process under test: nothing of this machine's Televibe, no colours, no surprises. */
export function testEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH, LANG, TMPDIR } = process.env;
  return {
    ...(PATH === undefined ? {} : { PATH }),
    ...(LANG === undefined ? {} : { LANG }),
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    NO_COLOR: "1",
    ...extra,
  };
}

export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly process: ChildProcess;
  readonly result: Promise<CommandResult>;
}

/** Starts `televibe ...args` beside the test. */
export function startTelevibe(
  args: readonly string[],
  options: {
    readonly dataDir: string;
    readonly cwd?: string;
    readonly input?: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): RunningCommand {
  const child = spawn(process.execPath, [TELEVIBE, ...args], {
    cwd: options.cwd,
    env: testEnvironment({ TELEVIBE_DATA_DIR: options.dataDir, ...options.env }),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.end(options.input ?? "");
  const result = once(child, "close").then(() => ({
    code: child.exitCode,
    signal: child.signalCode,
    stdout: Buffer.concat(stdout),
    stderr: Buffer.concat(stderr).toString(),
  }));
  return { process: child, result };
}

/** Runs `televibe ...args` to its end. */
export function televibe(
  args: readonly string[],
  options: Parameters<typeof startTelevibe>[1],
): Promise<CommandResult> {
  return startTelevibe(args, options).result;
}
