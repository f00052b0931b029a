/** Rules at the door of a real server: what a producer publishes, and what everybody is shown of it. */
import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Rule } from "../../../shared/protocol/rules.ts";
import { postEvents, send, startTestServer, type TestServer } from "../http/testServer.ts";

const QUESTION_ID = "01890000-0000-7000-8000-0000000000aa";

const LONG = "x ".repeat(2000);

const question = (command: string, more: object = {}) => ({
  event_type: "job.approval_needed",
  project_id: "shop",
  session_id: "s1",
  job_id: "j1",
  timestamp: "2026-11-25T10:00:00.000Z",
  data: { approval_id: "q1", scope: "command", action: command, context: { tool: "Bash", command }, ...more },
});

function write(server: TestServer, content: object): void {
  writeFileSync(server.rulesFile.path, JSON.stringify(content));
}

const types = (server: TestServer) => server.store.events.map(({ event_type }) => event_type);
const approval = (server: TestServer, id = "q1") => server.projection.state.approvals.get(id);
const decide = (server: TestServer, body: object) =>
  send(server, {
    method: "POST",
    path: "/v1/approvals/q1",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

describe("a question that a rule answers", () => {
  it.each([
    ["allow", "approved", "job.approved"],
    ["deny", "denied", "job.denied"],
  ] as const)("%s: is decided before anybody is asked, and the rule is named", async (decision, state, type) => {
    await using server = await startTestServer();
    write(server, { rules: [{ decision, command: "npm test", reason: "As always" }] });
    const seen: (string | undefined)[] = [];
    server.projection.onDidChange(() => seen.push(approval(server)?.state));
    const answer = await postEvents(server, question("npm test"));
    expect(answer.json, answer.text).toMatchObject({ results: [{ seq: 1, duplicate: false }] });
    expect(types(server)).toEqual(["job.approval_needed", type]);
    expect(seen).not.toContain("pending");
    expect(approval(server)).toMatchObject({
      state,
      decision: { surface: "rule", decided_by: { name: `the rule “${decision} "npm test"”` }, reason: "As always" },
    });
    expect(server.store.events[1]?.data).toMatchObject({
      rule: { index: 0, question: server.store.events[0]?.event_id },
    });
  });

  it.each([
    ["job.approved", "rule"],
    ["job.approved", "timeout"],
    ["job.denied", "rule"],
    ["job.denied", "timeout"],
  ])("is answered so by none but the bridge: %s by %s", async (event_type, surface) => {
    await using server = await startTestServer();
    await postEvents(server, question("rm -rf /"));
    const { project_id, session_id, job_id } = question("");
    const forged = { ...{ event_type, project_id, session_id, job_id }, data: { approval_id: "q1", surface } };
    const answer = await postEvents(server, forged);
    expect(answer.json).toMatchObject({ code: "invalid_event", issues: [{ path: "/data/surface" }] });
    expect(approval(server)?.state).toBe("pending");
  });

  it("spells out what the rule is called and why it is there", async () => {
    await using server = await startTestServer();
    write(server, { rules: [{ decision: "deny", command: "rm *", name: "No\u202e", reason: "Why\u200b" }] });
    await postEvents(server, question("rm x"));
    expect(approval(server)?.decision).toMatchObject({
      decided_by: { name: "the rule “No<U+202E>”" },
      reason: "Why<U+200B>",
    });
  });

  it("brings no second decision when it is sent again", async () => {
    await using server = await startTestServer();
    write(server, { rules: [{ decision: "allow", command: "npm test" }] });
    const event = { ...question("npm test"), event_id: QUESTION_ID };
    await postEvents(server, event);
    expect((await postEvents(server, event)).json).toEqual({
      results: [{ event_id: QUESTION_ID, seq: 1, duplicate: true }],
    });
    expect(types(server)).toHaveLength(2);
  });

  it("is the same question when it is sent again, whatever the rules say by then", async () => {
    await using server = await startTestServer();
    const event = { ...question("npm test"), event_id: QUESTION_ID };
    write(server, { timeouts: [{ scope: "*", after: "10m" }] });
    await postEvents(server, event);
    write(server, { timeouts: [{ scope: "*", after: "20m", decision: "approve" }] });
    expect((await postEvents(server, event)).json).toMatchObject({ results: [{ seq: 1, duplicate: true }] });
    expect(approval(server)).toMatchObject({ expires_at: "2026-11-25T10:10:00.000Z", on_timeout: "deny" });
  });

  it("decides no other question under whose id it is asked", async () => {
    await using server = await startTestServer();
    write(server, { rules: [{ decision: "allow", command: "npm test" }] });
    await postEvents(server, question("rm -rf /"));
    const second = await postEvents(server, question("npm test"));
    expect(second.json, second.text).toMatchObject({ code: "approval_id_conflict" });
    expect(approval(server)).toMatchObject({ state: "pending", action: "rm -rf /" });
  });

  it("does not decide what was asked and answered before", async () => {
    await using server = await startTestServer();
    await postEvents(server, question("npm test"));
    await decide(server, { decision: "deny" });
    write(server, { rules: [{ decision: "allow", command: "npm test" }] });
    await postEvents(server, { ...question("npm test"), event_id: QUESTION_ID });
    expect(approval(server)?.state).toBe("denied");
  });

  it("keeps the order of what is published behind it", async () => {
    await using server = await startTestServer();
    write(server, { rules: [{ decision: "allow", command: "npm test" }] });
    const { ingest } = server.http;
    const check = (event: object) => ingest.checkMany([event], 1000);
    const later = { event_type: "job.completed", project_id: "shop", job_id: "j1", data: {} };
    const [asked, ended] = await Promise.all([
      ingest.publish(check(question("npm test"))),
      ingest.publish(check(later)),
    ]);
    expect([asked?.[0]?.seq, ended?.[0]?.seq]).toEqual([1, 3]);
  });

  it.each([
    ["rm -rf /", "npm test", "pending"],
    ["npm test", "npm run other", "pending"],
    ["rm -rf / && npm test", "npm test", "pending"],
    ["git push", "npm test", "denied"],
    ["npm test", "git push", "denied"],
  ])("allows nothing by a command that is not what people are shown: %s, %s", async (action, command, state) => {
    await using server = await startTestServer();
    write(server, {
      rules: [
        { decision: "deny", command: "git push *" },
        { decision: "allow", command: "npm test" },
      ],
    });
    await postEvents(server, question(command, { action }));
    expect(approval(server)).toMatchObject({ state, offers: [] });
  });

  it("waits for people where no rule fits, or one says so", async () => {
    await using server = await startTestServer();
    write(server, {
      rules: [
        { decision: "ask", command: "git push *" },
        { decision: "allow", command: "git *" },
      ],
    });
    await postEvents(server, question("git push origin"));
    expect(approval(server)?.state).toBe("pending");
  });
});

describe("a wrong file of rules", () => {
  it.each([
    ["no JSON", "{", "is not valid JSON at line 1, column 2: close brace expected"],
    ["a word that is none", '{"rules": [{"decision": "perhaps"}]}', "/rules/0/decision"],
    ["a misspelt field", '{"rules": [{"decision": "deny", "comand": "x"}]}', "/rules/0"],
    [
      "a rule that allows everything",
      '{"rules": [{"decision": "allow", "project": "shop"}]}',
      "would allow everything",
    ],
    ["no time", '{"timeouts": [{"scope": "*", "after": "soon"}]}', "/timeouts/0/after"],
  ])("allows nothing, says what is wrong, and denies what it denied: %s", async (_what, text, words) => {
    await using server = await startTestServer();
    write(server, {
      rules: [
        { decision: "deny", command: "rm *" },
        { decision: "allow", command: "npm test" },
      ],
    });
    await postEvents(server, question("ls"));
    writeFileSync(server.rulesFile.path, text);
    await postEvents(server, question("npm test", { approval_id: "q2" }));
    await postEvents(server, question("rm x", { approval_id: "q3" }));
    expect([approval(server, "q2")?.state, approval(server, "q3")?.state]).toEqual(["pending", "denied"]);
    expect(server.rulesFile.warnings()[0]).toContain(words);
    const refused = await decide(server, { decision: "approve", remember: "always" });
    // Nobody is told of a rule that there is not.
    expect(refused.json).toMatchObject({
      approval: { state: "approved", decision: { remember: null } },
      not_remembered: expect.stringContaining(words),
    });
    expect(readFileSync(server.rulesFile.path, "utf8")).toBe(text);
  });
});

describe("a file of rules that is no plain file", () => {
  it.each([
    ["a pipe", (path: string) => execFileSync("mkfifo", [path]), "no regular file"],
    ["a folder", (path: string) => mkdirSync(path), "no regular file"],
    ["one without an end", (path: string) => symlinkSync("/dev/zero", path), "no regular file"],
    ["one that is too large", (path: string) => writeFileSync(path, " ".repeat(1024 * 1024 + 1)), "more than"],
  ])("holds nobody up and allows nothing: %s", async (_what, make, words) => {
    await using server = await startTestServer();
    write(server, { rules: [{ decision: "allow", command: "npm test" }] });
    await postEvents(server, question("npm test"));
    rmSync(server.rulesFile.path);
    make(server.rulesFile.path);
    await postEvents(server, question("npm test", { approval_id: "q2" }));
    expect([approval(server)?.state, approval(server, "q2")?.state]).toEqual(["approved", "pending"]);
    expect(server.rulesFile.warnings()[0]).toContain(words);
    await expect(server.rulesFile.add({ decision: "allow", tool: "A" })).rejects.toThrow(words);
  });

  it("stays a link, and nothing else is written where links lead", async () => {
    await using server = await startTestServer();
    const { path } = server.rulesFile;
    const [kept, other] = [`${path}.kept`, `${path}.other`];
    writeFileSync(kept, '{"rules": []}');
    writeFileSync(other, "mine");
    symlinkSync(kept, path);
    for (const each of [path, kept]) symlinkSync(other, `${each}.tmp`);
    await server.rulesFile.add({ decision: "allow", tool: "A" });
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(kept, "utf8")).toContain('"tool": "A"');
    expect(readFileSync(other, "utf8")).toBe("mine");
  });
});

describe("an approval that is to be remembered", () => {
  it("offers the rules that would be written, in words", async () => {
    await using server = await startTestServer();
    await postEvents(server, question("npm test", { offers: [{ remember: "always", text: "something else" }] }));
    expect(approval(server)?.offers).toEqual([
      { remember: "session", text: 'allow Bash "npm test" in this session' },
      { remember: "always", text: 'allow Bash "npm test" in shop' },
    ]);
  });

  it("is for its project alone, and for no other of the same name", async () => {
    await using server = await startTestServer();
    const ask = (id: string, folder: string | undefined) =>
      postEvents(server, {
        ...question("npm test"),
        data: {
          ...{ approval_id: id, scope: "command", action: "npm test" },
          context: { tool: "Bash", command: "npm test", ...(folder === undefined ? {} : { project_folder: folder }) },
        },
      });
    await ask("q1", "/home/ada/shop");
    expect(approval(server)?.offers[1]?.text).toBe('allow Bash "npm test" in shop at /home/ada/shop');
    await decide(server, { decision: "approve", remember: "always" });
    for (const [id, folder] of [
      ["q2", "/tmp/shop"],
      ["q3", undefined],
      ["q4", "/home/ada/shop"],
    ] as const) {
      await ask(id, folder);
    }
    const states = ["q2", "q3", "q4"].map((id) => approval(server, id)?.state);
    expect(states).toEqual(["pending", "pending", "approved"]);
  });

  it.each([
    ["a command whose star would be a wildcard", { command: "rm build/*" }, { command: "rm build/../src" }, "exactly"],
    ["a command that is more than words", { command: "git log | head" }, { command: "git log '|' head" }, "exactly"],
    ["a tool that has neither command nor file", { tool: "mcp__a__b" }, { tool: "mcp__a__bc" }, "mcp__a__b"],
  ])("offers no more than is asked: %s", async (_what, context, other, word) => {
    await using server = await startTestServer();
    const ask = (id: string, facts: { readonly command?: string; readonly tool?: string }) => ({
      ...question("x"),
      data: {
        ...{ approval_id: id, scope: "tool", action: facts.command ?? "x" },
        context: { tool: "Bash", cwd: "/", ...facts },
      },
    });
    await postEvents(server, ask("q1", context));
    expect(approval(server)?.offers.map(({ remember }) => remember)).toEqual(["session", "always"]);
    await decide(server, { decision: "approve", remember: "always" });
    const [rule] = (await server.rulesFile.read()).rules;
    expect(approval(server)?.offers[1]?.text).toContain(word);
    expect(rule?.exact === true).toBe(word === "exactly");
    await postEvents(server, ask("q2", other));
    await postEvents(server, ask("q3", context));
    expect([approval(server, "q2")?.state, approval(server, "q3")?.state]).toEqual(["pending", "approved"]);
  });

  it.each([
    ["an edit of nobody knows what", { scope: "edit", context: { tool: "Edit" } }],
    ["a command of nobody knows what", { scope: "command", context: { tool: "Bash" } }],
    ["several files", { scope: "edit", context: { tool: "Patch", paths: ["/a", "/b"] } }],
    ["a tool whose name would be a wildcard", { scope: "tool", context: { tool: "mcp__*" } }],
    ["a file that is nowhere", { scope: "edit", context: { tool: "Edit", path: "a.ts" } }],
    ["a command that nobody reads to its end", { scope: "command", action: LONG, context: { command: LONG } }],
    ["what is not text", { scope: "command", context: { tool: "Bash", command: ["npm", "test"] } }],
  ])("offers nothing for %s", async (_what, data) => {
    await using server = await startTestServer();
    await postEvents(server, { ...question("x"), data: { approval_id: "q1", action: "x", ...data } });
    expect(approval(server)).toMatchObject({ state: "pending", offers: [] });
  });

  it("offers a file by its place in the project, and allows nothing of Televibe's own", async () => {
    await using server = await startTestServer();
    const asked = (path: string) => ({ scope: "edit", action: "x", context: { tool: "Edit", path, cwd: "/tmp" } });
    await postEvents(server, { ...question("x"), data: { approval_id: "q1", ...asked("/tmp/src/a.ts") } });
    expect(approval(server)?.offers[1]?.text).toBe('allow Edit "src/a.ts" in shop');
    write(server, { rules: [{ decision: "allow", tool: "Edit" }] });
    await postEvents(server, { ...question("x"), data: { approval_id: "q2", ...asked(server.rulesFile.path) } });
    expect(approval(server, "q2")).toMatchObject({ state: "pending", offers: [] });
  });

  it.each([
    ["always", { decision: "allow", tool: "Bash", command: "npm test", project: "shop" }],
    ["session", { decision: "allow", tool: "Bash", command: "npm test", project: "shop", session: "s1" }],
  ] as const)("writes the rule, which decides from then on: %s", async (remember, rule: Rule) => {
    await using server = await startTestServer();
    const text = '// Mine\n{\n  "rules": [\n    {"decision": "ask", "tool": "Bash"} // careful\n  ]\n}\n';
    writeFileSync(server.rulesFile.path, text);
    await postEvents(server, question("npm test"));
    expect((await decide(server, { decision: "approve", remember })).json).toMatchObject({
      approval: { state: "approved" },
    });
    expect((await server.rulesFile.read()).rules).toEqual([
      { ...rule, remembered_at: expect.any(String) },
      { decision: "ask", tool: "Bash" },
    ]);
    expect(readFileSync(server.rulesFile.path, "utf8")).toMatch(/^\/\/ Mine\n[\s\S]*\/\/ careful\n/);
    await postEvents(server, question("npm test", { approval_id: "q2" }));
    await postEvents(server, question("npm test --watch", { approval_id: "q3" }));
    await postEvents(server, { ...question("npm test", { approval_id: "q4" }), session_id: "s2" });
    expect(["q2", "q3", "q4"].map((id) => approval(server, id)?.state)).toEqual([
      "approved",
      "pending",
      remember === "always" ? "approved" : "pending",
    ]);
  });

  it("writes nothing for a session that has closed by then, and the yes counts once", async () => {
    await using server = await startTestServer();
    write(server, { rules: [] });
    await postEvents(server, question("npm test"));
    await postEvents(server, { event_type: "session.closed", project_id: "shop", session_id: "s1", data: {} });
    await decide(server, { decision: "approve", remember: "session" });
    expect(approval(server)?.state).toBe("approved");
    expect((await server.rulesFile.read()).rules).toEqual([]);
  });

  it("forgets what was for a session when that is asked of it", async () => {
    await using server = await startTestServer();
    write(server, {
      rules: [
        { decision: "allow", tool: "A", session: "s1" },
        { decision: "deny", tool: "B" },
      ],
    });
    await server.rulesFile.remove(({ session }) => session === "s1");
    expect((await server.rulesFile.read()).rules).toEqual([{ decision: "deny", tool: "B" }]);
  });

  it("leaves no rule behind where somebody else was first", async () => {
    await using server = await startTestServer();
    const text = '{\n  "rules": [\n    {"decision": "deny", "command": "rm *"}\n  ]\n}\n';
    writeFileSync(server.rulesFile.path, text);
    await postEvents(server, question("npm test"));
    // While the rule is written, the no of another is on its way.
    const [late, first] = await Promise.allSettled([
      server.approvals.decide("q1", { decision: "approve", remember: "always" }),
      server.approvals.decide("q1", { decision: "deny" }),
    ]);
    expect([late.status, first.status]).toEqual(["rejected", "fulfilled"]);
    expect(readFileSync(server.rulesFile.path, "utf8")).toBe(text);
  });

  it("is refused where it is not offered", async () => {
    await using server = await startTestServer();
    await postEvents(server, question("npm test"));
    const refused = await decide(server, { decision: "approve", remember: "agent" });
    expect([refused.status, refused.json["code"]]).toEqual([400, "invalid_request"]);
    expect(approval(server)?.state).toBe("pending");
  });

  it("writes both of two rules that are chosen at once", async () => {
    await using server = await startTestServer();
    const rules: Rule[] = [1, 2, 3, 4].map((number) => ({ decision: "allow", tool: `T${number}` }));
    await Promise.all(rules.map((rule) => server.rulesFile.add(rule)));
    await Promise.all(rules.map((rule) => server.rulesFile.add(rule)));
    expect((await server.rulesFile.read()).rules).toHaveLength(4);
    expect(readFileSync(server.rulesFile.path, "utf8")).toContain("// What Televibe approves or denies");
  });
});

describe("a time for an answer", () => {
  it("is the scope's, counted from when it was asked, unless its asker has one", async () => {
    await using server = await startTestServer();
    write(server, {
      timeouts: [
        { scope: "command", project: "other", after: "1s" },
        { scope: "command", after: "10m", decision: "approve" },
        { scope: "*", after: "1h" },
      ],
    });
    await postEvents(server, question("npm test"));
    await postEvents(server, question("x", { approval_id: "q2", scope: "deploy" }));
    await postEvents(server, question("x", { approval_id: "q3", expires_at: "2026-11-25T10:00:05Z" }));
    expect(
      ["q1", "q2", "q3"].map((id) => [approval(server, id)?.expires_at, approval(server, id)?.on_timeout]),
    ).toEqual([
      ["2026-11-25T10:10:00.000Z", "approve"],
      ["2026-11-25T11:00:00.000Z", "deny"],
      ["2026-11-25T10:00:05.000Z", "deny"],
    ]);
  });

  it.each([
    ["approve", "approved"],
    ["deny", "expired"],
  ] as const)("comes to what was said: %s", async (on_timeout, state) => {
    await using server = await startTestServer();
    await postEvents(server, question("npm test", { on_timeout, expires_at: "2026-11-25T10:00:05Z" }));
    await server.approvals.decide("q1", { decision: "expire", surface: "timeout" });
    expect(approval(server)).toMatchObject({ state, decision: { surface: "timeout" } });
  });
});

describe("asking what the rules would decide", () => {
  it("names the rule", async () => {
    await using server = await startTestServer();
    write(server, { rules: [{ decision: "deny", command: "rm *", name: "No removing" }] });
    const check = (body: object) =>
      send(server, {
        method: "POST",
        path: "/v1/rules/check",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await check({ command: "sudo rm x" })).json).toEqual({
      decision: "deny",
      rule: { index: 0, text: "“No removing”" },
      note: null,
    });
    expect((await check({ command: "ls" })).json).toEqual({ decision: "ask", rule: null, note: null });
    expect((await check({ comand: "ls" })).status).toBe(400);
    expect((await send(server, { path: "/v1/rules" })).json).toMatchObject({
      problem: null,
      rules: [{ name: "No removing" }],
    });
  });
});
