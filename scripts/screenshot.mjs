// Takes media/screenshot.png, the README's picture, anew: run it after what the extension shows has changed. It plays the scene of
// test/vscode/picture with what users get, in a real VS Code with a real bridge.
import { spawnSync } from "node:child_process";
import { copyFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const PICTURE = "media/screenshot.png";

node(["scripts/setup.mjs", "--system"]);
node(["scripts/package.mjs"]);
node(["node_modules/vitest/vitest.mjs", "run", "--project", "vscode", "test/vscode/readmePicture.test.ts"]);

copyFileSync(join(root, ".cache/test-results/readme.png"), join(root, PICTURE));
console.log(`${PICTURE}: ${(statSync(join(root, PICTURE)).size / 1024).toFixed(0)} kB`);

function node(args) {
  const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
