/** Owns how many names of files one event holds: a patch may touch thousands, and an event has a bound. */

const MAX_NAMES = 500;
const MAX_NAMES_LENGTH = 50_000;

/** The first of them, each once. */
export function boundedNames(names: Iterable<string>): string[] {
  const bounded = new Set<string>();
  let length = 0;
  for (const name of names) {
    length += name.length;
    if (bounded.size === MAX_NAMES || length > MAX_NAMES_LENGTH) break;
    bounded.add(name);
  }
  return [...bounded];
}
