// Owns what the full tests need from the operating system, and getting it where the machine lets us.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian's package for each need, and how to see that it is met. */
const NEEDS = [
  { packageName: "git", isThere: () => onPath("git"), why: "jobs tell which files they changed" },
  { packageName: "redis-server", isThere: () => onPath("redis-server"), why: "the bus is tested with a real Redis" },
  { packageName: "sqlite3", isThere: () => onPath("sqlite3"), why: "any SQLite tool must be able to open the store" },
  { packageName: "curl", isThere: () => onPath("curl"), why: "the recipe for producers with curl is run as it stands" },
  { packageName: "tmux", isThere: () => onPath("tmux"), why: "real agents are played with in a terminal" },
  { packageName: "iproute2", isThere: () => onPath("ip"), why: "real agents are shut in with a loopback of their own" },
  { packageName: "strace", isThere: () => onPath("strace"), why: "it makes a disk fail under the store" },
  { packageName: "chromium", isThere: () => existsSync("/usr/bin/chromium"), why: "it shows the VS Code under test" },
  { packageName: "fonts-dejavu-core", isThere: isInstalled("fonts-dejavu-core"), why: "Chromium draws text with it" },
  { packageName: "python3", isThere: () => onPath("python3"), why: "node-gyp builds VS Code's native parts with it" },
  { packageName: "make", isThere: () => onPath("make"), why: "as python3" },
  { packageName: "g++", isThere: () => onPath("g++"), why: "as python3" },
  { packageName: "pkg-config", isThere: () => onPath("pkg-config"), why: "as python3" },
  ...["libkrb5-dev", "libsecret-1-dev", "libx11-dev", "libxkbfile-dev"].map((packageName) => ({
    packageName,
    isThere: isInstalled(packageName),
    why: "VS Code's native parts are built against it",
  })),
];

/** Installs what is missing, or says what is and ends the process. Does nothing where all of it is there. */
export function installSystemPackages() {
  const missing = NEEDS.filter(({ isThere }) => !isThere());
  if (missing.length === 0) return;
  const names = missing.map(({ packageName }) => packageName);
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const canInstall = onPath("apt-get") && (prefix.length === 0 || succeeds("sudo", ["-n", "true"]));
  if (!canInstall) {
    console.error("The tests need these packages, and they cannot be installed from here:");
    for (const { packageName, why } of missing) console.error(`  ${packageName.padEnd(20)} ${why}`);
    console.error(
      `On Debian or Ubuntu: sudo apt-get update && sudo apt-get install --no-install-recommends ${names.join(" ")}`,
    );
    process.exit(1);
  }
  console.log(`Installing system packages: ${names.join(", ")}…`);
  apt(prefix, ["update"]);
  apt(prefix, ["install", "--yes", "--no-install-recommends", ...names]);
}

function apt(prefix, args) {
  const [command, ...rest] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", ...args];
  const { status, stdout, stderr } = spawnSync(command, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (status === 0) return;
  console.error(`apt-get ${args.join(" ")} failed:\n${stdout}${stderr}`);
  process.exit(1);
}

function onPath(name) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)));
}

function isInstalled(packageName) {
  return () => {
    const { status, stdout } = spawnSync("dpkg-query", ["--status", packageName], { encoding: "utf8" });
    return status === 0 && stdout.includes("Status: install ok installed");
  };
}

function succeeds(command, args) {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}
