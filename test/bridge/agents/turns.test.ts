import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { MAX_EVENT_BYTES } from "../../../shared/events/parse.ts";
import { sessionKey } from "../../../shared/state/state.ts";
import { eventually } from "../../support/eventually.ts";
import { startTestServer, type TestServer } from "../http/testServer.ts";
import { fixture } from "./fixture.ts";
import { Agent, deliver } from "./hookCalls.ts";

const SESSION = "0b5bd4f3-6f0c-4b6c-9f0a-1d2c3b4a5f60";
const claude = (server: TestServer, fields = {}) =>
  new Agent(server, "claude", { session_id: SESSION, prompt_id: "p1", ...fields });

function types(server: TestServer): string[] {
  return server.store.events.map(({ event_type }) => event_type);
}

function job(server: TestServer, id: string) {
  const found = server.projection.state.jobs.get(id);
  if (found === undefined) throw new Error(`There is no job ${id}`);
  return found;
}

async function story(server: TestServer, jobId: string): Promise<readonly string[]> {
  return (await server.logs.read(jobId, { lines: 1000 })).lines;
}

describe("a turn", () => {
  it("of the real Claude Code is a job with its tool calls in order, and reads as a story", async () => {
    await using server = await startTestServer();
    const inputs = fixture("claude/turn").filter((input) => input["hook_event_name"] !== "PermissionRequest");
    let atMs = Date.parse("2026-11-25T10:00:00Z");
    for (const [index, input] of inputs.entries()) {
      atMs += 1000;
      const hook_id = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
      expect(await deliver(server, "claude", { hook_id, at: new Date(atMs).toISOString(), input })).toEqual({
        kind: "done",
      });
    }
    expect(types(server)).toEqual([
      "session.created",
      "job.started",
      ...Array(4).fill(["job.tool_started", "job.tool_completed"]).flat(),
      "job.completed",
      "session.closed",
    ]);
    const turn = job(server, "claude-dcde7845-0506-4778-9381-b0c04ad13560");
    expect(turn).toMatchObject({
      state: "completed",
      instruction: "Do three things",
      agent: "claude",
      summary: "All three done.",
      files_changed: ["a.ts"],
      diff_stat: "+1 -1",
    });
    expect(
      turn.tool_calls.map(({ tool, summary, state, duration_seconds }) => [tool, summary, state, duration_seconds]),
    ).toEqual([
      ["Bash", "echo hello; echo err >&2", "succeeded", 0.11],
      ["Read", "a.ts", "succeeded", 0.037],
      ["Edit", "a.ts", "succeeded", 0.006],
      ["Bash", "ls /nonexistent; exit 3", "failed", 0.014],
    ]);
    expect(await story(server, turn.job_id)).toEqual([
      "> Do three things",
      "→ Bash: echo hello; echo err >&2",
      "✓ Bash: echo hello; echo err >&2 · 0.1s",
      "→ Read: a.ts",
      "✓ Read: a.ts · 0.0s",
      "→ Edit: a.ts",
      "✓ Edit: a.ts · 0.0s · +1 -1",
      "→ Bash: ls /nonexistent; exit 3",
      "✗ Bash: ls /nonexistent; exit 3 · 0.0s",
      "  Exit code 3",
      "  ls: cannot access '/nonexistent': No such file or directory",
      "All three done.",
    ]);
    const session = server.projection.state.sessions.get(
      sessionKey("shop", "claude-7165f5e2-6670-4856-9344-51aaf8bdbf8e"),
    );
    expect(session).toMatchObject({
      state: "closed",
      name: "Claude Code",
      agent: "claude",
      workspace: "/home/ada/shop",
    });
  });

  it("of the real Codex is a job with its tool calls in order", async () => {
    await using server = await startTestServer();
    let atMs = Date.parse("2026-11-25T10:00:00Z");
    for (const [index, input] of fixture("codex/turn").entries()) {
      atMs += 1000;
      const hook_id = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
      await deliver(server, "codex", { hook_id, at: new Date(atMs).toISOString(), input });
    }
    const turn = job(server, "codex-01a2147d-e9f7-7211-b1c6-a91dbbeea082");
    expect(turn).toMatchObject({
      state: "completed",
      agent: "codex",
      summary: "All done.",
      files_changed: ["a.ts"],
      diff_stat: "+1 -1",
    });
    expect(
      turn.tool_calls.map(({ tool, summary, diff_stat, duration_seconds }) => [
        tool,
        summary,
        diff_stat,
        duration_seconds,
      ]),
    ).toEqual([
      ["Bash", "echo hello; echo err >&2", null, 1],
      ["Bash", "cat a.ts", null, 1],
      ["apply_patch", "a.ts", "+1 -1", 1],
      ["Bash", "ls /nonexistent; exit 3", null, 1],
    ]);
  });

  it("that a subagent outlives is over all the same, and says whose the late calls are", async () => {
    await using server = await startTestServer();
    let atMs = Date.parse("2026-11-25T10:00:00Z");
    for (const [index, input] of fixture("claude/deniedAndSubagent").entries()) {
      if (input["hook_event_name"] === "PermissionRequest") continue;
      atMs += 1000;
      const hook_id = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
      await deliver(server, "claude", { hook_id, at: new Date(atMs).toISOString(), input });
    }
    const [first, second] = [...server.projection.state.jobs.values()];
    expect(first).toMatchObject({ state: "completed", summary: "Finished." });
    expect(first?.tool_calls.map(({ tool, summary, state, error }) => [tool, summary, state, error])).toEqual([
      ["Write", "b.ts", "failed", "Not on a Friday"],
      ["Bash", "rm -rf x", "failed", "Not on a Friday"],
      ["Agent", "sub thing (general-purpose)", "succeeded", null],
      ["Bash", "general-purpose: echo from-sub", "succeeded", null],
    ]);
    expect(second).toMatchObject({ state: "completed", instruction: 'Agent "sub thing" finished', summary: "Done." });
  });

  it("that was interrupted ends with the next prompt", async () => {
    await using server = await startTestServer();
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "One thing" });
    await agent.call("PreToolUse", { tool_name: "Bash", tool_input: { command: "sleep 100" }, tool_use_id: "t1" });
    await agent.call("UserPromptSubmit", { prompt: "Another", prompt_id: "p2" });
    expect(job(server, "claude-p1")).toMatchObject({
      state: "canceled",
      summary: "Interrupted: its session went on with something else",
    });
    expect(job(server, "claude-p2")).toMatchObject({ state: "running", instruction: "Another" });
    expect(await story(server, "claude-p1")).toEqual([
      "> One thing",
      "→ Bash: sleep 100",
      "⊘ Interrupted: its session went on with something else",
    ]);
  });

  it("that goes on after it stopped, since another hook made it, runs again", async () => {
    await using server = await startTestServer();
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "One thing" });
    await agent.call("Stop", { last_assistant_message: "Done?" });
    await agent.use("Bash", { command: "npm test" }, "t1");
    expect(job(server, "claude-p1")).toMatchObject({ state: "running", instruction: "One thing" });
    await agent.call("Stop", { last_assistant_message: "Done." });
    expect(job(server, "claude-p1")).toMatchObject({ state: "completed", summary: "Done." });
  });

  it("ends with its session", async () => {
    await using server = await startTestServer();
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "One thing" });
    await agent.call("SessionEnd", { reason: "prompt_input_exit" });
    expect(types(server)).toEqual(["session.created", "job.started", "job.canceled", "session.closed"]);
    // And the session is opened again by whatever comes first.
    await agent.call("UserPromptSubmit", { prompt: "More", prompt_id: "p2" });
    const session = server.projection.state.sessions.get(sessionKey("shop", `claude-${SESSION}`));
    expect(session).toMatchObject({ state: "running", closed_at: null });
  });

  it("that failed says why", async () => {
    await using server = await startTestServer();
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "One thing" });
    await agent.call("StopFailure", { error: "rate_limit", error_details: "Try again at 5pm" });
    expect(job(server, "claude-p1")).toMatchObject({
      state: "failed",
      error: "The rate limit is reached: Try again at 5pm",
    });
  });

  it("of Codex that was interrupted says so", async () => {
    await using server = await startTestServer();
    const agent = new Agent(server, "codex", { session_id: "s", turn_id: "u1" });
    await agent.call("UserPromptSubmit", { prompt: "One thing" });
    await agent.call("Interrupt");
    expect(job(server, "codex-u1")).toMatchObject({ state: "canceled", summary: "Interrupted by its user" });
  });

  it("may make tasks and end them", async () => {
    await using server = await startTestServer();
    const agent = claude(server);
    await agent.call("TaskCreated", { task_id: "1", task_subject: "Write tests" });
    await agent.call("TaskCreated", { task_id: "2", task_subject: "Write docs" });
    await agent.call("TaskCompleted", { task_id: "1", task_subject: "Write tests" });
    expect([...server.projection.state.tasks.values()]).toMatchObject([
      { task_id: `claude-${SESSION}-1`, title: "Write tests", status: "completed" },
      { task_id: `claude-${SESSION}-2`, title: "Write docs", status: "open" },
    ]);
  });

  it("is not held up by a transcript that never comes", async () => {
    await using server = await startTestServer({ hookTimings: { transcriptWaitMs: 200 } });
    const agent = claude(server, { transcript_path: "/nowhere/transcript.jsonl" });
    await agent.call("UserPromptSubmit", { prompt: "One thing" });
    const startMs = performance.now();
    for (let index = 0; index < 50; index += 1) await agent.use("Bash", { command: "ls" }, `t${index}`);
    await agent.call("Stop", { last_assistant_message: "Done." });
    // Waited for at each of its tools, it would be ten seconds.
    expect(performance.now() - startMs).toBeLessThan(5000);
    expect(await story(server, "claude-p1")).toHaveLength(102);
  });

  it("is made for hooks that name none, and for those of which the beginning was missed", async () => {
    await using server = await startTestServer();
    const agent = new Agent(server, "claude", { session_id: SESSION });
    await agent.use("Bash", { command: "ls" }, "t1");
    const [only, ...others] = [...server.projection.state.jobs.values()];
    expect(others).toEqual([]);
    expect(only).toMatchObject({ state: "running", instruction: "At work since before Televibe looked" });
    await agent.call("UserPromptSubmit", { prompt: "Next" });
    await agent.use("Bash", { command: "ls" }, "t2");
    await agent.call("Stop");
    const [before, next] = [...server.projection.state.jobs.values()];
    expect(before).toMatchObject({ state: "canceled", tool_call_count: 1 });
    expect(next).toMatchObject({ state: "completed", instruction: "Next", tool_call_count: 1 });
    // Between turns there is nothing for a notification to belong to.
    await agent.call("Notification", { message: "Claude is waiting for your input" });
    expect(server.projection.state.jobs.size).toBe(2);
  });

  it("does not get into the way of another session's", async () => {
    await using server = await startTestServer();
    const [one, two] = [claude(server), claude(server, { session_id: "other", prompt_id: "q1", cwd: "/nowhere/blog" })];
    await Promise.all([
      one.call("UserPromptSubmit", { prompt: "One" }),
      two.call("UserPromptSubmit", { prompt: "Two" }),
    ]);
    await Promise.all([one.use("Bash", { command: "a" }, "t1"), two.use("Bash", { command: "b" }, "t1")]);
    await Promise.all([one.call("Stop"), two.call("Stop")]);
    expect(job(server, "claude-p1")).toMatchObject({ project_id: "shop", state: "completed", tool_call_count: 1 });
    expect(job(server, "claude-q1")).toMatchObject({ project_id: "blog", state: "completed", tool_call_count: 1 });
  });

  it("stays in the project in which its session began", async () => {
    await using server = await startTestServer();
    const agent = claude(server);
    await agent.call("UserPromptSubmit", { prompt: "One thing" });
    await agent.call("PreToolUse", {
      tool_name: "Read",
      tool_input: { file_path: "/etc/hosts" },
      cwd: "/nowhere/blog",
    });
    expect([...server.projection.state.projects.keys()]).toEqual(["shop"]);
  });
});

describe("a call that is delivered twice", () => {
  it("counts once: in the events, in the log, and while the first one is handled", async () => {
    await using server = await startTestServer();
    const agent = claude(server);
    const prompt = agent.make("UserPromptSubmit", { prompt: "One thing" });
    const answers = await Promise.all([deliver(server, "claude", prompt), deliver(server, "claude", prompt)]);
    expect(answers).toEqual([{ kind: "done" }, { kind: "done" }]);
    expect(types(server)).toEqual(["session.created", "job.started"]);
    await server.agentHooks.stop();
    expect(await story(server, "claude-p1")).toEqual(["> One thing"]);
  });

  it("counts once over a restart of the bridge, which knows nothing of the first but its events", async () => {
    const prompt = { prompt: "One thing" };
    await using first = await startTestServer();
    const agent = claude(first);
    const calls = [
      agent.make("UserPromptSubmit", prompt),
      agent.make("PreToolUse", { tool_name: "Bash", tool_input: { command: "ls" }, tool_use_id: "t1" }),
      agent.make("Stop", { last_assistant_message: "Done." }),
    ];
    for (const call of calls) await deliver(first, "claude", call);
    const before = types(first);
    await using second = await startTestServer({ store: first.store });
    for (const call of calls) await deliver(second, "claude", call);
    expect(types(second)).toEqual(before);
    await second.agentHooks.stop();
    expect(await story(second, "claude-p1")).toEqual([]);
  });
});

describe("what is hostile", () => {
  it.each([
    { what: "huge fields", fields: { prompt: "x".repeat(900_000) } },
    { what: "ids that are paths", fields: { prompt: "Hi", session_id: "../../etc/passwd", prompt_id: "/etc/passwd" } },
    {
      what: "fields of other types",
      fields: { prompt: 7, session_id: [], prompt_id: {}, cwd: 3, transcript_path: true },
    },
    {
      what: "control characters",
      fields: { prompt: "\u001b[2J\u0007Hi\u0000", session_id: "a\nb", prompt_id: "\u001b" },
    },
    { what: "a folder that is none", fields: { prompt: "Hi", cwd: "relative/../../x" } },
    { what: "a transcript that never ends", fields: { prompt: "Hi", transcript_path: "/dev/zero" } },
  ])("is taken with care: $what", async ({ fields }) => {
    await using server = await startTestServer();
    const agent = claude(server, fields);
    for (const event of ["SessionStart", "UserPromptSubmit", "Stop", "SessionEnd"]) {
      expect(await agent.call(event)).toEqual({ kind: "done" });
    }
    expect(types(server)).toContain("job.completed");
    for (const event of server.store.events) {
      expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(MAX_EVENT_BYTES);
      expect(event.session_id).not.toContain("/");
    }
    const [only] = server.projection.state.jobs.keys();
    expect((await story(server, only ?? "")).join("\n")).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
  });

  it("is taken with care: tools whose inputs are anything", async () => {
    await using server = await startTestServer();
    const agent = claude(server);
    const inputs = [
      null,
      "text",
      7,
      [],
      { command: 7 },
      { file_path: "\0" },
      { edits: [1, {}] },
      { command: "x".repeat(400_000) },
    ];
    for (const tool of [
      "Bash",
      "Edit",
      "MultiEdit",
      "Grep",
      "Task",
      "TodoWrite",
      "mcp__a__b",
      "__proto__",
      "constructor",
    ]) {
      for (const tool_input of inputs) {
        for (const event of ["PreToolUse", "PostToolUse", "PostToolUseFailure", "PermissionDenied"]) {
          const use = { tool_name: tool, tool_input, tool_use_id: "../t", tool_response: tool_input };
          expect(await agent.call(event, use)).toEqual({ kind: "done" });
        }
      }
    }
  });

  it("is taken with care: a patch of thousands of files", async () => {
    await using server = await startTestServer();
    const agent = new Agent(server, "codex", { session_id: "s", turn_id: "u1" });
    const files = Array.from({ length: 5000 }, (_, index) => `*** Add File: ${"long/".repeat(20)}${index}.ts\n+x`);
    await agent.use(
      "apply_patch",
      { command: `*** Begin Patch\n${files.join("\n")}\n*** End Patch` },
      "c1",
      "Exit code: 0\n",
    );
    await agent.call("Stop");
    expect(job(server, "codex-u1")).toMatchObject({ state: "completed", diff_stat: "+5000 -0" });
    expect(job(server, "codex-u1").files_changed.length).toBeGreaterThan(400);
  });

  it("is no event that is known", async () => {
    await using server = await startTestServer();
    expect(await claude(server).call("BrainTransplant", { brain: 1 })).toEqual({ kind: "done" });
    expect(await claude(server).call("toString")).toEqual({ kind: "done" });
    expect(server.store.events).toEqual([]);
  });
});

describe("a transcript", () => {
  it("tells between the tools what the agent said, and at the end what its model used", async () => {
    await using server = await startTestServer();
    const folder = await mkdtemp(join(tmpdir(), "tv-"));
    const path = join(folder, "transcript.jsonl");
    const agent = claude(server, { transcript_path: path });
    const line = (at: string, id: string, content: unknown, usage: object = {}) =>
      `${JSON.stringify({ type: "assistant", timestamp: at, message: { id, model: "opus", content, usage } })}\n`;
    const usage = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 7 };
    const before = line("2026-11-25T09:00:00Z", "m0", [{ type: "text", text: "Of another turn" }], usage);
    await writeFile(path, before);
    await agent.call("UserPromptSubmit", { prompt: "One thing" });
    const first = [{ type: "text", text: "I look\nfirst." }];
    const told = before + line("2026-11-25T10:00:02Z", "m1", first, usage);
    const toolUse = line("2026-11-25T10:00:02Z", "m1", [{ type: "tool_use", id: "t1" }], usage);
    await writeFile(path, told + toolUse);
    await agent.use("Bash", { command: "ls" }, "t1");
    await writeFile(
      path,
      told + toolUse + line("2026-11-25T10:00:04Z", "m2", [{ type: "text", text: "Done." }], usage),
    );
    await agent.call("Stop", { last_assistant_message: "Done." });
    await rm(folder, { recursive: true });
    expect(await story(server, "claude-p1")).toEqual([
      "> One thing",
      "I look",
      "first.",
      "→ Bash: ls",
      "✓ Bash: ls · 1.0s",
      "Done.",
    ]);
    expect(job(server, "claude-p1").usage).toEqual({
      input_tokens: 20,
      output_tokens: 10,
      cache_read_tokens: 200,
      cache_write_tokens: 14,
      cost_usd: null,
    });
  });

  it("of Codex tells that a command failed, which its hooks do not", async () => {
    await using server = await startTestServer();
    const folder = await mkdtemp(join(tmpdir(), "tv-"));
    const path = join(folder, "rollout.jsonl");
    const agent = new Agent(server, "codex", { session_id: "s", turn_id: "u1", transcript_path: path });
    await agent.call("UserPromptSubmit", { prompt: "One thing" });
    const item = { type: "CommandExecution", id: "c1", exit_code: 3 };
    const used = { input_tokens: 1500, cached_input_tokens: 300, output_tokens: 34 };
    const lines = [
      { timestamp: "2026-11-25T10:00:02Z", type: "event_msg", payload: { type: "item_completed", item } },
      { timestamp: "2026-11-25T10:00:03Z", type: "token_usage_record", payload: { response_id: "r1", usage: used } },
    ];
    await writeFile(path, lines.map((each) => `${JSON.stringify(each)}\n`).join(""));
    await agent.use("Bash", { command: "exit 3" }, "c1", "oh dear\n");
    await agent.call("Stop", { last_assistant_message: null });
    await rm(folder, { recursive: true });
    const turn = job(server, "codex-u1");
    expect(turn.tool_calls[0]).toMatchObject({ state: "failed", error: "Exit code 3\noh dear" });
    expect(turn.usage).toMatchObject({ input_tokens: 1200, cache_read_tokens: 300, output_tokens: 34 });
  });
});

describe("what hooks leave in files", () => {
  it("is taken as it comes", async () => {
    const spool = await mkdtemp(join(tmpdir(), "tv-"));
    await using server = await startTestServer({ hookSpool: spool, hookTimings: { spoolIntervalMs: 60_000 } });
    const agent = claude(server);
    const call = agent.make("UserPromptSubmit", { prompt: "One thing" });
    const name = `${String(Date.parse(call.at)).padStart(15, "0")}-${call.hook_id}.json`;
    await writeFile(join(spool, `${name}.tmp`), JSON.stringify({ agent: "claude", ...call }));
    await rename(join(spool, `${name}.tmp`), join(spool, name));
    // Without a word from the system it would be a minute.
    await eventually("the turn", () => server.projection.state.jobs.has("claude-p1"), 30_000);
    await eventually("an empty folder", async () => (await readdir(spool)).length === 0);
    await rm(spool, { recursive: true });
  });

  it("is set aside where no hook left it, or nobody can take it, and holds up nothing", async () => {
    const spool = await mkdtemp(join(tmpdir(), "tv-"));
    const fileName = () => `000000000000001-${randomUUID()}.json`;
    const [folder, pipe, link, huge, nested] = [fileName(), fileName(), fileName(), fileName(), fileName()];
    await mkdir(join(spool, folder));
    await promisify(execFile)("mkfifo", [join(spool, pipe)]);
    await symlink("/dev/zero", join(spool, link));
    await writeFile(join(spool, huge), "");
    await truncate(join(spool, huge), 5 * 1024 * 1024);
    const agent = new Agent({ url: "" }, "claude", { session_id: SESSION });
    const deep = JSON.stringify({ agent: "claude", ...agent.make("Stop", { deep: 0 }) });
    await writeFile(join(spool, nested), deep.replace('"deep":0', `"deep":${"[".repeat(5000)}${"]".repeat(5000)}`));
    await using server = await startTestServer({ hookSpool: spool, hookTimings: { spoolIntervalMs: 20 } });
    await claude(server).call("UserPromptSubmit", { prompt: "One thing" });
    expect(server.projection.state.jobs.has("claude-p1")).toBe(true);
    expect((await readdir(spool)).sort()).toEqual(
      [folder, pipe, link, huge, nested].map((name) => `${name}.bad`).sort(),
    );
    await rm(spool, { recursive: true });
  });

  it("is taken in though its ids have half a character", async () => {
    const spool = await mkdtemp(join(tmpdir(), "tv-"));
    const broken = new Agent({ url: "" }, "claude", { session_id: "\ud800", prompt_id: "\udfff" });
    const call = broken.make("UserPromptSubmit", { prompt: "One thing" });
    await writeFile(join(spool, `000000000000001-${call.hook_id}.json`), JSON.stringify({ agent: "claude", ...call }));
    await using server = await startTestServer({ hookSpool: spool });
    await eventually("the turn", () => server.projection.state.jobs.size === 1);
    await eventually("an empty folder", async () => (await readdir(spool)).length === 0);
    await rm(spool, { recursive: true });
  });

  it("is taken in before the next call, the oldest first, and what is none is set aside", async () => {
    const spool = await mkdtemp(join(tmpdir(), "tv-"));
    const earlier = new Agent({ url: "" }, "claude", { session_id: SESSION, prompt_id: "p1" }, "2026-11-25T09:00:00Z");
    const leave = (call: ReturnType<Agent["make"]>) => {
      const name = `${String(Date.parse(call.at)).padStart(15, "0")}-${call.hook_id}.json`;
      return writeFile(join(spool, name), JSON.stringify({ agent: "claude", ...call }));
    };
    const prompt = earlier.make("UserPromptSubmit", { prompt: "One thing" });
    const tool = { tool_name: "Bash", tool_input: { command: "rm -rf /" }, tool_use_id: "t1" };
    await leave(earlier.make("PermissionRequest", tool));
    await leave(prompt);
    await writeFile(join(spool, `000000000000001-${prompt.hook_id}.json`), "not JSON");
    await writeFile(join(spool, `${prompt.hook_id}.tmp`), "unfinished");
    await using server = await startTestServer({ hookSpool: spool });
    const agent = claude(server);
    await agent.use("Bash", { command: "ls" }, "t2");
    await agent.call("Stop");
    expect(types(server)).toEqual([
      "session.created",
      "job.started",
      "job.progress",
      "job.tool_started",
      "job.tool_completed",
      "job.completed",
    ]);
    expect(server.projection.state.approvals.size).toBe(0);
    await eventually("an empty folder", async () => (await readdir(spool)).length === 2);
    expect((await readdir(spool)).sort()).toEqual(
      [`000000000000001-${prompt.hook_id}.json.bad`, `${prompt.hook_id}.tmp`].sort(),
    );
    await rm(spool, { recursive: true });
  });
});
