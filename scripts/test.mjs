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
let isInterrupted = false;
step("Format and lint", ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."]);
step("Types", ["node_modules/typescript/bin/tsc", "--build"]);
// What the tests run and install is what users get: without it there is nothing to test.
const isBuilt = step("Build", ["scripts/build.mjs"]) && step("Package", ["scripts/package.mjs"]);
if (isBuilt) runTests();

const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : "";
console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed > 0 ? 1 : 0;

function step(title, args) {
  if (isInterrupted) return false;
  const isGood = run(title, args) === 0;
  totals[isGood ? "passed" : "failed"] += 1;
  return isGood;
}

function runTests() {
  rmSync(COUNTS, { force: true });
  const status = run("Tests", ["node_modules/vitest/vitest.mjs", "run", ...filters]);
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

/** Runs a script of Node's. Not through npx: a signal would end npx and leave what it runs behind. */
function run(title, args) {
  console.log(`\n# ${title}`);
  const start = performance.now();
  const { status, signal, error } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (error !== undefined) console.error(error.message);
  // Someone wants the whole to stop, not one step of it.
  isInterrupted ||= signal === "SIGINT" || signal === "SIGTERM";
  const outcome = status === 0 ? "passed" : `FAILED${signal ? ` by ${signal}` : ""}`;
  console.log(`# ${title}: ${outcome} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return status;
}
