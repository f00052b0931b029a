/**
 * Owns the lock that makes a bridge the only one of its data directory. It is a listening socket, so it ends with its
 * process however that ends: no stale lock, no guess from process ids.
 *
 * Who wants the lock puts up a claim, a socket under a name that was never used before, and then looks at the others'.
 * A claim that does not answer is dead for good, since its name is never used again: removing it can hit nobody else.
 * Everybody claims before looking, so of two that want it at once at least one sees the other; the one of the greater name
 * yields, and only who sees no other claim that lives holds the lock.
 */
import { once } from "node:events";
import { readdir, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type DataPaths, socketFolder } from "../../shared/client/dataPaths.ts";
import { readDiscoveryFile } from "../../shared/client/findBridge.ts";
import { BridgeAlreadyRunningError } from "./bridgeAlreadyRunningError.ts";
import { askClaim, type Claim, putUpClaim } from "./claim.ts";
import { isSiblingName, makePrivateFolder } from "./socketFile.ts";

/** How long others may take to settle among themselves who holds the lock. */
const SETTLE_TIMEOUT_MS = 10_000;
const ASK_INTERVAL_MS = 20;
/** A socket that was being made for longer than this was left behind by a crash. */
const NEWBORN_MAX_AGE_MS = 60_000;

export interface BridgeLock extends AsyncDisposable {
  /** To be called last of all, when nothing in the data directory is open any more. */
  release(): Promise<void>;
}

/**
 * Gets the lock. Hold it before opening anything in the data directory.
 *
 * @throws BridgeAlreadyRunningError when another process has it, with that bridge's discovery entry if there is one yet.
 */
export async function acquireBridgeLock(paths: DataPaths): Promise<BridgeLock> {
  await makePrivateFolder(paths.root);
  if (process.platform === "win32") return acquirePipe(paths);
  const folder = socketFolder(paths);
  await makePrivateFolder(folder);

  const deadline = AbortSignal.timeout(SETTLE_TIMEOUT_MS);
  while (!deadline.aborted) {
    const claim = await putUpClaim(folder);
    const verdict = await contend(folder, claim, deadline).catch(async (error: unknown) => {
      await claim.release();
      throw error;
    });
    if (verdict === "won") {
      claim.hold();
      await removeNewborns(folder);
      return { release: claim.release, [Symbol.asyncDispose]: claim.release };
    }
    await claim.release();
    if (verdict === "lost") break;
    // It yielded to one that claims as well. Should that one give up or die, there is a next round.
    if ((await settled(join(folder, verdict.yieldedTo), deadline)) !== "dead") break;
  }
  throw new BridgeAlreadyRunningError(paths.root, await readDiscoveryFile(paths.discoveryFile));
}

type Verdict = "won" | "lost" | { readonly yieldedTo: string };

/** Looks at all other claims, until this one is the only one or has to go. */
async function contend(folder: string, own: Claim, deadline: AbortSignal): Promise<Verdict> {
  for (const name of await readdir(folder)) {
    if (name === own.name || !isSiblingName("lock", name)) continue;
    const path = join(folder, name);
    let answer = await askClaim(path);
    if (answer === "claiming" && name < own.name) return { yieldedTo: name };
    if (answer === "claiming") answer = await settled(path, deadline);
    if (answer !== "dead") return "lost";
    await rm(path, { force: true });
  }
  return "won";
}

/** How a claim comes out that is not decided yet. */
async function settled(path: string, deadline: AbortSignal): Promise<"holding" | "silent" | "dead"> {
  while (!deadline.aborted) {
    const answer = await askClaim(path);
    if (answer !== "claiming") return answer;
    await delay(ASK_INTERVAL_MS);
  }
  return "silent";
}

async function removeNewborns(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!isSiblingName("born", name)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > NEWBORN_MAX_AGE_MS) await rm(path, { force: true });
  }
}

/** Windows gives a pipe's name to one process at a time, and takes it back when that ends. */
async function acquirePipe(paths: DataPaths): Promise<BridgeLock> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(`${paths.socketPath}-lock`);
    await once(server, "listening");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    throw new BridgeAlreadyRunningError(paths.root, await readDiscoveryFile(paths.discoveryFile));
  }
  server.unref();
  const release = async () => {
    await new Promise((resolve) => server.close(resolve));
  };
  return { release, [Symbol.asyncDispose]: release };
}
