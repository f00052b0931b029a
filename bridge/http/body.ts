/** Owns reading request bodies: bounded while they come in, in a type and an encoding that is understood. */
import type { IncomingMessage } from "node:http";
import { type ProblemError, problem } from "../../shared/protocol/problem.ts";
import { MAX_BODY_BYTES } from "../../shared/protocol/version.ts";

/**
 * Reads a body, and no more of it than is allowed: the length is judged before it is read where it is declared, and
 * while it is read where it is not.
 *
 * @throws ProblemError `body_too_large` or `unsupported_media_type`.
 */
export async function readBody(request: IncomingMessage, maxBytes: number = MAX_BODY_BYTES): Promise<Buffer> {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw problem("unsupported_media_type", `The body must not be compressed, and it is declared as "${encoding}".`);
  }
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        request.removeAllListeners("data");
        reject(tooLarge(maxBytes));
        return;
      }
      chunks.push(chunk);
    });
    request.on("end", () => resolve(Buffer.concat(chunks, size)));
    request.on("error", reject);
    request.on("close", () => reject(new ClientGoneError()));
  });
}

/** The client went away in the middle of its request; there is nobody to answer. */
export class ClientGoneError extends Error {
  readonly code = "client_gone";

  constructor() {
    super("The client went away before its request was complete");
    this.name = "ClientGoneError";
  }
}

/**
 * The body's media type, lower case and without parameters; undefined when it is not declared.
 *
 * @throws ProblemError `unsupported_media_type` for one that is not in the list, or for text that is not UTF-8.
 */
export function mediaType(request: IncomingMessage, allowed: readonly string[]): string | undefined {
  const header = request.headers["content-type"];
  if (header === undefined) return undefined;
  const [type = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase());
  if (!allowed.includes(type)) {
    throw problem(
      "unsupported_media_type",
      `The body's type is "${type}", and here it must be one of ${allowed.join(", ")}. Say which in the Content-Type header.`,
    );
  }
  const charset = parameters
    .find((parameter) => parameter.startsWith("charset="))
    ?.slice("charset=".length)
    .replaceAll('"', "");
  if (charset !== undefined && !["utf-8", "utf8", "us-ascii"].includes(charset)) {
    throw problem("unsupported_media_type", `The body must be UTF-8, and it is declared as "${charset}".`);
  }
  return type;
}

/** A body that is one JSON value. @throws ProblemError `malformed_json` */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) throw problem("malformed_json", "The body is empty; it must hold JSON.");
  return parseJson(decodeText(body), "The body");
}

/** A body with one JSON value a line; empty lines are passed over. @throws ProblemError `malformed_json`, naming the line. */
export function parseNdjsonBody(body: Buffer): unknown[] {
  return decodeText(body)
    .split("\n")
    .flatMap((line, index) => (line.trim() === "" ? [] : [parseJson(line, `Line ${index + 1} of the body`)]));
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw problem("malformed_json", `${what} is not valid JSON: ${cause.message}.`, { cause });
  }
}

function decodeText(body: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw problem("malformed_json", "The body is not valid UTF-8.", { cause });
  }
}

function tooLarge(maxBytes: number): ProblemError {
  return problem("body_too_large", `The body has more than ${maxBytes} bytes; send it in parts.`);
}
