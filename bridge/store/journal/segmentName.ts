/** Owns the names of journal segments: the first `seq` that may stand in them, in 16 digits, so that names sort as numbers do. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

const NAME = /^(\d{16})\.journal$/;

/** 2^53 has 16 digits. */
export const SEQ_DIGITS = 16;

export interface Segment {
  readonly first: number;
  readonly path: string;
}

export function segmentAt(directory: string, first: number): Segment {
  return { first, path: join(directory, `${String(first).padStart(SEQ_DIGITS, "0")}.journal`) };
}

/** The segments of a folder, ascending. */
export async function listSegments(directory: string): Promise<Segment[]> {
  const names = await readdir(directory);
  return names
    .flatMap((name) => {
      const digits = NAME.exec(name)?.[1];
      return digits === undefined ? [] : [segmentAt(directory, Number(digits))];
    })
    .sort((a, b) => a.first - b.first);
}
