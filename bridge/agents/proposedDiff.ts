/** Owns the diff that a person judges an edit by before it is made: the file as it is, and as it would be. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { NO_FILE, pieceDiff, unifiedDiff } from "../diff/unifiedDiff.ts";
import type { ProposedChange, ReplacedPiece } from "./toolUse.ts";

/** A larger file is told by the pieces that change alone. */
const MAX_FILE_BYTES = 1024 * 1024;

/** @param name what the file is called in the diff. */
export async function proposedDiff(change: ProposedChange, name: string): Promise<string> {
  if (change.kind === "diff") return `${change.text}\n`;
  const before = await readText(change.path);
  const names = { before: `a/${name}`, after: `b/${name}` };
  if (change.kind === "write") {
    if (before.kind === "text") return joined(unifiedDiff(names, before.text, change.content));
    const diff = joined(unifiedDiff({ ...names, before: NO_FILE }, "", change.content));
    return before.kind === "missing"
      ? diff
      : `What is in ${name} by now cannot be shown; all of it would become:\n${diff}`;
  }
  const after = before.kind === "text" ? replaceAll(before.text, change.pieces) : undefined;
  if (before.kind === "text" && after !== undefined) return joined(unifiedDiff(names, before.text, after));
  return change.pieces.map((piece) => joined(pieceDiff(names, piece.before, piece.after))).join("");
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** Undefined where a piece is not there: the file has changed since, or the agent is mistaken. */
function replaceAll(text: string, pieces: readonly ReplacedPiece[]): string | undefined {
  let current = text;
  for (const { before, after, isEverywhere } of pieces) {
    if (before === "" ? current !== "" : !current.includes(before)) return undefined;
    // A function, since `$&` and the like mean something in a text.
    current = isEverywhere ? current.replaceAll(before, () => after) : current.replace(before, () => after);
  }
  return current;
}

type FileText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable" };

/** Follows links, as the agent's own edit would; waits for nothing. */
async function readText(path: string): Promise<FileText> {
  try {
    await using file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const found = await file.stat();
    if (!found.isFile() || found.size > MAX_FILE_BYTES) return { kind: "unreadable" };
    const text = await file.readFile("utf8");
    return text.includes("\0") ? { kind: "unreadable" } : { kind: "text", text };
  } catch (error) {
    if (error instanceof Error && "code" in error) return { kind: error.code === "ENOENT" ? "missing" : "unreadable" };
    throw error;
  }
}
