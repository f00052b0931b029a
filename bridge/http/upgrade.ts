/** Owns answers on a connection that has no response object: a refused upgrade, or bytes that are no HTTP. */
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { PROBLEM_MEDIA_TYPE, type ProblemError } from "../../shared/protocol/problem.ts";
import { problemHeaders } from "./problemResponse.ts";

export function refuseUpgrade(socket: Duplex, refusal: ProblemError): void {
  const { document } = refusal;
  const body = Buffer.from(JSON.stringify(document));
  const headers = {
    "Content-Type": PROBLEM_MEDIA_TYPE,
    "Content-Length": body.length,
    Connection: "close",
    ...problemHeaders(refusal),
  };
  const head = [
    `HTTP/1.1 ${document.status} ${STATUS_CODES[document.status] ?? ""}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ].join("\r\n");
  socket.end(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]), () => socket.destroy());
}
