/** Owns reading a small file of somebody else's making: one that never ends, or never begins, holds nobody up. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** @throws Error where it is no regular file, or has more bytes; else what the file system says. */
export async function readRegularFile(path: string, maxBytes: number): Promise<string> {
  // Else the opening of a pipe that nobody writes to would wait for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error("it is no regular file");
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      length += bytesRead;
      if (length > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
      if (bytesRead === 0) return bytes.toString("utf8", 0, length);
    }
  } finally {
    await file.close();
  }
}
