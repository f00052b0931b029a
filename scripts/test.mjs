// Runs every check there is and ends with one line, `N passed, N failed`. Arguments are passed on to vitest as filters.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const RESULTS = ".cache/test-results/vitest.json";
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
  rmSync(join(root, RESULTS), { force: true });
  const status = run("Tests", "npx", ["vitest", "run", ...filters]);
  const results = readResults();
  totals.passed += results.numPassedTests;
  totals.skipped += results.numPendingTests + results.numTodoTests;
  // A suite that could not be loaded, or an error outside of any test, has no failed test of its own.
  const failed = results.numFailedTests || (status === 0 && results.numPassedTests > 0 ? 0 : 1);
  totals.failed += failed;
}

function readResults() {
  try {
    return JSON.parse(readFileSync(join(root, RESULTS), "utf8"));
  } catch (error) {
    console.error(`vitest left no results: ${error.message}`);
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  }
}

function run(title, command, args) {
  console.log(`\n# ${title}`);
  const start = performance.now();
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (error !== undefined) console.error(error.message);
  console.log(
    `# ${title}: ${status === 0 ? "passed" : "FAILED"} in ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  return status;
}
