/** Owns reading a small JSON body that has a schema. */
import type { IncomingMessage } from "node:http";
import type * as z from "zod";
import { toIssues } from "../../shared/events/parse.ts";
import { problem } from "../../shared/protocol/problem.ts";
import { mediaType, parseJsonBody, readBody } from "./body.ts";

/** @throws ProblemError for a body that is too large, malformed, or does not fit the schema (`invalid_request`). */
export async function readJson<T>(
  request: IncomingMessage,
  schema: z.ZodType<T>,
  options: { /** What an empty body stands for. */ readonly whenEmpty?: unknown } = {},
): Promise<T> {
  mediaType(request, ["application/json"]);
  const body = await readBody(request);
  const isDefault = body.length === 0 && options.whenEmpty !== undefined;
  return fitSchema(isDefault ? options.whenEmpty : parseJsonBody(body), schema, "The body");
}

/** @throws ProblemError `invalid_request`, saying where what is wrong. */
export function fitSchema<T>(value: unknown, schema: z.ZodType<T>, what: string): T {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const issues = toIssues(checked.error);
  const list = issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
  throw problem("invalid_request", `${what} is not understood: ${list}.`, { issues });
}
