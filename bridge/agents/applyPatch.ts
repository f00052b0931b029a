/** Owns reading the patches that Codex applies: `*** Update File: path` and the like, each followed by lines marked + and -. */
import { countMarks, type LineCounts } from "../diff/lineCounts.ts";

export interface PatchedFile {
  /** As the patch names it, usually relative to where the agent stands. */
  readonly name: string;
  readonly newName?: string;
  readonly kind: "add" | "update" | "delete";
  readonly lines: LineCounts;
}

const BEGIN = "*** Begin Patch";
const END = "*** End Patch";
const FILE = /^\*\*\* (Add|Update|Delete) File: (.+)$/;
const MOVE = /^\*\*\* Move to: (.+)$/;

const KINDS: Readonly<Record<string, PatchedFile["kind"]>> = { Add: "add", Update: "update", Delete: "delete" };

/** The patch within a text, be it alone or in a shell's here-document; undefined where there is none. */
export function patchIn(text: string): string | undefined {
  const start = text.indexOf(BEGIN);
  if (start === -1) return undefined;
  const end = text.indexOf(END, start);
  return end === -1 ? text.slice(start) : text.slice(start, end + END.length);
}

export function readPatch(patch: string): readonly PatchedFile[] {
  const files: { name: string; newName?: string; kind: PatchedFile["kind"]; body: string[] }[] = [];
  for (const line of patch.split(/\r?\n/)) {
    const [, verb = "", name] = FILE.exec(line) ?? [];
    const kind = KINDS[verb];
    const current = files.at(-1);
    if (name !== undefined && kind !== undefined) files.push({ name: name.trim(), kind, body: [] });
    else if (current !== undefined) {
      const [, newName] = MOVE.exec(line) ?? [];
      if (newName === undefined) current.body.push(line);
      else current.newName = newName.trim();
    }
  }
  return files.map(({ body, ...file }) => ({ ...file, lines: countMarks(body) }));
}
