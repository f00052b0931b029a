/** Owns counting the lines between two contents of a file. Git counts here as well, so that all figures are made the same way. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countLines, type FileContent } from "./fileContent.ts";
import { git } from "./git.ts";
import { type LineCounts, NO_LINES, parseNumstat } from "./numstat.ts";

const TIMEOUT_MS = 2000;

/** None where one of them is not known any more. */
export async function linesBetween(then: FileContent, now: FileContent): Promise<LineCounts> {
  if (then.kind === "traces" || now.kind === "traces") return NO_LINES;
  if (then.kind === "missing") return { added: now.kind === "bytes" ? countLines(now.bytes) : 0, removed: 0 };
  if (now.kind === "missing") return { added: 0, removed: countLines(then.bytes) };
  const folder = await mkdtemp(join(tmpdir(), "televibe-diff-"));
  try {
    await writeFile(join(folder, "before"), then.bytes, { mode: 0o600 });
    await writeFile(join(folder, "after"), now.bytes, { mode: 0o600 });
    const words = ["diff", "--no-index", "--numstat", "--no-ext-diff", "--no-textconv", "--", "before", "after"];
    // Its exit code is 1 when there are differences.
    const text = await git(folder, words, { timeoutMs: TIMEOUT_MS, acceptedCodes: [1] });
    const [counts] = parseNumstat((text ?? "").trimEnd()).values();
    return counts ?? NO_LINES;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
