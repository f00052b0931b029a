import { describe, expect, it } from "vitest";
import { readHookWords } from "../../../bridge/hook/hookWords.ts";

const DEFAULTS = { waitMs: 86_000_000, deliveryMs: 100, graceMs: 10_000 };

describe("the words of a hook", () => {
  it.each([
    { words: "hook claude", read: { agent: "claude", ...DEFAULTS } },
    { words: "hook codex --wait 590", read: { agent: "codex", ...DEFAULTS, waitMs: 590_000 } },
    { words: "hook --wait 0 claude", read: { agent: "claude", ...DEFAULTS, waitMs: 0 } },
    { words: "--data-dir /d hook claude", read: { agent: "claude", ...DEFAULTS, dataDir: "/d" } },
    { words: "hook claude --data-dir /d", read: { agent: "claude", ...DEFAULTS, dataDir: "/d" } },
    {
      words: "hook claude --grace-ms 5 --delivery-ms 7",
      read: { agent: "claude", ...DEFAULTS, graceMs: 5, deliveryMs: 7 },
    },
  ])("are read from $words", ({ words, read }) => {
    expect(readHookWords(words.split(" "))).toEqual(read);
  });

  it.each([
    "hook",
    "hook gemini",
    "hook claude codex",
    "hook claude --help",
    "hook claude --wait",
    "hook claude --wait 1.5",
    "hook claude --wait -1",
    "hook claude --data-dir --wait",
    "run hook claude",
    "run -- hook claude",
    "tail hook",
  ])("are left to the command line in $0", (words) => {
    expect(readHookWords(words.split(" "))).toBeUndefined();
  });
});
