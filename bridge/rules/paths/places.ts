/** Owns where the files of a question are, on this disk and now: as they were named, and where that leads to. */
import { basename, dirname, isAbsolute, join, resolve, sep } from "node:path";
import { projectFolder } from "./projectFolder.ts";
import { realPath } from "./realPath.ts";

/** A file or folder; what nobody can tell of it is undefined. */
export interface Place {
  /** By its name alone. */
  readonly named: string;
  /** The entry in its folder, which may be a link: whoever replaces the file replaces that. */
  readonly entry: string | undefined;
  /** Where that leads, and whoever writes into the file writes there. */
  readonly real: string | undefined;
}

/** Which folder a question is asked in. */
export interface Folders {
  /** What relative paths begin at. */
  readonly cwd: string | undefined;
  /** What relative patterns begin at, where it was told. */
  readonly worktree: string | undefined;
}

/** Undefined for a relative path of nobody knows which folder. */
export async function findPlace(path: string, { cwd }: Folders): Promise<Place | undefined> {
  // Some tools have a home folder for it, and some a file of that name.
  if (hasNul(path) || path.startsWith("~")) return undefined;
  if (isAbsolute(path)) return placeOf(path);
  // Not resolved by name: `link/..` is where the link leads, and up from there.
  return isFolder(cwd) ? placeOf(`${cwd}${sep}${path}`) : undefined;
}

/** Where relative patterns begin; undefined without a folder. */
export async function findProject({ cwd, worktree }: Folders, home: string): Promise<Place | undefined> {
  if (isFolder(worktree)) return placeOf(worktree);
  return isFolder(cwd) ? placeOf(await projectFolder(resolve(cwd), home)) : undefined;
}

export async function placeOf(path: string): Promise<Place> {
  const name = basename(path);
  // Of these the folder above is another one than by their names.
  const isEntry = name !== "" && name !== "." && name !== "..";
  const [folder, real] = await Promise.all([isEntry ? realPath(dirname(path)) : undefined, realPath(path)]);
  const entry = isEntry && folder !== undefined ? join(folder, name) : isEntry ? undefined : real;
  return { named: resolve(path), entry, real };
}

/** The parts of a path, without the empty ones. */
export function partsOf(path: string): readonly string[] {
  return path.split(sep === "\\" ? /[\\/]+/ : /\/+/).filter((part) => part !== "");
}

function isFolder(path: string | undefined): path is string {
  return path !== undefined && isAbsolute(path) && !hasNul(path);
}

function hasNul(path: string): boolean {
  return path.includes("\u0000");
}
