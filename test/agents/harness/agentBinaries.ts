/** Owns getting the real agents for the tests: Claude Code and Codex from npm, at the versions that are tested. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runTool } from "../../support/runTool.ts";
import { cachedFolder } from "../../support/testCache.ts";

const CLAUDE_CODE = "2.1.330";
const CODEX = "0.169.0";

/** Answers the folder that holds their commands, `claude` and `codex`, installed first where they are not there yet. */
export async function installAgents(): Promise<string> {
  const name = `agents-claude-${CLAUDE_CODE}-codex-${CODEX}`;
  const folder = await cachedFolder(name, "the agents for the tests (about a minute, 800 MB)", async (building) => {
    await writeFile(join(building, "package.json"), JSON.stringify({ name: "agents-for-tests", private: true }));
    // Claude Code's install script puts its binary in place, and npm 11 runs no script unless told so.
    const options = ["--no-audit", "--no-fund", "--loglevel=error", "--dangerously-allow-all-scripts"];
    const packages = [`@anthropic-ai/claude-code@${CLAUDE_CODE}`, `@openai/codex@${CODEX}`];
    await runTool("npm", ["install", ...packages, ...options], building);
  });
  return join(folder, "node_modules/.bin");
}

/** Called by vitest before the first test of the project that lists this file: installing takes longer than a test may. */
export async function setup(): Promise<void> {
  await installAgents();
}
