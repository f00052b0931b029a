/** Owns installing what is measured beside us and is no dependency of ours: `test/bench/package.json`, when a benchmark asks. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isDeepStrictEqual, promisify } from "node:util";

/** Answers a `require` that finds the peers. */
export async function installPeers(root: string, report: (line: string) => void): Promise<NodeJS.Require> {
  const folder = join(root, "test/bench");
  if (!isInstalled(folder)) {
    report("installing the peers (compiling better-sqlite3 takes minutes)");
    // npm 11 runs no install scripts unless told so, and better-sqlite3's builds it; npm 10 ignores the option.
    const options = ["--no-audit", "--no-fund", "--loglevel=error", "--dangerously-allow-all-scripts"];
    await promisify(execFile)("npm", ["ci", "--prefix", folder, ...options], { cwd: folder, env: npmEnvironment() });
  }
  return createRequire(join(folder, "package.json"));
}

/** npm keeps a copy of the lock of what it installed, without the entry of the folder itself. */
function isInstalled(folder: string): boolean {
  const installed = join(folder, "node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const packages = (file: string) => {
    const lock: { packages: Record<string, { version?: string }> } = JSON.parse(readFileSync(file, "utf8"));
    return Object.entries(lock.packages).flatMap(([name, { version }]) => (name === "" ? [] : [[name, version]]));
  };
  return isDeepStrictEqual(packages(installed), packages(join(folder, "package-lock.json")));
}

/** Without what the npm that runs the benchmarks says of its own folder; with the headers that stand beside this Node. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const isOuter =
    /^(npm_(config_(local_prefix|user_agent)|execpath|node_execpath|command|lifecycle_.*|package_.*)|INIT_CWD)$/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOuter.test(name)));
  const besideNode = dirname(dirname(process.execPath));
  const hasHeaders = existsSync(join(besideNode, "include/node/node.h"));
  // Otherwise node-gyp downloads them.
  return hasHeaders && env["npm_config_nodedir"] === undefined ? { ...env, npm_config_nodedir: besideNode } : env;
}
