import { describe, expect, it } from "vitest";
import { claude } from "../../../bridge/agents/claude.ts";
import type { HookInput } from "../../../bridge/agents/hookInput.ts";

const FOLDER = { cwd: "/work/shop/src", worktree: "/work/shop" };

function meaning(hook_event_name: string, fields: HookInput = {}) {
  return claude.read({ hook_event_name, ...fields }, FOLDER);
}

function use(tool_name: string, tool_input: unknown) {
  const read = meaning("PreToolUse", { tool_name, tool_input, tool_use_id: "t1" });
  if (read?.kind !== "tool_started") throw new Error("It is no start of a tool");
  return read.use;
}

describe("Claude Code's events", () => {
  it.each<[event: string, fields: HookInput, meaning: unknown]>([
    ["SessionStart", { source: "startup", session_title: "Login" }, { kind: "session_started", title: "Login" }],
    ["SessionStart", { source: "compact" }, { kind: "nothing" }],
    ["SessionEnd", { reason: "clear" }, { kind: "session_ended", reason: "Cleared" }],
    ["SessionEnd", { reason: "a new one" }, { kind: "session_ended", reason: "a new one" }],
    ["SessionEnd", { reason: "__proto__" }, { kind: "session_ended", reason: "__proto__" }],
    ["UserPromptSubmit", { prompt: "Fix it" }, { kind: "prompted", prompt: "Fix it" }],
    [
      "UserPromptSubmit",
      { prompt: "<task-notification>\n<summary>Tests finished</summary>\n</task-notification>" },
      { kind: "prompted", prompt: "Tests finished" },
    ],
    ["Notification", { message: "Needs you", notification_type: "idle" }, { kind: "noted", message: "Needs you" }],
    ["Notification", { message: "Needs permission", notification_type: "permission_prompt" }, { kind: "nothing" }],
    ["Notification", {}, { kind: "nothing" }],
    ["Elicitation", { mcp_server_name: "git", message: "Who?" }, { kind: "noted", message: "git asks: Who?" }],
    ["SubagentStart", { agent_type: "Explore" }, { kind: "noted", message: "Subagent Explore begins" }],
    [
      "SubagentStop",
      { agent_type: "Explore", last_assistant_message: "Found\nit", agent_transcript_path: "/t.jsonl" },
      { kind: "subagent_ended", message: "Subagent Explore is done: Found it", transcriptPath: "/t.jsonl" },
    ],
    // One of Claude Code's own helpers, of which nobody heard before.
    ["SubagentStop", { agent_type: "", last_assistant_message: "Suggestion" }, { kind: "nothing" }],
    ["PreCompact", { trigger: "auto" }, { kind: "noted", message: "Makes its memory of the conversation shorter" }],
    ["PostCompact", { trigger: "auto" }, { kind: "noted", message: "Made its memory of the conversation shorter" }],
    ["PostModelSwitch", { to_model: "opus" }, { kind: "noted", message: "Goes on with opus" }],
    ["TeammateIdle", { teammate_name: "Bo" }, { kind: "noted", message: "Bo is idle" }],
    ["Stop", { last_assistant_message: "Done." }, { kind: "stopped", message: "Done." }],
    [
      "StopFailure",
      { error: "overloaded", last_assistant_message: "So far" },
      { kind: "failed", error: "The model is overloaded", message: "So far" },
    ],
    ["StopFailure", { error: "new_one" }, { kind: "failed", error: "new_one", message: undefined }],
    [
      "TaskCreated",
      { task_id: "1", task_subject: "Write tests", task_description: "All" },
      { kind: "task_created", taskId: "1", title: "Write tests", description: "All" },
    ],
    [
      "TaskCompleted",
      { task_id: "1", task_subject: "Write tests" },
      { kind: "task_completed", taskId: "1", title: "Write tests" },
    ],
  ])("%s %j", (event, fields, expected) => {
    expect(meaning(event, fields)).toEqual(expected);
  });

  it.each([
    "UserPromptExpansion",
    "MessageDisplay",
    "ElicitationResult",
    "PreModelSwitch",
    "Setup",
    "ConfigChange",
    "InstructionsLoaded",
    "CwdChanged",
    "FileChanged",
    "DirectoryAdded",
    "WorktreeCreate",
    "WorktreeRemove",
  ])("%s means nothing to a person", (event) => {
    expect(meaning(event)).toEqual({ kind: "nothing" });
  });

  it("that a later version adds are not known", () => {
    expect(meaning("BrainTransplant")).toBeUndefined();
    expect(meaning("hasOwnProperty")).toBeUndefined();
  });
});

describe("Claude Code's tools", () => {
  it.each<[tool: string, input: HookInput, expected: object]>([
    [
      "Bash",
      { command: "npm test\n  --watch", description: "Runs tests" },
      {
        scope: "command",
        summary: "npm test --watch",
        action: "npm test\n  --watch",
        command: "npm test\n  --watch",
        reason: "Runs tests",
      },
    ],
    ["Bash", {}, { scope: "command", summary: "", action: "Run an empty command" }],
    [
      "Read",
      { file_path: "/work/shop/a.ts" },
      { scope: "read", summary: "a.ts", action: "Read a.ts", path: "/work/shop/a.ts" },
    ],
    ["Read", { file_path: "/etc/hosts" }, { scope: "read", summary: "/etc/hosts", path: "/etc/hosts" }],
    ["Read", { file_path: "../b.ts" }, { summary: "/work/shop/src/../b.ts", path: "/work/shop/src/../b.ts" }],
    ["Read", { file_path: "link/../b.ts" }, { path: "/work/shop/src/link/../b.ts" }],
    ["Edit", { file_path: "~/b.ts", new_string: "b" }, { summary: "~/b.ts", path: "~/b.ts", isUnclear: true }],
    ["Write", { content: "b" }, { action: "Write an unnamed file", isUnclear: true }],
    [
      "Bash",
      { command: "ls", timeout: 5, dangerouslyDisableSandbox: false },
      { command: "ls", details: JSON.stringify({ timeout: 5, dangerouslyDisableSandbox: false }, null, 2) },
    ],
    [
      "Bash",
      { command: "ls", dangerouslyDisableSandbox: true },
      { command: "ls", isUnclear: true, details: JSON.stringify({ dangerouslyDisableSandbox: true }, null, 2) },
    ],
    [
      "Edit",
      { file_path: "/work/shop/a.ts", old_string: "a", new_string: "b" },
      { scope: "edit", action: "Edit a.ts" },
    ],
    ["Write", { file_path: "/work/shop/a.ts", content: "b" }, { scope: "edit", action: "Write a.ts" }],
    ["MultiEdit", { file_path: "/work/shop/a.ts", edits: [] }, { scope: "edit", action: "Edit a.ts" }],
    [
      "NotebookEdit",
      { notebook_path: "/work/shop/n.ipynb", new_source: "b" },
      { scope: "edit", action: "Edit n.ipynb" },
    ],
    [
      "Grep",
      { pattern: "TODO", path: "/work/shop/src" },
      { scope: "read", summary: "TODO in src", action: "Search for TODO in src" },
    ],
    ["Glob", { pattern: "**/*.ts" }, { scope: "read", summary: "**/*.ts", path: "/work/shop/src" }],
    [
      "WebFetch",
      { url: "https://example.org" },
      { scope: "network", summary: "https://example.org", action: "Fetch https://example.org" },
    ],
    ["WebSearch", { query: "sqlite" }, { scope: "network", summary: "sqlite", action: "Search the web for sqlite" }],
    [
      "Task",
      { description: "Look", subagent_type: "Explore" },
      { scope: "tool", summary: "Look (Explore)", action: "Task: Look (Explore)" },
    ],
    ["Skill", { skill: "pdf" }, { summary: "pdf", action: "Use the skill pdf" }],
    ["ExitPlanMode", { plan: "1. Do it" }, { action: "Carry out its plan", details: "1. Do it" }],
    [
      "TodoWrite",
      {
        todos: [
          { status: "completed", content: "A" },
          { status: "in_progress", content: "B", activeForm: "Doing B" },
        ],
      },
      { summary: "1 of 2 done: Doing B" },
    ],
    [
      "mcp__github__create_issue",
      { name: "Bug" },
      {
        scope: "tool",
        summary: "github: create_issue · Bug",
        action: "Use github: create_issue",
        details: '{\n  "name": "Bug"\n}',
      },
    ],
    ["Unheard", { description: "Of" }, { scope: "tool", summary: "Of", action: "Unheard: Of" }],
  ])("%s %j", (tool, input, expected) => {
    expect(use(tool, input)).toMatchObject({ tool, id: "t1", ...expected });
  });

  it.each([
    ["Glob", { pattern: "/etc/**" }],
    ["Glob", { pattern: "~/.ssh/*" }],
    ["Glob", { pattern: "../**" }],
    ["Glob", { pattern: "{/etc,src}/*" }],
    ["Grep", { pattern: "key", glob: "../../**" }],
    ["Grep", { pattern: "key", glob: ["/etc/*"] }],
    ["Grep", { pattern: "key", path: "~" }],
  ])("tell rules of no folder where %s %j may look elsewhere", (tool, input) => {
    const read = use(tool, input);
    expect(read).toMatchObject({ scope: "read", isUnclear: true, details: JSON.stringify(input, null, 2) });
    expect(read).not.toHaveProperty("path");
  });

  it("take what is searched for in files for no file", () => {
    expect(use("Grep", { pattern: "/etc/.." })).toMatchObject({ path: "/work/shop/src" });
    expect(use("Grep", { pattern: "/etc/.." })).not.toHaveProperty("isUnclear");
  });

  it.each<[what: string, tool: string, input: HookInput, response: unknown, lines: unknown]>([
    [
      "its own patch",
      "Edit",
      { file_path: "/a", old_string: "x", new_string: "y" },
      { structuredPatch: [{ lines: [" a", "-b", "+c", "+d"] }] },
      { added: 2, removed: 1 },
    ],
    [
      "the replaced text",
      "Edit",
      { file_path: "/a", old_string: "a\nb\n", new_string: "a\nc\n" },
      {},
      { added: 1, removed: 1 },
    ],
    [
      "a new file",
      "Write",
      { file_path: "/a", content: "a\nb\n" },
      { type: "create", structuredPatch: [] },
      { added: 2, removed: 0 },
    ],
    [
      "the file before",
      "Write",
      { file_path: "/a", content: "a\nb\n" },
      { originalFile: "a\n" },
      { added: 1, removed: 0 },
    ],
    ["nothing", "Read", { file_path: "/a" }, {}, undefined],
  ])("count changed lines by %s", (_what, tool_name, tool_input, tool_response, lines) => {
    const read = meaning("PostToolUse", { tool_name, tool_input, tool_response, duration_ms: 1500 });
    expect(read).toMatchObject({ kind: "tool_ended", outcome: { isSuccess: true, durationSeconds: 1.5 } });
    expect(read?.kind === "tool_ended" ? read.outcome.lines : "none").toEqual(lines);
  });

  it("that its user interrupted say so", () => {
    const failed = meaning("PostToolUseFailure", { tool_name: "Bash", error: "x", is_interrupt: true });
    expect(failed).toMatchObject({ isInterrupt: true, outcome: { error: "Interrupted by its user" } });
  });
});

describe("what Claude Code suggests to remember", () => {
  const rule = (destination: string, behavior = "allow") => ({
    type: "addRules",
    rules: [{ toolName: "Bash", ruleContent: "npm test:*" }, { toolName: "WebFetch" }],
    behavior,
    destination,
  });
  it.each<[suggestions: unknown[], text: string | undefined]>([
    [[rule("session")], "Claude Code allows Bash(npm test:*), WebFetch for this session"],
    [[rule("userSettings")], "Claude Code allows Bash(npm test:*), WebFetch in all projects"],
    [
      [rule("projectSettings")],
      "Claude Code allows Bash(npm test:*), WebFetch in this project, for everybody who works on it",
    ],
    [
      [{ type: "setMode", mode: "acceptEdits", destination: "session" }],
      "Claude Code allows all edits for this session",
    ],
    [
      [
        { type: "addDirectories", directories: ["/tmp/x"], destination: "session" },
        { type: "setMode", mode: "acceptEdits", destination: "session" },
      ],
      "Claude Code may work in /tmp/x for this session, and allows all edits for this session",
    ],
    // What is not understood whole is not offered.
    [[rule("session"), { type: "somethingNew" }], undefined],
    [[rule("nowhere")], undefined],
    [[rule("session", "deny")], undefined],
    [[{ type: "removeRules", rules: [], destination: "session" }], undefined],
    [[{ type: "setMode", mode: "auto", destination: "session" }], undefined],
    [["text", null], undefined],
    [[], undefined],
    [[{ ...rule("session"), rules: [{ toolName: "Bash", ruleContent: "x".repeat(1000) }] }], undefined],
  ])("%j", (permission_suggestions, text) => {
    const asked = meaning("PermissionRequest", {
      tool_name: "Bash",
      tool_input: { command: "ls" },
      permission_suggestions,
    });
    if (asked?.kind !== "permission_asked") throw new Error("Nothing is asked");
    expect(asked.suggestion?.text).toBe(text);
  });
});
