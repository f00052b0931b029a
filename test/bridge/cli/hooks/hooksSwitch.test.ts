/** Whether an agent runs hooks, as Claude Code 2.1.330 and Codex 0.169.0 decide it from their files. */
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { whyHooksAreOff } from "../../../../bridge/cli/hooks/hooksSwitch.ts";
import type { HookAgent } from "../../../../shared/protocol/agentHook.ts";
import { temporaryFolder } from "../../../support/bridgeProcess.ts";

/** The line that is said of it, with paths from the folder of the test. */
async function lineFor(agent: HookAgent, files: Readonly<Record<string, string>>): Promise<string | undefined> {
  await using folder = await temporaryFolder();
  const root = await realpath(folder.path);
  const cwd = join(root, "shop");
  await mkdir(cwd);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text.replaceAll("SHOP", cwd));
  }
  const env = { CLAUDE_CONFIG_DIR: join(root, "user"), CODEX_HOME: join(root, "user") };
  const line = await whyHooksAreOff(agent, { env, cwd, managedFolder: join(root, "managed") });
  return line?.replaceAll(`${root}/`, "");
}

const OFF = '{"disableAllHooks": true}';
const ON = '{"disableAllHooks": false}';
const USER = "user/settings.json";
const PROJECT = "shop/.claude/settings.json";
const LOCAL = "shop/.claude/settings.local.json";
const MANAGED = "managed/managed-settings.json";
const ADDED = "managed/managed-settings.d/10-hooks.json";
const ONLY = '{"allowManagedHooksOnly": true, "disableAllHooks": false}';

describe("Claude Code's hooks", () => {
  it.each([
    { files: {}, off: undefined },
    { files: { [USER]: OFF }, off: USER },
    { files: { [PROJECT]: OFF }, off: PROJECT },
    { files: { [LOCAL]: `\ufeff${OFF}` }, off: LOCAL },
    { files: { [USER]: OFF, [LOCAL]: ON }, off: undefined },
    { files: { [USER]: ON, [PROJECT]: OFF }, off: PROJECT },
    { files: { [USER]: ON, [MANAGED]: OFF }, off: MANAGED },
    { files: { [ADDED]: OFF }, off: ADDED },
    { files: { [MANAGED]: OFF, [ADDED]: ON }, off: undefined },
    // It does not read what is no strict JSON.
    { files: { [USER]: '{"disableAllHooks": true,}' }, off: undefined },
    { files: { [USER]: "[]", [PROJECT]: '{"disableAllHooks": "true"}' }, off: undefined },
    { files: { [USER]: '{"allowManagedHooksOnly": true}' }, off: undefined },
  ])("are off where $files say so", async ({ files, off }) => {
    const line = off === undefined ? undefined : `Claude Code runs no hooks here: disableAllHooks is true in ${off}`;
    expect(await lineFor("claude", files)).toBe(line);
  });

  it("are off where an administrator allows only some", async () => {
    expect(await lineFor("claude", { [MANAGED]: ONLY, [ADDED]: ON })).toBe(
      `Claude Code runs no hooks here: allowManagedHooksOnly is true in ${MANAGED}`,
    );
  });
});

const CONFIG = "user/config.toml";
const SHOP = "shop/.codex/config.toml";
const TRUST = '[projects."SHOP"]\ntrust_level = "trusted"\n';

describe("Codex's hooks", () => {
  it.each([
    { files: {}, off: undefined },
    { files: { [CONFIG]: 'model = "gpt"\n\n[features] # of it\nweb = true\nhooks = false # for now\n' }, off: CONFIG },
    { files: { [CONFIG]: "features.hooks = false\r\n" }, off: CONFIG },
    { files: { [CONFIG]: "\ufefffeatures.hooks = false" }, off: CONFIG },
    { files: { [CONFIG]: "features = { web = true, hooks = false }" }, off: CONFIG },
    { files: { [CONFIG]: '[ features ]\n"hooks"=false' }, off: CONFIG },
    { files: { [CONFIG]: "[features]\nhooks = true # false" }, off: undefined },
    // What Codex cannot read either.
    { files: { [CONFIG]: "features.hooks = false\n[" }, off: undefined },
    {
      files: { [CONFIG]: `features.hooks = false\nx = ${"{ x = ".repeat(20_000)}1${" }".repeat(20_000)}` },
      off: undefined,
    },
    {
      files: { [CONFIG]: 'text = """\n[features]\n"""\nmodes = [\n  "a",\n]\n[features]\nhooks = false' },
      off: CONFIG,
    },
    { files: { [CONFIG]: "[other]\nhooks = false\n[[features]]\nhooks = false" }, off: undefined },
    { files: { [CONFIG]: 'text = """\n[features]\nhooks = false\n"""\n# features.hooks = false' }, off: undefined },
    { files: { [CONFIG]: "[features]\ncodex_hooks = false\nhooks = true" }, off: undefined },
    { files: { [SHOP]: "[features]\nhooks = false" }, off: undefined },
    { files: { [CONFIG]: TRUST, [SHOP]: "[features]\nhooks = false" }, off: SHOP },
    { files: { [CONFIG]: `features.hooks = false\n${TRUST}`, [SHOP]: "[features]\nhooks = true" }, off: undefined },
    { files: { "managed/managed_config.toml": "[features]\nhooks = false" }, off: "managed/managed_config.toml" },
  ])("are off where $files say so", async ({ files, off }) => {
    const line = off === undefined ? undefined : `Codex runs no hooks here: features.hooks is false in ${off}`;
    expect(await lineFor("codex", files)).toBe(line);
  });

  it("are off by the name that the switch had at first", async () => {
    expect(await lineFor("codex", { [CONFIG]: "[features]\ncodex_hooks = false" })).toBe(
      `Codex runs no hooks here: features.codex_hooks is false in ${CONFIG}`,
    );
  });
});
