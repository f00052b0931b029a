/** Owns a change of a text: pieces of it replaced, and all else as it was. */
export interface Edit {
  readonly offset: number;
  readonly length: number;
  readonly content: string;
}

export function insertAt(offset: number, content: string): Edit {
  return { offset, length: 0, content };
}

export function removeBetween(from: number, to: number): Edit {
  return { offset: from, length: to - from, content: "" };
}

/** Makes all changes; no two may overlap. Insertions at one place are made in the order in which they are given. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const inOrder = edits.toSorted((a, b) => a.offset - b.offset);
  const pieces: string[] = [];
  let end = 0;
  for (const { offset, length, content } of inOrder) {
    if (offset < end) throw new Error(`Two changes overlap at ${offset}`);
    pieces.push(text.slice(end, offset), content);
    end = offset + length;
  }
  return [...pieces, text.slice(end)].join("");
}
