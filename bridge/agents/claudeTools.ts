/** Owns reading Claude Code's tools: what each input says, and what a result tells of the files that it changed. */

import { countChangedLines, countMarks, type LineCounts, sumLineCounts } from "../diff/lineCounts.ts";
import { linesOf } from "../diff/lines.ts";
import { cut, type HookInput, isRecord, listIn, recordIn, textIn } from "./hookInput.ts";
import { readShell } from "./shellInput.ts";
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

/** A pattern of files that may lead out of the folder that is searched: from the root, from a home folder, or upwards. */
const ELSEWHERE = /^!?(?:[\\/~]|[A-Za-z]:)|[{,](?:[\\/~]|[A-Za-z]:)|\.\./;

type Reader = (input: HookInput, folder: WorkFolder) => Partial<ToolUse> & { readonly summary: string };

/** Every tool whose input we understand; others are told by what they have in common. */
const READERS: Readonly<Record<string, Reader>> = {
  Bash: readShell,
  PowerShell: readShell,
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
  Glob: (input, folder) => readSearch("pattern", input, folder),
  Grep: (input, folder) => readSearch("glob", input, folder),
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

type UnplacedChange = { [K in ProposedChange["kind"]]: Omit<Extract<ProposedChange, { kind: K }>, "path"> };

function readEdit(
  verb: "Edit" | "Write",
  input: HookInput,
  folder: WorkFolder,
  change: UnplacedChange["write"] | UnplacedChange["replace"],
): ReturnType<Reader> {
  const { summary, ...file } = namedFile(input["file_path"], folder);
  const known = { scope: "edit" as const, summary, action: `${verb} ${summary}`, ...file };
  // Of a file that cannot be found there is nothing to compare with.
  if (file.path === undefined || file.isUnclear === true) return { ...known, ...inputDetails(input) };
  return { ...known, change: { ...change, path: file.path } };
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
  const { summary, ...file } = namedFile(named, folder);
  return { scope: "read", summary, action: `${verb} ${summary}`, ...file };
}

/** `names` is the field that says which files: they may lie elsewhere than in the folder. */
function readSearch(names: "pattern" | "glob", input: HookInput, folder: WorkFolder): ReturnType<Reader> {
  const pattern = textIn(input, "pattern") ?? "";
  const { path, isUnclear, ...place } =
    input["path"] === undefined ? { path: folder.cwd, isUnclear: undefined } : namedFile(input["path"], folder);
  const summary = "summary" in place ? `${pattern} in ${place.summary}` : pattern;
  const known = { scope: "read" as const, summary, action: `Search for ${summary}`, ...inputDetails(input) };
  const named = input[names] ?? "";
  const isElsewhere = typeof named !== "string" || ELSEWHERE.test(named);
  if (isElsewhere || path === undefined || isUnclear === true) return { ...known, isUnclear: true };
  return { ...known, path };
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
  const details = inputDetails(input);
  return mcp === undefined ? { summary, ...details } : { summary, action: `Use ${mcp}`, ...details };
}

function inputDetails(input: HookInput): Pick<ToolUse, "details"> {
  return Object.keys(input).length === 0 ? {} : { details: cut(JSON.stringify(input, null, 2), MAX_DETAILS) };
}

type NamedFile = Pick<ToolUse, "path" | "isUnclear"> & { readonly summary: string };

function namedFile(named: unknown, folder: WorkFolder): NamedFile {
  if (typeof named !== "string" || named === "" || named.includes("\0")) {
    return { summary: "an unnamed file", isUnclear: true };
  }
  // To some tools it is a home folder, and to some a name.
  if (named.startsWith("~")) return { path: named, summary: named, isUnclear: true };
  const path = wholePath(named, folder);
  return { path, summary: shownPath(path, folder) };
}
