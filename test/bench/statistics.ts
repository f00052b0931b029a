/** Owns making one figure out of several. */

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** `share` between 0 and 1; interpolates between neighbours. NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [low = Number.NaN, high = low] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}

/** The fields of a `Figure` for what was measured several times. */
export function spread(samples: readonly number[]): { readonly value: number; readonly samples: readonly number[] } {
  return { value: median(samples), samples };
}
