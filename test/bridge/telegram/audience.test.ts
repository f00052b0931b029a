/** Who is told what, as a table. */
import { describe, expect, it } from "vitest";
import { maySee, notification } from "../../../bridge/telegram/chats/audience.ts";
import type { PairedChat } from "../../../bridge/telegram/record/telegramRecord.ts";

const NOW_MS = Date.parse("2026-11-23T12:00:00Z");
const chat = (details: Partial<PairedChat> = {}): PairedChat => ({
  id: -100_42,
  former_ids: [-42],
  type: "supergroup",
  title: "Team",
  paired_at: "2026-11-23T11:00:00Z",
  paired_by: { id: 5, name: "Anna" },
  level: "all",
  muted_until: null,
  lost: null,
  ...details,
});
const forAll = { visibility: "public", recipients: ["all"] } as const;

describe("maySee", () => {
  it.each([
    ["public", ["all"], true],
    ["internal", ["all"], false],
    ["internal", ["-10042"], false],
    ["public", ["-10042"], true],
    ["public", ["7", "-10042"], true],
    ["public", ["7", "all"], true],
    ["public", ["7"], false],
    ["public", ["5"], false],
    ["public", ["ALL"], false],
    ["public", [], false],
    // The id that the group had before it became a supergroup.
    ["public", ["-42"], true],
  ] as const)("%s to %j: %s", (visibility, recipients, expected) => {
    expect(maySee(chat(), { visibility, recipients })).toBe(expected);
  });
});

describe("notification", () => {
  const muted = "2026-11-23T12:00:01Z";
  it.each([
    ["all", "approval", null, "loud"],
    ["all", "failure", null, "loud"],
    ["all", "other", null, "loud"],
    ["errors", "approval", null, "loud"],
    ["errors", "failure", null, "loud"],
    ["errors", "other", null, "none"],
    ["approvals", "approval", null, "loud"],
    ["approvals", "failure", null, "none"],
    ["approvals", "other", null, "none"],
    ["off", "approval", null, "none"],
    ["off", "failure", null, "none"],
    ["off", "other", null, "none"],
    ["all", "approval", muted, "silent"],
    ["all", "failure", muted, "none"],
    ["all", "other", muted, "none"],
    ["off", "approval", muted, "none"],
    ["all", "other", "2026-11-23T11:59:59Z", "loud"],
  ] as const)("level %s, %s, muted until %s: %s", (level, kind, muted_until, expected) => {
    expect(notification(chat({ level, muted_until }), forAll, kind, NOW_MS)).toBe(expected);
  });

  it("is none for a chat that cannot be reached, or may not see it", () => {
    expect(notification(chat({ lost: "the bot was blocked" }), forAll, "approval", NOW_MS)).toBe("none");
    expect(notification(chat(), { ...forAll, visibility: "internal" }, "approval", NOW_MS)).toBe("none");
  });
});
