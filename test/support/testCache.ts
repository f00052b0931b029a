/**
 * Owns what the tests make once a machine and keep outside the clone: a folder each, named by the versions in it, built
 * under a lock and put in place whole.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { withBuildLock } from "./buildLock.ts";

/** The folder that all of it is in. */
export const TEST_CACHE = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "televibe-test");

/** Answers the folder of that name, built first where it is not there yet. `what` names what is in it, with its price. */
export async function cachedFolder(
  name: string,
  what: string,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(TEST_CACHE, name);
  // The folder gets its name last, so that one with the name is whole.
  if (existsSync(folder)) return folder;

  await mkdir(TEST_CACHE, { recursive: true });
  await withBuildLock(
    folder,
    async () => {
      if (!existsSync(folder)) await buildInto(name, what, build);
    },
    () => console.log(`Waiting for another run, which makes ${what} in ${folder}.`),
  );
  return folder;
}

async function buildInto(name: string, what: string, build: (folder: string) => Promise<void>): Promise<void> {
  const folder = join(TEST_CACHE, name);
  console.log(`Making ${what} in ${folder}, once.`);
  const startedMs = performance.now();
  const prefix = `${name}.building-`;
  // What a killed run left half built. Nobody alive works on it, since the lock is ours.
  for (const left of await readdir(TEST_CACHE)) {
    if (left.startsWith(prefix)) await rm(join(TEST_CACHE, left), { recursive: true, force: true });
  }
  const building = await mkdtemp(join(TEST_CACHE, prefix));
  try {
    await build(building);
    await rename(building, folder).catch((error: unknown) => {
      // From another network name space, where the lock does not reach, someone was faster: theirs is as good.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  console.log(`It is there after ${((performance.now() - startedMs) / 1000).toFixed(0)} s.`);
}
