/** Draws the tree as VS Code would, from states that the real reducer makes, and looks at what is drawn again. */
import { describe, expect, it } from "vitest";
import { pendingApprovals, projectsOf } from "../../../extension/store/selectors.ts";
import { approvalNode } from "../../../extension/tree/approvalNode.ts";
import type { TreeNode } from "../../../extension/tree/node.ts";
import { projectNode } from "../../../extension/tree/projectNode.ts";
import { type Refresh, type Roots, TreeModel } from "../../../extension/tree/treeModel.ts";
import { reduce } from "../../../shared/state/reduce.ts";
import { EMPTY_STATE, type State } from "../../../shared/state/state.ts";
import { type EventFacts, storedEvent } from "../../builders/storedEvent.ts";

const sessions: Roots = (state, source) => projectsOf(state).map(({ project_id }) => projectNode(source, project_id));
const approvals: Roots = (state, source) =>
  pendingApprovals(state).map((approval) => approvalNode(source, undefined, approval));

/** A tree of which everything is open, as VS Code keeps it: it asks again for what it is told to. */
class Drawing {
  readonly model: TreeModel;
  state: State = EMPTY_STATE;
  nowMs = Date.parse("2026-11-23T10:00:00.000Z");

  constructor(roots: Roots) {
    this.model = new TreeModel(roots, EMPTY_STATE, () => this.nowMs);
    this.lines();
  }

  /** Works events in; answers what is drawn again, by labels. */
  play(...facts: readonly EventFacts[]): "everything" | readonly string[] {
    const events = facts.map((each, index) => storedEvent(this.state.seq + index + 1, each));
    const { state, changes } = reduce(this.state, events);
    this.state = state;
    const refresh: Refresh = this.model.update(state, changes);
    const told = refresh === "everything" ? refresh : refresh.map((node) => this.model.row(node)?.label ?? "?");
    this.lines();
    return told;
  }

  lines(): readonly string[] {
    return this.#linesUnder(undefined, 0);
  }

  find(label: string, under?: TreeNode): TreeNode | undefined {
    for (const node of this.model.children(under)) {
      if (this.model.row(node)?.label === label) return node;
      const found = this.find(label, node);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #linesUnder(parent: TreeNode | undefined, depth: number): readonly string[] {
    return this.model.children(parent).flatMap((node) => {
      const row = this.model.row(node);
      const line = `${"  ".repeat(depth)}${row?.label}${row?.description === "" ? "" : ` | ${row?.description}`}`;
      return [line, ...this.#linesUnder(node, depth + 1)];
    });
  }
}

const started: EventFacts = { type: "job.started", job: "j1", data: { instruction: "npm test" } };
const asked: EventFacts = {
  type: "job.approval_needed",
  job: "j1",
  data: { approval_id: "a1", scope: "git", action: "git push", reason: "It is the release" },
};
const call = (id: string, type = "job.tool_started"): EventFacts => ({
  type,
  job: "j1",
  data: { tool: "Edit", tool_use_id: id, file: `${id}.ts` },
});

describe("the sessions tree", () => {
  it("draws project, session, job, approvals and tool calls, newest first", () => {
    const drawing = new Drawing(sessions);
    drawing.play(
      { type: "project.registered", session: null, data: { name: "Shop" } },
      { type: "session.created", data: { name: "main", branch: "main" } },
      started,
      call("u1"),
      call("u1", "job.tool_completed"),
      call("u2"),
      asked,
      { type: "job.queued", job: "j2", data: { instruction: "npm run lint" } },
      { type: "job.started", job: "j3", session: null, data: { instruction: "deploy" } },
    );
    expect(drawing.lines()).toEqual([
      "Shop",
      "  main | waiting",
      "    npm run lint | queued",
      "    npm test | waiting for approval",
      "      git push | waiting for an answer",
      "      Edit | u2.ts · running",
      "      Edit | u1.ts · 1.0s",
      "  deploy | running",
    ]);
  });

  it.each<{ name: string; events: readonly EventFacts[]; reads: string }>([
    {
      name: "completed",
      events: [
        {
          type: "job.completed",
          job: "j1",
          data: { duration_seconds: 12, exit_code: 0, files_changed: ["a", "b", "c"], diff_stat: "+10 -2" },
        },
      ],
      reads: "completed · 12s · 3 files · +10 -2",
    },
    {
      name: "failed",
      events: [{ type: "job.failed", job: "j1", data: { error: "boom", exit_code: 1, duration_seconds: 3 } }],
      reads: "failed · 3.0s · exit 1",
    },
    {
      name: "killed",
      events: [{ type: "job.failed", job: "j1", data: { error: "killed", signal: "SIGKILL", duration_seconds: 60 } }],
      reads: "failed · 1m 0s · SIGKILL",
    },
    {
      name: "canceled",
      events: [{ type: "job.canceled", job: "j1", data: { duration_seconds: 20 } }],
      reads: "canceled · 20s",
    },
    {
      name: "in progress",
      events: [{ type: "job.progress", job: "j1", data: { message: "linking\nall", percent: 40 } }],
      reads: "running · 40% · linking all",
    },
  ])("says how a job stands: $name", ({ events, reads }) => {
    const drawing = new Drawing(sessions);
    drawing.play(started, ...events);
    expect(drawing.lines()).toContain(`    npm test | ${reads}`);
  });

  it("keeps a decided approval under its job, with who decided it and where", () => {
    const drawing = new Drawing(sessions);
    drawing.play(started, asked);
    drawing.play({
      type: "job.approved",
      job: "j1",
      data: { approval_id: "a1", decided_by: { name: "Ann" }, surface: "telegram" },
    });
    expect(drawing.lines()).toContain("      git push | Approved by Ann in Telegram");
  });

  it("keeps closed sessions and ended jobs in sight, closed ones last", () => {
    const drawing = new Drawing(sessions);
    drawing.play(
      { type: "session.created", session: "old", data: { name: "old" } },
      { type: "job.started", session: "old", job: "j0", data: { instruction: "npm test" } },
      { type: "job.completed", session: "old", job: "j0", data: { duration_seconds: 1 } },
      { type: "session.created", session: "new", data: { name: "new" } },
      { type: "session.closed", session: "new" },
    );
    expect(drawing.lines()).toEqual(["shop", "  old | idle", "    npm test | completed · 1.0s", "  new | closed"]);
  });

  it("draws the lowest rows again that changed, and nothing else", () => {
    const drawing = new Drawing(sessions);
    expect(drawing.play(started)).toBe("everything");
    expect(drawing.play({ type: "job.queued", job: "j2", data: { instruction: "lint" } })).toEqual(["s1"]);
    // The first child turns a leaf into a branch, which is the job's own row.
    expect(drawing.play(call("u1"))).toEqual(["npm test"]);
    expect(drawing.play(call("u1", "job.tool_completed"))).toEqual(["Edit"]);
    expect(drawing.play({ type: "job.progress", job: "j2", data: { message: "half" } })).toEqual(["lint"]);
    // A heartbeat of progress that says the same is no news, nor are events that no row shows.
    expect(drawing.play({ type: "job.progress", job: "j2", data: { message: "half" } })).toEqual([]);
    expect(drawing.play({ type: "coordination.message_sent", data: { message: "hi" } })).toEqual([]);
    expect(drawing.play({ type: "session.created", session: "s2" })).toEqual(["shop"]);
    expect(drawing.play({ type: "session.created", project: "shed", session: "s1" })).toBe("everything");
  });

  it("keeps one object for a row as long as it is drawn, and whether it was open at first", () => {
    const drawing = new Drawing(sessions);
    drawing.play(started, asked);
    const job = drawing.find("npm test");
    expect(job && drawing.model.row(job)?.children).toBe("expanded");
    drawing.play({ type: "job.approved", job: "j1", data: { approval_id: "a1" } });
    expect(drawing.find("npm test")).toBe(job);
    expect(job && drawing.model.row(job)?.children).toBe("expanded");
  });

  it("gives rows of one id under two parents two ids", () => {
    const drawing = new Drawing(sessions);
    drawing.play(
      { type: "session.created", project: "a/session:b", session: "c" },
      { type: "session.created", project: "a", session: "b/session:c" },
    );
    const ids = drawing.model.children(undefined).flatMap((node) => drawing.model.children(node).map(({ id }) => id));
    expect(new Set(ids).size).toBe(2);
  });

  it("lets go of what is removed", () => {
    const drawing = new Drawing(sessions);
    drawing.play(started, asked, call("u1"));
    expect(drawing.play({ type: "project.removed", session: null })).toBe("everything");
    expect(drawing.lines()).toEqual([]);
  });
});

describe("a row", () => {
  it("shows text from outside as itself in its tooltip", () => {
    const drawing = new Drawing(sessions);
    drawing.play({
      type: "job.started",
      job: "j1",
      data: { instruction: "[x](command:evil) <b> **bold** `code` https://example.com\n# title" },
    });
    const [project] = drawing.model.children(undefined);
    const [session] = drawing.model.children(project);
    const [job] = drawing.model.children(session);
    const tooltip = job && drawing.model.row(job)?.tooltip;
    expect(tooltip).toContain(
      "\\[x\\]\\(command\\:evil\\) \\<b\\> \\*\\*bold\\*\\* \\`code\\` https\\:\\/\\/example\\.com",
    );
    expect(tooltip).not.toMatch(/^#/m);
  });

  it("of a project or a session is open before anything stands under it", () => {
    const drawing = new Drawing(sessions);
    drawing.play(
      { type: "project.registered", session: null, data: { name: "Shop" } },
      { type: "session.created", data: { name: "main" } },
    );
    const rows = ["Shop", "main"].map((label) => drawing.find(label)).map((node) => node && drawing.model.row(node));
    expect(rows.map((row) => row?.children)).toEqual(["expanded", "expanded"]);
  });

  it("says its state to a screen reader, in words", () => {
    const drawing = new Drawing(sessions);
    drawing.play(started, asked);
    const job = drawing.find("npm test");
    const approval = drawing.find("git push");
    expect(job && drawing.model.row(job)?.accessibleLabel).toBe("Job npm test, waiting for approval");
    expect(approval && drawing.model.row(approval)?.accessibleLabel).toBe("Approval git push, waiting for an answer");
  });

  it("has the words that the manifest's clauses look for", () => {
    const drawing = new Drawing(sessions);
    drawing.play(started, asked);
    const wordsOf = (label: string) => {
      const node = drawing.find(label);
      return node && drawing.model.row(node)?.contextValue;
    };
    expect([wordsOf("shop"), wordsOf("s1"), wordsOf("npm test"), wordsOf("git push")]).toEqual([
      "project",
      "session",
      "job active",
      "approval pending",
    ]);
    drawing.play({ type: "job.completed", job: "j1" });
    expect([wordsOf("npm test"), wordsOf("git push")]).toEqual(["job", "approval"]);
    const offers = [{ remember: "always", text: "allow npm test" }];
    drawing.play({ ...asked, data: { ...asked.data, approval_id: "a2", action: "npm test;", offers } });
    expect(wordsOf("npm test;")).toBe("approval pending offers");
  });
});

describe("an agent's rows", () => {
  const agentAtWork: readonly EventFacts[] = [
    { type: "session.created", data: { name: "Fix the cart", branch: "main", agent: "claude" } },
    { type: "job.started", job: "j1", data: { instruction: "Fix the total", agent: "claude" } },
  ];

  it("say which agent it is, and what it is at", () => {
    const drawing = new Drawing(sessions);
    drawing.play(...agentAtWork, call("u1"), call("u1", "job.tool_completed"), call("u2"));
    expect(drawing.lines().slice(1, 3)).toEqual([
      "  Fix the cart | running · Claude Code · main",
      "    Fix the total | running · Edit u2.ts · 2 tool calls",
    ]);
    const session = drawing.find("Fix the cart");
    expect(session && drawing.model.row(session)?.icon.id).toBe("sparkle");
  });

  it.each([
    ["Claude Code on main", "running"],
    ["Claude Code: Fix the cart", "running · main"],
    ["maintenance", "running · Claude Code · main"],
  ])("say nothing that the session's name %s has said", (name, reads) => {
    const drawing = new Drawing(sessions);
    const [, ...rest] = agentAtWork;
    drawing.play({ type: "session.created", data: { name, branch: "main", agent: "claude" } }, ...rest);
    expect(drawing.lines()[1]).toBe(`  ${name} | ${reads}`);
  });

  it("say what its model used, at the turn and at the session", () => {
    const drawing = new Drawing(sessions);
    const usage = { input_tokens: 12_300, output_tokens: 1200, cost_usd: 0.42 };
    drawing.play(...agentAtWork, { type: "job.completed", job: "j1", data: { usage } });
    for (const label of ["Fix the cart", "Fix the total"]) {
      const node = drawing.find(label);
      const tooltip = (node && drawing.model.row(node)?.tooltip)?.replaceAll("\\", "");
      expect(tooltip).toContain("Used: 12.3k tokens in, 1.2k out, $0.42");
    }
  });

  it("hold the newest of a thousand tool calls, and say how many came before", () => {
    const drawing = new Drawing(sessions);
    const calls = Array.from({ length: 1000 }, (_, index) => [
      call(`u${index}`),
      call(`u${index}`, "job.tool_completed"),
    ]).flat();
    drawing.play(...agentAtWork, ...calls);
    const lines = drawing.lines();
    expect(lines).toHaveLength(3 + 200 + 1);
    expect(lines[2]).toBe("    Fix the total | running · Edit u999.ts · 1000 tool calls");
    expect(lines[3]).toMatch(/^ {6}Edit \| u999\.ts/);
    expect(lines.at(-1)).toBe("      800 earlier tool calls");
    drawing.play({ type: "job.completed", job: "j1" });
    expect(drawing.lines().at(-1)).toBe("      950 earlier tool calls");
  });
});

describe("the time that is left for an answer", () => {
  const limited = (approval_id: string, left: number, rest: object = {}): EventFacts => ({
    ...asked,
    data: {
      ...asked.data,
      approval_id,
      action: approval_id,
      expires_at: new Date(Date.parse("2026-11-23T10:00:00.000Z") + left).toISOString(),
      ...rest,
    },
  });

  it("stands first in the row, with what happens then", () => {
    const [tree, list] = [new Drawing(sessions), new Drawing(approvals)];
    for (const drawing of [tree, list])
      drawing.play(started, limited("a1", 90_000), limited("a2", 30_000, { on_timeout: "approve" }));
    expect(tree.lines()).toContain("      a1 | denied in 1:30");
    expect(list.lines()).toEqual(["a1 | denied in 1:30 · shop / s1", "a2 | approved in 0:30 · shop / s1"]);
    const node = list.find("a1");
    expect(node && list.model.row(node)?.accessibleLabel).toBe(
      "Approval a1, denied in less than 5 minutes · shop / s1",
    );
  });

  it("is drawn again in the rows whose words have changed, and in no others", () => {
    const drawing = new Drawing(approvals);
    drawing.play(started, limited("a1", 90_000), limited("a2", 30_000), {
      ...asked,
      data: { ...asked.data, approval_id: "a3" },
    });
    expect(drawing.model.tick()).toEqual([]);
    drawing.nowMs += 1000;
    expect(drawing.model.tick().map(({ target }) => target.approval_id)).toEqual(["a2"]);
    expect(drawing.model.tick()).toEqual([]);
    drawing.nowMs += 9000;
    expect(drawing.model.tick().map(({ target }) => target.approval_id)).toEqual(["a1", "a2"]);
  });
});

describe("the list of pending approvals", () => {
  it("has what waits, longest first, with where it comes from, and loses it once it is decided", () => {
    const drawing = new Drawing(approvals);
    drawing.play(started, asked);
    drawing.play({
      type: "job.approval_needed",
      job: "j2",
      session: null,
      data: { approval_id: "a2", scope: "npm", action: "npm publish" },
    });
    expect(drawing.lines()).toEqual(["git push | shop / s1", "npm publish | shop"]);
    expect(drawing.play({ type: "job.denied", job: "j1", data: { approval_id: "a1" } })).toBe("everything");
    expect(drawing.lines()).toEqual(["npm publish | shop"]);
    expect(drawing.play({ type: "job.completed", job: "j2", session: null })).toBe("everything");
    expect(drawing.lines()).toEqual([]);
  });
});
