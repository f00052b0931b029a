import { describe, expect, it } from "vitest";
import { withoutIcons, withoutLinks } from "../../../extension/text/untrusted.ts";

/** VS Code's own reading of a notification's message (`linkedText.ts`): these become links, and `command:` ones run. */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;
/** And of a label (`iconLabels.ts`): without a backslash before it, this is an icon. */
const ICON = /(\\)?\$\(([A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?:~[A-Za-z]+)?)\)/g;

describe("text from outside in a notification", () => {
  it.each([
    "[Approve](command:televibe.approveItem?%7B%7D)",
    '[a](command:b "c")',
    "[[nested](command:x)](command:y)",
    "see [docs](https://example.com) and [file](file:///etc/passwd)",
  ])("holds no link: %s", (text) => {
    expect(withoutLinks(text)).not.toMatch(LINK);
  });

  it("stays as it is otherwise", () => {
    expect(withoutLinks("git push origin [main] (now)")).toBe("git push origin [main] (now)");
  });
});

describe("text from outside in a label", () => {
  it.each(["$(check) approved", "$(sync~spin)", "a $(pass-filled) b $(x)"])("holds no icon: %s", (text) => {
    const icons = [...withoutIcons(text).matchAll(ICON)].filter(([, escaped]) => escaped === undefined);
    expect(icons).toEqual([]);
    expect(withoutIcons(text).replaceAll("\\$", "$")).toBe(text);
  });

  it("stays as it is otherwise", () => {
    expect(withoutIcons("echo $(git rev-parse HEAD) $HOME")).toBe("echo $(git rev-parse HEAD) $HOME");
  });
});
