/** `televibe run` as a person meets it: it never gets in the way of the command, whatever becomes of the bridge. */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { findBridge } from "../../shared/client/findBridge.ts";
import type { StoredEvent } from "../../shared/events/event.ts";
import type { Job } from "../../shared/state/state.ts";
import {
  startBridgeProcess,
  startTelevibe,
  TELEVIBE,
  televibe,
  temporaryFolder,
  testEnvironment,
} from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";

/** A folder with a data directory and a repository of one commit. */
async function createPlace() {
  const folder = await temporaryFolder();
  const [dataDir, repository] = [join(folder.path, "data"), join(folder.path, "shop")];
  await mkdir(repository);
  const git = (...args: readonly string[]) =>
    promisify(execFile)("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], {
      cwd: repository,
    });
  await git("init", "--quiet", "--initial-branch=main");
  await writeFile(join(repository, "kept.txt"), "one\ntwo\n");
  await writeFile(join(repository, "dirty.txt"), "clean\n");
  await git("add", ".");
  await git("commit", "--quiet", "--message", "first");
  return { ...folder, dataDir, repository, git };
}

const node = (script: string) => ["--", process.execPath, "-e", script];

async function onlyJob(client: BridgeClient): Promise<Job> {
  const { state } = await client.state();
  const [job] = state.jobs;
  if (job === undefined || state.jobs.length !== 1) throw new Error(`There are ${state.jobs.length} jobs`);
  return job;
}

async function endedJob(client: BridgeClient): Promise<Job> {
  return eventually("the job's end", async () => {
    const { state } = await client.state();
    return state.jobs.find(({ ended_at }) => ended_at !== null);
  });
}

/** The job whose log has this line. */
async function jobThatSaid(client: BridgeClient, line: string): Promise<Job | undefined> {
  const job = (await client.state()).state.jobs[0];
  if (job === undefined) return undefined;
  return (await client.logPage(job.job_id, { lines: 10 })).lines.includes(line) ? job : undefined;
}

async function wholeLog(dataDir: string, job: Job): Promise<string> {
  return readFile(join(dataDir, "logs", `${job.job_id}.log`), "utf8");
}

describe("what passes through", () => {
  it.each([
    { what: "bytes that are no text", script: "process.stdout.write(Buffer.from([0,255,10,13,27,91,109]))", code: 0 },
    { what: "an exit code", script: "console.log('x'); process.exitCode = 7", code: 7 },
    { what: "a lot of output", script: "for (let i = 0; i < 50000; i += 1) console.log('line ' + i)", code: 0 },
  ])("$what", async ({ script, code }) => {
    await using place = await createPlace();
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    const alone = await promisify(execFile)(process.execPath, ["-e", script], {
      encoding: "buffer",
      maxBuffer: 1e8,
    }).catch((error: { stdout: Buffer }) => error);
    const run = await televibe(["run", ...node(script)], { dataDir: place.dataDir, cwd: place.repository });
    expect(run.code).toBe(code);
    expect(run.stdout.equals(alone.stdout)).toBe(true);
    const client = new BridgeClient(bridge.entry);
    const job = await endedJob(client);
    expect(job).toMatchObject({ project_id: "shop", session_id: "main", branch: "main", exit_code: code });
    expect(Buffer.from(await readFile(join(place.dataDir, "logs", `${job.job_id}.log`))).equals(alone.stdout)).toBe(
      true,
    );
  });

  it("a signal, to the command and back", async () => {
    await using place = await createPlace();
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    const script = "console.log('ready'); setInterval(() => {}, 1000)";
    const run = startTelevibe(["run", ...node(script)], { dataDir: place.dataDir, cwd: place.repository });
    await eventually(
      "the command to run",
      async () => (await new BridgeClient(bridge.entry).state()).state.jobs[0]?.state === "running",
    );
    run.process.kill("SIGTERM");
    const { signal } = await run.result;
    expect(signal).toBe("SIGTERM");
    expect(await endedJob(new BridgeClient(bridge.entry))).toMatchObject({ state: "failed", signal: "SIGTERM" });
  });

  it.each([
    { command: "no-such-command-anywhere", code: 127, says: /not found/ },
    { command: "./kept.txt", code: 126, says: /permission denied/ },
  ])("that $command cannot be run", async ({ command, code, says }) => {
    await using place = await createPlace();
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    const run = await televibe(["run", "--", command], { dataDir: place.dataDir, cwd: place.repository });
    expect(run.code).toBe(code);
    expect(run.stderr).toMatch(says);
    expect((await endedJob(new BridgeClient(bridge.entry))).state).toBe("failed");
  });
});

describe("a repository that is not to be trusted", () => {
  it("neither stops the command with a link to a pipe, nor has a program of its own run", async () => {
    await using place = await createPlace();
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    const [pipe, trace] = [join(place.path, "pipe"), join(place.path, "was-run")];
    await promisify(execFile)("mkfifo", [pipe]);
    await symlink(pipe, join(place.repository, "before"));
    await place.git("config", "core.fsmonitor", `echo run >> ${trace}; false`);
    await place.git("config", "filter.own.clean", `echo run >> ${trace}; cat`);
    await rm(trace, { force: true });
    const script = `require("fs").symlinkSync(${JSON.stringify(pipe)}, "after"); require("fs").writeFileSync(".gitattributes", "* filter=own\\n")`;
    const run = await televibe(["run", ...node(script)], { dataDir: place.dataDir, cwd: place.repository });
    expect(run.code).toBe(0);
    expect((await endedJob(new BridgeClient(bridge.entry))).files_changed).toEqual([".gitattributes", "after"]);
    await expect(readFile(trace)).rejects.toThrow("ENOENT");
  });
});

describe("whoever reads its output", () => {
  const pipeline = (dataDir: string, cwd: string, line: string) =>
    promisify(execFile)("bash", ["--norc", "-c", `set -o pipefail; ${line}`], {
      cwd,
      env: testEnvironment({ TELEVIBE_DATA_DIR: dataDir, RUN: `${process.execPath} ${TELEVIBE} run` }),
      maxBuffer: 1e8,
    }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string }) => error,
    );

  it("may be slow: the command has ended long before, and nothing of it is lost", async () => {
    await using place = await createPlace();
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    const lines = 40_000;
    const read = await pipeline(place.dataDir, place.repository, `$RUN -- seq 1 ${lines} | (sleep 1; cat)`);
    expect(read.stdout).toBe(Array.from({ length: lines }, (_, line) => `${line + 1}\n`).join(""));
    expect(await wholeLog(place.dataDir, await endedJob(new BridgeClient(bridge.entry)))).toBe(read.stdout);
  });

  it("may go away: then the command ends, as without us", async () => {
    await using place = await createPlace();
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    const read = await pipeline(place.dataDir, place.repository, "$RUN -- yes 2>/dev/null | head -1");
    expect(read.stdout).toBe("y\n");
    expect(read.code).not.toBe(0);
    expect((await endedJob(new BridgeClient(bridge.entry))).state).toBe("failed");
  });
});

describe("what the command gets", () => {
  it("is our standard input, and the job that it is", async () => {
    await using place = await createPlace();
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    const script = "cat; echo; echo $TELEVIBE_PROJECT/$TELEVIBE_SESSION; echo $TELEVIBE_JOB_ID";
    const run = await televibe(["run", "--session", "nightly", "--name", "Say it", "--", "sh", "-c", script], {
      dataDir: place.dataDir,
      cwd: place.repository,
      input: "said",
    });
    const job = await endedJob(new BridgeClient(bridge.entry));
    expect(job).toMatchObject({
      instruction: "Say it",
      session_id: "nightly",
      branch: "main",
      workspace: place.repository,
    });
    expect(run.stdout.toString()).toBe(`said\nshop/nightly\n${job.job_id}\n`);
  });

  it("is a signal that was meant for it, once, and time to end in its own way", async () => {
    await using place = await createPlace();
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    const script = "trap 'echo caught' INT; echo ready; while :; do sleep 0.05; [ -e end ] && exit 5; done";
    const run = startTelevibe(["run", "--", "bash", "-c", script], { dataDir: place.dataDir, cwd: place.repository });
    const client = new BridgeClient(bridge.entry);
    const job = await eventually("it to be ready", () => jobThatSaid(client, "ready"));
    run.process.kill("SIGINT");
    await eventually("it to have got the signal", () => jobThatSaid(client, "caught"));
    await writeFile(join(place.repository, "end"), "");
    const { code, stdout } = await run.result;
    expect(code).toBe(5);
    expect(stdout.toString()).toBe("ready\ncaught\n");
    expect((await endedJob(client)).job_id).toBe(job.job_id);
  });

  it("is a job of its own for each `televibe run` in it, and their questions are theirs", async () => {
    await using place = await createPlace();
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    const command = `${process.execPath} ${TELEVIBE}`;
    const run = startTelevibe(
      ["run", "--name", "outer", "--", "sh", "-c", `${command} run --name inner -- ${command} ask Go?`],
      {
        dataDir: place.dataDir,
        cwd: place.repository,
      },
    );
    const client = new BridgeClient(bridge.entry);
    const { approval_id, job_id } = await eventually(
      "the question",
      async () => (await client.approvals({ state: "pending" }))[0],
    );
    const jobs = (await client.state()).state.jobs;
    expect(jobs.map(({ instruction }) => instruction).sort()).toEqual(["inner", "outer"]);
    expect(jobs.find((job) => job.job_id === job_id)).toMatchObject({ instruction: "inner", state: "waiting" });
    await client.decide(approval_id, { decision: "approve", surface: "api" });
    expect((await run.result).code).toBe(0);
  });
});

describe("what a job changed", () => {
  it("is what the job did: edits, new files and commits, and nothing that was there before", async () => {
    await using place = await createPlace();
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    await writeFile(join(place.repository, "dirty.txt"), "changed by hand\n");
    await writeFile(join(place.repository, "notes.txt"), "mine\n");
    const script = [
      "printf 'one\\nTWO\\nthree\\n' > kept.txt",
      "printf 'a\\nb\\n' > made.txt",
      "printf 'more\\n' >> notes.txt",
      "git -c user.name=Ada -c user.email=a@b.c add kept.txt",
      "git -c user.name=Ada -c user.email=a@b.c commit --quiet -m second",
    ].join(" && ");
    const run = await televibe(["run", "--", "sh", "-c", script], { dataDir: place.dataDir, cwd: place.repository });
    expect(run.code).toBe(0);
    const job = await endedJob(new BridgeClient(bridge.entry));
    expect([...job.files_changed].sort()).toEqual(["kept.txt", "made.txt", "notes.txt"]);
    expect(job.diff_stat).toBe("+5 -1");
    expect(job.duration_seconds).toBeGreaterThan(0);
  });
});

describe("a bridge that comes and goes", () => {
  const SLOW =
    "let i = 0; const t = setInterval(() => { console.log('line ' + i); if (++i === 60) clearInterval(t) }, 50)";
  const LINES = `${Array.from({ length: 60 }, (_, line) => `line ${line}`).join("\n")}\n`;

  it("killed and started again in the middle, has the whole log and all events in order", async () => {
    await using place = await createPlace();
    const first = await startBridgeProcess({ dataDir: place.dataDir });
    const run = startTelevibe(["run", ...node(SLOW)], { dataDir: place.dataDir, cwd: place.repository });
    await eventually("some output to arrive", async () => {
      const { state } = await new BridgeClient(first.entry).state();
      const job = state.jobs[0];
      return job !== undefined && (await new BridgeClient(first.entry).logPage(job.job_id, { lines: 5 })).size > 20;
    });
    await first.kill();
    // The command brings one up again by itself, and waits for nothing.
    const { code, stdout } = await run.result;
    expect(code).toBe(0);
    expect(stdout.toString()).toBe(LINES);
    const client = new BridgeClient(await eventually("another bridge", () => findBridge(place.dataDir)));
    const job = await endedJob(client);
    expect(await wholeLog(place.dataDir, job)).toBe(LINES);
    const events: readonly StoredEvent[] = await client.events({ job_id: [job.job_id], order: "asc", limit: 100 });
    const told = events.map(({ event_type }) => event_type).filter((type) => type !== "job.progress");
    expect(told).toEqual(["job.queued", "job.started", "job.completed"]);
    await televibe(["stop"], { dataDir: place.dataDir });
  });

  it("in a folder that was removed under the shell, runs the command all the same", async () => {
    await using place = await createPlace();
    const line = `mkdir gone && cd gone && rmdir ../gone && "${process.execPath}" "${TELEVIBE}" run -- echo here; echo "exit $?"`;
    const { stdout } = await promisify(execFile)("bash", ["--norc", "-c", line], {
      cwd: place.path,
      env: testEnvironment({ TELEVIBE_DATA_DIR: place.dataDir }),
    });
    expect(stdout).toBe("here\nexit 0\n");
    const { stdout: shown } = await televibe(["sessions"], { dataDir: place.dataDir });
    expect(shown.toString()).toMatch(/^gone\n {2}default idle\n {4}✓ echo here {2}completed/);
    await televibe(["stop"], { dataDir: place.dataDir });
  });

  it("dead for good before the end, gets it all when there is one again", async () => {
    await using place = await createPlace();
    // A file where the bridge wants its store: no bridge can start.
    await mkdir(place.dataDir);
    await writeFile(join(place.dataDir, "store"), "");
    const run = await televibe(["run", ...node("console.log('kept')")], {
      dataDir: place.dataDir,
      cwd: place.repository,
    });
    expect(run.code).toBe(0);
    expect(run.stdout.toString()).toBe("kept\n");
    expect(run.stderr).toMatch(/kept and delivered/);
    expect(await readdir(join(place.dataDir, "spool"))).toHaveLength(1);

    await promisify(execFile)("rm", [join(place.dataDir, "store")]);
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    const job = await endedJob(new BridgeClient(bridge.entry));
    expect(job).toMatchObject({ state: "completed", exit_code: 0 });
    expect(await wholeLog(place.dataDir, job)).toBe("kept\n");
    await eventually("the spool to be removed", async () =>
      (await readdir(join(place.dataDir, "spool"))).every((name) => !name.endsWith(".spool")),
    );
  });

  it("stopped by somebody in the middle, stays stopped, and gets it all when there is one again", async () => {
    await using place = await createPlace();
    const first = await startBridgeProcess({ dataDir: place.dataDir });
    const script = "echo begun; while [ ! -e end ]; do sleep 0.05; done; echo ended";
    const run = startTelevibe(["run", "--", "sh", "-c", script], { dataDir: place.dataDir, cwd: place.repository });
    const job = await eventually("it to begin", () => jobThatSaid(new BridgeClient(first.entry), "begun"));
    expect(await first.stop()).toBe(0);
    await writeFile(join(place.repository, "end"), "");
    const { code, stderr } = await run.result;
    expect(code).toBe(0);
    expect(stderr).toMatch(/kept and delivered/);
    expect(await findBridge(place.dataDir)).toBeUndefined();

    await using second = await startBridgeProcess({ dataDir: place.dataDir });
    const client = new BridgeClient(second.entry);
    expect(await endedJob(client)).toMatchObject({ job_id: job.job_id, state: "completed" });
    expect(await wholeLog(place.dataDir, job)).toBe("begun\nended\n");
  });

  it("impossible, where the data can be kept nowhere, is no trouble of the command's", async () => {
    await using place = await createPlace();
    const run = await televibe(["run", ...node("console.log('done'); process.exitCode = 3")], {
      dataDir: join(place.repository, "kept.txt", "data"),
      cwd: place.repository,
    });
    expect(run.code).toBe(3);
    expect(run.stdout.toString()).toBe("done\n");
    expect(run.stderr).toMatch(/could not be kept/);
  });

  it("learns of a job whose `televibe run` was killed", async () => {
    await using place = await createPlace();
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    const run = startTelevibe(["run", ...node("setTimeout(() => {}, 2000)")], {
      dataDir: place.dataDir,
      cwd: place.repository,
    });
    const client = new BridgeClient(bridge.entry);
    await eventually("the job to run", async () => (await client.state()).state.jobs[0]?.state === "running");
    run.process.kill("SIGKILL");
    await run.result;
    expect(await endedJob(client)).toMatchObject({ state: "failed", error: expect.stringContaining("killed") });
  });
});

describe("a job that somebody cancels", () => {
  it("is ended, and says so", async () => {
    await using place = await createPlace();
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    const run = startTelevibe(["run", ...node("setInterval(() => {}, 1000)")], {
      dataDir: place.dataDir,
      cwd: place.repository,
    });
    const client = new BridgeClient(bridge.entry);
    await eventually("the job to run", async () => (await client.state()).state.jobs[0]?.state === "running");
    const job = await onlyJob(client);
    await eventually("somebody to cancel it", () =>
      client.cancel(job.job_id, "not needed").then(
        () => true,
        () => false,
      ),
    );
    expect((await run.result).signal).toBe("SIGTERM");
    expect(await endedJob(client)).toMatchObject({ state: "canceled", summary: "not needed" });
  });

  it("is no success, even when its command ends calmly", async () => {
    await using place = await createPlace();
    await using bridge = await startBridgeProcess({ dataDir: place.dataDir });
    const script = "trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done";
    const run = startTelevibe(["run", "--", "bash", "-c", script], { dataDir: place.dataDir, cwd: place.repository });
    const client = new BridgeClient(bridge.entry);
    const job = await eventually("it to be ready", () => jobThatSaid(client, "ready"));
    await client.cancel(job.job_id);
    expect((await run.result).code).toBe(143);
    expect(await endedJob(client)).toMatchObject({ state: "canceled", exit_code: 0 });
  });
});
