/**
 * Owns what a disk may hold after a power cut, given what was done to it: what was synced is there; of the rest each
 * operation may be there or not, and each write only in some of its blocks. No file system does worse (the model is that
 * of ALICE: Pillai et al., OSDI 2014, which names what real ones do); a name is only sure once its folder was synced.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { SeededRandom } from "./seededRandom.ts";
import { type DiskOperation, type DiskState, initialFiles, overwrite, resize } from "./systemCallTrace.ts";

/** What a drive writes whole. */
const BLOCK_BYTES = 512;
/** Writes of more blocks are torn at a sample of them. */
const MAX_TORN_BLOCKS = 6;

/** An operation, or one block of a write: there after the cut, or not. */
interface Part {
  /** The operation's place in the trace. */
  readonly at: number;
  readonly change: Exclude<DiskOperation, { kind: "say" | "sync" | "syncDirectory" }>;
}

/**
 * Every state that a power cut right behind the operation `end` can leave, as far as this enumerates them: nothing of what
 * is not synced, all of it, all but one part, one part alone, and `samples` chosen by chance.
 */
export function crashStates(
  trace: readonly DiskOperation[],
  end: number,
  root: string,
  before: DiskState,
  random: SeededRandom,
  samples: number,
): readonly DiskState[] {
  const { sure, open } = split(trace.slice(0, end + 1));
  const parts = open.flatMap((part) => tear(part, random));
  const choices: Part[][] = [[], parts];
  for (const chosen of parts)
    choices.push(
      [chosen],
      parts.filter((part) => part !== chosen),
    );
  // Written up to here and no further: what a slow drive leaves of one long write.
  for (let kept = 2; kept < parts.length - 1; kept++) choices.push(parts.slice(0, kept));
  for (let sample = 0; sample < samples && parts.length > 2; sample++) {
    choices.push(parts.filter(() => random.integer(0, 1) === 1));
  }
  return choices.map((kept) =>
    apply(
      [...sure, ...kept].sort((a, b) => a.at - b.at),
      root,
      before,
    ),
  );
}

/** The same states have the same fingerprint. */
export function fingerprint(state: DiskState): string {
  const hash = createHash("sha256");
  for (const [path, bytes] of [...state].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest("base64url");
}

/** Makes it real. */
export function writeState(state: DiskState, directory: string): void {
  for (const [path, bytes] of state) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}

/** What a sync has made sure, and what is still open. */
function split(trace: readonly DiskOperation[]): { sure: readonly Part[]; open: readonly Part[] } {
  const syncedFiles = new Map<number, number>();
  const syncedFolders = new Map<string, number>();
  for (const operation of trace) {
    if (operation.kind === "sync") syncedFiles.set(operation.file, operation.begun);
    if (operation.kind === "syncDirectory") syncedFolders.set(operation.path, operation.begun);
  }
  const sure: Part[] = [];
  const open: Part[] = [];
  for (const [at, change] of trace.entries()) {
    if (change.kind === "say" || change.kind === "sync" || change.kind === "syncDirectory") continue;
    const isContent = change.kind === "write" || change.kind === "truncate";
    const synced = isContent ? syncedFiles.get(change.file) : syncedFolders.get(folderOf(change));
    if (synced !== undefined && at < synced) sure.push({ at, change });
    else open.push({ at, change });
  }
  return { sure, open };
}

function folderOf(change: Exclude<Part["change"], { kind: "write" | "truncate" }>): string {
  return dirname(change.kind === "rename" ? change.from : change.path);
}

/** A write's blocks, by their places in the file. */
function tear({ at, change }: Part, random: SeededRandom): readonly Part[] {
  if (change.kind !== "write") return [{ at, change }];
  const { file, offset, bytes } = change;
  const cuts: number[] = [];
  for (let cut = nextBlock(offset); cut < offset + bytes.length; cut = nextBlock(cut)) cuts.push(cut - offset);
  while (cuts.length > MAX_TORN_BLOCKS) cuts.splice(random.integer(0, cuts.length - 1), 1);
  const starts = [0, ...cuts];
  return starts.map((start, index) => ({
    at: at + index / (starts.length + 1),
    change: { kind: "write", file, offset: offset + start, bytes: bytes.subarray(start, starts[index + 1]) },
  }));
}

function nextBlock(offset: number): number {
  return (Math.floor(offset / BLOCK_BYTES) + 1) * BLOCK_BYTES;
}

/** Does the changes to what was there `before`. A folder whose name is lost takes all in it along. */
function apply(parts: readonly Part[], root: string, before: DiskState): DiskState {
  const contents = new Map<number, Buffer>();
  const names = new Map<string, number>();
  const folders = new Set<string>();
  const existing = initialFiles(before);
  for (const [path, bytes] of before) {
    const file = existing.get(path) ?? 0;
    names.set(join(root, path), file);
    contents.set(file, bytes);
    for (let folder = join(root, dirname(path)); folder.startsWith(root); folder = dirname(folder)) folders.add(folder);
  }
  const contentOf = (file: number) => contents.get(file) ?? Buffer.alloc(0);
  for (const { change } of parts) {
    switch (change.kind) {
      case "makeDirectory":
        folders.add(change.path);
        break;
      case "create":
        names.set(change.path, change.file);
        break;
      case "write":
        contents.set(change.file, overwrite(contentOf(change.file), change.offset, change.bytes));
        break;
      case "truncate":
        contents.set(change.file, resize(contentOf(change.file), change.size));
        break;
      case "rename":
        // It is there under its new name even where its first one never got to the disk.
        names.delete(change.from);
        names.set(change.to, change.file);
        break;
      case "unlink":
        names.delete(change.path);
        break;
    }
  }
  const state = new Map<string, Buffer>();
  for (const [path, file] of names) {
    if (hasFolders(path, root, folders)) state.set(relative(root, path), contentOf(file));
  }
  return state;
}

function hasFolders(path: string, root: string, folders: ReadonlySet<string>): boolean {
  for (let folder = dirname(path); folder.startsWith(root); folder = dirname(folder)) {
    if (!folders.has(folder)) return false;
  }
  return true;
}
