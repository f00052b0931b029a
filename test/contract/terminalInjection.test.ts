/** Promise 8 at the terminal: what agents and people wrote is read there, and steers nothing. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { type BridgeProcess, startBridgeProcess, televibe, temporaryFolder } from "../support/bridgeProcess.ts";

/** Sets a terminal's title, conceals what follows, begins an eight-bit sequence, and goes back to the line's beginning. */
const HOSTILE = "x\u001b]0;title\u0007\u001b[8my\u009b31m\u007f\rz";
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let bridge: BridgeProcess;

beforeAll(async () => {
  folder = await temporaryFolder();
  bridge = await startBridgeProcess({ dataDir: folder.path });
  const client = new BridgeClient(bridge.entry);
  const at = { project_id: "shop", session_id: "main" };
  const ask = (approval_id: string, action: string) =>
    ({ ...at, event_type: "job.approval_needed", job_id: "j", data: { approval_id, scope: HOSTILE, action } }) as const;
  await client.publish([
    { ...at, event_type: "project.registered", data: { name: HOSTILE, path: HOSTILE } },
    { ...at, event_type: "session.created", data: { name: HOSTILE, branch: HOSTILE } },
    { ...at, event_type: "session.state_changed", data: { from: HOSTILE, to: HOSTILE } },
    { ...at, event_type: "job.started", job_id: "j", data: { instruction: HOSTILE } },
    { ...at, event_type: "job.progress", job_id: "j", data: { message: HOSTILE } },
    { ...at, event_type: "job.failed", job_id: "k", data: { error: HOSTILE, signal: HOSTILE, diff_stat: HOSTILE } },
    { ...at, event_type: "task.created", data: { task_id: "t", title: HOSTILE } },
    { ...at, event_type: "task.status_changed", data: { task_id: "t", to: HOSTILE } },
    { ...at, event_type: "coordination.message_sent", data: { message: HOSTILE } },
    ask("decided", HOSTILE),
    ask("open", "rm -rf /\recho hello"),
  ]);
  await client.decide("decided", { decision: "deny", reason: HOSTILE, decided_by: { name: HOSTILE } });
  await client.appendLog("j", Buffer.from(`${HOSTILE}\n`), 0);
});

afterAll(async () => {
  await bridge.kill();
  await folder[Symbol.asyncDispose]();
});

describe("what is printed", () => {
  it.each([
    [["sessions"]],
    [["sessions", "--json"]],
    [["approvals", "--all"]],
    [["approvals", "--json", "--all"]],
    [["events"]],
    [["events", "--json"]],
    [["replay"]],
    [["tail", "j"]],
    [["approve", "decided"]],
  ])("by televibe %s has no control characters", async (words) => {
    const { stdout, stderr } = await televibe(words, { dataDir: folder.path });
    const printed = `${stdout}${stderr}`;
    expect(printed).toMatch(/[xyz]/);
    expect(printed).not.toMatch(CONTROLS);
    if (words.includes("--json"))
      expect(() =>
        printed
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line)),
      ).not.toThrow();
  });

  it("of an approval is all that it asks for", async () => {
    const { stdout } = await televibe(["approvals"], { dataDir: folder.path });
    expect(String(stdout)).toContain("rm -rf /<U+000D>echo hello");
  });
});
