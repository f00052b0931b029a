/** Rules about files, on a real disk: links, climbing, and what is not there yet. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decisionOn } from "./rulesFixture.ts";

let root: string;
let home: string;
let shop: string;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "tv-paths-")));
  home = join(root, "home");
  shop = join(home, "shop");
  for (const folder of [
    "shop/.git/hooks",
    "shop/src/deep",
    "shop/.github",
    "other/src",
    ".ssh",
    ".televibe",
    "plain",
    ".git",
  ]) {
    mkdirSync(join(home, folder), { recursive: true });
  }
  mkdirSync(join(root, "outside"));
  for (const file of [
    "shop/src/a.ts",
    "shop/.env",
    "shop/README.md",
    ".ssh/id",
    ".televibe/rules.json",
    "other/src/b.ts",
  ]) {
    writeFileSync(join(home, file), "x");
  }
  symlinkSync(join(root, "outside"), join(shop, "src/out"));
  symlinkSync(join(home, ".ssh/id"), join(shop, "src/key.ts"));
  symlinkSync(join(root, "outside/new.ts"), join(shop, "src/dangling.ts"));
  symlinkSync("circle.ts", join(shop, "src/circle.ts"));
  symlinkSync(shop, join(root, "link-to-shop"));
  symlinkSync("a.ts", join(shop, "src/alias.ts"));
  symlinkSync(join(shop, "src/a.ts"), join(root, "outside/into.ts"));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const inside = (text: string) => text.replace("ROOT", root).replace("HOME", home).replace("SHOP", shop);
const decided = (rules: readonly object[], path: string, cwd: string | undefined) =>
  decisionOn(
    rules,
    { scope: "edit", tool: "Edit", path: inside(path), ...(cwd === undefined ? {} : { cwd: inside(cwd) }) },
    { home, dataDir: join(home, ".televibe") },
  );

describe("An allow rule for src/** allows", () => {
  it.each([
    ["SHOP/src/a.ts", "SHOP"],
    ["SHOP/src/deep/new.ts", "SHOP"],
    ["SHOP/src/not/yet/there.ts", "SHOP"],
    ["SHOP/src/a.ts", "SHOP/src/deep"],
    ["src/a.ts", "SHOP"],
    ["SHOP//src//a.ts", "SHOP"],
    ["SHOP/src/alias.ts", "SHOP"],
    ["SHOP/src/deep/../a.ts", "SHOP"],
    ["SHOP/./src/a.ts", "SHOP"],
    ["ROOT/link-to-shop/src/a.ts", "SHOP"],
    ["ROOT/link-to-shop/src/a.ts", "ROOT/link-to-shop"],
    ["SHOP/src/a.ts", "ROOT/link-to-shop"],
    ["HOME/plain/src/a.ts", "HOME/plain"],
  ])("%s in %s", async (path, cwd) => {
    expect(await decided([{ decision: "allow", path: "src/**" }], path, cwd)).toBe("allow");
  });
});

describe("An allow rule for src/** does not allow", () => {
  it.each([
    ["what is elsewhere", "SHOP/README.md", "SHOP"],
    ["the folder itself", "SHOP/src", "SHOP"],
    ["another project", "HOME/other/src/b.ts", "SHOP"],
    ["a neighbour by its beginning", "SHOP/src2/a.ts", "SHOP"],
    ["climbing out", "SHOP/src/../.env", "SHOP"],
    ["climbing behind what is not there", "SHOP/src/no/../../.env", "SHOP"],
    ["a link to a folder outside", "SHOP/src/out/x.ts", "SHOP"],
    ["a link to a file outside", "SHOP/src/key.ts", "SHOP"],
    ["a link to nothing, by which a file is made outside", "SHOP/src/dangling.ts", "SHOP"],
    ["a link in a circle", "SHOP/src/circle.ts", "SHOP"],
    ["a link from outside", "ROOT/outside/into.ts", "SHOP"],
    ["a name that begins with a dot", "SHOP/src/.env", "SHOP"],
    ["a folder that begins with a dot", "SHOP/src/.git/hooks/x", "SHOP"],
    ["other case", "SHOP/SRC/a.ts", "SHOP"],
    ["NUL", "SHOP/src/a.ts\u0000.md", "SHOP"],
    ["a relative path of no folder", "src/a.ts", undefined],
    ["what may be in a home folder", "~/src/a.ts", "SHOP"],
    ["an absolute path where the project is not known", "SHOP/src/a.ts", undefined],
    ["a relative path of a relative folder", "src/a.ts", "shop"],
    ["another folder's src", "SHOP/src/a.ts", "HOME/plain"],
  ])("%s", async (_what, path, cwd) => {
    expect(await decided([{ decision: "allow", path: "src/**" }], path, cwd)).toBe("ask");
  });

  it("what is beside a file that it does, when both are asked for", async () => {
    const rules = [{ decision: "allow", path: "src/**" }];
    const asked = (paths: unknown) =>
      decisionOn(rules, { tool: "Patch", paths, cwd: shop }, { home, dataDir: join(home, ".televibe") });
    expect(await asked([join(shop, "src/a.ts"), join(shop, "src/b.ts")])).toBe("allow");
    expect(await asked([join(shop, "src/a.ts"), join(shop, ".env")])).toBe("ask");
    expect(await asked([join(shop, "src/a.ts"), 7])).toBe("ask");
    expect(await asked(join(shop, "src/a.ts"))).toBe("ask");
    expect(await asked([])).toBe("ask");
  });
});

describe("Where a pattern begins", () => {
  it.each([
    ["the worktree and not a repository of the home folder", "**", "HOME/other/src/b.ts", "HOME/plain", "ask"],
    ["everything in the project", "**", "SHOP/src/a.ts", "SHOP/src/deep", "allow"],
    ["what begins with a dot only by name", "**", "SHOP/.git/hooks/pre-commit", "SHOP", "ask"],
    ["what begins with a dot by name", ".github/**", "SHOP/.github/x.yml", "SHOP", "allow"],
    ["an absolute pattern", "SHOP/src/*.ts", "SHOP/src/a.ts", "HOME/plain", "allow"],
    [
      "an absolute pattern through a link",
      "ROOT/link-to-shop/src/*.ts",
      "ROOT/link-to-shop/src/a.ts",
      undefined,
      "allow",
    ],
    ["one file", "SHOP/README.md", "SHOP/README.md", undefined, "allow"],
    ["a pattern of the home folder", "~/other/**", "HOME/other/src/b.ts", "SHOP", "allow"],
    ["a star within one part", "src/*", "SHOP/src/deep/x.ts", "SHOP", "ask"],
    ["a star in a name", "src/*.ts", "SHOP/src/new.ts", "SHOP", "allow"],
    ["a question mark", "src/?.ts", "SHOP/src/b.ts", "SHOP", "allow"],
    ["folders in the middle", "src/**/x.ts", "SHOP/src/deep/x.ts", "SHOP", "allow"],
    ["no folders in the middle", "src/**/x.ts", "SHOP/src/x.ts", "SHOP", "allow"],
    ["Televibe's own files, whatever the rule", "~/.televibe/**", "HOME/.televibe/rules.json", "SHOP", "ask"],
  ])("%s", async (_what, pattern, path, cwd, decision) => {
    expect(await decided([{ decision: "allow", path: inside(pattern) }], path, cwd)).toBe(decision);
  });

  it("Televibe's own files are not allowed by a tool's name either", async () => {
    expect(await decided([{ decision: "allow", tool: "Edit" }], "HOME/.televibe/rules.json", "SHOP")).toBe("ask");
    expect(await decided([{ decision: "allow", tool: "Edit" }], "SHOP/src/a.ts", "SHOP")).toBe("allow");
  });
});

describe("A deny rule, with everything allowed behind it,", () => {
  it.each([
    ["finds a file", ".env", "SHOP/.env", "SHOP", "deny"],
    ["finds it by another way", ".env", "SHOP/src/../.env", "SHOP", "deny"],
    ["finds it in other case", ".env", "SHOP/.ENV", "SHOP", "deny"],
    ["finds it in any folder", "**/.env", "SHOP/src/deep/.env", "SHOP", "deny"],
    ["finds hidden folders", "**", "SHOP/.git/config", "SHOP", "deny"],
    ["finds it behind a link", "~/.ssh/**", "SHOP/src/key.ts", "SHOP", "deny"],
    ["finds the link itself", "src/key.ts", "SHOP/src/key.ts", "SHOP", "deny"],
    ["finds what a link leads out to", "ROOT/outside/**", "SHOP/src/out/x", "SHOP", "deny"],
    ["asks for a link to nothing", "ROOT/outside/**", "SHOP/src/dangling.ts", "SHOP", "ask"],
    ["goes by the name where the path is relative to nothing", ".env", ".env", undefined, "deny"],
    ["goes by the name where the project is not known", ".env", "SHOP/.env", undefined, "deny"],
    ["asks where nobody can tell", ".env", "SHOP/src/a.ts", undefined, "ask"],
    ["asks for NUL", ".env", "SHOP/.env\u0000", "SHOP", "ask"],
    ["leaves others alone", ".env", "SHOP/src/a.ts", "SHOP", "allow"],
    ["leaves what is not there yet alone", ".env", "SHOP/src/new/b.ts", "SHOP", "allow"],
  ])("%s", async (_what, pattern, path, cwd, decision) => {
    const rules = [
      { decision: "deny", path: inside(pattern) },
      { decision: "allow", tool: "Edit" },
    ];
    expect(await decided(rules, path, cwd)).toBe(decision);
  });
});
