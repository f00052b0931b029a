/** Owns reading Claude Code's tools: what each input says, and what a result tells of the files that it changed. */

import { countChangedLines, countMarks, type LineCounts, sumLineCounts } from "../diff/lineCounts.ts";
import { linesOf } from "../diff/lines.ts";
import { cut, type HookInput, isRecord, listIn, recordIn, textIn } from "./hookInput.ts";
import {
  mcpSummary,
  type ProposedChange,
  type ReplacedPiece,
  shownPath,
  summaryLine,
  type ToolScope,
  type ToolUse,
  toolName,
  type WorkFolder,
  wholePath,
} from "./toolUse.ts";

/** Longest input of a tool, as JSON, that is shown to whoever judges it. */
const MAX_DETAILS = 20_000;

type Reader = (input: HookInput, folder: WorkFolder) => Partial<ToolUse> & { readonly summary: string };

/** Every tool whose input we understand; others are told by what they have in common. */
const READERS: Readonly<Record<string, Reader>> = {
  Bash: readCommand,
  PowerShell: readCommand,
  Edit: (input, folder) => readEdit("Edit", input, folder, replaceIn(input)),
  MultiEdit: (input, folder) =>
    readEdit("Edit", input, folder, {
      kind: "replace",
      pieces: listIn(input, "edits").filter(isRecord).map(pieceOf),
    }),
  Write: (input, folder) =>
    readEdit("Write", input, folder, { kind: "write", content: textIn(input, "content") ?? "" }),
  NotebookEdit: (input, folder) =>
    readEdit("Edit", { file_path: input["notebook_path"] }, folder, {
      kind: "replace",
      pieces: [{ before: "", after: textIn(input, "new_source") ?? "", isEverywhere: false }],
    }),
  Read: (input, folder) => readFile("Read", input["file_path"], folder),
  NotebookRead: (input, folder) => readFile("Read", input["notebook_path"], folder),
  LS: (input, folder) => readFile("List", input["path"], folder),
  Glob: readSearch,
  Grep: readSearch,
  WebFetch: (input) => inWords("network", "Fetch", textIn(input, "url"), textIn(input, "prompt")),
  WebSearch: (input) => inWords("network", "Search the web for", textIn(input, "query")),
  Task: readSubagent,
  Agent: readSubagent,
  Skill: (input) => inWords("tool", "Use the skill", textIn(input, "skill") ?? textIn(input, "command")),
  ExitPlanMode: (input) => ({
    summary: "Plan",
    action: "Carry out its plan",
    details: cut(textIn(input, "plan") ?? "", MAX_DETAILS),
  }),
  TodoWrite: (input) => {
    const todos = listIn(input, "todos").filter(isRecord);
    const done = todos.filter((todo) => todo["status"] === "completed").length;
    const current = todos.find((todo) => todo["status"] === "in_progress");
    const now = current === undefined ? undefined : (textIn(current, "activeForm") ?? textIn(current, "content"));
    return { summary: `${done} of ${todos.length} done${now === undefined ? "" : `: ${now}`}` };
  },
};

/** What an input most often calls the thing that a tool is used on. */
const TELLING_FIELDS = ["description", "query", "subject", "name", "url", "path", "pattern", "prompt", "id", "taskId"];

/** Reads a tool's use from a hook's input. */
export function claudeToolUse(hook: HookInput, folder: WorkFolder): ToolUse {
  const tool = toolName(textIn(hook, "tool_name"));
  const input = recordIn(hook, "tool_input");
  const read = Object.hasOwn(READERS, tool) ? READERS[tool] : undefined;
  const known: ReturnType<Reader> = read?.(input, folder) ?? readAny(tool, input);
  const summary = summaryLine(known.summary);
  return {
    tool,
    id: textIn(hook, "tool_use_id"),
    scope: "tool",
    action: summary === "" ? tool : `${tool}: ${summary}`,
    ...known,
    summary,
  };
}

/** What a result tells of the lines that an edit changed; what it does not tell, its input does. */
export function claudeChangedLines(hook: HookInput, use: ToolUse): LineCounts | undefined {
  const { change } = use;
  if (change === undefined || change.kind === "diff") return undefined;
  const response = recordIn(hook, "tool_response");
  const hunks = listIn(response, "structuredPatch").filter(isRecord);
  if (hunks.length > 0) {
    return countMarks(hunks.flatMap((hunk) => listIn(hunk, "lines").filter((line) => typeof line === "string")));
  }
  if (change.kind === "write") {
    const before = textIn(response, "originalFile");
    if (before !== undefined) return countChangedLines(before, change.content);
    return { added: linesOf(change.content).length, removed: 0 };
  }
  return sumLineCounts(change.pieces.map(({ before, after }) => countChangedLines(before, after)));
}

function readCommand(input: HookInput): ReturnType<Reader> {
  const command = textIn(input, "command") ?? "";
  const reason = textIn(input, "description");
  return {
    scope: "command",
    summary: command,
    action: command === "" ? "Run an empty command" : command,
    command,
    ...(reason === undefined ? {} : { reason }),
  };
}

type UnplacedChange = { [K in ProposedChange["kind"]]: Omit<Extract<ProposedChange, { kind: K }>, "path"> };

function readEdit(
  verb: "Edit" | "Write",
  input: HookInput,
  folder: WorkFolder,
  change: UnplacedChange["write"] | UnplacedChange["replace"],
): ReturnType<Reader> {
  const { path, summary } = namedFile(input["file_path"], folder);
  if (path === undefined) return { scope: "edit", summary, action: `${verb} ${summary}` };
  return { scope: "edit", summary, action: `${verb} ${summary}`, path, change: { ...change, path } };
}

function replaceIn(input: HookInput): UnplacedChange["replace"] {
  return { kind: "replace", pieces: [pieceOf(input)] };
}

function pieceOf(input: HookInput): ReplacedPiece {
  return {
    before: textIn(input, "old_string") ?? "",
    after: textIn(input, "new_string") ?? "",
    isEverywhere: input["replace_all"] === true,
  };
}

function readFile(verb: string, named: unknown, folder: WorkFolder): ReturnType<Reader> {
  const { path, summary } = namedFile(named, folder);
  return { scope: "read", summary, action: `${verb} ${summary}`, ...(path === undefined ? {} : { path }) };
}

function readSearch(input: HookInput, folder: WorkFolder): ReturnType<Reader> {
  const pattern = textIn(input, "pattern") ?? "";
  const place = input["path"] === undefined ? undefined : namedFile(input["path"], folder);
  const summary = place === undefined ? pattern : `${pattern} in ${place.summary}`;
  return {
    scope: "read",
    summary,
    action: `Search for ${summary}`,
    path: place?.path ?? folder.cwd,
  };
}

function readSubagent(input: HookInput): ReturnType<Reader> {
  const type = textIn(input, "subagent_type");
  const description = textIn(input, "description") ?? textIn(input, "prompt") ?? "";
  const prompt = textIn(input, "prompt");
  return {
    summary: type === undefined ? description : `${description} (${type})`,
    ...(prompt === undefined ? {} : { details: cut(prompt, MAX_DETAILS) }),
  };
}

function inWords(
  scope: ToolScope,
  verb: string,
  object: string | undefined,
  details?: string | undefined,
): ReturnType<Reader> {
  const summary = object ?? "";
  return {
    scope,
    summary,
    action: `${verb} ${summary}`.trim(),
    ...(details === undefined ? {} : { details: cut(details, MAX_DETAILS) }),
  };
}

/** A tool that is not known here, such as an MCP server's: its input is what there is to judge. */
function readAny(tool: string, input: HookInput): ReturnType<Reader> {
  const telling = TELLING_FIELDS.map((name) => textIn(input, name)).find((text) => text !== undefined);
  const mcp = mcpSummary(tool);
  const summary = [mcp, telling].filter((part) => part !== undefined).join(" · ");
  const details = Object.keys(input).length === 0 ? {} : { details: cut(JSON.stringify(input, null, 2), MAX_DETAILS) };
  return mcp === undefined ? { summary, ...details } : { summary, action: `Use ${mcp}`, ...details };
}

function namedFile(named: unknown, folder: WorkFolder): { readonly path?: string; readonly summary: string } {
  if (typeof named !== "string" || named === "" || named.includes("\0")) return { summary: "an unnamed file" };
  const path = wholePath(named, folder);
  return { path, summary: shownPath(path, folder) };
}
