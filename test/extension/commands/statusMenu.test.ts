import { describe, expect, it } from "vitest";
import { type StatusFacts, statusMenu } from "../../../extension/commands/statusMenu.ts";
import { COMMANDS } from "../../../extension/contributions.ts";
import { healthWith } from "../healthWith.ts";

const away: StatusFacts["status"] = { state: "reconnecting", since: "", attempt: 3, reason: "It said:\n$(x) no" };
const facts = (some: Partial<StatusFacts>): StatusFacts => ({
  status: { state: "connecting" },
  health: undefined,
  pendingCount: 0,
  jobCount: 0,
  ...some,
});

describe("the status menu", () => {
  it("tells why the bridge is away, on one line, and offers to start it", () => {
    const menu = statusMenu(facts({ status: away }));
    expect(menu[0]).toMatchObject({ label: "$(warning) The bridge is away", detail: "It said: \\$(x) no" });
    expect(menu.map(({ command }) => command)).toContain(COMMANDS.startBridge);
  });

  it("tells how Redis and Telegram do", () => {
    const health = healthWith({
      bus: { kind: "redis", state: "away", away_since: "09:00", waiting: 3 },
      telegram: { state: "conflict", detail: "Two pollers", paired_chats: 1, queued_messages: 2 },
    });
    const labels = statusMenu(facts({ health })).map(({ label, description, detail }) => [label, description, detail]);
    expect(labels).toContainEqual([
      "$(warning) Redis: away",
      undefined,
      "Since 09:00; 3 events on this machine waiting for it",
    ]);
    expect(labels).toContainEqual([
      "$(warning) Telegram: another program uses the same bot",
      "1 paired chat, 2 messages queued",
      "Two pollers",
    ]);
  });

  it("offers what there is something to do about", () => {
    const commandsOf = (some: Partial<StatusFacts>) => statusMenu(facts(some)).map(({ command }) => command);
    expect(commandsOf({})).not.toContain(COMMANDS.reviewApprovals);
    expect(commandsOf({ pendingCount: 1 })).toContain(COMMANDS.reviewApprovals);
    expect(commandsOf({ jobCount: 1 })).toContain(COMMANDS.tailJobLog);
  });
});
