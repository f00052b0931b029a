/** Owns telling in words what Claude Code suggests to remember with a permission, where all of it is understood. */
import { oneLine } from "../../shared/text/oneLine.ts";
import { type HookInput, isRecord, listIn, textIn } from "./hookInput.ts";
import type { Suggestion } from "./meaning.ts";

/** What is longer than this is no suggestion that a person reads whole before agreeing to it. */
const MAX_TEXT = 600;
const MAX_BYTES = 20_000;

const DESTINATIONS: Readonly<Record<string, string>> = {
  session: "for this session",
  cliArg: "for this session",
  localSettings: "in this project",
  projectSettings: "in this project, for everybody who works on it",
  userSettings: "in all projects",
};

const MODES: Readonly<Record<string, string>> = {
  acceptEdits: "all edits",
  bypassPermissions: "everything",
  default: "nothing but what it is told to",
};

/** The agent's suggestions as one offer; undefined where there is none, or a part of it is not understood. */
export function claudeSuggestion(hook: HookInput): Suggestion | undefined {
  const data = listIn(hook, "permission_suggestions");
  if (data.length === 0 || Buffer.byteLength(JSON.stringify(data)) > MAX_BYTES) return undefined;
  const parts = data.map((each) => (isRecord(each) ? inWords(each) : undefined));
  if (parts.some((part) => part === undefined)) return undefined;
  const text = `Claude Code ${parts.join(", and ")}`;
  return text.length > MAX_TEXT ? undefined : { text: oneLine(text, MAX_TEXT), data };
}

function inWords(update: HookInput): string | undefined {
  const where = DESTINATIONS[textIn(update, "destination") ?? ""];
  if (where === undefined) return undefined;
  switch (update["type"]) {
    case "addRules": {
      if (update["behavior"] !== "allow") return undefined;
      const rules = listIn(update, "rules").map((rule) => (isRecord(rule) ? ruleName(rule) : undefined));
      if (rules.length === 0 || rules.some((rule) => rule === undefined)) return undefined;
      return `allows ${rules.join(", ")} ${where}`;
    }
    case "addDirectories": {
      const directories = listIn(update, "directories");
      if (directories.length === 0 || directories.some((each) => typeof each !== "string")) return undefined;
      return `may work in ${directories.join(", ")} ${where}`;
    }
    case "setMode": {
      const mode = MODES[textIn(update, "mode") ?? ""];
      return mode === undefined ? undefined : `allows ${mode} ${where}`;
    }
    default:
      return undefined;
  }
}

function ruleName(rule: HookInput): string | undefined {
  const tool = textIn(rule, "toolName");
  const content = textIn(rule, "ruleContent");
  return tool === undefined || content === undefined ? tool : `${tool}(${content})`;
}
