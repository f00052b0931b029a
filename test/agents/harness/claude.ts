/** Owns how the tests play with Claude Code. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ANTHROPIC } from "../modelServer/anthropic.ts";
import { MODEL_URL } from "./networkNamespace.ts";
import type { TestedAgent } from "./testedAgent.ts";

const API_KEY = "dummy";

export const CLAUDE: TestedAgent = {
  name: "claude",
  dialect: ANTHROPIC,
  env: {
    ANTHROPIC_BASE_URL: MODEL_URL,
    ANTHROPIC_API_KEY: API_KEY,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_TELEMETRY: "1",
    DISABLE_AUTOUPDATER: "1",
  },
  hooksFile: ".claude/settings.json",
  prepareHome: async (home, project) => {
    await mkdir(join(home, ".claude"), { recursive: true });
    const answered = {
      hasCompletedOnboarding: true,
      theme: "dark",
      customApiKeyResponses: { approved: [API_KEY], rejected: [] },
      projects: { [project]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
    };
    await writeFile(join(home, ".claude.json"), JSON.stringify(answered));
  },

  headless: (prompt) => ["--permission-mode", "default", "--allowedTools=Edit", "-p", prompt],
  // Its own default has each command judged by a classifier on a server.
  interactive: (prompt) => ["--permission-mode", "default", prompt],

  shell: (id, command) => ({ id, tool: "Bash", input: { command, description: "Run a command" } }),
  read: (id, path) => ({ id, tool: "Read", input: { file_path: path } }),
  edit: (id, path, before, after) => ({
    id,
    tool: "Edit",
    input: { file_path: path, old_string: before, new_string: after },
  }),
  asking: (id, command) => ({ id, tool: "Bash", input: { command, description: "Run a command" } }),
  toolNames: { shell: "Bash", read: "Read", edit: "Edit" },

  question: /Do you want to proceed\?/,
  yesKey: "1",
  noKey: "Escape",
};
