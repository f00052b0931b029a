// Builds for production and packs televibe-<version>.vsix: what `code --install-extension` takes. Prints its size.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeNotices } from "./notices.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const file = `${name}-${version}.vsix`;

node(["scripts/build.mjs", "--production"]);
const packages = await writeNotices();
rmSync(join(root, file), { force: true });
// No dependencies: all that is needed is in the bundles.
node(["node_modules/@vscode/vsce/vsce", "package", "--no-dependencies", "--allow-missing-repository", "--out", file]);
console.log(`${file}: ${(statSync(join(root, file)).size / 1024).toFixed(0)} kB, with parts of ${packages} packages`);

function node(args) {
  const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
