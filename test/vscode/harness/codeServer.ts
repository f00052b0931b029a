/** Owns one running VS Code server with directories of its own, so that no two tests share a thing. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testEnvironment } from "../../support/bridgeProcess.ts";
import { eventually } from "../../support/eventually.ts";
import { QUIET_SETTINGS } from "./quietSettings.ts";
import { installVsCode } from "./vscodeCache.ts";

const SERVER_FLAGS = [
  "--disable-telemetry",
  "--disable-update-check",
  "--disable-workspace-trust",
  "--disable-getting-started-override",
];
const OUTPUT_FILE = /exthost\d+\/(?:output_[^/]*\/\d+-|[^/]+\.[^/]+\/)([^/]*)\.log$/;

export interface CodeServer extends AsyncDisposable {
  readonly url: string;
  /** Where VS Code keeps the logs of this start: the extension hosts' and the output channels' among them. */
  readonly logsDir: string;
  /**
   * Text of the output channels' own files, by channel name: all that was ever written to a channel, whether it was
   * cleared since or not. Of windows that have a channel of the same name, the last to start wins; what one window
   * shows of a channel is `Workbench.outputText`.
   */
  outputFiles(): Promise<ReadonlyMap<string, string>>;
  /** What the server printed. */
  logs(): string;
  /** Installs a package beside the others. A window has it once it is opened or reloaded after this. */
  installExtension(vsixPath: string): Promise<void>;
}

/** Starts one. `root` gets all of its directories; the extensions are installed from their packages first. */
export async function startCodeServer(options: {
  readonly root: string;
  readonly extensions: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
}): Promise<CodeServer> {
  const { node, script } = await installVsCode();
  const userDataDir = join(options.root, "user-data");
  const logsDir = join(userDataDir, "logs");
  const directories = ["--user-data-dir", userDataDir, "--extensions-dir", join(options.root, "extensions")];
  const home = join(options.root, "home");
  await mkdir(join(userDataDir, "User"), { recursive: true });
  await mkdir(logsDir, { recursive: true });
  await mkdir(home, { recursive: true });
  await writeFile(join(userDataDir, "User/settings.json"), JSON.stringify({ ...QUIET_SETTINGS, ...options.settings }));

  const env = testEnvironment({ HOME: home, ...options.env });
  const installExtension = async (vsixPath: string) => {
    const install = launchGroup(node, [script, ...directories, "--install-extension", vsixPath, "--force"], env);
    await once(install.child, "close");
    if (install.child.exitCode !== 0) throw new Error(`${vsixPath} could not be installed:\n${install.printed()}`);
  };
  for (const extension of options.extensions) await installExtension(extension);

  // Port 0: a free port that was found beforehand could be someone else's by the time that the server listens.
  const serverArgs = [script, ...directories, "--auth", "none", "--bind-addr", "127.0.0.1:0", ...SERVER_FLAGS];
  const server = launchGroup("sh", ["-c", GUARD, "sh", node, ...serverArgs], env);
  const url = await eventually("code-server to listen", () => {
    if (!server.isRunning()) throw new Error(`code-server ended:\n${server.printed()}`);
    return /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(server.printed())?.[1];
  }).catch(async (error: unknown) => {
    await server.kill();
    throw error;
  });

  return {
    url,
    logsDir,
    logs: server.printed,
    installExtension,
    outputFiles: () => readOutputFiles(logsDir),
    [Symbol.asyncDispose]: server.kill,
  };
}

/**
 * Runs its arguments, and ends with all of its group once they have ended or whoever holds the other end of its standard
 * input is gone: a test run that is interrupted or killed has no moment to clean up in.
 */
const GUARD = '{ "$@"; kill -9 0; } & read -r _; kill -9 0';

/** A process with a group of its own, so that what it starts in turn (extension hosts, terminals' host) can end with it. */
function launchGroup(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(command, args, { env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  }
  // Not "close", which waits for all that inherited its output, and an extension may start what outlives VS Code.
  const exited = once(child, "exit");
  return {
    child,
    printed: () => printed,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    kill: async () => {
      if (child.pid !== undefined) killGroup(child.pid);
      await exited;
    },
  };
}

function killGroup(leaderPid: number): void {
  try {
    process.kill(-leaderPid, "SIGKILL");
  } catch (error) {
    // All of it has ended already.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** VS Code backs each output channel with `output_*\/N-Name.log` below its logs, or `<extension>/Name.log` if it has levels. */
async function readOutputFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = await readdir(folder, { recursive: true });
  const outputs = files.filter((file) => OUTPUT_FILE.test(file)).sort(byStart);
  const texts = await Promise.all(outputs.map((file) => readFile(join(folder, file), "utf8")));
  return new Map(outputs.map((file, index) => [OUTPUT_FILE.exec(file)?.[1] ?? file, texts[index] ?? ""]));
}

/** Extension hosts are numbered as windows open: exthost10 is after exthost9. */
const byStart = new Intl.Collator("en", { numeric: true }).compare;
