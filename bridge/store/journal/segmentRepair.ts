/** Owns mending a segment after a scan: a torn tail is cut off, a damaged file is set aside and what is whole in it stays. */
import { constants, copyFile, open } from "node:fs/promises";
import { dirname } from "node:path";
import { replaceFile, syncDirectory } from "../durableFile.ts";
import type { SegmentScan } from "./segmentScan.ts";

const LINE_FEED = 0x0a;

export interface RepairPlan {
  /** The file goes aside whole before anything is changed. */
  readonly setAside: boolean;
  /** The file is written anew from its whole records. */
  readonly rewrite: boolean;
  /** Bytes of the tail that are cut off as never acknowledged. */
  readonly tornBytes: number;
}

/**
 * What a scan calls for. A tail is torn only in the segment that was written last, since the next one begins only after
 * all of this one is on disk.
 */
export function planRepair(scan: SegmentScan, isLast: boolean): RepairPlan {
  const wholeBytes = scan.whole.reduce((sum, { start, end }) => sum + end - start, 0);
  const tailBytes = scan.bytes - (scan.whole.at(-1)?.end ?? 0);
  const isTorn = scan.tail.kind === "torn" && isLast;
  // Bad bytes between whole records, or behind the last one where no crash can have left them.
  const setAside = scan.bytes - wholeBytes > (isTorn ? tailBytes : 0);
  return { setAside, rewrite: setAside || scan.tail.kind === "unended", tornBytes: isTorn ? tailBytes : 0 };
}

/** Copies a file to `<path>.damaged`, or the next free number, durably; answers the copy's path. */
export async function setAside(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const copy = number === 1 ? `${path}.damaged` : `${path}.damaged.${number}`;
    try {
      await copyFile(path, copy, constants.COPYFILE_EXCL);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST") continue;
      throw error;
    }
    const handle = await open(copy, "r+");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await syncDirectory(dirname(path));
    return copy;
  }
}

/** Replaces a segment by its whole records; answers its new size in bytes. */
export async function rewriteWhole(path: string, scan: SegmentScan): Promise<number> {
  const parts: Buffer[] = [];
  const file = await open(path, "r");
  try {
    for (const { start, end } of scan.whole) {
      const part = Buffer.alloc(end - start);
      await file.read(part, 0, part.length, start);
      parts.push(part);
      // A line feed that was missing, or wrong.
      if (part.at(-1) !== LINE_FEED) parts.push(Buffer.from([LINE_FEED]));
    }
  } finally {
    await file.close();
  }
  const bytes = Buffer.concat(parts);
  await replaceFile(dirname(path), path, bytes);
  return bytes.length;
}
