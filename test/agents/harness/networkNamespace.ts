/** Owns shutting a process in a network name space with nothing but a loopback, on which its model answers. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bundle } from "../../support/bundle.ts";

/** Where the model answers inside; every name space has all ports for itself. */
const MODEL_PORT = 8080;

export const MODEL_URL = `http://127.0.0.1:${MODEL_PORT}`;

/** Who is not root makes himself root of a user name space of his own, where the kernel lets him. */
const UNSHARE = ["unshare", "--net", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])];

/** A command line that runs another one shut in. Files, and so Unix sockets, are those of outside. */
export type ShutIn = (command: readonly string[]) => readonly string[];

/** @param folder where what runs inside is put. */
export function networkNamespace(folder: string, modelSocketPath: string): ShutIn {
  const [unshare = "", ...options] = UNSHARE;
  const { status, stderr, error } = spawnSync(unshare, [...options, "ip", "link", "set", "lo", "up"], {
    encoding: "utf8",
  });
  if (status !== 0) {
    throw new Error(
      `The agents run in a network name space of their own, so that nothing they do leaves this machine, and this one lets nobody make one: \`${UNSHARE.join(" ")}\` said ${error?.message ?? stderr.trim()}. Run the tests as root, or allow user name spaces.`,
    );
  }
  const inside = bundle("test/agents/harness/insideNamespace.ts", join(folder, "insideNamespace.mjs"), "esm");
  return (command) => [...UNSHARE, process.execPath, inside, String(MODEL_PORT), modelSocketPath, ...command];
}
