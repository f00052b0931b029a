/** Owns saying at once, and once, that there is nothing to test: tests of whole processes run what users get, from dist/. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

const BUILT = ["televibe.js", "cli.js", "hook.js", "bridge.js", "extension.js", "producer.js", "producer.d.ts"].map(
  (name) => resolve(import.meta.dirname, "../../dist", name),
);

/** Called by vitest before the first test of a project that lists this file. */
export function setup(): void {
  const missing = BUILT.filter((file) => !existsSync(file));
  if (missing.length > 0) throw new Error(`Run \`npm run build\` first: ${missing.join(", ")} not found.`);
}
