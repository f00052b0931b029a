/** Owns reaching the bridge: its Unix socket (a named pipe on Windows) first, TCP where that does not answer. */
import { connect, type Socket } from "node:net";
import type { DiscoveryEntry } from "../protocol/discovery.ts";
import { BridgeUnreachableError, describeError } from "./bridgeUnreachableError.ts";

/** What of a discovery entry is needed to reach the bridge and be let in. */
export type BridgeAddress = Pick<DiscoveryEntry, "socket" | "url" | "token">;

/** A local connection is there at once or not at all; this only bounds a machine that is out of breath. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens a connection.
 *
 * @throws BridgeUnreachableError when neither way leads to the bridge; the signal's reason when it was aborted.
 */
export async function openConnection(address: BridgeAddress, signal?: AbortSignal): Promise<Socket> {
  const { hostname, port } = new URL(address.url);
  const targets = [
    ...(address.socket === null ? [] : [{ path: address.socket }]),
    // A URL keeps the brackets of an IPv6 address, a socket wants none.
    { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) },
  ];
  const failures: unknown[] = [];
  for (const target of targets) {
    try {
      return await connectTo(target, signal);
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(error);
    }
  }
  throw new BridgeUnreachableError(failures.map(describeError).join("; "), { cause: failures.at(-1) });
}

/** Resolves once connected. */
export function connectTo(
  target: { path: string } | { host: string; port: number },
  signal?: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const socket = connect(target);
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      // These alone: the socket has listeners of its own, without which its end would go unnoticed.
      socket.off("connect", onConnect);
      socket.off("error", fail);
    };
    const fail = (error: unknown) => {
      settle();
      // A late error of a socket that is given up has nobody to tell.
      socket.on("error", () => undefined);
      socket.destroy();
      reject(error);
    };
    const onConnect = () => {
      settle();
      resolve(socket);
    };
    const onAbort = () => fail(signal?.reason);
    const timer = setTimeout(() => fail(new Error("the connection timed out")), CONNECT_TIMEOUT_MS);
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("error", fail);
    socket.on("connect", onConnect);
  });
}
