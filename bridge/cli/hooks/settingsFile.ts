/** Owns reading a settings file of an agent and replacing it: whole, behind its links, with its permissions. */
import { randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { lstat, mkdir, open, readFile, realpath, rename, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { syncDirectory } from "../../store/durableFile.ts";
import { SettingsError } from "./settingsError.ts";

export interface SettingsFile {
  /** Where its bytes are: the end of all links. */
  readonly target: string;
  /** None where there is no file. */
  readonly bytes: Buffer | undefined;
}

/** Bits that let somebody write. */
const WRITABLE = 0o222;
const PERMISSIONS = 0o777;

const CHANGED = "somebody else changed it just now; try again";

/** @throws SettingsError where it cannot be read, or is no file. */
export async function readSettingsFile(path: string): Promise<SettingsFile> {
  const target = await endOfLinks(path);
  try {
    // Before it is opened: a pipe would wait for somebody who writes to it, and a device may never end.
    expectFile(await stat(target));
    return { target, bytes: await readFile(target) };
  } catch (error) {
    if (isMissing(error)) return { target, bytes: undefined };
    throw unreadable(error);
  }
}

/** For whoever only wants to know what it says, without a byte order mark: empty where there is none, or nothing to be read. */
export async function readSettingsText(path: string): Promise<string> {
  try {
    const { bytes } = await readSettingsFile(path);
    return bytes === undefined ? "" : decode(bytes).replace(/^\ufeff/, "");
  } catch (error) {
    if (error instanceof SettingsError) return "";
    throw error;
  }
}

function expectFile(found: Stats): void {
  if (found.isFile()) return;
  throw new SettingsError(`it is ${kindOf(found)} where a file belongs`);
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  if (found.isFIFO()) return "a named pipe";
  return found.isSocket() ? "a socket" : "a device";
}

/** Of a file that is not there yet, its folders may be links all the same. */
async function endOfLinks(path: string, name = "it"): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw unreadable(error);
  }
  const isLink = await lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
  if (isLink) throw new SettingsError(`${name} is a link to what is not there`);
  const full = resolve(path);
  const folder = dirname(full);
  return join(await endOfLinks(folder, `its folder ${folder}`), basename(full));
}

/** The name of a file for people: where it leads elsewhere, with the file that is meant in the end. */
export function withTarget(path: string, target: string): string {
  return target === resolve(path) ? path : `${path} (a link to ${target})`;
}

/** @throws SettingsError where it is not UTF-8. */
export function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new SettingsError("it is not UTF-8 text", { cause: error });
  }
}

/**
 * Replaces the file that was read, or removes it; readers see the old one or the new one.
 *
 * @throws SettingsError where it may not be written, or is not what was read any more.
 */
export async function replaceSettingsFile({ target, bytes }: SettingsFile, content: Buffer | undefined): Promise<void> {
  const mode = await modeOf(target);
  if (mode !== undefined && (mode & WRITABLE) === 0) {
    throw new SettingsError("it is read-only; make it writable first if you mean it to be changed");
  }
  try {
    const isSame = async () => isEqual((await readSettingsFile(target)).bytes, bytes);
    if (content !== undefined) await replaceWhole(target, content, mode, isSame);
    else if (await isSame()) await rm(target, { force: true });
    else throw new SettingsError(CHANGED);
    await syncDirectory(dirname(target));
  } catch (error) {
    if (error instanceof SettingsError || !(error instanceof Error)) throw error;
    throw new SettingsError(`it cannot be written (${error.message})`, { cause: error });
  }
}

async function replaceWhole(
  target: string,
  content: Buffer,
  mode: number | undefined,
  isSame: () => Promise<boolean>,
): Promise<void> {
  const temporary = `${target}.televibe-${randomUUID()}`;
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await file.writeFile(content);
      // What the process masks when it makes a file, it does not mask here.
      if (mode !== undefined) await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!(await isSame())) throw new SettingsError(CHANGED);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Makes the folder of a file. Answers those that had to be made, the innermost first. */
export async function makeFolders(target: string): Promise<readonly string[]> {
  const folder = dirname(target);
  const topmost = await mkdir(folder, { recursive: true });
  if (topmost === undefined) return [];
  const made: string[] = [];
  for (let each = folder; each.length >= topmost.length; each = dirname(each)) made.push(each);
  return made;
}

/** Removes folders as long as they are empty. */
export async function removeEmptyFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    try {
      await rmdir(folder);
    } catch {
      // Something else is in it by now, or it is gone: both are well.
      return;
    }
  }
}

export function isEqual(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & PERMISSIONS;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function unreadable(error: unknown): SettingsError {
  if (error instanceof SettingsError) return error;
  if (hasCode(error, "ENOTDIR")) return new SettingsError("a part of its path is no folder", { cause: error });
  return new SettingsError(`it cannot be read (${error instanceof Error ? error.message : String(error)})`, {
    cause: error,
  });
}

export function isMissing(error: unknown): boolean {
  return hasCode(error, "ENOENT");
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
