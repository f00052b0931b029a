/** Owns naming what a figure was measured on and with: a figure without its machine says nothing. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { join, sep } from "node:path";
import { promisify } from "node:util";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  /** Of the folder that was measured in. */
  readonly fileSystem: string;
}

/** Null: not there. */
export type Versions = Readonly<Record<string, string | null>>;

export function describeMachine(directory: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    fileSystem: fileSystemOf(directory),
  };
}

/** Such as `amd-epyc-2-cores`: the folder of a machine's results. */
export function machineName({ cpu, cores }: Machine): string {
  return `${cpu} ${cores} cores`
    .toLowerCase()
    .replace(/\(r\)|\(tm\)|processor|cpu|@.*ghz/g, "")
    .replace(/[^a-z0-9]+/g, "-");
}

export async function describeVersions(root: string): Promise<Versions> {
  const [commit, changes, redis, sqlite3] = await Promise.all([
    output("git", ["-C", root, "rev-parse", "--short=12", "HEAD"]),
    output("git", ["-C", root, "status", "--porcelain", "--untracked-files=no", "--", ".", ":!test/bench/results"]),
    output("redis-server", ["--version"]),
    output("sqlite3", ["--version"]),
  ]);
  return {
    televibe: commit === null ? null : `${commit}${changes ? " with local changes" : ""}`,
    node: process.versions.node,
    "@redis/client": packageVersion(join(root, "node_modules/@redis/client")),
    "sql.js": packageVersion(join(root, "node_modules/sql.js")),
    "better-sqlite3": packageVersion(join(root, "test/bench/node_modules/better-sqlite3")),
    "redis-server": redis?.match(/v=(\S+)/)?.[1] ?? null,
    sqlite3: sqlite3?.split(" ")[0] ?? null,
  };
}

/** The type of the mount that a folder is in; `unknown` where the system has no list of mounts. */
function fileSystemOf(directory: string): string {
  const mounts = readOrNull("/proc/mounts");
  if (mounts === null) return "unknown";
  const found = mounts
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, place = "-"]) => directory === place || directory.startsWith(place.endsWith(sep) ? place : place + sep))
    .sort(([, a = ""], [, b = ""]) => b.length - a.length)[0];
  return found?.[2] ?? "unknown";
}

function packageVersion(folder: string): string | null {
  const text = readOrNull(join(folder, "package.json"));
  if (text === null) return null;
  const { version }: { version: string } = JSON.parse(text);
  return version;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** What a program prints; null where it is not there or fails. */
async function output(command: string, args: readonly string[]): Promise<string | null> {
  return promisify(execFile)(command, args).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}
