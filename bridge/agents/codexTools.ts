/** Owns reading Codex's tools: what each input says, and what a result tells of how it went. */

import { sumLineCounts } from "../diff/lineCounts.ts";
import { type PatchedFile, readPatch } from "./applyPatch.ts";
import { cut, type HookInput, recordIn, textIn } from "./hookInput.ts";
import { readShell } from "./shellInput.ts";
import {
  mcpSummary,
  shownPath,
  summaryLine,
  type ToolOutcome,
  type ToolUse,
  toolName,
  type WorkFolder,
  wholePath,
} from "./toolUse.ts";

const MAX_DETAILS = 20_000;
const MAX_ERROR = 2000;

/** What another tool calls its command need be none, such as an MCP server's. */
const SHELLS: ReadonlySet<string> = new Set(["Bash", "exec_command", "local_shell", "shell", "shell_command"]);

/** How Codex says that a command wants to reach a host that its sandbox keeps it from. */
const NETWORK_ACCESS = /^network-access\s+(.+)$/s;

/** How a patch's result begins. A command's result is what it printed, and nothing else. */
const PATCH_EXIT_CODE = /^Exit code: (-?\d{1,6})\n/;

export function codexToolUse(hook: HookInput, folder: WorkFolder): ToolUse {
  const tool = toolName(textIn(hook, "tool_name"));
  const id = textIn(hook, "tool_use_id");
  const raw = hook["tool_input"];
  const input = typeof raw === "string" ? { command: raw } : recordIn(hook, "tool_input");
  if (tool === "apply_patch") return { tool, id, ...patchUse(input, folder) };
  const reason = textIn(input, "description") ?? textIn(input, "justification");
  const shell = SHELLS.has(tool) ? readShell(input) : undefined;
  const [, host] = NETWORK_ACCESS.exec(reason ?? "") ?? [];
  if (host !== undefined) {
    return {
      tool,
      id,
      scope: "network",
      summary: summaryLine(host),
      action: `Reach ${host}`,
      ...ranBy(shell?.command),
    };
  }
  if (shell !== undefined) return { tool, id, ...shell };
  const mcp = mcpSummary(tool);
  const details = Object.keys(input).length === 0 ? {} : { details: cut(JSON.stringify(input, null, 2), MAX_DETAILS) };
  const telling = ["query", "path", "url", "prompt", "message"].map((name) => textIn(input, name)).find(Boolean);
  const summary = summaryLine([mcp, telling].filter((part) => part !== undefined).join(" · "));
  return {
    tool,
    id,
    scope: "tool",
    summary,
    action: mcp === undefined ? (summary === "" ? tool : `${tool}: ${summary}`) : `Use ${mcp}`,
    ...details,
    ...(reason === undefined ? {} : { reason }),
  };
}

/** How a tool's use went, as far as its result says. */
export function codexOutcome(hook: HookInput, use: ToolUse, folder: WorkFolder): ToolOutcome {
  const response = hook["tool_response"];
  const text = typeof response === "string" ? response : "";
  const [, exitCode = "0"] = (use.change === undefined ? null : PATCH_EXIT_CODE.exec(text)) ?? [];
  const isSuccess = exitCode === "0" && recordIn(hook, "tool_response")["isError"] !== true;
  const files = use.change?.kind === "diff" && isSuccess ? (readPatch(use.change.text) ?? []) : [];
  return {
    isSuccess,
    ...(isSuccess ? {} : { error: cut(text.trim() || "It failed", MAX_ERROR) }),
    changedPaths: files.map(({ name, newName }) => wholePath(newName ?? name, folder)),
    ...(files.length === 0 ? {} : { lines: sumLineCounts(files.map(({ lines }) => lines)) }),
    output: text,
  };
}

/** People are shown all of it, also where it is not understood; rules are told of every file, or that nobody can tell. */
function patchUse(input: HookInput, folder: WorkFolder): Omit<ToolUse, "tool" | "id"> {
  const { command, ...others } = input;
  const isPlain = typeof command === "string" && Object.keys(others).length === 0;
  const text = isPlain ? command : JSON.stringify(input, null, 2);
  const change = { kind: "diff" as const, text };
  const files = isPlain ? readPatch(text) : undefined;
  if (files === undefined) {
    const summary = "files that cannot be told from its patch";
    return { scope: "edit", summary, action: `Edit ${summary}`, change, isUnclear: true };
  }
  const names = files.map((file) => shownName(file, folder));
  const paths = files.flatMap(({ name, newName }) => (newName === undefined ? [name] : [name, newName]));
  const [path = "", ...further] = paths.map((name) => wholePath(name, folder));
  return {
    scope: "edit",
    summary: summaryLine(names.join(", ")),
    action: `Edit ${names.join(", ")}`,
    change,
    ...(further.length === 0 ? { path } : { paths: [path, ...further] }),
  };
}

function shownName({ name, newName }: PatchedFile, folder: WorkFolder): string {
  const shown = shownPath(wholePath(name, folder), folder);
  return newName === undefined ? shown : `${shown} → ${shownPath(wholePath(newName, folder), folder)}`;
}

function ranBy(command: string | undefined): { readonly reason?: string } {
  return command === undefined ? {} : { reason: `For the command: ${cut(command, MAX_ERROR)}` };
}
