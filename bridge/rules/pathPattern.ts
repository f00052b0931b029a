/**
 * Owns what a rule's `path` means for a file. What is allowed is the file that would be touched, so names are resolved before
 * they are compared: `..` and links lead where they lead.
 */
import { lstat, realpath } from "node:fs/promises";
import { isAbsolute, join, normalize, sep } from "node:path";
import { matchesWord } from "./shell/commandPattern.ts";

/** What a path is relative to: the folder that is worked in, or undefined where nobody said. */
export type Folder = string | undefined;

/** Whether a pattern names the file that a path leads to, whatever is linked where. */
export async function allowsPath(pattern: string, path: string, folder: Folder): Promise<boolean> {
  const base = folder === undefined ? undefined : await resolveLinks(folder);
  const target = await resolveLinks(absolute(path, folder));
  const glob = await resolvePattern(pattern, base);
  return target !== undefined && glob !== undefined && matchesSegments(segments(glob), segments(target));
}

/** Whether a pattern names a path as it is written, or the file that it leads to. */
export async function namesPath(pattern: string, path: string, folder: Folder): Promise<boolean> {
  if (await allowsPath(pattern, path, folder)) return true;
  const target = absolute(path, folder);
  // Without a folder only the end can be compared, and a file of that name had better be seen.
  if (target === undefined) return matchesEnd(segments(pattern), segments(normalize(path)));
  const glob = isAbsolute(pattern) ? pattern : folder === undefined ? undefined : join(folder, pattern);
  return glob === undefined
    ? matchesEnd(segments(pattern), segments(normalize(target)))
    : matchesSegments(segments(glob), segments(normalize(target)));
}

/** Not normalised: behind a link, `..` leads to the folder above of where that leads. */
function absolute(path: string, folder: Folder): string | undefined {
  if (path.includes("\0")) return undefined;
  if (isAbsolute(path)) return path;
  return folder === undefined || !isAbsolute(folder) ? undefined : `${folder}${sep}${path}`;
}

/** Links are resolved as far as there are files; what is not there yet stands below a folder that is. */
async function resolveLinks(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await realpath(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) return undefined;
    // A link that leads to nothing would be followed by whoever writes there.
    if (await isLink(path)) return undefined;
    const [, parent = "", name = ""] = /^(.*)[\\/]([^\\/]*)[\\/]*$/s.exec(path) ?? [];
    if (parent === "" || name === "" || name === "." || name === "..") return undefined;
    const folder = await resolveLinks(parent);
    return folder === undefined ? undefined : join(folder, name);
  }
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  );
}

/** The part of a pattern in front of its first `*` is a folder, whose links are resolved as the target's are. */
async function resolvePattern(pattern: string, base: string | undefined): Promise<string | undefined> {
  if (!isAbsolute(pattern))
    return base === undefined || pattern.split(/[\\/]/).includes("..") ? undefined : join(base, pattern);
  const parts = segments(normalize(pattern));
  const first = parts.findIndex((part) => part.includes("*"));
  const fixed = first === -1 ? parts.slice(0, -1) : parts.slice(0, first);
  const folder = await resolveLinks(sep + fixed.join(sep));
  return folder === undefined ? undefined : join(folder, ...parts.slice(fixed.length));
}

function segments(path: string): readonly string[] {
  return path.split(/[\\/]/).filter((part) => part !== "");
}

function matchesEnd(pattern: readonly string[], target: readonly string[]): boolean {
  return target.some((_part, index) => matchesSegments(pattern, target.slice(index)));
}

/** Row by row, so that no pattern takes longer than its length times the path's. */
function matchesSegments(pattern: readonly string[], target: readonly string[]): boolean {
  // `reached[n]`: the pattern so far fits the first n parts.
  let reached = target.map(() => false);
  reached.unshift(true);
  for (const part of pattern) {
    let before = false;
    reached = reached.map((isReached, index) => {
      if (part === "**") {
        before ||= isReached;
        return before;
      }
      return index > 0 && reached[index - 1] === true && matchesWord(part, target[index - 1] ?? "");
    });
  }
  return reached.at(-1) === true;
}
