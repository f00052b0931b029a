// Owns how a test run is counted, for scripts/test.mjs: vitest's own tables leave out what failed without being a test.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** A vitest reporter that writes `{passed, failed, skipped}` to a file when a run has ended. */
export function countsReporter(file) {
  return {
    onTestRunEnd: (modules, unhandledErrors) => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(countTests(modules, unhandledErrors.length)));
    },
  };
}

/**
 * A file or suite whose own code or hooks threw is a failure beside its tests, each error outside of all tests is one,
 * and so is a test that was still to be run when its process died.
 */
function countTests(modules, unhandledErrors) {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    for (const suite of [module, ...module.children.allSuites()]) {
      if (suite.errors().length > 0) counts.failed += 1;
    }
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === "pending" ? "failed" : state] += 1;
    }
  }
  return counts;
}
