/** Owns how the tests play with Codex. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OPENAI } from "../modelServer/openai.ts";
import { MODEL_URL } from "./networkNamespace.ts";
import type { TestedAgent } from "./testedAgent.ts";

const MODEL = "gpt-5.5";
/** A person trusts the hooks once, in a dialog of Codex's own. */
const TRUST = "--dangerously-bypass-hook-trust";

export const CODEX: TestedAgent = {
  name: "codex",
  dialect: OPENAI,
  env: { OPENAI_API_KEY: "dummy" },
  hooksFile: ".codex/hooks.json",
  prepareHome: async (home, project) => {
    await mkdir(join(home, ".codex"), { recursive: true });
    // Analytics and plugins look for servers outside, and each waits five seconds for a name that nobody knows.
    const settings = `
      model = "${MODEL}"
      model_provider = "scripted"
      check_for_update_on_startup = false
      [analytics]
      enabled = false
      [features]
      plugins = false
      [notice.model_migrations]
      "${MODEL}" = "gpt-6-sol"
      [model_providers.scripted]
      name = "A scripted model"
      base_url = "${MODEL_URL}/v1"
      wire_api = "responses"
      env_key = "OPENAI_API_KEY"
      [projects."${project}"]
      trust_level = "trusted"
    `;
    await writeFile(join(home, ".codex/config.toml"), settings.replace(/^ +/gm, ""));
  },

  headless: (prompt) => ["exec", TRUST, prompt],
  interactive: (prompt) => [TRUST, "--ask-for-approval", "on-request", "--sandbox", "workspace-write", prompt],

  shell: (id, command) => ({ id, tool: "exec_command", input: { cmd: command } }),
  read: (id, path) => ({ id, tool: "exec_command", input: { cmd: `cat ${path}` } }),
  edit: (id, path, before, after) => ({
    id,
    tool: "apply_patch",
    input: { input: `*** Begin Patch\n*** Update File: ${path}\n@@\n-${before}\n+${after}\n*** End Patch` },
  }),
  asking: (id, command) => ({
    id,
    tool: "exec_command",
    input: { cmd: command, sandbox_permissions: "require_escalated", justification: "It is needed" },
  }),
  toolNames: { shell: "Bash", read: "Bash", edit: "apply_patch" },

  question: /Would you like to run the following command\?/,
  yesKey: "y",
  noKey: "Escape",
};
