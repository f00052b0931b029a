/** Changing `rules.json` leaves what people wrote in it as it is. */
import fc from "fast-check";
import { parse } from "jsonc-parser/lib/esm/main.js";
import { describe, expect, it } from "vitest";
import { findNameGivenTwice, withoutRule, withRule } from "../../../bridge/rules/rulesText.ts";
import type { Rule } from "../../../shared/protocol/rules.ts";

const RULE: Rule = { decision: "allow", tool: "Bash", command: "npm test" };
const ENTRY = '{ "decision": "allow", "tool": "Bash", "command": "npm test" }';

const read = (text: string): { rules?: unknown[]; timeouts?: unknown } => parse(text, [], { allowTrailingComma: true });

describe("One more rule", () => {
  it.each([
    ["{}", `{\n  "rules": [\n    ${ENTRY}\n  ]\n}`],
    ['{"timeouts": []}', `{\n  "rules": [\n    ${ENTRY}\n  ],"timeouts": []}`],
    ['{\n  "rules": []\n}\n', `{\n  "rules": [\n    ${ENTRY}\n  ]\n}\n`],
    ['{\n  "rules": [\n    // none yet\n  ]\n}', `{\n  "rules": [\n    // none yet\n    ${ENTRY}\n  ]\n}`],
    ['{"rules": [{"decision":"deny"}]}', `{"rules": [${ENTRY}, {"decision":"deny"}]}`],
    [
      '{\n  "rules": [ // mine\n    // why\n    {"decision":"deny"}, // note\n  ],\n}',
      `{\n  "rules": [ // mine\n    ${ENTRY},\n    // why\n    {"decision":"deny"}, // note\n  ],\n}`,
    ],
    [
      '{\n\t"rules": [\n\t\t{"decision":"deny"}\n\t]\n}',
      `{\n\t"rules": [\n\t\t${ENTRY},\n\t\t{"decision":"deny"}\n\t]\n}`,
    ],
  ])("stands in front, and all else stays: %j", (before, after) => {
    expect(withRule(before, RULE)).toBe(after);
  });
});

describe("One rule less", () => {
  const three = '{\n  "rules": [\n    {"tool":"a"}, // first\n    {"tool":"b"},\n    {"tool":"c"} // last\n  ]\n}';

  it.each([
    [three, 0, '{\n  "rules": [\n     // first\n    {"tool":"b"},\n    {"tool":"c"} // last\n  ]\n}'],
    [three, 1, '{\n  "rules": [\n    {"tool":"a"}, // first\n    {"tool":"c"} // last\n  ]\n}'],
    [three, 2, '{\n  "rules": [\n    {"tool":"a"}, // first\n    {"tool":"b"}\n     // last\n  ]\n}'],
    [three, 3, three],
    ['{"rules": [{"tool":"a"}]}', 0, '{"rules": []}'],
    ['{"rules": [{"tool":"a"},]}', 0, '{"rules": []}'],
  ])("leaves the others, and every remark: %j, %d", (before, index, after) => {
    expect(withoutRule(before, index)).toBe(after);
  });

  it("is what was meant, and takes back what was added, whatever the spacing", () => {
    const gap = fc.constantFrom("", " ", "\n", "\n    ", " // , ] }\n", "/* , */", "\r\n  ");
    const list = fc.array(fc.tuple(gap, gap, gap), { maxLength: 4 });
    fc.assert(
      fc.property(list, fc.boolean(), gap, fc.nat({ max: 4 }), (entries, isTrailing, end, index) => {
        const items = entries.map(([a, b, c], at) => `${a}{${b}"tool": "${at}"}${c}`).join(",");
        const text = `{"rules": [${items}${isTrailing && entries.length > 0 ? "," : ""}${end}], "timeouts": []}`;
        const before = read(text).rules ?? [];
        const more = withRule(text, RULE);
        expect(read(more)).toEqual({ rules: [RULE, ...before], timeouts: [] });
        expect(read(withoutRule(more, 0)).rules).toEqual(before);
        expect(read(withoutRule(text, index)).rules).toEqual(before.filter((_, at) => at !== index));
      }),
      { numRuns: 3000 },
    );
  });
});

it("A name that an object has twice is found, however deep", () => {
  expect(findNameGivenTwice('{"rules": [{"decision": "deny", "decision": "allow"}]}')).toBe("decision");
  expect(findNameGivenTwice('{"rules": [{"decision": "deny"}, {"decision": "allow"}]}')).toBeUndefined();
});
