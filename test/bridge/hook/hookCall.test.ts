import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTooLarge, newCall, shorten } from "../../../bridge/hook/hookCall.ts";
import { MAX_BODY_BYTES } from "../../../shared/protocol/version.ts";

describe("a hook's call", () => {
  it("has an id of its own, and the time", () => {
    const calls = Array.from({ length: 1000 }, () => newCall({}));
    expect(new Set(calls.map(({ hook_id }) => hook_id)).size).toBe(calls.length);
    expect(Math.abs(Date.parse(calls[0]?.at ?? "") - Date.now())).toBeLessThan(60_000);
  });

  it.each([
    { what: "one long text", input: { hook_event_name: "Stop", text: "x".repeat(2_000_000) } },
    { what: "text of three bytes a character", input: { text: "€".repeat(1_000_000) } },
    { what: "characters of two halves", input: { text: `x${"😀".repeat(1_000_000)}` } },
    { what: "text that JSON escapes", input: { text: "\u0001".repeat(1_000_000) } },
    { what: "many texts", input: { lines: Array.from({ length: 20_000 }, () => "y".repeat(200)) } },
    { what: "a long list of numbers", input: { list: Array.from({ length: 500_000 }, (_, index) => index) } },
    {
      what: "many names",
      input: { names: Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`name${n}`, n])) },
    },
    { what: "depth", input: { a: { b: { c: [{ d: "z".repeat(3_000_000) }, 7] } } } },
  ])("is made to fit with $what", ({ input }) => {
    const call = newCall(input);
    expect(isTooLarge(call)).toBe(true);
    const shorter = shorten(call);
    const text = JSON.stringify(shorter);
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_BODY_BYTES);
    expect(shorter).toMatchObject({ hook_id: call.hook_id, at: call.at });
    // As JSON writes half a character.
    expect(text).not.toMatch(/\\ud[89ab]/);
  });

  it("loses no more than it must, and says how much", () => {
    const path = "src/a.ts";
    const shorter = shorten(newCall({ tool_input: { path, content: "x".repeat(1_500_000) }, list: [1, null, true] }));
    expect(shorter?.input).toEqual({
      tool_input: { path, content: `${"x".repeat(262_144)}… (${1_500_000 - 262_144} characters were cut)` },
      list: [1, null, true],
    });
  });

  it("is given up where nothing helps", () => {
    const wide = (depth: number): unknown => (depth === 0 ? "leaf" : Array.from({ length: 20 }, () => wide(depth - 1)));
    expect(shorten(newCall({ deep: wide(4) }))).toBeUndefined();
  });

  it("is what it was where it fits", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (input) => {
        const call = newCall(input);
        expect(isTooLarge(call)).toBe(false);
        expect(shorten(call)).toEqual(call);
      }),
      { numRuns: 50 },
    );
  });
});
