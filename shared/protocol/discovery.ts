/** Owns the discovery entry: the file through which clients find the bridge that runs, and get its token. */

export interface DiscoveryEntry {
  readonly schema: 1;
  readonly instance_id: string;
  readonly pid: number;
  readonly version: string;
  readonly protocol: number;
  /** Unix socket path, or a named pipe on Windows. Null where none could be made; then `url` is the only way. */
  readonly socket: string | null;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly token: string;
  readonly started_at: string;
  readonly data_dir: string;
}

/** Reads an entry; undefined when it is malformed or of a schema that this version does not know. */
export function parseDiscoveryEntry(text: string): DiscoveryEntry | undefined {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null) return undefined;
  const entry: Partial<Record<keyof DiscoveryEntry, unknown>> = value;
  const { schema, instance_id, pid, version, protocol, socket, url, token, started_at, data_dir } = entry;
  if (schema !== 1 || typeof pid !== "number" || typeof protocol !== "number") return undefined;
  if (typeof instance_id !== "string" || typeof version !== "string" || typeof url !== "string") return undefined;
  if (typeof token !== "string" || typeof started_at !== "string" || typeof data_dir !== "string") return undefined;
  if (socket !== null && typeof socket !== "string") return undefined;
  return { schema, instance_id, pid, version, protocol, socket, url, token, started_at, data_dir };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // A half-written or foreign file is the same as none; the caller looks again or starts a bridge.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
