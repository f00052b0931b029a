/** Owns one process's claim to the lock, and asking others about theirs. */
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { connectTo } from "../../shared/client/openConnection.ts";
import { listenOnSocketFile, siblingName } from "./socketFile.ts";

/** What an owner says of its claim. */
export type ClaimState = "claiming" | "holding";

/** A claim as it looks from outside. One that is silent has an owner that lives and is busy, or stopped. */
export type ClaimAnswer = ClaimState | "silent" | "dead";

const ANSWER_TIMEOUT_MS = 2_000;
const ASK_INTERVAL_MS = 20;

export interface Claim {
  readonly name: string;
  /** From now on it says that it holds the lock. */
  hold(): void;
  release(): Promise<void>;
}

/** Puts up a claim in a folder, under a name that was never used before. */
export async function putUpClaim(folder: string): Promise<Claim> {
  const name = siblingName("lock");
  const path = join(folder, name);
  let state: ClaimState = "claiming";
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.write(state);
    socket.destroySoon();
  });
  await listenOnSocketFile(server, path);
  // What keeps the process going is its work, not its lock.
  server.unref();
  return {
    name,
    hold: () => {
      state = "holding";
    },
    release: async () => {
      await new Promise((resolve) => server.close(resolve));
      await rm(path, { force: true });
    },
  };
}

/** Asks a claim. */
export async function askClaim(path: string): Promise<ClaimAnswer> {
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  for (;;) {
    try {
      const socket = await connectTo({ path }, signal);
      signal.addEventListener("abort", () => socket.destroy(), { once: true });
      const answer = await text(socket);
      if (answer === "claiming" || answer === "holding") return answer;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "ECONNREFUSED" || code === "ENOENT") return "dead";
    }
    // It lives, but closed before it answered, or cannot take more connections just now.
    if (signal.aborted) return "silent";
    await delay(ASK_INTERVAL_MS);
  }
}
