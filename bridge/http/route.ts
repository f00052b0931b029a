/** Owns the table of routes: which method and path lead where, and what a handler gets and gives. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type * as z from "zod";
import { identifier, jobIdentifier } from "../../shared/events/identifier.ts";
import { problem } from "../../shared/protocol/problem.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export interface RequestContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The path's parameters: decoded and checked. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Aborted when the client has gone or the server stops. */
  readonly signal: AbortSignal;
}

/** A complete response. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface Route {
  readonly method: Method;
  /** Such as `/v1/jobs/{job_id}/log`. */
  readonly path: string;
  /** Answers, throws a ProblemError, or takes the response over and answers `undefined`. */
  handle(context: RequestContext): Promise<Answer | undefined> | Answer | undefined;
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, contentType: "application/json; charset=utf-8", body: JSON.stringify(value) };
}

/** What a path's parameter must look like; those that are not named here are identifiers. */
const PARAMETER_SCHEMAS: Readonly<Record<string, z.ZodType<string>>> = { job_id: jobIdentifier };

export type Match =
  | { readonly kind: "route"; readonly route: Route; readonly path: Readonly<Record<string, string>> }
  /** The path exists, and takes only these methods. */
  | { readonly kind: "other_methods"; readonly allow: readonly string[] }
  | { readonly kind: "none" };

interface Entry {
  readonly segments: readonly string[];
  readonly routes: Map<string, Route>;
}

export class RouteTable {
  readonly #entries = new Map<string, Entry>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const entry = this.#entries.get(route.path) ?? { segments: route.path.split("/"), routes: new Map() };
      entry.routes.set(route.method, route);
      this.#entries.set(route.path, entry);
    }
  }

  /**
   * Finds the route of a path as it stands in the request, still encoded: decoded first, an encoded slash would split it.
   *
   * @throws ProblemError `invalid_request` for a parameter that is no identifier.
   */
  match(method: string, rawPath: string): Match {
    const segments = rawPath.split("/");
    for (const entry of this.#entries.values()) {
      if (!fits(entry.segments, segments)) continue;
      const route = entry.routes.get(method === "HEAD" ? "GET" : method);
      if (route === undefined) return { kind: "other_methods", allow: allowedMethods(entry) };
      return { kind: "route", route, path: readParameters(entry.segments, segments) };
    }
    return { kind: "none" };
  }
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length && pattern.every((part, index) => isParameter(part) || part === segments[index])
  );
}

function isParameter(part: string): boolean {
  return part.startsWith("{");
}

function allowedMethods({ routes }: Entry): readonly string[] {
  return [...routes.keys(), ...(routes.has("GET") ? ["HEAD"] : []), "OPTIONS"];
}

function readParameters(pattern: readonly string[], segments: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  pattern.forEach((part, index) => {
    if (!isParameter(part)) return;
    const name = part.slice(1, -1);
    const value = decode(name, segments[index] ?? "");
    const checked = (PARAMETER_SCHEMAS[name] ?? identifier).safeParse(value);
    if (!checked.success) {
      const issues = checked.error.issues.map(({ message }) => ({ path: name, message }));
      const what = issues.map(({ message }) => message).join("; ");
      throw problem("invalid_request", `The path's ${name} ${what}.`, { issues });
    }
    parameters[name] = checked.data;
  });
  return parameters;
}

function decode(name: string, segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw problem("invalid_request", `The path's ${name} is not percent-encoded UTF-8.`, { cause });
  }
}
