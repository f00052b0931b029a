/** Owns how deep a value is nested: readers that call themselves would run out of stack. */

export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  // What comes out of `JSON.parse` inherits nothing that is enumerable.
  for (const key in value) if (isDeeperThan(value[key as keyof typeof value], levels - 1)) return true;
  return false;
}
