/** What models used, in a few words. */
import { expect, it } from "vitest";
import type { Usage } from "../../../shared/state/state.ts";
import { usageText } from "../../../shared/text/usageText.ts";

const NOTHING: Usage = {
  input_tokens: 0,
  output_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  cost_usd: null,
};

it.each<{ usage: Partial<Usage>; says: string }>([
  { usage: {}, says: "" },
  { usage: { cost_usd: 0.004 }, says: "less than $0.01" },
  { usage: { cost_usd: 0 }, says: "$0.00" },
  { usage: { input_tokens: 12_345, output_tokens: 1_200, cost_usd: 0.42 }, says: "12.3k tokens in, 1.2k out, $0.42" },
  { usage: { input_tokens: 5, output_tokens: 950 }, says: "5 tokens in, 950 out" },
  {
    usage: { input_tokens: 4, cache_read_tokens: 11_000, cache_write_tokens: 1_296, output_tokens: 7 },
    says: "12.3k tokens in (11k cached), 7 out",
  },
  { usage: { input_tokens: 999_949, output_tokens: 999_950 }, says: "999.9k tokens in, 1M out" },
  { usage: { input_tokens: 4_120_000, output_tokens: 1 }, says: "4.1M tokens in, 1 out" },
])("$usage reads $says", ({ usage, says }) => {
  expect(usageText({ ...NOTHING, ...usage })).toBe(says);
});
