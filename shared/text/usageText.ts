/** Owns how it is told what models used: `12.3k tokens in (11k cached), 1.2k out, $0.42`. */
import type { Usage } from "../state/state.ts";

/** All that a model read counts as in, whatever of it came from a cache or went into one. */
export function usageText(usage: Usage): string {
  const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd } = usage;
  const read = input_tokens + cache_read_tokens + cache_write_tokens;
  const cached = cache_read_tokens === 0 ? "" : ` (${shortCount(cache_read_tokens)} cached)`;
  const tokens =
    read + output_tokens === 0 ? [] : [`${shortCount(read)} tokens in${cached}`, `${shortCount(output_tokens)} out`];
  return [...tokens, ...(cost_usd === null ? [] : [dollars(cost_usd)])].join(", ");
}

/** `950`, `12.3k`, `4.1M`. */
function shortCount(number: number): string {
  if (number < 1000) return String(number);
  // 999,950 and more would read as 1000k.
  return number < 999_950 ? `${short(number / 1000)}k` : `${short(number / 1_000_000)}M`;
}

function short(number: number): string {
  return number.toFixed(1).replace(/\.0$/, "");
}

/** What is less than a cent is not nothing. */
function dollars(cost: number): string {
  return cost > 0 && cost < 0.01 ? "less than $0.01" : `$${cost.toFixed(2)}`;
}
