/** The command line as people and scripts meet it: what it prints, where it stops, and what it makes of a bridge that is not there. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import {
  startBridgeProcess,
  startTelevibe,
  TELEVIBE,
  televibe,
  temporaryFolder,
  testEnvironment,
} from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";

const COMMANDS = [
  ...["bridge", "run", "ask", "emit", "sessions", "approvals", "events", "approve", "deny"],
  ...["hook", "tail", "replay", "status", "doctor", "stop", "schema", "pin", "unpin"],
];

/** A bridge with a job that waits for an answer, and one that is done and has a log. */
async function createWorld() {
  const folder = await temporaryFolder();
  const dataDir = join(folder.path, "data");
  const bridge = await startBridgeProcess({ dataDir });
  const client = new BridgeClient(bridge.entry);
  const at = { project_id: "shop", session_id: "main" };
  await client.publish([
    { ...at, event_type: "job.started", job_id: "done-1", data: { instruction: "Build it" } },
    { ...at, event_type: "job.started", job_id: "asks-1", data: { instruction: "Ship it" } },
  ]);
  await client.appendLog("done-1", Buffer.from("one\n\u001b[31mtwo\u001b[0m\nthree\n"), 0);
  await client.publish([
    { ...at, event_type: "job.completed", job_id: "done-1", data: { duration_seconds: 12, files_changed: ["a", "b"] } },
    {
      ...at,
      event_type: "job.approval_needed",
      job_id: "asks-1",
      data: { approval_id: "abc-1", scope: "push", action: "git push" },
    },
    {
      ...at,
      event_type: "job.approval_needed",
      job_id: "asks-1",
      data: { approval_id: "abd-2", scope: "push", action: "git tag" },
    },
  ]);
  const text = async (...args: readonly string[]) =>
    (await televibe(args, { dataDir, cwd: folder.path })).stdout.toString();
  return {
    ...{ dataDir, client, text, path: folder.path },
    run: (...args: readonly string[]) => televibe(args, { dataDir, cwd: folder.path }),
    start: (...args: readonly string[]) => startTelevibe(args, { dataDir, cwd: folder.path }),
    [Symbol.asyncDispose]: async () => {
      await bridge.kill();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("help", () => {
  it("is there for every command, with an example", async () => {
    const folder = { dataDir: "/nowhere" };
    const all = await televibe(["--help"], folder);
    for (const command of COMMANDS) {
      expect(all.stdout.toString()).toMatch(new RegExp(`^  ${command}\\b`, "m"));
      const { code, stdout } = await televibe([command, "--help"], folder);
      expect(code).toBe(0);
      expect(stdout.toString()).toMatch(/Examples?:\n {2}televibe /);
      expect(stdout.toString()).toContain("--data-dir");
    }
  });
});

describe("what is shown", () => {
  it("of sessions is a tree, with what they wait for", async () => {
    await using world = await createWorld();
    const lines = (await world.text("sessions")).split("\n");
    expect(lines[0]).toBe("shop");
    expect(lines[1]).toMatch(/^ {2}main/);
    expect(lines.join("\n")).toMatch(/\? Ship it {2}waiting/);
    expect(lines.join("\n")).toMatch(/✓ Build it {2}completed · 12s · 2 files changed/);
    expect(lines.join("\n")).toMatch(/git push \(push\) {2}abc-1/);
    const other = await world.run("sessions", "--project", "other");
    expect(other.stdout.toString()).toBe("");
    expect(other.stderr).toMatch(/There is no project "other"/);
    expect(other.code).toBe(1);
    expect((await world.run("replay", "--until", "2020-01-01")).stderr).toMatch(/No event passes/);
    expect(JSON.parse(await world.text("sessions", "--json"))).toMatchObject({ jobs: [{ job_id: "done-1" }, {}] });
  });

  it("of events are the newest, or those after a cursor, that pass the filters", async () => {
    await using world = await createWorld();
    const seqs = async (...args: readonly string[]) => {
      const lines = (await world.text("events", "--json", ...args)).trim().split("\n");
      return lines.filter((line) => line !== "").map((line) => JSON.parse(line).seq);
    };
    expect(await seqs()).toEqual([1, 2, 3, 4, 5]);
    expect(await seqs("--limit", "2")).toEqual([4, 5]);
    expect(await seqs("--after", "1", "--limit", "2")).toEqual([2, 3]);
    expect(await seqs("--job", "asks-1", "--type", "job.started", "job.completed")).toEqual([2]);
    expect(await seqs("--until", "2020-01-01")).toEqual([]);
    expect((await world.run("events", "--after", "soon")).code).toBe(64);
    expect(await world.text("events", "--search", "git pus*")).toMatch(/^[^\n]*git push[^\n]*\n$/);
    expect((await world.run("events", "--search", "git", "--follow")).stderr).toContain("--follow");
    expect((await world.run("events", "--search", "--")).stderr).toContain("no word");
  });

  it("of events goes on with what comes, until Ctrl-C", async () => {
    await using world = await createWorld();
    const following = world.start("events", "--follow", "--json", "--after", "4");
    let printed = "";
    following.process.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    await eventually("what was there", () => printed.includes('"seq":5'));
    await world.client.publish([{ event_type: "job.progress", project_id: "shop", job_id: "asks-1", data: {} }]);
    await eventually("what comes", () => printed.includes('"seq":6'));
    following.process.kill("SIGINT");
    const { code, stdout } = await following.result;
    expect(code).toBe(0);
    expect(stdout.toString().trim().split("\n")).toHaveLength(2);
  });

  it("ends quietly where nobody reads on", async () => {
    await using world = await createWorld();
    for (let round = 0; round < 30; round += 1) {
      const events = Array.from({ length: 100 }, (_, index) => ({
        event_type: "job.progress",
        project_id: "shop",
        job_id: "asks-1",
        data: { message: `step ${round * 100 + index} ${"x".repeat(200)}` },
      }));
      await world.client.publish(events);
    }
    const line = `${process.execPath} ${TELEVIBE} replay --json | head -1; echo "\${PIPESTATUS[0]}"`;
    const env = testEnvironment({ TELEVIBE_DATA_DIR: world.dataDir });
    const { stdout, stderr } = await promisify(execFile)("bash", ["--norc", "-c", line], { env });
    expect(stdout.trim().split("\n").at(-1)).toBe("0");
    expect(stderr).toBe("");
  });

  it.runIf(process.platform === "linux")("says in one line that its output could not be written", async () => {
    const line = `${process.execPath} ${TELEVIBE} schema > /dev/full; echo "$?"`;
    const { stdout, stderr } = await promisify(execFile)("bash", ["--norc", "-c", line], { env: testEnvironment({}) });
    expect(stdout).toBe("1\n");
    expect(stderr).toMatch(/^televibe: the output could not be written: ENOSPC.*\n$/);
  });
});

describe("a name", () => {
  /** The world, with an agent's session whose name is not its id. */
  async function createNamed() {
    const world = await createWorld();
    const at = { project_id: "web-1", session_id: "claude-7" };
    await world.client.publish([
      { event_type: "project.registered", project_id: "web-1", data: { name: "Web" } },
      { ...at, event_type: "session.created", data: { name: "Login form" } },
      { ...at, event_type: "job.started", job_id: "login-1", data: { instruction: "Mend the form" } },
      {
        ...at,
        event_type: "job.approval_needed",
        job_id: "login-1",
        data: { approval_id: "xyz-1", scope: "push", action: "git push web" },
      },
    ]);
    await world.client.appendLog("login-1", Buffer.from("mended\n"), 0);
    return world;
  }

  it("is shown with the id behind it, and every command takes either", async () => {
    await using world = await createNamed();
    expect(await world.text("sessions", "--project", "Web")).toMatch(
      /^Web {2}web-1\n {2}Login form waiting {2}claude-7\n/,
    );
    for (const session of ["Login form", "claude-7"]) {
      expect(await world.text("tail", session)).toBe("mended\n");
      expect(await world.text("events", "--session", session)).toMatch(/Mend the form/);
      expect(await world.text("replay", "--session", session, "--project", "Web")).toMatch(/Mend the form/);
      expect(await world.text("approvals", "--session", session)).toMatch(/^\? git push web/);
      expect(await world.text("approvals", "--session", session)).not.toContain("abc-1");
      expect(await world.text("pin", session)).toMatch(/^Pinned web-1 \/ claude-7/);
      expect(await world.text("unpin", session, "--project", "Web")).toMatch(/^web-1 \/ claude-7 is not pinned/);
    }
  });

  it("that nothing has is said to be none", async () => {
    await using world = await createNamed();
    for (const args of [["events"], ["replay"], ["approvals"]]) {
      const project = await world.run(...args, "--project", "nope");
      expect(project).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no project "nope"') });
      const session = await world.run(...args, "--project", "Web", "--session", "main");
      expect(session).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('There is no session "main" in project "Web"'),
      });
    }
    expect((await world.run("tail", "nope")).stderr).toMatch(/There is no session and no job "nope"/);
  });

  it("that two have is not guessed at", async () => {
    await using world = await createNamed();
    const twin = { project_id: "web-1", session_id: "claude-8", event_type: "session.created" };
    await world.client.publish([{ ...twin, data: { name: "Login form" } }]);
    for (const args of [["tail"], ["pin"], ["events", "--session"]]) {
      const { code, stderr } = await world.run(...args, "Login form");
      expect(code).toBe(1);
      expect(stderr).toMatch(/Several sessions are called "Login form".*web-1 \/ claude-7, web-1 \/ claude-8/);
    }
  });
});

describe("tail", () => {
  it("without words shows the newest job of the folder, of an agent in it as well", async () => {
    await using world = await createWorld();
    const folder = await realpath(world.path);
    await promisify(execFile)("git", ["init", "--quiet", "--initial-branch", "main"], { cwd: folder });
    const begin = async (job_id: string, session_id: string, project_id: string, workspace: string) => {
      await world.client.publish([
        { event_type: "session.created", project_id, session_id, data: { workspace } },
        { event_type: "job.started", project_id, session_id, job_id, data: { instruction: job_id } },
      ]);
      await world.client.appendLog(job_id, Buffer.from(`${job_id}\n`), 0);
    };
    const project = basename(folder);
    await begin("of-branch", "main", project, folder);
    await begin("of-other-worktree", "claude-1", project, `${folder}-other`);
    await begin("of-other-project", "main", "other", folder);
    expect(await world.text("tail")).toBe("of-branch\n");
    await begin("of-agent", "claude-2", project, folder);
    expect(await world.text("tail")).toBe("of-agent\n");
  });

  it("prints the end of a log, without what only terminals understand", async () => {
    await using world = await createWorld();
    expect(await world.text("tail", "done-1")).toBe("one\ntwo\nthree\n");
    expect(await world.text("tail", "done", "-n", "1")).toBe("three\n");
    expect((await world.run("tail", "done-1", "-f")).code).toBe(0);
  });

  it("goes on until the job ends", async () => {
    await using world = await createWorld();
    await world.client.appendLog("asks-1", Buffer.from("first\n"), 0);
    const following = world.start("tail", "asks-1", "-f");
    let printed = "";
    following.process.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    await eventually("what was there", () => printed.includes("first"));
    await world.client.appendLog("asks-1", Buffer.from("second\nthird without an end"), 6);
    await world.client.publish([
      { event_type: "job.failed", project_id: "shop", job_id: "asks-1", data: { error: "x" } },
    ]);
    const { code, stdout, stderr } = await following.result;
    expect(code).toBe(0);
    expect(stdout.toString()).toBe("first\nsecond\nthird without an end\n");
    expect(stderr).toMatch(/has ended \(failed\)/);
  });
});

describe("answers", () => {
  it("take the beginning of an id, unless it is the beginning of two", async () => {
    await using world = await createWorld();
    const both = await world.run("approve", "ab");
    expect(both.code).toBe(1);
    expect(both.stderr).toMatch(/abc-1 \(pending\), abd-2 \(pending\)/);
    expect((await world.run("deny", "abc", "--reason", "not now")).stdout.toString()).toMatch(
      /^Denied by .+: not now — git push\n$/,
    );
    const late = await world.run("approve", "abc-1");
    expect(late.code).toBe(1);
    expect(late.stderr).toMatch(/denied/i);
    const pending = (await world.text("approvals", "--json")).trim().split("\n");
    expect(pending.map((line) => JSON.parse(line).approval_id)).toEqual(["abd-2"]);
    // What one offers stands below it.
    expect((await world.text("approvals", "--all")).match(/^\S.*$/gm)).toHaveLength(2);
  });
});

describe("answers that could mean another question", () => {
  it("are refused: an empty id, and a beginning that one already decided has too", async () => {
    await using world = await createWorld();
    expect((await world.run("deny", "abc-1")).code).toBe(0);
    // One waits now, and every id begins with nothing.
    const empty = await world.run("approve", "");
    expect(empty.code).toBe(64);
    expect(empty.stderr).toMatch(/id is empty/);
    const short = await world.run("approve", "ab");
    expect(short.code).toBe(1);
    expect(short.stderr).toMatch(/abd-2 \(pending\), abc-1 \(denied\)/);
    const [waiting] = (await world.text("approvals", "--json")).trim().split("\n");
    expect(JSON.parse(waiting ?? "")).toMatchObject({ approval_id: "abd-2", state: "pending" });
  });

  it("cannot be asked for with nothing", async () => {
    await using world = await createWorld();
    for (const words of [[""], ["Push?", "--action", " "], ["Push?", "--scope", ""]]) {
      const { code, stderr } = await world.run("ask", ...words);
      expect(code).toBe(64);
      expect(stderr).toMatch(/is empty/);
    }
  });
});

describe("emit", () => {
  it("publishes the same event once, and takes no other under its id", async () => {
    await using world = await createWorld();
    const id = "0199a7c0-0000-7000-8000-000000000001";
    const emit = (message: string) =>
      world.run("emit", "job.progress", "--job", "asks-1", "--event-id", id, "--data", JSON.stringify({ message }));
    expect((await emit("half")).stdout.toString()).toBe(`6  ${id}\n`);
    const other = await emit("whole");
    expect(other.code).toBe(1);
    expect(other.stderr).not.toMatch(/^\s+at /m);
  });

  it("publishes nothing of lines of which one is wrong", async () => {
    await using world = await createWorld();
    const good = '{"event_type":"job.progress","project_id":"shop","job_id":"asks-1","data":{}}';
    const { code, stderr } = await televibe(["emit", "-"], {
      dataDir: world.dataDir,
      input: `${good}\n\n{"event_type"\n`,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/Line 3 is not JSON/);
    expect((await world.client.health()).store.last_seq).toBe(5);
  });
});

describe("without a bridge", () => {
  it("says so, and how to mend it", async () => {
    await using folder = await temporaryFolder();
    const at = { dataDir: join(folder.path, "data") };
    expect(await televibe(["status"], at)).toMatchObject({ code: 3 });
    expect((await televibe(["stop"], at)).stdout.toString()).toMatch(/No bridge runs/);
    const { code, stdout } = await televibe(["doctor"], at);
    expect(code).toBe(1);
    expect(stdout.toString()).toMatch(/✗ No bridge runs\n {2}→ Start one: televibe bridge/);
  });

  it("tells one that crashed from none", async () => {
    await using folder = await temporaryFolder();
    const bridge = await startBridgeProcess({ dataDir: folder.path });
    await bridge.kill();
    const { stdout } = await televibe(["doctor"], { dataDir: folder.path });
    expect(stdout.toString()).toMatch(
      /✗ The bridge of .*bridge\.json \(process \d+\) does not answer; it may have crashed/,
    );
  });

  it("says what is wrong with a data directory that cannot be used", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "file");
    await writeFile(file, "");
    const sessions = await televibe(["sessions"], { dataDir: file });
    expect(sessions.code).toBe(1);
    expect(sessions.stderr).toMatch(/ENOTDIR.*\n`televibe doctor`.* says what is wrong/);
    expect(sessions.stderr).not.toMatch(/TELEVIBE_DEBUG/);
    const doctor = await televibe(["doctor"], { dataDir: file });
    expect(doctor.code).toBe(1);
    expect(doctor.stdout.toString()).toMatch(/✗ .*file is not a folder\n {2}→ .*TELEVIBE_DATA_DIR/);
    const below = await televibe(["doctor"], { dataDir: join(file, "data") });
    expect(below.code).toBe(1);
    expect(below.stdout.toString()).toMatch(/✗ .*data cannot be used: ENOTDIR/);
  });

  it("ends where a bridge's port is taken, and leaves the data directory to the next one", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "data");
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const { code, stderr } = await televibe(["bridge", "--port", String(port)], { dataDir });
    taken.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/Cannot listen on 127\.0\.0\.1:\d+.*--port/);
    await using _bridge = await startBridgeProcess({ dataDir });
    expect((await televibe(["status"], { dataDir })).code).toBe(0);
  });

  it("quotes what a bridge said that does not start", async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, "data"));
    await writeFile(join(folder.path, "data", "store"), "");
    const { code, stderr } = await televibe(["sessions"], { dataDir: join(folder.path, "data") });
    expect(code).toBe(1);
    expect(stderr).toMatch(/The bridge did not start.*store/s);
    await rm(join(folder.path, "data"), { recursive: true });
  });

  it("goes by --data-dir before the environment", async () => {
    await using folder = await temporaryFolder();
    await using _bridge = await startBridgeProcess({ dataDir: join(folder.path, "a") });
    const { stdout } = await televibe(["status", "--json", "--data-dir", join(folder.path, "a")], {
      dataDir: join(folder.path, "b"),
    });
    expect(JSON.parse(stdout.toString())).toMatchObject({ data_dir: join(folder.path, "a"), status: "healthy" });
  });
});
