/** Being asked in Telegram and answering there: one decision, shown everywhere, through restarts and floods. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { useStores } from "../store/storeFixture.ts";
import { BridgeParts, plain } from "./bridgeParts.ts";

const stores = useStores();
let parts: BridgeParts;
beforeEach(async () => {
  parts = await BridgeParts.start(stores);
});
afterEach(() => parts[Symbol.asyncDispose]());

describe("asking", () => {
  it("shows whose it is, what is asked and why, as plain data, with two buttons", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.ask("git push origin *feature*", {}, { reason: "See README.md @team", context: { commits: 2 } });
    const { text, entities, keyboard, silent } = await parts.card(anna, "git push");
    expect(plain(text)).toBe(
      "⚠️ feature-x (shop):\nApproval needed\n\nAction: git push origin *feature*\nScope: push\nReason: See README.md @team\ncommits: 2",
    );
    expect(text).not.toContain("@team");
    expect(entities.map(({ type }) => type)).toEqual(["bold", "pre", "code", "code"]);
    expect(keyboard.flat().map(({ text }) => text)).toEqual(["✅ Approve", "❌ Deny"]);
    for (const { callback_data } of keyboard.flat()) expect(callback_data).toMatch(/^[ad]:[A-Za-z0-9_-]{22}$/);
    expect(silent).toBe(false);
  });

  it("says when not all of a long action is shown, and keeps it in one message", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.ask(`echo ${"x".repeat(5000)}`);
    const { text } = await parts.card(anna, "echo");
    expect(text).toMatch(/and 2505 more characters\. Read all of it/);
  });

  it("makes visible what would hide in a command", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.ask("rm \u202e-rf\u001b[31m /");
    expect((await parts.card(anna, "rm ")).text).toContain("rm <U+202E>-rf /");
  });

  it("shows what a terminal would write over", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.ask("rm -rf /\recho hello");
    expect((await parts.card(anna, "echo hello")).text).toContain("rm -rf /<U+000D>echo hello");
  });

  it("never leaves the machine for what is internal, and goes to its recipients alone", async () => {
    const [anna, ben] = [await parts.pairedUser("Anna"), await parts.pairedUser("Ben")];
    await parts.ask("secret", { visibility: "internal" });
    await parts.ask("for ben", { recipients: [String(ben.id)] });
    await parts.ask("for strangers", { recipients: ["12345"] });
    await parts.ask("for all");
    await Promise.all([parts.card(anna, "for all"), parts.card(ben, "for all"), parts.card(ben, "for ben")]);
    await parts.settled(anna);
    expect(parts.texts(anna).join()).not.toMatch(/secret|for ben|for strangers/);
    expect(parts.texts(ben).join()).not.toMatch(/secret|for strangers/);
  });

  it("asks a chat that is paired later for what waits already", async () => {
    await parts.ask("git push");
    const anna = await parts.pairedUser("Anna");
    await parts.card(anna, "git push");
  });
});

describe("a press", () => {
  it.each([
    ["✅ Approve", "approved", /✅ Approved by Anna in Telegram/],
    ["❌ Deny", "denied", /❌ Denied by Anna in Telegram/],
  ])("on %s decides, is answered, and shows in every chat", async (button, state, words) => {
    const [anna, ben] = [await parts.pairedUser("Anna", "anna"), await parts.pairedUser("Ben")];
    const approval = await parts.ask("git push");
    const [own, other] = [await parts.card(anna, "git push"), await parts.card(ben, "git push")];
    expect((await anna.presses(own, button)).text).toMatch(words);
    expect(parts.approvals.get(approval)).toMatchObject({
      state,
      decision: { surface: "telegram", decided_by: { name: "Anna", id: String(anna.id) } },
    });
    await Promise.all([parts.closed(own, words), parts.closed(other, words)]);
    expect(parts.server.calls("answerCallbackQuery")).toHaveLength(1);
  });

  it("by somebody who is not paired decides nothing, also in a linked group", async () => {
    const anna = await parts.pairedUser("Anna");
    const group = await parts.linkedGroup("Team", anna);
    const approval = await parts.ask("git push");
    const card = await parts.card(group, "git push");
    const eve = parts.server.user("Eve");
    expect(await eve.presses(card, "✅ Approve")).toEqual({ text: expect.stringMatching(/not\.$/), alert: true });
    expect(parts.approvals.get(approval)?.state).toBe("pending");
    await anna.presses(card, "❌ Deny");
    await parts.closed(card, /Denied by Anna/);
  });

  it("with data of another chat's card, or of none, decides nothing", async () => {
    const [anna, ben] = [await parts.pairedUser("Anna"), await parts.pairedUser("Ben")];
    const approval = await parts.ask("git push");
    const [own, other] = [await parts.card(anna, "git push"), await parts.card(ben, "git push")];
    const stolen = own.keyboard.flat()[0]?.callback_data ?? "";
    for (const data of [stolen, "a:AAAAAAAAAAAAAAAAAAAAAA", `approve:${approval}`, "", "a:".repeat(32)]) {
      expect((await ben.pressesData(other, data)).text).toMatch(/not valid any more/);
    }
    expect(parts.approvals.get(approval)?.state).toBe("pending");
  });

  it("of two who press at once tells both the same", async () => {
    const [anna, ben] = [await parts.pairedUser("Anna"), await parts.pairedUser("Ben")];
    const approval = await parts.ask("git push");
    const [own, other] = [await parts.card(anna, "git push"), await parts.card(ben, "git push")];
    const answers = await Promise.all([anna.presses(own, "✅ Approve"), ben.presses(other, "❌ Deny")]);
    const decided = parts.approvals.get(approval);
    const words = decided?.state === "approved" ? /Approved by Anna/ : /Denied by Ben/;
    for (const { text } of answers) expect(text).toMatch(words);
    await Promise.all([parts.closed(own, words), parts.closed(other, words)]);
  });

  it("that Telegram delivers twice is one decision", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.ask("git push");
    const card = await parts.card(anna, "git push");
    const data = card.keyboard.flat()[0]?.callback_data ?? "";
    const [first, second] = await Promise.all([anna.pressesData(card, data), anna.pressesData(card, data)]);
    expect(first.text).toMatch(/Approved by Anna/);
    expect(second.text).toMatch(/decided already: Approved by Anna/);
  });

  it("on a second copy, which a lost answer made, leads to the same approval and closes both", async () => {
    const anna = await parts.pairedUser("Anna");
    parts.server.faults.next("lostAnswer", { method: "sendMessage" });
    await parts.ask("git push");
    const copies = await parts.server.waitFor(() => {
      const found = parts.server.fromBot(anna.id).filter(({ keyboard }) => keyboard.length > 0);
      return found.length === 2 ? found : undefined;
    });
    const [first, second] = copies;
    if (first === undefined || second === undefined) throw new Error("there are no two copies");
    await anna.presses(first, "✅ Approve");
    await Promise.all([parts.closed(first, /Approved by Anna/), parts.closed(second, /Approved by Anna/)]);
  });
});

describe("a decision made elsewhere", () => {
  it("shows in every chat at once, and a late press is told of it", async () => {
    const [anna, ben] = [await parts.pairedUser("Anna"), await parts.pairedUser("Ben")];
    const approval = await parts.ask("git push");
    const [own, other] = [await parts.card(anna, "git push"), await parts.card(ben, "git push")];
    const data = own.keyboard.flat()[0]?.callback_data ?? "";
    await parts.decide(approval, { decision: "deny", decided_by: { name: "Grace" }, reason: "not today" });
    const words = /❌ Denied by Grace in VS Code: not today/;
    await Promise.all([parts.closed(own, words), parts.closed(other, words)]);
    expect(await anna.pressesData(own, data)).toEqual({
      text: "It was decided already: Denied by Grace in VS Code: not today",
      alert: true,
    });
  });

  it.each([
    ["the job's end", { event_type: "job.failed", data: { error: "boom" } }, /↩️ Withdrawn/],
    ["its asker", { event_type: "job.denied", data: { outcome: "withdrawn", surface: "producer" } }, /↩️ Withdrawn/],
    ["time", { event_type: "job.denied", data: { outcome: "expired", surface: "timeout" } }, /⌛ Timed out/],
  ])("by %s too", async (_, event, words) => {
    const anna = await parts.pairedUser("Anna");
    const approval_id = await parts.ask("git push");
    const card = await parts.card(anna, "git push");
    const data = event.event_type === "job.denied" ? { ...event.data, approval_id } : event.data;
    await parts.publish({ ...event, data });
    await parts.closed(card, words);
  });
});

describe("a restart", () => {
  it("keeps the buttons working", async () => {
    const anna = await parts.pairedUser("Anna");
    const approval = await parts.ask("git push");
    const card = await parts.card(anna, "git push");
    await parts.stopBridge();
    await parts.startBridge();
    await anna.presses(card, "✅ Approve");
    expect(parts.approvals.get(approval)?.state).toBe("approved");
    await parts.closed(card, /Approved by Anna/);
    expect(parts.server.fromBot(anna.id).filter(({ text }) => text.includes("git push"))).toHaveLength(1);
  });

  it("sends what a stop kept from being sent", async () => {
    const anna = await parts.pairedUser("Anna");
    parts.server.goDown();
    await parts.ask("git push");
    await parts.stopBridge();
    parts.server.comeBack();
    await parts.startBridge();
    await parts.card(anna, "git push");
  });

  it("shows what was decided while Telegram was not told", async () => {
    const anna = await parts.pairedUser("Anna");
    const approval = await parts.ask("git push");
    const card = await parts.card(anna, "git push");
    // The message is there before its answer is: what is cut off in between would have another end.
    await parts.settled(anna);
    parts.server.goDown();
    await parts.decide(approval, { decided_by: { name: "Grace" } });
    await parts.stopBridge();
    parts.server.comeBack();
    await parts.startBridge();
    await parts.closed(card, /Approved by Grace in VS Code/);
  });
});

it("loses no approval in a storm of 429", async () => {
  const anna = await parts.pairedUser("Anna");
  parts.server.floods.flood(anna.id, 1);
  const names = Array.from({ length: 20 }, (_, index) => `deploy number ${index};`);
  for (const name of names) await parts.ask(name);
  for (let index = 0; index < 50; index += 1) {
    await parts.publish({ event_type: "job.progress", data: { message: `step ${index}` } });
  }
  const cards = await Promise.all(names.map((name) => parts.card(anna, name)));
  expect(new Set(cards.map(({ messageId }) => messageId)).size).toBe(20);
  expect(parts.server.floods.traffic(anna.id).filter(({ insideWindow }) => insideWindow)).toEqual([]);
});

it("is asked again by /approvals, and both messages work", async () => {
  const anna = await parts.pairedUser("Anna");
  anna.sends("/approvals");
  await parts.message(anna, /No approval waits/);
  await parts.ask("git push");
  const first = await parts.card(anna, "git push");
  anna.sends("/approvals");
  const second = await parts.server.waitForMessage(
    anna.id,
    ({ messageId, keyboard }) => keyboard.length > 0 && messageId > first.messageId,
  );
  await anna.presses(first, "✅ Approve");
  await Promise.all([parts.closed(first, /Approved by Anna/), parts.closed(second, /Approved by Anna/)]);
});

it("logs no token", async () => {
  const anna = await parts.pairedUser("Anna");
  parts.server.faults.next("captivePortal", { method: "sendMessage" });
  await parts.ask("git push");
  await parts.card(anna, "git push");
  expect(parts.logged.join("\n")).not.toContain(parts.server.token);
});
