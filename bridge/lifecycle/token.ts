/**
 * Owns the bridge's token. One a data directory, kept over restarts: agents' hooks, scripts and open windows hold on to it,
 * and a restart must not lock them out. Whoever can read the file is the user, or owns the machine.
 */
import { randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { writeSecretFile } from "./discoveryFile.ts";

/** The environment variable that sets the token, for containers and tests. */
export const TOKEN_VARIABLE = "TELEVIBE_TOKEN";

const TOKEN_BYTES = 32;
/** 128 bits in base64url at the least, and nothing that would need quoting in a header or a shell. */
const ACCEPTABLE = /^[A-Za-z0-9._~-]{22,256}$/;

/** The token given is one that could be guessed, or cannot stand in a header. */
export class WeakTokenError extends Error {
  readonly code = "weak_token";

  constructor() {
    super(`The token given must be 22 to 256 letters, digits or . _ ~ -; unset ${TOKEN_VARIABLE} to have one made`);
    this.name = "WeakTokenError";
  }
}

/**
 * The token: the one given, else the one kept in `file`, else a new one, kept there. One that others could read is
 * replaced. To be called by the holder of the bridge lock.
 *
 * @throws WeakTokenError when the one given is not acceptable.
 */
export async function bridgeToken(file: string, given?: string): Promise<string> {
  if (given !== undefined && given !== "") {
    if (!ACCEPTABLE.test(given)) throw new WeakTokenError();
    return given;
  }
  const kept = await readKept(file);
  if (kept !== undefined) return kept;
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  await writeSecretFile(file, `${token}\n`);
  return token;
}

async function readKept(file: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) return undefined;
    const token = (await readFile(file, "utf8")).trim();
    return ACCEPTABLE.test(token) ? token : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
