/** Owns the port through which the journal writes: four operations, so that a test can make the n-th of them fail. */
import { open } from "node:fs/promises";
import { FILE_MODE } from "../durableFile.ts";

export interface JournalFile {
  /** Writes all bytes at a position. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Resolves when what was written is on disk. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file for reading and writing, and makes it when it is not there. */
export type OpenJournalFile = (path: string) => Promise<JournalFile>;

export const openJournalFile: OpenJournalFile = async (path) => {
  const handle = await open(path, "a", FILE_MODE).then(async (made) => {
    // Only "a" makes a missing file without emptying one that is there, and only "r+" writes at positions.
    await made.close();
    return open(path, "r+");
  });
  return {
    write: async (bytes, position) => {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
    },
    sync: () => handle.datasync(),
    truncate: (size) => handle.truncate(size),
    close: () => handle.close(),
  };
};
