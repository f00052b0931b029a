/**
 * Owns whether an agent runs any hooks at all: both have a switch for that, in several files, of which the one that comes last
 * decides. Claude Code 2.1 and Codex 0.169 do so.
 */
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse as parseToml, TomlError } from "smol-toml";
import { parseJson } from "../../../shared/client/parseJson.ts";
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { titleOf } from "./agents.ts";
import { readSettingsText } from "./settingsFile.ts";
import { settingsPath, userFolder, type Whereabouts } from "./settingsPath.ts";

export interface SwitchPlaces extends Whereabouts {
  /** Where an administrator's settings are; where the agents look for them when absent. */
  readonly managedFolder?: string;
}

/** What a file says of hooks. */
interface Verdict {
  readonly path: string;
  readonly setting: string;
  readonly value: boolean;
  readonly isOff: boolean;
}

/** Why an agent runs no hooks when it works in a folder: in one line. Undefined where nothing is in the way. */
export async function whyHooksAreOff(agent: HookAgent, places: SwitchPlaces): Promise<string | undefined> {
  const verdicts = agent === "claude" ? await claudeVerdicts(places) : await codexVerdicts(places);
  const last = verdicts.at(-1);
  if (last === undefined || !last.isOff) return undefined;
  return `${titleOf(agent)} runs no hooks here: ${last.setting} is ${last.value} in ${last.path}`;
}

/** From the one that counts least to the one that counts most. */
async function claudeVerdicts(places: SwitchPlaces): Promise<readonly Verdict[]> {
  const project = await settingsPath("claude", "project", places);
  const own = [await settingsPath("claude", "user", places), project, join(dirname(project), "settings.local.json")];
  const managed = await claudeManagedFiles(places.managedFolder ?? claudeManagedFolder());
  const switches: Verdict[] = [];
  const limits: Verdict[] = [];
  for (const path of [...own, ...managed]) {
    const { disableAllHooks: value, allowManagedHooksOnly: isLimited } = readSettings(await readSettingsText(path));
    if (typeof value === "boolean") switches.push({ path, setting: "disableAllHooks", value, isOff: value });
    if (isLimited === true && managed.includes(path)) {
      limits.push({ path, setting: "allowManagedHooksOnly", value: true, isOff: true });
    }
  }
  return [...switches, ...limits];
}

function claudeManagedFolder(): string {
  if (process.platform === "darwin") return "/Library/Application Support/ClaudeCode";
  return process.platform === "win32" ? "C:\\Program Files\\ClaudeCode" : "/etc/claude-code";
}

async function claudeManagedFiles(folder: string): Promise<readonly string[]> {
  const parts = join(folder, "managed-settings.d");
  // Mostly there is none, and what may not be read says nothing.
  const names = await readdir(parts).catch(() => []);
  const added = names.filter((name) => name.endsWith(".json") && !name.startsWith(".")).sort();
  return [join(folder, "managed-settings.json"), ...added.map((name) => join(parts, name))];
}

/** The first is what it was called at first; the other one counts where both are there. */
const CODEX_FEATURES: readonly string[] = ["codex_hooks", "hooks"];

async function codexVerdicts(places: SwitchPlaces): Promise<readonly Verdict[]> {
  const managed = places.managedFolder ?? "/etc/codex";
  const user = join(userFolder("codex", places), "config.toml");
  const projectHooks = await settingsPath("codex", "project", places);
  const project = join(dirname(projectHooks), "config.toml");
  const root = dirname(dirname(projectHooks));
  const userConfig = readConfig(await readSettingsText(user));
  const isTrusted = [root, places.cwd].some(
    (folder) => valueAt(userConfig, ["projects", folder, "trust_level"]) === "trusted",
  );
  const verdicts: Verdict[] = [];
  for (const path of [
    join(managed, "config.toml"),
    user,
    // Codex reads that of a project only once its user trusts it.
    ...(isTrusted ? [project] : []),
    join(managed, "managed_config.toml"),
  ]) {
    const config = readConfig(await readSettingsText(path));
    for (const name of CODEX_FEATURES) {
      const value = valueAt(config, ["features", name]);
      if (typeof value !== "boolean") continue;
      verdicts.push({ path, setting: `features.${name}`, value, isOff: !value });
    }
  }
  return verdicts;
}

/** What is no JSON is no settings to the agent either. */
function readSettings(text: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text);
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** What is no TOML is no config to Codex either: it does not start with it. */
function readConfig(text: string): unknown {
  try {
    return parseToml(text);
  } catch (error) {
    if (error instanceof TomlError) return {};
    throw error;
  }
}

/** What stands at a path of keys, if anything does. */
function valueAt(table: unknown, path: readonly string[]): unknown {
  let value = table;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name === key)?.[1];
  }
  return value;
}
