/** `televibe hook` as an agent calls it: a process with JSON on its standard input, whatever the bridge is doing meanwhile. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hookCall } from "../../bridge/agents/hookCall.ts";
import { hookCommand } from "../../bridge/cli/hooks/hookCommand.ts";
import { isAlive } from "../../shared/client/isAlive.ts";
import type { HookCall } from "../../shared/protocol/agentHook.ts";
import { MAX_BODY_BYTES } from "../../shared/protocol/version.ts";
import { startTelevibe, TELEVIBE, televibe, temporaryFolder, testEnvironment } from "../support/bridgeProcess.ts";
import { eventually } from "../support/eventually.ts";
import { HookServer, type HookServerOptions } from "../support/hookServer.ts";

/** Far above what a call takes here, and far below what an agent would call being held up. */
const AT_ONCE_MS = 5_000;

const TOOL = { session_id: "s1", hook_event_name: "PreToolUse", tool_name: "Bash", tool_input: { command: "ls" } };
const QUESTION = { ...TOOL, hook_event_name: "PermissionRequest" };
const PROMPT = { session_id: "s1", hook_event_name: "UserPromptSubmit", prompt: "Build it" };
const ALLOW = '{"hookSpecificOutput":{"decision":{"behavior":"allow"}}}';

interface SpooledCall extends HookCall {
  readonly agent: string;
}

async function createPlace(options?: Omit<HookServerOptions, "dataDir">) {
  const folder = await temporaryFolder();
  const dataDir = join(folder.path, "d");
  const server = options === undefined ? undefined : await HookServer.start({ dataDir, ...options });
  const spool = join(dataDir, "spool", "hooks");
  return {
    ...{ dataDir, spool, path: folder.path },
    start: (input: unknown, ...words: readonly string[]) =>
      startTelevibe(["hook", "claude", ...PATIENT, ...words], { dataDir, input: asText(input) }),
    hook: (input: unknown, words: readonly string[] = PATIENT) =>
      televibe(["hook", "claude", ...words], { dataDir, input: asText(input) }),
    left: async (): Promise<SpooledCall[]> => {
      const names = await readdir(spool).catch(() => []);
      return Promise.all(names.sort().map(async (name) => JSON.parse(await readFile(join(spool, name), "utf8"))));
    },
    [Symbol.asyncDispose]: async () => {
      await server?.[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
    get server() {
      if (server === undefined) throw new Error("This place has no server");
      return server;
    },
  };
}

function asText(input: unknown): string {
  return typeof input === "string" ? input : JSON.stringify(input);
}

/** For what is not about slowness: the machine that the tests run on may be. */
const PATIENT = ["--delivery-ms", "60000"];

const SILENT_SUCCESS = { code: 0, signal: null, stdout: Buffer.from(""), stderr: "" };

describe("a step that needs no answer", () => {
  it("is left for the bridge, whole, in order, and for this user alone", async () => {
    await using place = await createPlace({});
    const before = Date.now();
    expect(await place.hook({ ...TOOL, tool_use_id: "1" })).toEqual(SILENT_SUCCESS);
    expect(await place.hook({ ...TOOL, tool_use_id: "2" })).toEqual(SILENT_SUCCESS);
    const left = await place.left();
    expect(left.map(({ agent, input }) => [agent, input["tool_use_id"]])).toEqual([
      ["claude", "1"],
      ["claude", "2"],
    ]);
    expect(left[0]?.input).toEqual({ ...TOOL, tool_use_id: "1" });
    expect(place.server.calls).toEqual([]);
    const [name = ""] = (await readdir(place.spool)).sort();
    const [, time, id] =
      /^(\d{15})-([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12})\.json$/.exec(name) ?? [];
    expect(id).toBe(left[0]?.hook_id);
    expect(new Date(Number(time)).toISOString()).toBe(left[0]?.at);
    expect(Number(time)).toBeGreaterThanOrEqual(before);
    expect((await stat(join(place.spool, name))).mode & 0o777).toBe(0o600);
    expect((await stat(place.spool)).mode & 0o777).toBe(0o700);
  });

  it("is cut where it is longer than the bridge takes, and says so", async () => {
    await using place = await createPlace();
    const output = "é".repeat(3_000_000);
    await place.hook({ ...TOOL, hook_event_name: "PostToolUse", tool_response: { stdout: output, list: [1, "two"] } });
    const [call] = await place.left();
    expect(Buffer.byteLength(JSON.stringify(call))).toBeLessThan(MAX_BODY_BYTES);
    expect(call?.input).toMatchObject({ ...TOOL, hook_event_name: "PostToolUse", tool_response: { list: [1, "two"] } });
    expect(call?.input).toMatchObject({
      tool_response: { stdout: expect.stringMatching(/^é{10000,}… \(\d{7} characters were cut\)$/) },
    });
  });

  it.each([501, 5_000, 1_000_000])("is cut where it is nested %i levels deep, without a word", async (levels) => {
    await using place = await createPlace();
    const deep = "[".repeat(levels - 1) + "]".repeat(levels - 1);
    const input = JSON.stringify(TOOL).replace('"ls"', `"ls","deep":${deep.slice(1, -1)}`);
    expect(await place.hook(input)).toEqual(SILENT_SUCCESS);
    const [call] = await place.left();
    expect(call?.input).toMatchObject({ ...TOOL, tool_input: { command: "ls" } });
    expect(JSON.stringify(call?.input)).toContain('[[["… (what is nested deeper was cut)"]]]');
    expect(hookCall.safeParse({ hook_id: call?.hook_id, at: call?.at, input: call?.input }).success).toBe(true);
  });

  it("is dropped where too many wait already", async () => {
    await using place = await createPlace();
    await mkdir(place.spool, { recursive: true });
    for (let index = 0; index < 10_000; index++) await writeFile(join(place.spool, `${index}.json`), "");
    const { code, stdout, stderr } = await place.hook(TOOL);
    expect([code, stdout.toString()]).toEqual([0, ""]);
    expect(stderr).toMatch(/^televibe hook: too much waits for a bridge already[^\n]*\n$/);
    expect(await readdir(place.spool)).toHaveLength(10_000);

    // What a bridge set aside does not wait.
    await rename(join(place.spool, "0.json"), join(place.spool, "0.json.bad"));
    expect((await place.hook(TOOL)).stderr).toBe("");
    expect(await readdir(place.spool)).toHaveLength(10_001);
  });
});

describe("the beginning of work", () => {
  it("is left for the bridge that runs, however slow that is, and starts none beside it", async () => {
    for (const hasSocket of [true, false]) {
      await using place = await createPlace({ hasSocket, answer: () => undefined });
      expect(await place.hook(PROMPT)).toEqual(SILENT_SUCCESS);
      expect(await place.left()).toMatchObject([{ agent: "claude", input: PROMPT }]);
      expect(await readdir(place.dataDir)).not.toContain("bridge.log");
    }
  });

  it("starts a bridge where none runs, which outlives it", async () => {
    await using place = await createPlace();
    expect(await place.hook(TOOL)).toEqual(SILENT_SUCCESS);
    expect(await readdir(place.dataDir)).toEqual(["spool"]);
    expect(await place.hook(PROMPT)).toEqual(SILENT_SUCCESS);
    const status = await eventually("the bridge", async () => {
      const { code, stdout } = await televibe(["status"], { dataDir: place.dataDir });
      return code === 0 && stdout.toString();
    });
    expect(status).toContain(place.dataDir);
    expect((await televibe(["stop"], { dataDir: place.dataDir })).code).toBe(0);
  });
});

describe("a permission request", () => {
  it("is put to the bridge as it came, over TCP where there is no socket", async () => {
    for (const hasSocket of [true, false]) {
      await using place = await createPlace({ hasSocket });
      expect(await place.hook(QUESTION)).toEqual(SILENT_SUCCESS);
      expect(place.server.calls).toMatchObject([{ path: "/v1/hooks/claude", input: QUESTION }]);
      expect(await place.left()).toEqual([]);
    }
  });

  it("prints what the bridge answers at once, as it is, or nothing", async () => {
    for (const output of [ALLOW, ""]) {
      await using place = await createPlace({ answer: () => ({ kind: "answer", output }) });
      const { code, stdout, stderr } = await place.hook(QUESTION);
      expect([code, stdout.toString(), stderr]).toEqual([0, output, ""]);
    }
  });

  it("waits for a person", async () => {
    await using place = await createPlace({ answer: () => ({ kind: "wait", approval_id: "a/1" }) });
    const waiting = place.start(QUESTION);
    await eventually("the question", () => place.server.asked.includes("a/1"));
    place.server.decide("a/1", ALLOW);
    const { code, stdout, stderr } = await waiting.result;
    expect([code, stdout.toString(), stderr]).toEqual([0, ALLOW, ""]);
  });

  it("gets its own answer, however many wait", async () => {
    await using place = await createPlace({
      answer: ({ input }) => ({ kind: "wait", approval_id: String(input["tool_use_id"]) }),
    });
    const ids = ["one", "two", "three"];
    const all = ids.map((id) => place.start({ ...QUESTION, tool_use_id: id }));
    await eventually("all questions", () => place.server.asked.length === ids.length);
    for (const id of ids.toReversed()) place.server.decide(id, `answer ${id}`);
    const printed = (await Promise.all(all.map(({ result }) => result))).map(({ stdout }) => stdout.toString());
    expect(printed).toEqual(ids.map((id) => `answer ${id}`));
  });

  it("waits on while the bridge is restarted", async () => {
    await using place = await createPlace({ answer: () => ({ kind: "wait", approval_id: "a1" }) });
    const waiting = place.start(QUESTION);
    await eventually("the question", () => place.server.asked.includes("a1"));
    await place.server.kill();
    await using next = await HookServer.start({ dataDir: place.dataDir });
    await eventually("the question again", () => next.asked.includes("a1"));
    next.decide("a1", ALLOW);
    expect((await waiting.result).stdout.toString()).toBe(ALLOW);
  });

  it("ends with no output where the bridge stays away, or the time is over: the agent asks by itself", async () => {
    for (const { words, isKilled } of [
      { words: ["--grace-ms", "300"], isKilled: true },
      { words: ["--wait", "1"], isKilled: false },
    ]) {
      await using place = await createPlace({ answer: () => ({ kind: "wait", approval_id: "a1" }) });
      const waiting = place.start(QUESTION, ...words);
      await eventually("the question", () => place.server.asked.includes("a1"));
      if (isKilled) await place.server.kill();
      expect(await waiting.result).toEqual(SILENT_SUCCESS);
      // Whichever of the two can hear it is told that the agent goes on: this bridge, or the next one.
      expect(await place.left()).toMatchObject(isKilled ? [{ agent: "claude", input: QUESTION }] : []);
      expect(place.server.givenUp).toEqual(isKilled ? [] : ["a1"]);
    }
  });

  it("is left to the agent at once where no bridge runs, it is slow or of no use, or cannot be found", async () => {
    await using absent = await createPlace();
    await using slow = await createPlace({ answer: () => undefined });
    await using refusing = await createPlace({ answer: () => 400 });
    await using failing = await createPlace({ answer: () => 503 });
    await using damaged = await createPlace({});
    await writeFile(join(damaged.dataDir, "bridge.json"), '{"schema": 1, "socket":');
    for (const place of [absent, slow, refusing, failing, damaged]) {
      const startMs = performance.now();
      expect(await place.hook(QUESTION, [])).toEqual(SILENT_SUCCESS);
      expect(performance.now() - startMs).toBeLessThan(AT_ONCE_MS);
      // A bridge that may have taken it is told not to ask anybody.
      expect(await place.left()).toMatchObject([slow, failing].includes(place) ? [{ input: QUESTION }] : []);
    }
  });

  it("is never asked of a person in part", async () => {
    await using place = await createPlace({ answer: () => ({ kind: "answer", output: ALLOW }) });
    const command = `echo ${"x".repeat(MAX_BODY_BYTES)}; rm -rf ~`;
    const { code, stdout, stderr } = await place.hook({ ...QUESTION, tool_input: { command } });
    expect([code, stdout.toString()]).toEqual([0, ""]);
    expect(stderr).toContain("too large or too deeply nested to be shown");
    const deep = JSON.stringify(QUESTION).replace('"ls"', `"ls","deep":${"[".repeat(5_000)}${"]".repeat(5_000)}`);
    const nested = await place.hook(deep);
    expect([nested.code, nested.stdout.toString()]).toEqual([0, ""]);
    expect(nested.stderr).toMatch(/^televibe hook: what is to be approved is [^\n]* asks by itself\n$/);
    expect(place.server.calls).toEqual([]);
  });

  it("ends when it is told to, and with the agent that asked", async () => {
    await using place = await createPlace({ answer: () => ({ kind: "wait", approval_id: "a1" }) });
    const told = place.start(QUESTION);
    await eventually("the question", () => place.server.asked.includes("a1"));
    told.process.kill("SIGTERM");
    expect(await told.result).toEqual(SILENT_SUCCESS);

    await eventually("the connection's end", () => place.server.asked.length === 0);
    const agent = startAgent(place.dataDir);
    const [output] = await once(agent.stdout ?? agent, "data");
    await eventually("the question", () => place.server.asked.includes("a1"));
    agent.kill("SIGKILL");
    await eventually("the hook's end", () => !isAlive(Number(output)));
    expect(place.server.asked).toEqual([]);
  });
});

/** A process that calls the hook through a shell with a question and waits for it, as an agent does; prints the hook's process id. */
function startAgent(dataDir: string): ChildProcess {
  const program = `
    const hook = require("node:child_process").spawn(process.argv[2], { shell: true });
    hook.stdin.end(process.argv[1]);
    console.log(hook.pid);`;
  const installed = { runtime: process.execPath, isElectron: false, runtimeFlags: [], script: TELEVIBE, dataDir };
  const line = hookCommand(installed, "claude", { name: "PermissionRequest", timeoutSeconds: 60, waitSeconds: 60 });
  return spawn(process.execPath, ["-e", program, JSON.stringify(QUESTION), `${line} ${PATIENT.join(" ")}`], {
    env: testEnvironment(),
  });
}

describe("whatever goes wrong", () => {
  it("leaves the agent alone where its input is no JSON object, or is endless", async () => {
    await using place = await createPlace({});
    for (const input of ["", "no JSON", "[1]", '{"hook_event_name": "Pre', "x".repeat(20 * 1024 * 1024)]) {
      const { code, stdout, stderr } = await place.hook(input);
      expect([code, stdout.toString()]).toEqual([0, ""]);
      expect(stderr).toMatch(/^televibe hook: [^\n]+\n$/);
    }
    expect(await place.left()).toEqual([]);
    expect(place.server.calls).toEqual([]);
  });

  it("leaves the agent alone where the data directory cannot be written to, and says why when it is asked", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "file"), "");
    const dataDir = join(folder.path, "file", "d");
    for (const input of [TOOL, PROMPT, QUESTION]) {
      const options = { dataDir, input: JSON.stringify(input) };
      expect(await televibe(["hook", "codex"], options)).toEqual(SILENT_SUCCESS);
    }
    for (const [input, said] of [
      [TOOL, "ENOTDIR"],
      [QUESTION, "no bridge runs"],
    ] as const) {
      const options = { dataDir, input: JSON.stringify(input), env: { TELEVIBE_DEBUG: "1" } };
      const { code, stdout, stderr } = await televibe(["hook", "codex"], options);
      expect([code, stdout.toString()]).toEqual([0, ""]);
      expect(stderr).toContain(said);
    }
  });

  it("never ends with the exit code that would stop an agent, even where the words are wrong", async () => {
    await using place = await createPlace();
    for (const words of [
      ["hook", "gemini"],
      ["hook", "claude", "--wait", "soon"],
      ["hook"],
      ["hook", "claude", "--loud"],
    ]) {
      const { code, stdout, stderr } = await televibe(words, { dataDir: place.dataDir, input: JSON.stringify(TOOL) });
      expect([code, stdout.toString()]).toEqual([64, ""]);
      expect(stderr).not.toBe("");
    }
  });
});
