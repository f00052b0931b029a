/**
 * Owns getting a real VS Code for the tests: code-server, which is VS Code's own workbench and extension host in a
 * browser, and the Node that it wants. Both come from npm, are built once, and are kept outside the clone.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { withBuildLock } from "./buildLock.ts";

const CODE_SERVER = "4.139.1";
/** code-server refuses any other major. The npm package holds the binary and its headers. */
const NODE = "24.21.0";

export interface VsCodeInstallation {
  /** The Node to run it with. */
  readonly node: string;
  /** code-server's entry script. */
  readonly script: string;
}

/** The installation, made first where it is not there yet: about three minutes and 700 MB. */
export async function installVsCode(): Promise<VsCodeInstallation> {
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "televibe-test");
  const folder = join(cache, `code-server-${CODE_SERVER}-node-${NODE}`);
  const installation = {
    node: join(folder, "node/package/bin/node"),
    script: join(folder, "server/node_modules/code-server/out/node/entry.js"),
  };
  // The folder gets its name last, so that one with the name is whole.
  if (existsSync(folder)) return installation;

  await mkdir(cache, { recursive: true });
  await withBuildLock(
    folder,
    async () => {
      if (!existsSync(folder)) await buildInto(folder);
    },
    () => console.log(`Waiting for another run, which builds a VS Code in ${folder}.`),
  );
  return installation;
}

async function buildInto(folder: string): Promise<void> {
  console.log(`Building a VS Code for the tests in ${folder}: about three minutes and 700 MB, once.`);
  const startedMs = performance.now();
  const prefix = `${basename(folder)}.building-`;
  // What a killed run left half built. Nobody alive works on it, since the lock is ours.
  for (const name of await readdir(dirname(folder))) {
    if (name.startsWith(prefix)) await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
  const building = await mkdtemp(join(dirname(folder), prefix));
  try {
    await build(building);
    await rename(building, folder).catch((error: unknown) => {
      // From another network name space, where the lock does not reach, someone was faster: theirs is as good.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  console.log(`VS Code is built after ${((performance.now() - startedMs) / 1000).toFixed(0)} s.`);
}

async function build(folder: string): Promise<void> {
  const nodeFolder = join(folder, "node");
  await mkdir(nodeFolder);
  await run("npm", ["pack", `node-linux-${process.arch}@${NODE}`, "--silent"], nodeFolder);
  const [archive] = (await readdir(nodeFolder)).filter((name) => name.endsWith(".tgz"));
  if (archive === undefined) throw new Error(`npm packed no Node ${NODE}`);
  await run("tar", ["-xzf", archive], nodeFolder);
  await rm(join(nodeFolder, archive));

  const server = join(folder, "server");
  await mkdir(server);
  await writeFile(join(server, "package.json"), JSON.stringify({ name: "vscode-for-tests", private: true }));
  // npm 11 runs no install scripts unless told so, and code-server's build its native parts; npm 10 ignores the option.
  const options = ["--no-audit", "--no-fund", "--loglevel=error", "--dangerously-allow-all-scripts"];
  const node = join(nodeFolder, "package");
  await run("npm", ["install", `code-server@${CODE_SERVER}`, ...options], server, {
    PATH: `${join(node, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
    npm_config_nodedir: node,
  });
}

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<void> {
  const child = spawn(command, args, {
    cwd,
    env: { ...withoutOuterNpm(process.env), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await once(child, "close");
  if (child.exitCode !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${child.exitCode}:\n${printed}`);
}

/**
 * What the npm that runs the tests says of itself is not true of the one that installs: code-server reads the version of
 * Node off `npm_config_user_agent`, and would refuse ours instead of its own.
 */
function withoutOuterNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isOuter = /^(npm_(config_user_agent|execpath|node_execpath|command|lifecycle_.*|package_.*)|NODE|INIT_CWD)$/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isOuter.test(name)));
}
