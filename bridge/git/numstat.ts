/** Owns reading what `git diff --numstat -z` prints. */

export interface LineCounts {
  readonly added: number;
  readonly removed: number;
}

export const NO_LINES: LineCounts = { added: 0, removed: 0 };

const RECORD = /^(\d+|-)\t(\d+|-)\t(.+)$/s;

/** `added TAB removed TAB path NUL …`, without renames; binary files have `-` for both counts. */
export function parseNumstat(text: string): ReadonlyMap<string, LineCounts> {
  const files = new Map<string, LineCounts>();
  for (const record of text.split("\0")) {
    const [, added = "", removed = "", path] = RECORD.exec(record) ?? [];
    if (path !== undefined) files.set(path, { added: Number(added) || 0, removed: Number(removed) || 0 });
  }
  return files;
}
