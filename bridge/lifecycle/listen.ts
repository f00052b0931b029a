/** Owns the doors of the bridge: its Unix socket (a named pipe on Windows) and its TCP port. */
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { listenOnSocketFile, makePrivateFolder } from "./socketFile.ts";

export interface ListenOptions {
  readonly socketPath: string;
  /** A name or address of this machine. Anything but loopback is let in only because the user said so. */
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Puts the request and upgrade handlers on a server; called for each of the two, before it listens. */
  readonly attach: (server: Server) => void;
}

export interface Listening extends AsyncDisposable {
  readonly socketPath: string;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Sentences for people, such as that others on the network can reach the bridge now. */
  readonly warnings: readonly string[];
  /**
   * Takes no more connections and removes the socket. Those that are open go on: whoever attached the handlers ends them.
   * Resolves when nobody can connect any more.
   */
  close(): Promise<void>;
}

/** The TCP port cannot be had. */
export class PortError extends Error {
  readonly code = "port_unavailable";

  constructor(host: string, port: number, cause: unknown) {
    const taken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    const why = taken ? "something else listens there" : String(cause instanceof Error ? cause.message : cause);
    super(`Cannot listen on ${host}:${port}: ${why}. Choose another with --port and --host`, { cause });
    this.name = "PortError";
  }
}

/**
 * Opens both doors. To be called by the holder of the bridge lock alone, and only once the bridge can serve: whoever
 * connects is let through to the handlers at once.
 *
 * @throws PortError when the TCP port cannot be had; the socket is then gone again.
 */
export async function listen({ socketPath, host, port, attach }: ListenOptions): Promise<Listening> {
  const tcp = createServer();
  const local = createServer();
  attach(tcp);
  attach(local);

  await listenOnTcp(tcp, host, port);
  try {
    await listenOnSocket(local, socketPath);
  } catch (error) {
    tcp.close();
    throw error;
  }

  const close = async () => {
    stopListening(tcp);
    stopListening(local);
    // The holder of the lock is the only one who makes anything at this path.
    if (process.platform !== "win32") await rm(socketPath, { force: true });
  };
  return {
    socketPath,
    url: urlOf(tcp, host),
    warnings: isLoopback(host)
      ? []
      : [`Others who can reach ${host} can reach the bridge; the token is all that keeps them out`],
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function listenOnTcp(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen({ host, port });
    await once(server, "listening");
  } catch (error) {
    throw new PortError(host, port, error);
  }
}

async function listenOnSocket(server: Server, socketPath: string): Promise<void> {
  if (process.platform !== "win32") {
    await makePrivateFolder(dirname(socketPath));
    await listenOnSocketFile(server, socketPath);
    return;
  }
  server.listen(socketPath);
  await once(server, "listening");
}

/** Listening ends at once; the callback would only come when the last connection has ended. */
function stopListening(server: Server): void {
  server.close();
  server.closeIdleConnections();
}

/** What a client on this machine uses. One cannot connect to "every address", but loopback is among them. */
function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = isAddressInfo(address) ? address.port : 0;
  if (host === "0.0.0.0" || host === "::" || host === "") return `http://127.0.0.1:${port}`;
  return host.includes(":") ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}

function isAddressInfo(address: ReturnType<Server["address"]>): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

/** Whether a host can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
