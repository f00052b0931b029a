import { describe, expect, it } from "vitest";
import { codex } from "../../../bridge/agents/codex.ts";
import type { HookInput } from "../../../bridge/agents/hookInput.ts";

const FOLDER = { cwd: "/work/shop", worktree: "/work/shop" };
const PATCH = [
  "*** Begin Patch",
  "*** Update File: src/a.ts",
  "@@",
  "-one",
  "+1",
  "+2",
  "*** Add File: b.ts",
  "+new",
  "*** Update File: c.ts",
  "*** Move to: d.ts",
  "-x",
  "*** Delete File: e.ts",
  "*** End Patch",
].join("\n");

function meaning(hook_event_name: string, fields: HookInput = {}) {
  return codex.read({ hook_event_name, ...fields }, FOLDER);
}

const patchOf = (lines: readonly string[]) => ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");

function patchUse(command: string) {
  const read = meaning("PermissionRequest", { tool_name: "apply_patch", tool_input: { command } });
  if (read?.kind !== "permission_asked") throw new Error("It does not ask");
  return read.use;
}

describe("Codex's events", () => {
  it.each<[event: string, fields: HookInput, meaning: unknown]>([
    ["SessionStart", { source: "startup" }, { kind: "session_started", title: undefined }],
    ["SessionStart", { source: "compact" }, { kind: "nothing" }],
    ["SessionEnd", { reason: "other" }, { kind: "session_ended", reason: "Ended" }],
    ["UserPromptSubmit", { prompt: "Fix it" }, { kind: "prompted", prompt: "Fix it" }],
    ["SubagentStart", { agent_type: "worker" }, { kind: "noted", message: "Subagent worker begins" }],
    [
      "SubagentStop",
      { agent_type: "worker", last_assistant_message: null, agent_transcript_path: "/r.jsonl" },
      { kind: "subagent_ended", message: "Subagent worker is done", transcriptPath: "/r.jsonl" },
    ],
    ["PreCompact", { trigger: "manual" }, { kind: "noted", message: "Makes its memory of the conversation shorter" }],
    ["PostCompact", { trigger: "manual" }, { kind: "noted", message: "Made its memory of the conversation shorter" }],
    ["Stop", { last_assistant_message: "Done." }, { kind: "stopped", message: "Done." }],
    ["Stop", { last_assistant_message: null }, { kind: "stopped", message: undefined }],
    ["Interrupt", {}, { kind: "interrupted" }],
    ["BrainTransplant", {}, undefined],
  ])("%s %j", (event, fields, expected) => {
    expect(meaning(event, fields)).toEqual(expected);
  });
});

describe("Codex's tools", () => {
  it.each<[tool: string, input: unknown, expected: object]>([
    [
      "Bash",
      { command: "npm test" },
      { scope: "command", summary: "npm test", action: "npm test", command: "npm test" },
    ],
    [
      "Bash",
      { command: "npm install", description: "Needs the registry" },
      { scope: "command", command: "npm install", reason: "Needs the registry" },
    ],
    [
      "Bash",
      { command: "curl x", description: "network-access example.org:443" },
      {
        scope: "network",
        summary: "example.org:443",
        action: "Reach example.org:443",
        reason: "For the command: curl x",
      },
    ],
    ["shell", { command: ["bash", "-lc", "it's"] }, { command: "bash -lc 'it'\\''s'" }],
    [
      "apply_patch",
      { command: PATCH },
      {
        scope: "edit",
        summary: "src/a.ts, b.ts, c.ts → d.ts, e.ts",
        action: "Edit src/a.ts, b.ts, c.ts → d.ts, e.ts",
        change: { kind: "diff", text: PATCH },
      },
    ],
    ["apply_patch", { command: "*** Begin Patch\n*** Delete File: e.ts\n*** End Patch" }, { path: "/work/shop/e.ts" }],
    ["mcp__git__log", { path: "x" }, { scope: "tool", summary: "git: log · x", action: "Use git: log" }],
    ["shell", { command: ["rm", 7] }, { scope: "command", action: '["rm",7]', isUnclear: true }],
    [
      "shell",
      { command: "ls", workdir: "/etc" },
      { command: "ls", isUnclear: true, details: '{\n  "workdir": "/etc"\n}' },
    ],
    ["exec_command", { cmd: "ls", command: null, tty: true }, { command: "ls", details: '{\n  "tty": true\n}' }],
    ["exec_command", { cmd: "rm x", command: "ls" }, { command: "ls", isUnclear: true }],
    ["view_image", { path: "x.png" }, { scope: "tool", summary: "x.png", action: "view_image: x.png" }],
    ["odd", null, { scope: "tool", summary: "", action: "odd" }],
  ])("%s %j", (tool_name, tool_input, expected) => {
    const read = meaning("PreToolUse", { tool_name, tool_input, tool_use_id: "c1" });
    if (read?.kind !== "tool_started") throw new Error("It is no start of a tool");
    expect(read.use).toMatchObject({ tool: tool_name, id: "c1", ...expected });
  });

  it("are no shells for having a command, which a rule about commands would take for one", () => {
    const read = meaning("PermissionRequest", { tool_name: "mcp__far__run", tool_input: { command: "ls", host: "h" } });
    const details = JSON.stringify({ command: "ls", host: "h" }, null, 2);
    expect(read).toMatchObject({ use: { scope: "tool", action: "Use far: run", details } });
    expect(read).not.toHaveProperty("use.command");
  });

  it("name every file of a patch, and its new name, to rules", () => {
    expect(patchUse(PATCH)).toMatchObject({
      paths: ["src/a.ts", "b.ts", "c.ts", "d.ts", "e.ts"].map((name) => `/work/shop/${name}`),
    });
    expect(patchUse(PATCH)).not.toHaveProperty("path");
  });

  it("take an added line that looks like a patch's end for a line", () => {
    const lines = ["*** Add File: src/a", "+*** End Patch", "   *** Add File: /etc/cron.d/x  ", "+evil"];
    expect(patchUse(`\n${patchOf(lines)}\n`)).toMatchObject({ paths: ["/work/shop/src/a", "/etc/cron.d/x"] });
  });

  it.each<[why: string, text: string]>([
    ["an end in the middle", patchOf(["*** Add File: a", "+1", "*** End Patch", "*** Add File: /etc/x", "+1"])],
    ["a name that ends in U+2028", patchOf(["*** Add File: a", "+1", "*** Add File: /etc/x\u2028", "+1"])],
    ["a blank that only some take off", patchOf(["*** Add File: a", "+1", "\u0085*** Add File: /etc/x", "+1"])],
    ["a header that could be a line", patchOf(["*** Update File: a", "@@", "-1", " *** Add File: /etc/x", "+1"])],
    ["a mark of a later version", patchOf(["*** Environment ID: far", "*** Add File: a", "+1"])],
    ["a home folder", patchOf(["*** Add File: ~/x", "+1"])],
    ["a word in front", `cd /etc\n${patchOf(["*** Add File: a", "+1"])}`],
    ["a word behind", `${patchOf(["*** Add File: a", "+1"])}\nEOF`],
    ["a move of what is added", patchOf(["*** Add File: a", "*** Move to: /etc/x", "+1"])],
    ["no file", patchOf([])],
    ["no patch", "rm -rf /"],
  ])("tell rules nothing of a patch with %s, and show people all of it", (_why, text) => {
    const use = patchUse(text);
    expect(use).toMatchObject({ scope: "edit", isUnclear: true, change: { kind: "diff", text } });
    expect(use).not.toHaveProperty("path");
    expect(use).not.toHaveProperty("paths");
  });

  it.each<[response: unknown, outcome: object]>([
    [
      "Exit code: 0\nWall time: 0.1 seconds\nOutput:\nSuccess.\n",
      {
        isSuccess: true,
        lines: { added: 3, removed: 2 },
        changedPaths: ["/work/shop/src/a.ts", "/work/shop/b.ts", "/work/shop/d.ts", "/work/shop/e.ts"],
      },
    ],
    [
      "Exit code: 1\nOutput:\nNo such file\n",
      { isSuccess: false, error: "Exit code: 1\nOutput:\nNo such file", changedPaths: [] },
    ],
  ])("tell of a patch %j", (tool_response, outcome) => {
    const read = meaning("PostToolUse", { tool_name: "apply_patch", tool_input: { command: PATCH }, tool_response });
    expect(read).toMatchObject({ kind: "tool_ended", outcome });
  });

  it("are not taken at the word of what a command printed", () => {
    const said = { tool_name: "Bash", tool_input: { command: "cat log" }, tool_response: "Exit code: 1\n" };
    expect(meaning("PostToolUse", said)).toMatchObject({ outcome: { isSuccess: true } });
  });
});
