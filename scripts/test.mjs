// Runs every check there is and ends with one line, `N passed, N failed`. Arguments are passed on to vitest as filters.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
/** Left by scripts/countsReporter.mjs at the end of a run. */
const COUNTS = join(root, ".cache/test-results/counts.json");
const filters = process.argv.slice(2);

const totals = { passed: 0, failed: 0, skipped: 0 };
step("Format and lint", "npx", ["biome", "check", "--error-on-warnings", "."]);
step("Types", "npx", ["tsc", "--build"]);
// What the tests run and install is what users get: without it there is nothing to test.
const isBuilt = step("Build", "node", ["scripts/build.mjs"]) && step("Package", "node", ["scripts/package.mjs"]);
if (isBuilt) runTests();

const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : "";
console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed > 0 ? 1 : 0;

function step(title, command, args) {
  const isGood = run(title, command, args) === 0;
  totals[isGood ? "passed" : "failed"] += 1;
  return isGood;
}

function runTests() {
  rmSync(COUNTS, { force: true });
  const status = run("Tests", "npx", ["vitest", "run", ...filters]);
  const { passed, failed, skipped } = readCounts();
  totals.passed += passed;
  totals.skipped += skipped;
  // A run that died, or that had nothing to run, is a failure although nothing in it failed.
  const isGood = status === 0 && passed > 0;
  totals.failed += isGood ? failed : Math.max(1, failed);
}

function readCounts() {
  try {
    return JSON.parse(readFileSync(COUNTS, "utf8"));
  } catch (error) {
    console.error(`vitest left no counts: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function run(title, command, args) {
  console.log(`\n# ${title}`);
  const start = performance.now();
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (error !== undefined) console.error(error.message);
  const outcome = status === 0 ? "passed" : "FAILED";
  console.log(`# ${title}: ${outcome} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  // Someone wants the whole to stop, not one step of it.
  if (signal === "SIGINT" || signal === "SIGTERM") process.exit(1);
  return status;
}
