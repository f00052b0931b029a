/** Answers approvals of the bridge's own server, over its own socket. */
import { userInfo } from "node:os";
import { describe, expect, it } from "vitest";
import { decide } from "../../../extension/approvals/decide.ts";
import { APPROVE, DENY } from "../../../extension/store/answer.ts";
import { BridgeClient } from "../../../shared/client/bridgeClient.ts";
import { startTestServer, TOKEN } from "../../bridge/http/testServer.ts";

async function asking() {
  const server = await startTestServer();
  const client = new BridgeClient({ socket: server.socketPath, url: server.url, token: TOKEN });
  const offers = [{ remember: "always", text: "allow git push" }];
  const data = { approval_id: "a1", scope: "git", action: "git push", offers };
  await client.publish([
    { event_type: "job.approval_needed", project_id: "shop", session_id: "main", job_id: "j1", data },
  ]);
  return { client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe("an answer", () => {
  it("that is the first says who gave it, and that it was given in VS Code", async () => {
    await using bridge = await asking();
    const outcome = await decide(() => bridge.client, "a1", { decision: "deny", reason: "not today" });
    expect(outcome).toMatchObject({
      kind: "decided",
      approval: {
        state: "denied",
        decision: { surface: "vscode", decided_by: { name: userInfo().username }, reason: "not today" },
      },
    });
  });

  it("for more than the one question says for what", async () => {
    await using bridge = await asking();
    const outcome = await decide(() => bridge.client, "a1", { ...APPROVE, remember: "always" });
    expect(outcome).toMatchObject({ approval: { state: "approved", decision: { remember: "always", reason: null } } });
  });

  it("that comes late is told what was decided, by whom and where", async () => {
    await using bridge = await asking();
    await bridge.client.decide("a1", { decision: "approve", decided_by: { name: "Ann" }, surface: "telegram" });
    expect(await decide(() => bridge.client, "a1", DENY)).toEqual({
      kind: "late",
      message: "This was answered before: Approved by Ann in Telegram — git push",
    });
  });

  it("of two in one moment counts once, and the other is told", async () => {
    await using bridge = await asking();
    const outcomes = await Promise.all([
      decide(() => bridge.client, "a1", APPROVE),
      decide(() => bridge.client, "a1", DENY),
    ]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["decided", "late"]);
  });

  it("to an approval that is not known is told so", async () => {
    await using bridge = await asking();
    expect(await decide(() => bridge.client, "a2", APPROVE)).toMatchObject({
      kind: "late",
      message: expect.stringContaining("gone"),
    });
  });

  it("that does not get through says why", async () => {
    const away = new BridgeClient({ socket: "/nowhere/bridge.sock", url: "http://127.0.0.1:0", token: "x" });
    const outcome = await decide(() => away, "a1", APPROVE);
    expect(outcome).toMatchObject({ kind: "failed" });
    expect(outcome.kind === "failed" && outcome.message).toMatch(/did not get through.*cannot be reached/);
  });
});
