/** What an install and an uninstall make of a settings file's text. */
import { parse } from "jsonc-parser/lib/esm/main.js";
import { describe, expect, it } from "vitest";
import { addEntries } from "../../../../bridge/cli/hooks/addEntries.ts";
import { hookEvents } from "../../../../bridge/cli/hooks/agents.ts";
import { parseDocument } from "../../../../bridge/cli/hooks/json/document.ts";
import { removeEntries } from "../../../../bridge/cli/hooks/removeEntries.ts";
import { randomSettings } from "./randomSettings.ts";
import { SETTINGS } from "./settingsFiles.ts";

const PROGRAM = {
  runtime: "/usr/bin/node",
  isElectron: false,
  runtimeFlags: [],
  script: "/opt/my tools/televibe.js",
  dataDir: undefined,
};
const NEWER = { ...PROGRAM, script: "/opt/newer/televibe.js" };

const editable = SETTINGS.flatMap(({ name, text, without, refusal }) =>
  typeof text === "string" && refusal === undefined ? [{ name, text, without: without ?? text }] : [],
);

interface Settings {
  readonly hooks?: Readonly<Record<string, readonly unknown[]>>;
}

/** As the agents read it: comments away, the last of several keys. */
function read(text: string): Settings {
  return parse(text.replace(/^\ufeff/, ""), [], { allowTrailingComma: true });
}

/** The command lines of an event, or of all of them. */
function commands(text: string, event?: string): readonly string[] {
  const { hooks = {} } = read(text);
  const groups = event === undefined ? Object.values(hooks).flat() : (hooks[event] ?? []);
  return [...JSON.stringify(groups).matchAll(/"command":"([^"]*)"/g)].map(([, command = ""]) => command);
}

const OURS = /^exec \/usr\/bin\/node '\/opt\/my tools\/televibe.js' hook claude( --wait \d+)?$/;

/** Without what an uninstall may take along: events and hooks that hold nothing. */
function pruned({ hooks, ...rest }: Settings): unknown {
  const events = Object.entries(hooks ?? {}).filter(([, groups]) => groups.length > 0);
  return events.length === 0 ? rest : { ...rest, hooks: Object.fromEntries(events) };
}

/** Whether the file, its hooks or an event of theirs hold nothing. */
function hasEmptyParts(text: string): boolean {
  return text.trim() === "" || /[{[]\s*(\/\/.*\s*|\/\*.*\*\/\s*)?[\]}]/.test(text);
}

describe("an install", () => {
  it.each(editable)("writes one entry for each event into $name", ({ text }) => {
    const after = addEntries(text, "claude", PROGRAM);
    expect(() => parseDocument(after)).not.toThrow();
    const ours = (event?: string) => commands(after, event).filter((command) => OURS.test(command));
    expect(ours()).toHaveLength(hookEvents("claude").length);
    for (const { name } of hookEvents("claude")) expect(ours(name), name).toHaveLength(1);
  });

  it.each(editable)("changes nothing the second time: $name", ({ text }) => {
    const after = addEntries(text, "claude", PROGRAM);
    expect(addEntries(after, "claude", PROGRAM)).toBe(after);
  });

  it.each(editable)("keeps the places of its entries when the path changes: $name", ({ text }) => {
    const after = addEntries(text, "claude", PROGRAM);
    const renewed = addEntries(after, "claude", NEWER);
    expect(renewed).toBe(after.replaceAll("'/opt/my tools/televibe.js'", "/opt/newer/televibe.js"));
  });

  it.each(editable.filter(({ text, without }) => text === without))("takes nothing away from $name", ({ text }) => {
    const after = addEntries(text, "claude", PROGRAM);
    let found = 0;
    for (const character of after) if (character === text[found]) found += 1;
    expect(text.slice(found)).toBe("");
  });

  it("is written in the style of the file", () => {
    expect(addEntries('{\r\n\t"a": 1\r\n}\r\n', "codex", PROGRAM)).toMatch(
      /^\{\r\n\t"a": 1,\r\n\t"hooks": \{\r\n\t\t"SessionStart": \[\r\n\t\t\t\{\r\n\t\t\t\t"hooks": \[\r\n/,
    );
    expect(addEntries('{"a":1}', "codex", PROGRAM)).toMatch(
      /^\{"a":1,"hooks":\{"SessionStart":\[\{"hooks":\[\{"type":"command",/,
    );
    expect(addEntries('{ "a": 1 }', "codex", PROGRAM)).toMatch(
      /^\{ "a": 1, "hooks": \{"SessionStart": \[\{"hooks": \[\{"type": /,
    );
  });

  it("lets the agent end a question only after the hook has ended by itself", () => {
    for (const agent of ["claude", "codex"] as const) {
      const events = hookEvents(agent).filter(({ waitSeconds }) => waitSeconds !== undefined);
      expect(events.map(({ name }) => name)).toEqual(["PermissionRequest"]);
      for (const { waitSeconds = 0, timeoutSeconds } of events) expect(waitSeconds).toBeLessThan(timeoutSeconds);
    }
  });
});

describe("an uninstall that knows the file as it was", () => {
  const objects = editable.filter(({ without }) => parseDocument(without).root !== undefined);

  it.each(objects)("gives back $name byte for byte", ({ text, without }) => {
    const after = addEntries(text, "claude", PROGRAM);
    expect(removeEntries(after, "claude", { before: parseDocument(without) })).toBe(without);
  });

  it.each(objects.filter(({ without }) => /[{,]\s*"/.test(without)))(
    "leaves what was changed in $name since",
    ({ text, without }) => {
      const edit = (json: string) => json.replace(/\{(?=\s*(?:\/\/.*\s*)*")/, '{ "added": [1, 2, "}", /* mine */],');
      const edited = edit(addEntries(text, "claude", PROGRAM));
      expect(removeEntries(edited, "claude", { before: parseDocument(without) })).toBe(edit(without));
    },
  );

  it("does so for whatever the file holds", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const text = randomSettings(seed);
      const after = addEntries(text, "codex", PROGRAM);
      expect(parseDocument(after).root, text).toBeDefined();
      expect(removeEntries(after, "codex", { before: parseDocument(text) }), text).toBe(text);
    }
  });
});

describe("an uninstall by the entries alone", () => {
  it.each(editable)("leaves nothing of ours in $name, and all that is its owner's", ({ text, without }) => {
    const rest = removeEntries(addEntries(text, "claude", PROGRAM), "claude");
    expect(rest).not.toContain("/opt/my tools");
    expect(pruned(read(rest))).toEqual(pruned(read(without.trim() === "" ? "{}" : without)));
  });

  it.each(editable.filter(({ without }) => !hasEmptyParts(without)))(
    "is exact where nothing was empty: $name",
    ({ text, without }) => {
      expect(removeEntries(addEntries(text, "claude", PROGRAM), "claude")).toBe(without);
    },
  );

  it("takes nothing else, whatever the file holds", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const text = randomSettings(seed);
      const rest = removeEntries(addEntries(text, "codex", PROGRAM), "codex");
      expect(pruned(read(rest)), text).toEqual(pruned(read(text)));
    }
  });

  it("takes only ours out of a group that its owner has put more into", () => {
    const text = addEntries('{\n  "a": 1\n}\n', "claude", PROGRAM);
    const grown = text.replace(
      '"Stop": [\n      {\n        "hooks": [\n',
      '$&          { "type": "command", "command": "mine" },\n',
    );
    expect(grown).not.toBe(text);
    expect(removeEntries(grown, "claude")).toBe(
      '{\n  "a": 1,\n  "hooks": {\n    "Stop": [\n      {\n        "hooks": [\n          { "type": "command", "command": "mine" }\n        ]\n      }\n    ]\n  }\n}\n',
    );
  });

  it("does not let a comment swallow what comes behind an entry", () => {
    const text =
      '{\n  "a": 1, // note\n  "hooks": {"Stop": [{"hooks": [{"command": "televibe hook claude"}]}]}, "b": 2\n}\n';
    expect(read(removeEntries(text, "claude"))).toEqual({ a: 1, b: 2 });
    const last = '{\n  "a": 1 // note\n  , "hooks": {"Stop": [{"hooks": [{"command": "televibe hook claude"}]}]}}\n';
    expect(read(removeEntries(last, "claude"))).toEqual({ a: 1 });
  });

  it("keeps a comment that somebody wrote among our entries", () => {
    const text = addEntries("{}", "claude", PROGRAM).replace('"Stop": [', '"Stop": [ // mine');
    expect(removeEntries(text, "claude")).toContain("// mine");
    expect(() => parseDocument(removeEntries(text, "claude"))).not.toThrow();
  });

  it("touches no entries of the other agent", () => {
    const text = '{"hooks": {"Stop": [{"hooks": [{"command": "televibe hook codex"}]}]}}';
    expect(removeEntries(text, "claude")).toBe(text);
  });
});
