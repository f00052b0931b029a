import { defineConfig } from "vitest/config";
import { countsReporter } from "./scripts/countsReporter.mjs";

const MINUTE_MS = 60_000;
const RESULTS = ".cache/test-results";

export default defineConfig({
  test: {
    // The counts are what scripts/test.mjs ends with.
    reporters: [
      "default",
      ["json", { outputFile: `${RESULTS}/vitest.json` }],
      countsReporter(`${RESULTS}/counts.json`),
    ],
    // Two cores: more workers would only make the tests that wait for real processes wait longer.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/*.test.ts", "test/{shared,producer,bridge,extension}/**/*.test.ts"],
          testTimeout: 2 * MINUTE_MS,
          hookTimeout: 2 * MINUTE_MS,
        },
      },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          globalSetup: "test/support/requireBuild.ts",
          testTimeout: 6 * MINUTE_MS,
          hookTimeout: MINUTE_MS,
        },
      },
      {
        test: {
          name: "agents",
          include: ["test/agents/**/*.test.ts"],
          globalSetup: ["test/support/requireBuild.ts", "test/agents/harness/agentBinaries.ts"],
          testTimeout: 2 * MINUTE_MS,
          hookTimeout: MINUTE_MS,
          // After the others: agents do not wait for a machine that is busy.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "vscode",
          include: ["test/vscode/**/*.test.ts"],
          globalSetup: "test/support/requireBuild.ts",
          testTimeout: 8 * MINUTE_MS,
          // The first run ever builds a VS Code.
          hookTimeout: 15 * MINUTE_MS,
          fileParallelism: false,
          // After all others: what it times must have the machine for itself.
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
