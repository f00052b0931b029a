/**
 * Owns the pipes that a command writes its output into. Node's own are sockets, and on Linux that shows: a script cannot open
 * `/dev/stdout` or `/dev/stderr` on one (ENXIO), and whoever writes to one that was closed gets a network's error instead of
 * SIGPIPE. A named pipe that is opened at both ends and then unlinked is the plain kind, as a shell makes it.
 */
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

const MAKE_TIMEOUT_MS = 1000;

/** Disposing of it closes our copy of the command's end: only then does the output end with the command. */
export interface OutputPipe extends Disposable {
  readonly from: Readable;
  /** The descriptor to give to the command. */
  readonly writeEnd: number;
}

/** One for each of the command's outputs; undefined where Node's own are as good, or such pipes cannot be had. */
export function openOutputPipes(): readonly [stdout: OutputPipe, stderr: OutputPipe] | undefined {
  if (process.platform !== "linux") return undefined;
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), "televibe-"));
    const [stdout, stderr] = [join(folder, "stdout"), join(folder, "stderr")];
    execFileSync("mkfifo", ["-m", "600", stdout, stderr], { stdio: "ignore", timeout: MAKE_TIMEOUT_MS });
    return [openPipe(stdout), openPipe(stderr)];
  } catch {
    // No room for temporary files, or no `mkfifo`: no reason to keep a command from running.
    return undefined;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function openPipe(path: string): OutputPipe {
  // Without O_NONBLOCK this would wait for a writer. The other end has to block, as commands expect of their output.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, constants.O_WRONLY);
  return {
    from: new Socket({ fd: readEnd, readable: true, writable: false }),
    writeEnd,
    [Symbol.dispose]: () => closeSync(writeEnd),
  };
}
