/** What people write to the bot, and what it answers. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseCommand } from "../../../bridge/telegram/commands/command.ts";
import { parseDurationMs } from "../../../bridge/telegram/commands/duration.ts";
import { useStores } from "../store/storeFixture.ts";
import { BridgeParts } from "./bridgeParts.ts";

describe("a command", () => {
  it.each([
    ["/status", { name: "status", words: [] }],
    ["/TAIL feature-x  20", { name: "tail", words: ["feature-x", "20"] }],
    ["/tail@Our_Bot\nmain", { name: "tail", words: ["main"] }],
    ["/tail@other_bot main", undefined],
    ["tail main", undefined],
    ["/", undefined],
    ["/tail-main", undefined],
    ["look at /tail", undefined],
  ])("%j is %j", (text, expected) => {
    expect(parseCommand(text, "our_bot")).toEqual(expected);
  });
});

describe("a length of time", () => {
  it.each([
    ["90", 5_400_000],
    ["30s", 30_000],
    ["45m", 2_700_000],
    ["2H", 7_200_000],
    ["1d", 86_400_000],
    ["0m", undefined],
    ["-1h", undefined],
    ["1.5h", undefined],
    ["999999d", undefined],
    ["soon", undefined],
  ])("%j is %j ms", (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });
});

describe("the bot", () => {
  const stores = useStores();
  let parts: BridgeParts;
  beforeEach(async () => {
    parts = await BridgeParts.start(stores);
  });
  afterEach(() => parts[Symbol.asyncDispose]());

  it("tells Telegram its commands, and lists them in /help", async () => {
    const anna = await parts.pairedUser("Anna");
    const [setting] = await parts.server.waitFor(() =>
      parts.server.commandSettings.length > 0 ? parts.server.commandSettings : undefined,
    );
    anna.sends("/help");
    const help = (await parts.message(anna, /\/status: /)).text;
    const commands = (setting?.commands ?? []) as { command: string; description: string }[];
    expect(commands).toHaveLength(11);
    for (const { command, description } of commands) expect(help).toContain(`/${command}: ${description}`);
  });

  it("shows what runs, how it ended, and what waits", async () => {
    const anna = await parts.pairedUser("Anna");
    anna.sends("/status");
    await parts.message(anna, /Nothing runs\. No approval waits\./);
    await parts.publish({ event_type: "job.started", data: { instruction: "build" } });
    await parts.publish({ event_type: "job.progress", data: { percent: 40 } });
    await parts.ask("git push");
    anna.sends("/status");
    await parts.message(
      anna,
      /1 job at work\. 1 approval waits: \/approvals\n⚠️ feature-x \(shop\): build · 40% {2}job-1/,
    );
    await parts.publish({ event_type: "job.failed", data: { error: "boom", exit_code: 2, duration_seconds: 61 } });
    anna.sends("/jobs");
    await parts.message(anna, /^❌ feature-x \(shop\): build · 1m 1s · exit code 2 {2}job-1$/);
  });

  it("says who one is, and what it does not understand", async () => {
    const anna = await parts.pairedUser("Anna");
    anna.sends("/whoami");
    await parts.message(anna, new RegExp(`You are Anna, ${anna.id}\\. This chat is ${anna.id}, paired by Anna\\.`));
    anna.sends("/dance");
    await parts.message(anna, /I do not know \/dance/);
    anna.sends("good morning");
    await parts.message(anna, /commands only/);
    anna.sends("/level loud");
    await parts.message(anna, /no such level/);
    anna.sends("/mute forever");
    await parts.message(anna, /How long/);
    anna.sends("/unmute");
    await parts.message(anna, /is not muted/);
  });

  it("answers in the topic in which it was asked, and keeps quiet about what people say to each other", async () => {
    const anna = await parts.pairedUser("Anna");
    const group = parts.server.group("Team", { threads: [7] });
    anna.sends("/link", group);
    await parts.message(group, /is linked/);
    anna.sends("good morning", group);
    anna.sends("/dance", group);
    anna.sends("/status", group, { threadId: 7 });
    const reply = await parts.message(group, /Nothing runs/);
    expect(reply.threadId).toBe(7);
    expect(parts.texts(group)).toHaveLength(2);
  });

  it("forgets a chat that wants to be forgotten", async () => {
    const anna = await parts.pairedUser("Anna");
    anna.sends("/unpair");
    await parts.message(anna, /told nothing any more/);
    expect((await parts.overview()).chats).toEqual([]);
    anna.sends("/status");
    await parts.message(anna, /talks to paired chats only/);
  });
});
