/** Owns how answers and errors leave: complete responses with their length, errors as problem documents (RFC 9457). */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { PROBLEM_MEDIA_TYPE, ProblemError, problem } from "../../shared/protocol/problem.ts";
import type { Logger } from "../diagnostics/logger.ts";
import type { Answer } from "./route.ts";

/** For how long, and how much of, a refused body is read on and thrown away, so that its sender gets to read the answer. */
const LINGER_MS = 1000;
const MAX_LINGER_BYTES = 16 * 1024 * 1024;

/** The problem to answer with. What nobody foresaw is logged whole, and told without its insides. */
export function toProblem(error: unknown, log: Logger, what: string): ProblemError {
  if (error instanceof ProblemError) return error;
  log.error("A request failed", { request: what, error });
  return problem("internal_error", "The bridge failed at this request. Its log (bridge.log) says why.");
}

export function problemAnswer({ document }: ProblemError): Answer {
  return { status: document.status, contentType: PROBLEM_MEDIA_TYPE, body: JSON.stringify(document) };
}

/** Headers that an error's code calls for. */
export function problemHeaders({ code }: ProblemError): OutgoingHttpHeaders {
  if (code === "unauthorized") return { "WWW-Authenticate": 'Bearer realm="televibe"' };
  if (code === "stopping" || code === "store_unavailable") return { "Retry-After": "5" };
  return {};
}

/** Sends a complete response, after which the connection can be used again if the request was read whole. */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  headers: OutgoingHttpHeaders = {},
): void {
  const body = Buffer.from(answer.body);
  const isUnread = hasBody(request) && !request.complete;
  response.writeHead(answer.status, {
    "Content-Type": answer.contentType,
    "Content-Length": body.length,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...headers,
    ...(isUnread ? { Connection: "close" } : {}),
  });
  if (!isUnread) {
    response.end(body);
    return;
  }
  response.write(body);
  linger(request, response);
}

/** Closing a socket with unread bytes resets it, and the sender may lose the answer that was on its way. */
function linger(request: IncomingMessage, response: ServerResponse): void {
  let size = 0;
  const close = () => {
    clearTimeout(timer);
    response.end();
    request.socket.destroySoon();
  };
  const timer = setTimeout(close, LINGER_MS);
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_LINGER_BYTES) close();
  });
  request.once("end", close);
  request.once("close", close);
  request.resume();
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
