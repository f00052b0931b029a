/**
 * Owns the checks before every request and upgrade: a `Host` of ours (a page that rebinds its name to this machine has
 * another), no foreign `Origin`, and the bridge's token. In this order, so that a web page learns nothing at all.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { problem } from "../../shared/protocol/problem.ts";

/** Names under which the bridge answers, without ports: a forwarded port is another one. */
export const LOOPBACK_HOSTS: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

export class Guard {
  readonly #tokenHash: Buffer;
  readonly #allowedHosts: ReadonlySet<string>;

  constructor(options: { readonly token: string; readonly allowedHosts?: readonly string[] }) {
    this.#tokenHash = hash(options.token);
    this.#allowedHosts = new Set([...LOOPBACK_HOSTS, ...(options.allowedHosts ?? [])].map((h) => h.toLowerCase()));
  }

  /** @throws ProblemError `forbidden_host`, `forbidden_origin` or `unauthorized`. */
  check(headers: IncomingHttpHeaders): void {
    this.#checkHost(headers.host);
    checkOrigin(headers.origin, headers.host);
    this.#checkToken(headers.authorization);
  }

  #checkHost(host: string | undefined): void {
    const name = host?.toLowerCase().replace(/:\d{1,5}$/, "");
    if (name !== undefined && this.#allowedHosts.has(name)) return;
    throw problem(
      "forbidden_host",
      host === undefined
        ? "The request has no Host header."
        : `The bridge does not answer as "${host}". Use one of its own names: ${[...this.#allowedHosts].join(", ")}.`,
    );
  }

  #checkToken(authorization: string | undefined): void {
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) {
      throw problem(
        "unauthorized",
        'The request has no token. Send the one in bridge.json as "Authorization: Bearer TOKEN".',
      );
    }
    // Hashes have one length, so that the comparison takes the same time whatever was sent.
    if (timingSafeEqual(hash(token), this.#tokenHash)) return;
    throw problem("unauthorized", "The token is not this bridge's. Its own stands in bridge.json.");
  }
}

/** Browsers name the page that asks. The bridge has no pages, so only one on its very own address may. */
function checkOrigin(origin: string | undefined, host: string | undefined): void {
  if (origin === undefined || origin.toLowerCase() === `http://${host?.toLowerCase()}`) return;
  throw problem("forbidden_origin", `A page of "${origin}" may not use the bridge.`);
}

function hash(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
