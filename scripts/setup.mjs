// Brings a fresh clone to where it can build: the npm packages of the lock file and, with --system, what the
// end-to-end tests need from the operating system. Does nothing when all of it is there already.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const MINIMUM_NODE = [20, 19];

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
  console.error(`Televibe needs Node ${MINIMUM_NODE.join(".")} or newer; this is ${process.version}.`);
  process.exit(1);
}

if (!packagesAreCurrent()) {
  console.log("Installing npm packages…");
  // Not `npm ci`: it refuses a lock file in which an optional package of some other platform is missing, and which of
  // those there are depends on the registry that the lock file was made from. The versions are the lock file's all the same.
  run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]);
}

if (process.argv.includes("--system")) {
  const { installSystemPackages } = await import("./systemPackages.mjs");
  installSystemPackages();
}

/** npm leaves a copy of the lock file it installed from; when the two name the same versions there is nothing to do. */
function packagesAreCurrent() {
  const installed = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const have = JSON.parse(readFileSync(installed, "utf8")).packages;
  const want = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(want).every(
    ([path, entry]) => path === "" || entry.optional || have[path]?.version === entry.version,
  );
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
