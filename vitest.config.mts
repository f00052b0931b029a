import { defineConfig } from "vitest/config";

const MINUTE_MS = 60_000;

export default defineConfig({
  test: {
    reporters: ["default", ["json", { outputFile: ".cache/test-results/vitest.json" }]],
    // Two cores: more workers would only make the tests that wait for real processes wait longer.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/*.test.ts", "test/{shared,bridge,extension}/**/*.test.ts"],
          // No test is about time; a busy machine is no failure.
          testTimeout: 2 * MINUTE_MS,
          hookTimeout: 2 * MINUTE_MS,
        },
      },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          testTimeout: 3 * MINUTE_MS,
          hookTimeout: MINUTE_MS,
        },
      },
      {
        test: {
          name: "vscode",
          include: ["test/vscode/**/*.test.ts"],
          testTimeout: 2 * MINUTE_MS,
          // The first run ever builds a VS Code.
          hookTimeout: 15 * MINUTE_MS,
          fileParallelism: false,
        },
      },
    ],
  },
});
