// What npm runs before it packs: builds for production, with the notices that the bundles' parts ask for.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeNotices } from "./notices.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
for (const args of [["scripts/setup.mjs"], ["scripts/build.mjs", "--production"]]) {
  // What it prints is no part of what `npm pack` prints.
  const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
await writeNotices();
