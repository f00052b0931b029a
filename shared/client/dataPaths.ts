/** Owns the name of everything in the data directory that has a fixed name. */
import { createHash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { BRIDGE_LOG, DISCOVERY_FILE, HOOK_SPOOL_FOLDER } from "./dataNames.ts";

/**
 * Longest path, in bytes, at which a Unix socket is made. `sun_path` holds 104 bytes with its NUL on macOS and the BSDs, 108
 * on Linux.
 */
const MAX_SOCKET_PATH_BYTES = 100;

const SOCKET_NAME = "bridge.sock";

export interface DataPaths {
  readonly root: string;
  /** The discovery entry of the bridge that runs. */
  readonly discoveryFile: string;
  /** A Unix socket, or a named pipe on Windows. */
  readonly socketPath: string;
  readonly token: string;
  readonly bridgeLog: string;
  readonly store: string;
  /** What the events came to when the bridge saved it last. */
  readonly state: string;
  readonly logs: string;
  /** What `televibe run` could not deliver yet. */
  readonly spool: string;
  /** What agents' hooks leave for the bridge. */
  readonly hookSpool: string;
  readonly telegram: string;
  /** What installs of agents' hooks left behind, to be undone exactly. */
  readonly hooks: string;
  /** How long events and logs are kept, for people to edit. */
  readonly retention: string;
  /** What is answered without asking, for people to edit. */
  readonly rules: string;
}

/** The paths of a data directory. */
export function paths(dataDir: string): DataPaths {
  const root = resolve(dataDir);
  return {
    root,
    discoveryFile: join(root, DISCOVERY_FILE),
    socketPath: socketPath(root),
    token: join(root, "token"),
    bridgeLog: join(root, BRIDGE_LOG),
    store: join(root, "store"),
    state: join(root, "state.ndjson"),
    logs: join(root, "logs"),
    spool: join(root, "spool"),
    hookSpool: join(root, HOOK_SPOOL_FOLDER),
    telegram: join(root, "telegram.json"),
    hooks: join(root, "hooks"),
    retention: join(root, "retention.json"),
    rules: join(root, "rules.json"),
  };
}

/**
 * Depends on nothing but the directory, the user and the system: two processes with different environments (a terminal, a
 * cron job, an editor in a sandbox) must come to the same path, since what is there decides who is the bridge.
 */
function socketPath(root: string): string {
  if (process.platform === "win32") return `\\\\.\\pipe\\televibe-${hash(root.toLowerCase())}`;
  const near = join(root, SOCKET_NAME);
  if (Buffer.byteLength(near) <= MAX_SOCKET_PATH_BYTES) return near;
  return join("/tmp", `televibe-${process.getuid?.() ?? 0}-${hash(root)}`, SOCKET_NAME);
}

/** The folder in which a data directory's sockets are. */
export function socketFolder({ socketPath: path }: DataPaths): string {
  return dirname(path);
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
