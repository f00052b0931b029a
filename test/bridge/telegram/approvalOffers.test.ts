/** Answering for more than one question in Telegram, judging what an agent asks, and the time that is left for it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FakeMessage } from "../../fakes/telegramServer/chat.ts";
import { eventually } from "../../support/eventually.ts";
import { useStores } from "../store/storeFixture.ts";
import { BridgeParts, plain } from "./bridgeParts.ts";

const stores = useStores();
let parts: BridgeParts;
beforeEach(async () => {
  parts = await BridgeParts.start(stores);
});
afterEach(() => parts[Symbol.asyncDispose]());

const SESSION = { remember: "session", text: 'allow Bash "npm test"' };
const ALWAYS = { remember: "always", text: 'allow Bash "npm test" in shop' };
const AGENT = { remember: "agent", text: "Bash(npm test:*)" };

/** The same message, once it reads so. */
function redrawn({ chatId, messageId }: FakeMessage, text: RegExp): Promise<FakeMessage> {
  return parts.server.waitForMessage(
    chatId,
    (message) => message.messageId === messageId && text.test(plain(message.text)),
  );
}

const buttons = ({ keyboard }: FakeMessage) => keyboard.map((row) => row.map(({ text }) => text));
const inMs = (ms: number) => new Date(Date.now() + parts.shiftMs + ms).toISOString();

describe("the buttons", () => {
  it("are a yes and a no, and one for each thing that is offered", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.ask("npm test", {}, { context: { agent: "claude" }, offers: [SESSION, ALWAYS, AGENT] });
    const card = await parts.card(anna, "npm test");
    expect(buttons(card)).toEqual([
      ["✅ Approve", "❌ Deny"],
      ["For this session", "Always…"],
      ["As Claude Code suggests…"],
    ]);
    expect(plain(card.text)).toContain('For this session: allow Bash "npm test"');
    for (const { callback_data } of card.keyboard.flat())
      expect(Buffer.byteLength(callback_data ?? "")).toBeLessThan(65);
  });

  it("approve for the session at once", async () => {
    const anna = await parts.pairedUser("Anna");
    const approval = await parts.ask("npm test", {}, { offers: [SESSION] });
    const card = await parts.card(anna, "npm test");
    expect((await anna.presses(card, "For this session")).text).toBe(
      "✅ Approved by Anna in Telegram, for this session",
    );
    expect(parts.approvals.get(approval)?.decision?.remember).toBe("session");
    await parts.closed(card, /Approved by Anna in Telegram, for this session/);
  });

  it.each([
    { offer: ALWAYS, button: "Always…", says: /allow Bash "npm test" in shop/, lasting: "always from now on" },
    {
      offer: AGENT,
      button: "As the agent suggests…",
      says: /Bash\(npm test:\*\)/,
      lasting: "and its agent asks no more",
    },
    {
      offer: { ...SESSION, text: "x".repeat(90) },
      button: "For this session…",
      says: /x{90}/,
      lasting: "for this session",
    },
  ])("show what $button would allow, and decide when that is confirmed", async ({ offer, button, says, lasting }) => {
    const [anna, ben] = [await parts.pairedUser("Anna"), await parts.pairedUser("Ben")];
    const approval = await parts.ask("npm test", {}, { offers: [offer] });
    const [own, other] = [await parts.card(anna, "npm test"), await parts.card(ben, "npm test")];
    expect(await anna.presses(own, button)).toEqual({ text: "", alert: false });
    const shown = await redrawn(own, says);
    expect(buttons(shown)).toEqual([["✅ Confirm", "↩️ Back"]]);
    expect(parts.approvals.get(approval)?.state).toBe("pending");

    await anna.presses(own, "↩️ Back");
    await redrawn(own, /Approval needed/);
    await anna.presses(own, button);
    await redrawn(own, says);
    await anna.presses(own, "✅ Confirm");
    expect(parts.approvals.get(approval)).toMatchObject({ state: "approved", decision: { remember: offer.remember } });
    await Promise.all(
      [own, other].map((card) => parts.closed(card, new RegExp(`Approved by Anna in Telegram, ${lasting}`))),
    );
  });

  it("of a look end in the decision that was made meanwhile, and a late press is told of it", async () => {
    const anna = await parts.pairedUser("Anna");
    const approval = await parts.ask("npm test", {}, { offers: [ALWAYS] });
    const card = await parts.card(anna, "npm test");
    await anna.presses(card, "Always…");
    const shown = await redrawn(card, /without asking/);
    const [confirm = "", back = ""] = shown.keyboard.flat().map(({ callback_data }) => callback_data);
    await parts.decide(approval, { decision: "deny", decided_by: { name: "Grace" } });
    await parts.closed(card, /Denied by Grace in VS Code/);
    for (const data of [confirm, back]) {
      expect((await anna.pressesData(card, data)).text).toMatch(/decided already: Denied by Grace/);
    }
  });

  it("that a restart finds confirmed work on", async () => {
    const anna = await parts.pairedUser("Anna");
    const approval = await parts.ask("npm test", {}, { offers: [ALWAYS] });
    const card = await parts.card(anna, "npm test");
    await anna.presses(card, "Always…");
    await redrawn(card, /without asking/);
    await parts.stopBridge();
    await parts.startBridge();
    await anna.presses(card, "✅ Confirm");
    expect(parts.approvals.get(approval)?.decision?.remember).toBe("always");
  });

  it("that are not there decide nothing", async () => {
    const anna = await parts.pairedUser("Anna");
    const approval = await parts.ask("npm test", {}, { offers: [SESSION] });
    const card = await parts.card(anna, "npm test");
    const key = card.keyboard.flat()[0]?.callback_data?.slice(1) ?? "";
    for (const letter of ["W", "w", "G", "g", "x"]) {
      expect((await anna.pressesData(card, `${letter}${key}`)).text).toMatch(/not valid any more/);
    }
    expect(parts.approvals.get(approval)?.state).toBe("pending");
  });
});

describe("what an agent asks", () => {
  it("is shown with its command and change, and without what is for the agent alone", async () => {
    const anna = await parts.pairedUser("Anna");
    const context = {
      agent: "codex",
      tool: "apply_patch",
      path: "/shop/a.ts",
      diff: "-const a = 1;\n+const a = 2;\n",
      agent_suggestion: { rules: ["secret of the agent"] },
      turns: 3,
    };
    await parts.ask("Edit a.ts", {}, { scope: "edit", context });
    const { text, entities } = await parts.card(anna, "Edit a.ts");
    expect(plain(text)).toBe(
      "⚠️ feature-x (shop):\nApproval needed\n\nAction: Edit a.ts\nChange: -const a = 1;\n+const a = 2;\nScope: edit\n" +
        "Agent: Codex\nTool: apply_patch\nFile: /shop/a.ts\nturns: 3",
    );
    expect(entities.filter(({ type }) => type === "pre")).toHaveLength(2);
  });

  it("stays within one message, buttons included, and says what is left out", async () => {
    const anna = await parts.pairedUser("Anna");
    const context = {
      diff: "+x\n".repeat(2000),
      command: `echo ${"y".repeat(4000)}`,
      details: "d".repeat(900),
      ...manyFacts(),
    };
    await parts.ask("z".repeat(3000), {}, { reason: "r".repeat(900), context, offers: [ALWAYS] });
    const card = await parts.card(anna, "zzz");
    expect(parts.server.fromBot(anna.id).filter(({ text }) => /zzz|\+x|yyy/.test(text))).toHaveLength(1);
    expect(card.text.match(/Read all of it in VS Code/g)).toHaveLength(4);
  });
});

describe("the time that is left", () => {
  it("is told with what happens then, and anew as it runs out", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.ask("npm test", {}, { expires_at: inMs(61_000), on_timeout: "approve" });
    const card = await parts.card(anna, "npm test");
    expect(card.text).toMatch(/⏳ Approved in less than 5 minutes, at 20\d\d-\d\d-\d\d \d\d:\d\d UTC$/);
    const later = await redrawn(card, /Approved in less than a minute/);
    expect(buttons(later)).toEqual([["✅ Approve", "❌ Deny"]]);
  });

  it("costs one edit for each step, and none for what waits without an end", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.ask("npm publish");
    await parts.ask("npm test", {}, { expires_at: inMs(30_600) });
    await Promise.all([parts.card(anna, "npm publish"), parts.card(anna, "npm test")]);
    await redrawn(await parts.card(anna, "npm test"), /less than 30 seconds/);
    await parts.settled(anna);
    expect(parts.server.calls("editMessageText")).toHaveLength(1);
  });

  it("is put right after a restart, in what was written before", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.ask("npm test", {}, { expires_at: inMs(20 * 60_000) });
    const card = await parts.card(anna, "npm test");
    expect(card.text).toMatch(/less than 30 minutes/);
    await parts.settled(anna);
    await parts.stopBridge();
    parts.shiftMs = 12 * 60_000;
    await parts.startBridge();
    await redrawn(card, /less than 10 minutes/);
  });

  it("is put right in a message that was long under way", async () => {
    const anna = await parts.pairedUser("Anna");
    parts.server.goDown();
    await parts.ask("npm test", {}, { expires_at: inMs(20 * 60_000) });
    await eventually("the question to be under way", () => parts.telegram.status().queued_messages > 0);
    parts.shiftMs = 12 * 60_000;
    parts.server.comeBack();
    const card = await parts.card(anna, "npm test");
    await redrawn(card, /less than 10 minutes/);
  });

  it("is told by the clock alone while it is long", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.ask("npm test", {}, { expires_at: inMs(5 * 3_600_000) });
    expect((await parts.card(anna, "npm test")).text).toMatch(/⏳ Denied by itself, at 20/);
  });

  it("does not keep a decision from being shown", async () => {
    const anna = await parts.pairedUser("Anna");
    const approval = await parts.ask("npm test", {}, { expires_at: inMs(60_300) });
    const card = await parts.card(anna, "npm test");
    await redrawn(card, /less than a minute/);
    await parts.decide(approval, { decided_by: { name: "Grace" } });
    await parts.closed(card, /Approved by Grace/);
  });
});

function manyFacts(): object {
  return Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`fact${index}`, "f".repeat(300)]));
}
