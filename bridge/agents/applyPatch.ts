/**
 * Owns reading the patches that Codex applies: `*** Update File: path` and the like, each followed by lines marked + and -. Codex
 * forgives much; what is read here decides what rules allow, so a patch of which one line is odd is not read at all.
 */
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
/** Any character, U+2028 too, which a dot is not. */
const FILE = /^\*\*\* (Add|Update|Delete) File: ([^\n]+)$/;
const MOVE = /^\*\*\* Move to: ([^\n]+)$/;
const END_OF_FILE = "*** End of File";

const KINDS: Readonly<Record<string, PatchedFile["kind"]>> = { Add: "add", Update: "update", Delete: "delete" };

/** What may be under a header. A line that is one of Codex's own marks but for a blank in front could be read either way. */
const BODIES: Readonly<Record<PatchedFile["kind"], RegExp>> = {
  add: /^\+/,
  update: /^(?:$|[+-]|@@| (?!\s*\*\*\*))/,
  delete: /^(?!)/,
};

/** Ends in blanks, begins at what some take for a home folder, or has characters that end a line or are not seen: Codex may take it for another name. */
const ODD_NAME = /^[\s~]|\s$|[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/;

interface Section {
  readonly name: string;
  readonly kind: PatchedFile["kind"];
  newName?: string;
  readonly body: string[];
}

/** Every file that a patch touches; undefined where a part of it is not understood, so that it may touch any. */
export function readPatch(patch: string): readonly PatchedFile[] | undefined {
  const lines = trimmed(patch).split(/\r?\n/);
  if (lines.length < 3 || lines[0] !== BEGIN || lines.at(-1) !== END) return undefined;
  const sections: Section[] = [];
  for (const line of lines.slice(1, -1)) {
    const section = sections.at(-1);
    const [, verb = "", name = ""] = FILE.exec(isMarked(line) ? line : trimmed(line)) ?? [];
    const [, newName] = MOVE.exec(line) ?? [];
    const kind = KINDS[verb];
    // Within an update, a header with a blank in front of it is a line of the file to some versions.
    const isBlurred = kind !== undefined && section?.kind === "update" && /^\s/.test(line);
    if (isBlurred || ODD_NAME.test(name) || ODD_NAME.test(newName ?? "")) return undefined;
    if (kind !== undefined) sections.push({ name, kind, body: [] });
    else if (section === undefined) return undefined;
    else if (newName !== undefined) {
      if (section.kind !== "update" || section.newName !== undefined || section.body.length > 0) return undefined;
      section.newName = newName;
    } else if (BODIES[section.kind].test(line)) section.body.push(line);
    else if (section.kind !== "update" || line !== END_OF_FILE) return undefined;
  }
  if (sections.length === 0) return undefined;
  return sections.map(({ body, ...file }) => ({ ...file, lines: countMarks(body) }));
}

function isMarked(line: string): boolean {
  return /^[+-]/.test(line);
}

/** Without the blanks that every reader takes off; others are odd. */
function trimmed(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
}
