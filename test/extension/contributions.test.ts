/** Holds the manifest and the code to the same names, both ways: one that only one of them knows is a dead one. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  COMMANDS,
  CONTAINER,
  CONTEXT_KEYS,
  CONTEXT_WORDS,
  NOTIFICATION_MODES,
  SETTINGS,
  VIEWS,
} from "../../extension/contributions.ts";
import manifest from "../../package.json" with { type: "json" };

const { contributes } = manifest;
const sorted = (names: Iterable<string>) => [...names].sort();
const menus = Object.values(contributes.menus).flat();
const whens = [
  ...menus.flatMap((item) => ("when" in item ? [item.when] : [])),
  ...contributes.viewsWelcome.map(({ when }) => when),
];

describe("the manifest and the code", () => {
  it("know the same commands", () => {
    expect(sorted(contributes.commands.map(({ command }) => command))).toEqual(sorted(Object.values(COMMANDS)));
  });

  it("know the same views, in the same container", () => {
    expect(contributes.viewsContainers.activitybar.map(({ id }) => id)).toEqual([CONTAINER]);
    expect(Object.keys(contributes.views)).toEqual([CONTAINER]);
    expect(sorted(contributes.views.televibe.map(({ id }) => id))).toEqual(sorted(Object.values(VIEWS)));
  });

  it("know the same settings, with the same choices", () => {
    const { properties } = contributes.configuration;
    expect(sorted(Object.keys(properties))).toEqual(sorted(Object.values(SETTINGS)));
    expect(properties["televibe.notifications"].enum).toEqual([...NOTIFICATION_MODES]);
  });

  it("know the same context keys", () => {
    const ids = new Set<string>([...Object.values(VIEWS), ...Object.values(COMMANDS)]);
    const used = whens.flatMap((when) => when.match(/televibe\.\w+/g) ?? []).filter((name) => !ids.has(name));
    expect(sorted(new Set(used))).toEqual(sorted(Object.values(CONTEXT_KEYS)));
  });

  it("know the same words of tree items", () => {
    const words = new Set<string>(Object.values(CONTEXT_WORDS));
    const used = whens.flatMap((when) =>
      [...when.matchAll(/viewItem =~ \/([^/]*)\//g)].flatMap(
        ([, pattern = ""]) => pattern.match(/(?<!\\)[A-Za-z]+/g) ?? [],
      ),
    );
    expect(used.filter((word) => !words.has(word))).toEqual([]);
    expect(used.length).toBeGreaterThan(0);
  });
});

describe("the manifest", () => {
  it("names commands in menus and welcomes that there are", () => {
    const known = new Set<string>(Object.values(COMMANDS));
    const linked = contributes.viewsWelcome.flatMap(({ contents }) => contents.match(/(?<=command:)[\w.]+/g) ?? []);
    const named = [...menus.map(({ command }) => command), ...linked];
    expect(named.filter((command) => !known.has(command))).toEqual([]);
  });

  it("has every command under Televibe", () => {
    expect(new Set(contributes.commands.map(({ category }) => category))).toEqual(new Set(["Televibe"]));
  });

  it("points at icons that are there", () => {
    const files = [
      manifest.icon,
      ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
      ...contributes.views.televibe.map(({ icon }) => icon),
    ];
    expect(files.filter((file) => !existsSync(resolve(import.meta.dirname, "../..", file)))).toEqual([]);
  });

  it("takes no setting that starts or places a process from a workspace", () => {
    const { properties } = contributes.configuration;
    expect(properties["televibe.dataDir"].scope).toBe("machine");
    expect(properties["televibe.startBridge"].scope).toBe("machine");
  });

  it("has a welcome for each state of the connection in each view", () => {
    for (const view of Object.values(VIEWS)) {
      const own = contributes.viewsWelcome.filter((welcome) => welcome.view === view).map(({ when }) => when);
      for (const connection of ["connecting", "connected", "away"]) {
        const shown = own.filter((when) => {
          const [, operator, value] = /^televibe\.connection (==|!=) (\w+)$/.exec(when) ?? [];
          return operator === "==" ? value === connection : value !== connection;
        });
        expect(shown, `${view} while ${connection}`).toHaveLength(1);
      }
    }
  });
});
