/** Owns adding up what an agent's model used, in the form in which events tell it. */

export type ModelUsage = {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly cost_usd?: number;
  readonly model?: string;
};

/** The sum, with the newest model's name; undefined of nothing. */
export function sumModelUsage(parts: readonly ModelUsage[]): ModelUsage | undefined {
  if (parts.length === 0) return undefined;
  const sum = (pick: (part: ModelUsage) => number) => parts.reduce((total, part) => total + pick(part), 0);
  const model = parts.findLast((part) => part.model !== undefined)?.model;
  const hasCost = parts.some((part) => part.cost_usd !== undefined);
  return {
    input_tokens: sum((part) => part.input_tokens),
    output_tokens: sum((part) => part.output_tokens),
    cache_read_tokens: sum((part) => part.cache_read_tokens),
    cache_write_tokens: sum((part) => part.cache_write_tokens),
    ...(hasCost ? { cost_usd: sum((part) => part.cost_usd ?? 0) } : {}),
    ...(model === undefined ? {} : { model }),
  };
}

/** A count of tokens, as a transcript has it; 0 where it is none. */
export function tokens(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
