/** Following a log in a chat, on the real log store: one message that grows, and ends as the log ends. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepLines, tailMessage } from "../../../bridge/telegram/tail/tailMessage.ts";
import { useStores } from "../store/storeFixture.ts";
import { BridgeParts } from "./bridgeParts.ts";

const stores = useStores();
let parts: BridgeParts;
beforeEach(async () => {
  parts = await BridgeParts.start(stores);
});
afterEach(() => parts[Symbol.asyncDispose]());

const start = (job_id = "job-1", session_id = "feature-x") =>
  parts.publish({ event_type: "job.started", job_id, session_id, data: { instruction: "build" } });
const print = (text: string, jobId = "job-1") => parts.logs.append(jobId, Buffer.from(text));
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join("");

describe("/tail", () => {
  it("shows the last lines, follows what comes, and ends with the job, in one message", async () => {
    const anna = await parts.pairedUser("Anna");
    await start();
    await print(numbers(1, 100));
    anna.sends("/tail");
    const message = await parts.message(anna, /line 100/);
    expect(message.text).toMatch(/^📜 Logs for feature-x \(shop\), build:\n\nline 81\n/);
    expect(message.entities).toMatchObject([{ type: "pre" }]);
    await print("\u001b[32mgreen\u001b[0m\n10%\r20%\r30%\n");
    await parts.message(anna, /green\n30%\n\nFollowing/);
    await print(numbers(101, 140));
    await parts.publish({ event_type: "job.completed", data: {} });
    const ended = await parts.message(anna, /\(complete\)/);
    expect(ended.messageId).toBe(message.messageId);
    expect(ended.text).toContain("line 140\n\nThe job has ended: completed.");
    expect(ended.text.match(/^line/gm)).toHaveLength(48);
  });

  it.each([
    ["/tail feature-y", "two"],
    ["/tail shop/feature-y 5", "two"],
    ["/tail job-2", "two"],
    ["/tail job- 1", "two"],
  ])("finds what is meant by %s", async (command, text) => {
    const anna = await parts.pairedUser("Anna");
    await start("job-1");
    await start("job-2", "feature-y");
    await Promise.all([print("one\n", "job-1"), print("two\n", "job-2")]);
    anna.sends(command);
    await parts.message(anna, new RegExp(`Logs for.*\n\n${text}`));
  });

  it("says so where there is nothing", async () => {
    const anna = await parts.pairedUser("Anna");
    anna.sends("/tail");
    await parts.message(anna, /There is no job yet/);
    anna.sends("/tail ../../etc/passwd");
    await parts.message(anna, /no session or job "\.\.\/\.\.\/etc\/passwd"/);
  });

  it("keeps to what the chat may know", async () => {
    const anna = await parts.pairedUser("Anna");
    await parts.publish({ event_type: "job.started", visibility: "internal", data: { instruction: "secret" } });
    await print("secret\n");
    for (const command of ["/tail job-1", "/tail", "/jobs", "/status"]) anna.sends(command);
    await parts.settled(anna);
    expect(parts.texts(anna).join()).not.toContain("secret");
    expect(parts.texts(anna)).toContain("There is no job yet.");
  });

  it("is one a chat: a second one ends the first", async () => {
    const anna = await parts.pairedUser("Anna");
    await start("job-1");
    await start("job-2", "feature-y");
    await Promise.all([print("one\n", "job-1"), print("two\n", "job-2")]);
    anna.sends("/tail job-1");
    await parts.message(anna, /\n\none/);
    anna.sends("/tail job-2");
    await parts.message(anna, /\n\ntwo/);
    await parts.message(anna, /\n\none\n\nStopped: another log/);
  });

  it("ends with /stop, and draws nothing more", async () => {
    const anna = await parts.pairedUser("Anna");
    await start();
    await print("one\n");
    anna.sends("/tail");
    await parts.message(anna, /one\n\nFollowing/);
    anna.sends("/stop");
    await parts.message(anna, /one\n\nStopped\./);
    await print("two\n");
    anna.sends("/stop");
    await parts.message(anna, /No log is followed/);
    expect(parts.texts(anna).join()).not.toContain("two");
  });

  it("ends where its message was deleted, and can be asked for again", async () => {
    const anna = await parts.pairedUser("Anna");
    await start();
    await print("one\n");
    anna.sends("/tail");
    const message = await parts.message(anna, /\n\none/);
    anna.chat.messages.delete(message.messageId);
    await print("two\n");
    await parts.server.waitFor(() =>
      parts.server.calls("editMessageText").some(({ status }) => status === 400) ? true : undefined,
    );
    anna.sends("/tail");
    await parts.message(anna, /one\ntwo/);
  });

  it("tells more than once in a while only what has changed", async () => {
    const anna = await parts.pairedUser("Anna");
    await start();
    await print("one\n");
    anna.sends("/tail");
    await parts.message(anna, /\n\none/);
    for (let count = 0; count < 3; count += 1) await parts.settled(anna);
    expect(parts.server.calls("editMessageText")).toEqual([]);
  });

  it("leaves the press on Approve its way", async () => {
    const anna = await parts.pairedUser("Anna");
    await start();
    anna.sends("/tail");
    await parts.message(anna, /nothing yet/);
    await parts.ask("git push");
    const card = await parts.card(anna, "git push");
    await anna.presses(card, "✅ Approve");
    await parts.closed(card, /Approved by Anna/);
  });
});

describe("a log's message", () => {
  it("fits, with the newest lines whole and the longest cut", () => {
    const lines = keepLines(
      [],
      [...Array.from({ length: 60 }, (_, index) => `${index} ${"x".repeat(2000)}`), "😀".repeat(600)],
    );
    const { text } = tailMessage("Logs:", lines, "Following.");
    expect(text.length).toBeLessThanOrEqual(4096);
    expect(text).toMatch(/😀…\n\nFollowing\.$/);
    expect(text).toContain("59 xxx");
    expect(text).not.toContain("\n40 xxx");
  });

  it("of nothing has no empty formatting, which Telegram refuses", () => {
    expect(tailMessage("Logs:", ["", " "], "Following.")).toEqual({ text: "📜 Logs:\n\n(nothing yet)\n\nFollowing." });
  });
});
