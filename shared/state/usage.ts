/** Owns adding up what models used. */
import type { Payload } from "../events/taxonomy.ts";
import type { Usage } from "./state.ts";

type Tokens = "input_tokens" | "output_tokens" | "cache_read_tokens" | "cache_write_tokens";

/** What an event tells of it. */
export function toUsage(told: NonNullable<Payload<"job.completed">["usage"]>): Usage {
  return {
    input_tokens: told.input_tokens ?? 0,
    output_tokens: told.output_tokens ?? 0,
    cache_read_tokens: told.cache_read_tokens ?? 0,
    cache_write_tokens: told.cache_write_tokens ?? 0,
    cost_usd: told.cost_usd ?? null,
  };
}

/** A sum that one more has to be in, in the place of what it counted for before. */
export function sumUsage(sum: Usage | null, added: Usage, replaced: Usage | null): Usage {
  const count = (name: Tokens) => (sum?.[name] ?? 0) + added[name] - (replaced?.[name] ?? 0);
  return {
    input_tokens: count("input_tokens"),
    output_tokens: count("output_tokens"),
    cache_read_tokens: count("cache_read_tokens"),
    cache_write_tokens: count("cache_write_tokens"),
    cost_usd: sumCost(sum?.cost_usd ?? null, added.cost_usd, replaced?.cost_usd ?? null),
  };
}

function sumCost(sum: number | null, added: number | null, replaced: number | null): number | null {
  if (sum === null && added === null) return null;
  return (sum ?? 0) + (added ?? 0) - (replaced ?? 0);
}
