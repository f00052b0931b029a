/** What path rules mean, on real files and links: what counts is the file that would be touched. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decideByRule } from "../../../bridge/rules/decideByRule.ts";
import type { RuleRequest } from "../../../bridge/rules/request.ts";
import type { Rule } from "../../../shared/protocol/rules.ts";
import { NOWHERE } from "./rulesFixture.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "tv-paths-")));
const folder = join(root, "shop");

beforeAll(() => {
  mkdirSync(join(folder, "src/deep"), { recursive: true });
  mkdirSync(join(root, "secret"));
  writeFileSync(join(root, "secret/key"), "");
  writeFileSync(join(folder, "src/a.ts"), "");
  writeFileSync(join(folder, ".env"), "");
  symlinkSync(join(root, "secret"), join(folder, "src/out"));
  symlinkSync("../.env", join(folder, "src/plain.ts"));
  symlinkSync(join(root, "nowhere"), join(folder, "src/dangling.ts"));
  symlinkSync(folder, join(root, "alias"));
  symlinkSync("loop", join(folder, "src/loop"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function decisionOf(rule: Rule, path: string, where: Partial<RuleRequest> = {}): Promise<string> {
  const request: RuleRequest = {
    ...{
      scope: "edit",
      tool: "Edit",
      command: undefined,
      action: undefined,
      projects: ["shop"],
      projectFolder: undefined,
      session: "s1",
      agent: "claude",
    },
    paths: [path],
    cwd: folder,
    worktree: undefined,
    isWellFormed: true,
    ...where,
  };
  return (await decideByRule([rule], request, NOWHERE))?.decision ?? "ask";
}

describe("an allow rule with a path", () => {
  it.each([
    ["src/**", "src/a.ts"],
    ["src/**", "src/deep/new.ts"],
    ["src/**", "src/not/yet/there.ts"],
    ["src/*.ts", "src/a.ts"],
    ["src/a.ts", "./src/../src/a.ts"],
    ["**", "src/a.ts"],
    ["**/*.ts", "src/deep/b.ts"],
    ["src/**/b.ts", "src/b.ts"],
  ])("%s allows %s, by its name and by its whole path", async (path, target) => {
    expect(await decisionOf({ decision: "allow", path }, target)).toBe("allow");
    expect(await decisionOf({ decision: "allow", path }, join(folder, target))).toBe("allow");
    expect(await decisionOf({ decision: "allow", path: join(folder, path) }, target)).toBe("allow");
    expect(await decisionOf({ decision: "allow", path }, join(root, "alias", target))).toBe("allow");
    expect(await decisionOf({ decision: "allow", path: join(root, "alias", path) }, target)).toBe("allow");
  });

  it.each([
    ["src/**", ".env"],
    ["src/**", "src/../.env"],
    ["src/**", "src/../../secret/key"],
    ["src/**", "src/out/key"],
    ["src/**", "src/out/new"],
    ["src/**", "src/out/../src/a.ts"],
    ["src/**", "src/plain.ts"],
    ["src/**", "src/dangling.ts"],
    ["src/**", "src/loop"],
    ["src/**", "src/a.ts\0"],
    ["src/**", "/etc/passwd"],
    ["src/**", "srcx/a.ts"],
    ["src/*.ts", "src/deep/b.ts"],
    ["src/a.ts", "SRC/A.TS"],
    ["src/a.ts", "src/a.ts/x"],
    ["../**", "src/a.ts"],
    ["../**", "../secret/key"],
    ["**", "../secret/key"],
    ["**", "~/x/../../../etc/passwd"],
  ])("%s does not allow %j", async (path, target) => {
    expect(await decisionOf({ decision: "allow", path }, target)).toBe("ask");
  });

  it("allows nothing where nobody says what a path is relative to", async () => {
    const rule: Rule = { decision: "allow", path: "src/**" };
    expect(await decisionOf(rule, "src/a.ts", { cwd: undefined })).toBe("ask");
    expect(await decisionOf(rule, "src/a.ts", { cwd: "shop" })).toBe("ask");
    expect(await decisionOf(rule, "src/a.ts", { paths: [] })).toBe("ask");
  });

  it("allows all files that are touched, or nothing", async () => {
    const rule: Rule = { decision: "allow", path: "src/**" };
    expect(await decisionOf(rule, "", { paths: ["src/a.ts", "src/b.ts"] })).toBe("allow");
    expect(await decisionOf(rule, "", { paths: ["src/a.ts", ".env"] })).toBe("ask");
  });

  it("allows no command that only mentions the file", async () => {
    const command = "tee src/a.ts /etc/passwd";
    expect(await decisionOf({ decision: "allow", path: "src/**" }, "src/a.ts", { command })).toBe("ask");
  });
});

describe("a deny rule with a path", () => {
  it.each([
    [".env", ".env"],
    [".env", "src/../.env"],
    [".env", "src/plain.ts"],
    ["src/**", "src/out/key"],
    ["**/.env", "deep/er/.env"],
    [join(root, "secret/**"), "src/out/key"],
    [join(root, "secret/**"), "../secret/key"],
  ])("%s denies %s", async (path, target) => {
    expect(await decisionOf({ decision: "deny", path }, target)).toBe("deny");
  });

  it("denies by the name alone where nobody says where it is", async () => {
    expect(await decisionOf({ decision: "deny", path: ".env" }, "web/.env", { cwd: undefined })).toBe("deny");
    expect(await decisionOf({ decision: "deny", path: ".env" }, "web/a.ts", { cwd: undefined })).toBe("ask");
  });

  it("denies where one of several files is named", async () => {
    expect(await decisionOf({ decision: "deny", path: ".env" }, "", { paths: ["src/a.ts", ".env"] })).toBe("deny");
  });
});
