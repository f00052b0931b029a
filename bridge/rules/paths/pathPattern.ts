/** Owns `src/**`: whether a path is one that a pattern names, part by part. Nothing is looked up here. */
import { matchesWildcard } from "../wildcard.ts";

export interface PathMatching {
  /** Names that begin with a dot are matched by wildcards too; else they must be written out, as in a shell. */
  readonly hasHidden: boolean;
  /** Upper and lower case, and how letters are composed, are all the same: they may be to the disk. */
  readonly isLoose: boolean;
}

/** Both are relative to the same folder, in parts. `**` stands for any folders; at the end for anything at all that is inside. */
export function matchesPath(pattern: readonly string[], path: readonly string[], how: PathMatching): boolean {
  /** How many of the pattern's parts may have been passed. */
  let places = behindGlobstars(pattern, [0]);
  for (const part of path) {
    const next: number[] = [];
    for (const place of places) {
      const wanted = pattern[place];
      if (wanted === undefined) continue;
      if (wanted !== "**") {
        if (matchesPart(wanted, part, how)) next.push(place + 1);
      } else if (how.hasHidden || !part.startsWith(".")) {
        next.push(place, ...(place === pattern.length - 1 ? [place + 1] : []));
      }
    }
    places = behindGlobstars(pattern, next);
  }
  return places.has(pattern.length);
}

/** One in the middle may stand for no folder at all; the last one stands for something. */
function behindGlobstars(pattern: readonly string[], places: readonly number[]): ReadonlySet<number> {
  const all = new Set(places);
  for (const place of all) if (pattern[place] === "**" && place < pattern.length - 1) all.add(place + 1);
  return all;
}

function matchesPart(wanted: string, part: string, { hasHidden, isLoose }: PathMatching): boolean {
  if (!hasHidden && part.startsWith(".") && !wanted.startsWith(".")) return false;
  return matchesWildcard(isLoose ? loosened(wanted) : wanted, isLoose ? loosened(part) : part, {
    hasQuestionMark: true,
  });
}

export function loosened(text: string): string {
  return text.normalize("NFC").toLowerCase();
}
