/** An allow rule never allows what it does not name whole, where a `*` stands in it or where it is an answer that was remembered. */
import { describe, expect, it } from "vitest";
import { decisionOn } from "./rulesFixture.ts";

const allowed = (pattern: string, command: string, more: object = {}) =>
  decisionOn([{ decision: "allow", command: pattern, ...more }], { tool: "Bash", command });

describe("A star inside of a word", () => {
  it.each([
    ["cat src/*", "cat src/a.ts"],
    ["cat src/*", "cat src/deep/a.ts"],
    ["npm run test*", "npm run test"],
    ["git show HEAD:*", "git show HEAD:src/a.ts"],
    ["curl https://example.com/*", "curl https://example.com/a/b"],
    ["ls ../*", "ls ../a"],
    ["ls *.ts", "ls a/b.ts"],
    ["git * --stat", "git show --stat"],
  ])("%s allows %s", async (pattern, command) => {
    expect(await allowed(pattern, command)).toBe("allow");
  });

  it.each([
    ["rm build/*", "rm build/../src"],
    ["rm build/*", "rm build/a/../../src"],
    ["rm build/*", "rm build/.."],
    ["rm build/*", "rm build/."],
    ["rm build/*", "rm build/"],
    ["rm build/*", "rm build/a c"],
    ["rm */x", "rm ../x"],
    ["rm */x", "rm /x"],
    ["ls ../*", "ls ../.."],
    ["ls *.ts", "ls -la.ts"],
    ["cat --out=*", "cat --out=/etc/passwd"],
    ["cat --out=*", "cat --out=../x"],
    ["scp host:*", "scp host:../x"],
    ["git * --stat", "git --stat"],
    ["git * --stat", "git a b --stat"],
  ])("%s does not allow %s", async (pattern, command) => {
    expect(await allowed(pattern, command)).toBe("ask");
  });
});

describe("An exact rule", () => {
  it.each([
    ["git log | head", "git log '|' head"],
    ["rm build/*", "rm build/a"],
    ["npm test *", "npm test x"],
    ["npm test *", "npm test"],
    [" npm test", "npm test"],
  ])("%j is no %j", async (text, other) => {
    expect(await allowed(text, text, { exact: true })).toBe("allow");
    expect(await allowed(text, other, { exact: true })).toBe("ask");
    expect(await allowed(text, `${text} `, { exact: true })).toBe("ask");
    expect(await allowed(text, `${text}\n`, { exact: true })).toBe("ask");
  });
});

describe("What is told in another form than rules read", () => {
  it.each([
    { command: ["git", "push"] },
    { command: 7, tool: "Bash" },
    { tool: "Bash", command: { text: "git push" } },
    { tool: ["Bash"], command: "npm test" },
    { tool: "Edit", path: ["/x"] },
    { tool: "Edit", paths: "/x" },
    { tool: "Edit", paths: ["/y", 7] },
    { tool: "Edit", path: "/y", cwd: 7 },
  ])("is allowed by no rule: %j", async (context) => {
    const rules = [
      { decision: "deny", command: "git push *" },
      { decision: "allow", scope: "command" },
    ];
    expect(await decisionOn(rules, context)).toBe("ask");
    expect(await decisionOn(rules.slice(1), context)).toBe("ask");
  });
});
