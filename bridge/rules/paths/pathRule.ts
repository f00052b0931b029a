/**
 * Owns when a file is what a rule's `path` names. To be allowed it must be so by its entry and by where that leads, and wildcards
 * name nothing that is hidden; to be denied, one of its names is enough.
 */
import { isAbsolute, join, normalize, sep } from "node:path";
import type { Search } from "../shell/soughtCommand.ts";
import { loosened, matchesPath, type PathMatching } from "./pathPattern.ts";
import { type Place, partsOf, placeOf } from "./places.ts";

export interface PathTerms {
  /** The folder that the pattern begins at; undefined where nobody knows. */
  readonly base: Place | undefined;
  /** What it says from there on. */
  readonly rest: readonly string[];
  /** Wildcards are nothing special in it. */
  readonly isExact: boolean;
}

const STRICT: PathMatching = { hasHidden: false, isLoose: false };
const LOOSE: PathMatching = { hasHidden: true, isLoose: true };

/** The part of a pattern in front of its first wildcard is a folder, whose links are followed as the file's are. */
export async function readPathPattern(
  pattern: string,
  { isExact, home, project }: { readonly isExact: boolean; readonly home: string; readonly project: Place | undefined },
): Promise<PathTerms> {
  const isOfHome = pattern.startsWith("~/");
  if (!isOfHome && !isAbsolute(pattern)) return { base: project, rest: partsOf(pattern), isExact };
  const parts = partsOf(isOfHome ? pattern.slice(2) : normalize(pattern));
  const first = isExact ? -1 : parts.findIndex((part) => /[*?]/.test(part));
  // One file's own links are its own: what a rule names is the folder that it is in.
  const length = first < 0 ? parts.length - 1 : first;
  const base = await placeOf(join(isOfHome ? home : sep, ...parts.slice(0, length)));
  return { base, rest: parts.slice(length), isExact };
}

export function allowsPath({ base, rest, isExact }: PathTerms, place: Place | undefined): boolean {
  const folder = base?.real;
  if (folder === undefined || rest.includes("..")) return false;
  return [place?.entry, place?.real].every((path) => {
    const inside = path === undefined ? undefined : partsInside(folder, path);
    if (inside === undefined) return false;
    return isExact ? isSame(rest, inside) : matchesPath(rest, inside, STRICT);
  });
}

export function searchPath({ base, rest }: PathTerms, path: string, place: Place | undefined): Search {
  const names = place === undefined ? [] : [place.named, place.entry, place.real];
  const isFound = [base?.named, base?.real].some((folder) =>
    names.some((name) => {
      const inside =
        folder === undefined || name === undefined ? undefined : partsInside(loosened(folder), loosened(name));
      return inside !== undefined && matchesPath(rest, inside, LOOSE);
    }),
  );
  if (isFound) return { outcome: "found", why: "the file is one that the rule names" };
  if (base === undefined || place === undefined) {
    // Only the end can be compared, and a file of that name had better be seen.
    const parts = partsOf(place?.named ?? normalize(path));
    if (parts.some((_part, index) => matchesPath(rest, parts.slice(index), LOOSE))) {
      return { outcome: "found", why: "the file has a name that the rule names" };
    }
  }
  const isKnown = base !== undefined && place?.real !== undefined;
  return isKnown
    ? { outcome: "not_found", why: "the file is another one" }
    : { outcome: "unclear", why: "where the path leads cannot be told, so it could be what the rule names" };
}

/** Undefined for what is not in the folder. */
export function partsInside(folder: string, path: string): readonly string[] | undefined {
  const outer = partsOf(folder);
  const all = partsOf(path);
  return isSame(outer, all.slice(0, outer.length)) ? all.slice(outer.length) : undefined;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
