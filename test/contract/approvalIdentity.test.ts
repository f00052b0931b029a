/** Promise 5 against an asker that is wrong or means harm: an answer counts for the question that people read, and for no other. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BridgeClient } from "../../shared/client/bridgeClient.ts";
import { type BridgeProcess, startBridgeProcess, temporaryFolder } from "../support/bridgeProcess.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let bridge: BridgeProcess;
let client: BridgeClient;

beforeAll(async () => {
  folder = await temporaryFolder();
  bridge = await startBridgeProcess({ dataDir: folder.path });
  client = new BridgeClient(bridge.entry);
});

afterAll(async () => {
  await bridge.kill();
  await folder[Symbol.asyncDispose]();
});

const ask = (approval_id: string, job_id: string, action: string) =>
  client.publish([
    { event_type: "job.approval_needed", project_id: job_id, job_id, data: { approval_id, scope: "shell", action } },
  ]);

describe("An approval_id", () => {
  it("that was approved approves nothing else", async () => {
    await ask("approved", "job-a", "ls");
    await client.decide("approved", { decision: "approve" });
    expect(await ask("approved", "job-a", "rm -rf /").catch((error: unknown) => error)).toMatchObject({
      code: "approval_id_conflict",
    });
    expect(await client.approval("approved")).toMatchObject({ action: "ls", state: "approved" });
  });

  it("of another job is neither taken over nor withdrawn with the job that named it", async () => {
    await ask("waiting", "job-b", "ls");
    const refused = await ask("waiting", "job-c", "ls").catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "approval_id_conflict" });
    await client.publish([{ event_type: "job.completed", project_id: "job-c", job_id: "job-c" }]);
    expect(await client.approval("waiting")).toMatchObject({ job_id: "job-b", state: "pending" });
  });

  it("can be asked again with the same words, over a restart", async () => {
    await ask("again", "job-d", "ls");
    await bridge.kill();
    bridge = await startBridgeProcess({ dataDir: folder.path });
    client = new BridgeClient(bridge.entry);
    await ask("again", "job-d", "ls");
    expect(await ask("again", "job-d", "rm -rf /").catch((error: unknown) => error)).toMatchObject({
      code: "approval_id_conflict",
    });
  });
});
