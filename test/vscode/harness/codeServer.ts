/** Owns one running VS Code server with directories of its own, so that no two tests share a thing. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { testEnvironment } from "../../support/bridgeProcess.ts";
import { eventually } from "../../support/eventually.ts";
import { installVsCode } from "./vscodeCache.ts";

/** A workbench that says nothing by itself: whatever shows up in a test is ours. */
const SETTINGS = {
  // Pages and prompts that would cover the workbench at its first start.
  "workbench.startupEditor": "none",
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "security.workspace.trust.enabled": false,
  "chat.commandCenter.enabled": false,
  // What goes to the network, or writes to the repository under test behind its back.
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "git.autorefresh": false,
  "git.autofetch": false,
  "git.openRepositoryInParentFolders": "never",
  // An agent's file that changes must not open a dialog.
  "window.confirmBeforeClose": "never",
};

export interface CodeServer extends AsyncDisposable {
  readonly url: string;
  /** Text of the output channels' own files, by channel name: complete, where the editor shows only what is in view. */
  outputFiles(): Promise<ReadonlyMap<string, string>>;
  logs(): string;
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
  const directories = ["--user-data-dir", userDataDir, "--extensions-dir", join(options.root, "extensions")];
  const home = join(options.root, "home");
  await mkdir(join(userDataDir, "User"), { recursive: true });
  await mkdir(home, { recursive: true });
  await writeFile(join(userDataDir, "User/settings.json"), JSON.stringify({ ...SETTINGS, ...options.settings }));

  const env = testEnvironment({ HOME: home, ...options.env });
  const launch = (args: readonly string[]) => {
    const child = spawn(node, [script, ...args], { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    return { child, closed: once(child, "close"), printed: () => printed };
  };

  for (const extension of options.extensions) {
    const install = launch([...directories, "--install-extension", extension, "--force"]);
    await install.closed;
    if (install.child.exitCode !== 0) throw new Error(`${extension} could not be installed:\n${install.printed()}`);
  }

  const port = await freePort();
  const flags = [
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-workspace-trust",
    "--disable-getting-started-override",
  ];
  const server = launch([...directories, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`, ...flags]);
  const url = `http://127.0.0.1:${port}`;
  await eventually("code-server to listen", async () => {
    if (server.child.exitCode !== null) throw new Error(`code-server ended:\n${server.printed()}`);
    return /HTTP server listening/.test(server.printed());
  });

  return {
    url,
    logs: server.printed,
    outputFiles: () => readOutputFiles(join(userDataDir, "logs")),
    [Symbol.asyncDispose]: async () => {
      const { pid } = server.child;
      // The server's own children (extension hosts) are in its process group.
      if (pid !== undefined && server.child.exitCode === null) process.kill(-pid, "SIGKILL");
      await server.closed;
    },
  };
}

/** VS Code backs each output channel with `output_*\/N-Name.log` below its logs. */
async function readOutputFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const outputs = files.filter((file) => /output_[^/]*\/\d+-.*\.log$/.test(file)).sort();
  const texts = await Promise.all(outputs.map((file) => readFile(join(folder, file), "utf8")));
  return new Map(outputs.map((file, index) => [file.replace(/^.*\/\d+-(.*)\.log$/, "$1"), texts[index] ?? ""]));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("No port was given");
  return address.port;
}
