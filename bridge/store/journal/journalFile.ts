/** Owns the port through which the journal writes: four operations, so that a test can make the n-th of them fail. */
import { open } from "node:fs/promises";
import { FILE_MODE } from "../durableFile.ts";
import { WriterThread } from "./writerThread.ts";

export interface JournalFile {
  /** Writes all bytes at a position. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Resolves when what was written before the call is on disk. A write need not be waited for: it is covered as well. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file for reading and writing, and makes it when it is not there. */
export type OpenJournalFile = (path: string) => Promise<JournalFile>;

/** A file with a thread of its own. */
export const openJournalFile: OpenJournalFile = async (path) => {
  const thread = new WriterThread();
  const file = await openOnThread(path, thread).catch(async (error: unknown) => {
    await thread.stop();
    throw error;
  });
  return {
    ...file,
    close: async () => {
      await thread.stop();
      await file.close();
    },
  };
};

/** Several files of which one is written at a time: they share a thread. */
export async function openOnThread(path: string, thread: WriterThread): Promise<JournalFile> {
  const handle = await open(path, "a", FILE_MODE).then(async (made) => {
    // Only "a" makes a missing file without emptying one that is there, and only "r+" writes at positions.
    await made.close();
    return open(path, "r+");
  });
  return {
    write: (bytes, position) => thread.write(handle.fd, bytes, position),
    sync: () => thread.sync(handle.fd),
    truncate: (size) => handle.truncate(size),
    close: () => handle.close(),
  };
}
