/** Owns saying how an agent's settings stand to our hooks. */
import { access } from "node:fs/promises";
import type { HookAgent } from "../../../shared/protocol/agentHook.ts";
import { addEntries } from "./addEntries.ts";
import { hookEvents } from "./agents.ts";
import { type CodexTrust, codexTrust } from "./codexTrust.ts";
import type { HookProgram } from "./hookCommand.ts";
import { parseDocument } from "./json/document.ts";
import { whyNotRead } from "./obstacle.ts";
import { type OwnEntry, ownEntries } from "./ownEntries.ts";
import { SettingsError } from "./settingsError.ts";
import { decode, readSettingsFile } from "./settingsFile.ts";

export type HooksState =
  /** As this version would install them. */
  | "installed"
  /** They run another installation of Televibe. */
  | "other_path"
  /** Some are missing, or have another form. */
  | "older_form"
  | "not_installed"
  | "unreadable";

export interface Inspection {
  readonly path: string;
  /** The file that is read: the end of all links. None where they lead nowhere. */
  readonly target?: string;
  readonly state: HooksState;
  /** Why it cannot be read, by us or by the agent, or is not read everywhere. */
  readonly problem?: string;
  /** Files that our hooks need and that are not there. */
  readonly missingFiles: readonly string[];
  readonly trust?: CodexTrust;
}

export async function inspect(
  agent: HookAgent,
  path: string,
  program: HookProgram,
  codexHome: string,
): Promise<Inspection> {
  try {
    const { bytes, target } = await readSettingsFile(path);
    const text = bytes === undefined ? "" : decode(bytes);
    const document = parseDocument(text);
    const entries = ownEntries(document, agent);
    const state = stateOf(entries, text, agent, program);
    const missingFiles = await missingFilesOf(entries);
    const hasTrust = agent === "codex" && entries.length > 0;
    const problem = whyNotRead(agent, text);
    return {
      path,
      target,
      state,
      missingFiles,
      ...(problem === undefined ? {} : { problem }),
      ...(hasTrust ? { trust: await codexTrust(document, codexHome) } : {}),
    };
  } catch (error) {
    if (error instanceof SettingsError) return { path, state: "unreadable", problem: error.message, missingFiles: [] };
    throw error;
  }
}

function stateOf(entries: readonly OwnEntry[], text: string, agent: HookAgent, program: HookProgram): HooksState {
  const [first] = entries;
  if (first === undefined) return "not_installed";
  if (addEntries(text, agent, program) === text) return "installed";
  const isComplete = hookEvents(agent).every(({ name }) => entries.some(({ event }) => event === name));
  const isElsewhere = !entries.every(({ own }) => own.files.includes(program.script));
  return isComplete && isElsewhere ? "other_path" : "older_form";
}

/** Files that our hooks in a settings file need and that are not there. */
export async function missingHookFiles(agent: HookAgent, path: string): Promise<readonly string[]> {
  return missingFilesOf(await ownEntriesIn(agent, path));
}

export async function hasOwnHooks(agent: HookAgent, path: string): Promise<boolean> {
  return (await ownEntriesIn(agent, path)).length > 0;
}

/** What cannot be read has no hooks. */
async function ownEntriesIn(agent: HookAgent, path: string): Promise<readonly OwnEntry[]> {
  try {
    const { bytes } = await readSettingsFile(path);
    return bytes === undefined ? [] : ownEntries(parseDocument(decode(bytes)), agent);
  } catch (error) {
    if (error instanceof SettingsError) return [];
    throw error;
  }
}

async function missingFilesOf(entries: readonly OwnEntry[]): Promise<readonly string[]> {
  const files = new Set(entries.flatMap(({ own }) => own.files));
  const missing: string[] = [];
  for (const file of files) {
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (!isThere) missing.push(file);
  }
  return missing;
}
