/** Runs `miniBridge.ts` in processes of their own: bundled once, since Node 20 runs no TypeScript. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

export interface Workshop extends AsyncDisposable {
  /** What to run. */
  readonly program: string;
  /** A new, empty data directory. */
  dataDir(): Promise<string>;
  start(dataDir: string): MiniBridge;
}

export interface MiniBridge {
  readonly process: ChildProcess;
  /** Resolves to "ready", or to the exit code of one that did not come up. */
  readonly outcome: Promise<"ready" | number | null>;
  end(signal: NodeJS.Signals): Promise<void>;
}

export async function openWorkshop(): Promise<Workshop> {
  const root = await mkdtemp(join(tmpdir(), "tv-"));
  const program = join(root, "miniBridge.cjs");
  await build({
    entryPoints: [join(import.meta.dirname, "miniBridge.ts")],
    bundle: true,
    platform: "node",
    format: "cjs",
    outfile: program,
    logLevel: "warning",
  });
  const children: ChildProcess[] = [];
  return {
    program,
    dataDir: () => mkdtemp(join(root, "d-")),
    start: (dataDir) => {
      const child = spawn(process.execPath, [program], {
        env: { PATH: process.env["PATH"], TELEVIBE_DATA_DIR: dataDir },
        stdio: ["ignore", "pipe", "inherit"],
      });
      children.push(child);
      const exited = once(child, "exit");
      return {
        process: child,
        outcome: Promise.race([
          once(child.stdout, "data").then(() => "ready" as const),
          exited.then(() => child.exitCode),
        ]),
        end: async (signal) => {
          child.kill(signal);
          await exited;
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of children) child.kill("SIGKILL");
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The most processes that held the lock at one time, as they recorded it themselves. */
export async function mostHolders(dataDir: string): Promise<number> {
  let now = 0;
  let most = 0;
  for (const line of (await readFile(join(dataDir, "holders"), "utf8")).trim().split("\n")) {
    now += line.startsWith("start") ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}
