/** Owns the errors that the protocol can answer with: RFC 9457 problem documents with a closed list of codes. */

/** Every code, with the HTTP status and title that it always has. */
export const PROBLEMS = {
  malformed_json: { status: 400, title: "The body is not valid JSON" },
  invalid_event: { status: 400, title: "The event does not fit its schema" },
  invalid_filter: { status: 400, title: "The filter is not understood" },
  invalid_cursor: { status: 400, title: "The cursor is not understood" },
  invalid_request: { status: 400, title: "The request is not understood" },
  unauthorized: { status: 401, title: "The bridge's token is missing or wrong" },
  forbidden_host: { status: 403, title: "The Host header is not one of the bridge's own" },
  forbidden_origin: { status: 403, title: "Web pages may not use the bridge" },
  not_found: { status: 404, title: "There is nothing at this path" },
  unknown_job: { status: 404, title: "No such job" },
  unknown_approval: { status: 404, title: "No such approval" },
  method_not_allowed: { status: 405, title: "The path does not take this method" },
  event_id_conflict: { status: 409, title: "The event_id is taken by another event" },
  approval_id_conflict: { status: 409, title: "The approval_id is taken by another question" },
  already_decided: { status: 409, title: "The approval was decided already" },
  log_offset_conflict: { status: 409, title: "The log is shorter than the offset" },
  settings_invalid: { status: 409, title: "The settings file is wrong" },
  not_cancelable: { status: 409, title: "The job cannot be canceled" },
  body_too_large: { status: 413, title: "The body is too large" },
  event_too_large: { status: 413, title: "The event is too large" },
  unsupported_media_type: { status: 415, title: "The content type is not one that is taken here" },
  internal_error: { status: 500, title: "The bridge failed" },
  stopping: { status: 503, title: "The bridge is stopping" },
  store_unavailable: { status: 507, title: "The store cannot be written" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** The media type of a problem document. */
export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/** One thing that is wrong with the input: where (a JSON Pointer or a parameter's name) and what. */
export interface ProblemIssue {
  readonly path: string;
  readonly message: string;
}

/** RFC 9457, with our code and, where it helps, what exactly is wrong. */
export interface ProblemDocument {
  /** `urn:televibe:problem:<code>` */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  /** What happened this time and what to do. */
  readonly detail: string;
  readonly issues?: readonly ProblemIssue[];
  /** Facts of this one problem, such as the decision that came first. */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** An error that knows its problem document: thrown in the bridge, sent over the wire, thrown again by the client. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly document: ProblemDocument;

  constructor(document: ProblemDocument, options?: ErrorOptions) {
    super(document.detail, options);
    this.name = "ProblemError";
    this.code = document.code;
    this.document = document;
  }
}

/** Makes the error for a code. `detail` says what happened, why, and what to do. */
export function problem(
  code: ProblemCode,
  detail: string,
  extra: { issues?: readonly ProblemIssue[]; context?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
): ProblemError {
  const { cause, ...facts } = extra;
  const { status, title } = PROBLEMS[code];
  const document = { type: `urn:televibe:problem:${code}`, title, status, code, detail, ...facts };
  return new ProblemError(document, cause === undefined ? undefined : { cause });
}

/** Reads a problem document off the wire; undefined when it is none of ours. */
export function parseProblem(value: unknown): ProblemError | undefined {
  if (typeof value !== "object" || value === null || !("code" in value) || !("detail" in value)) return undefined;
  const { code, detail } = value;
  if (typeof code !== "string" || typeof detail !== "string" || !isProblemCode(code)) return undefined;
  const issues = "issues" in value && Array.isArray(value.issues) ? { issues: value.issues.filter(isIssue) } : {};
  const context = "context" in value && isRecord(value.context) ? { context: value.context } : {};
  return problem(code, detail, { ...issues, ...context });
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isIssue(value: unknown): value is ProblemIssue {
  return isRecord(value) && typeof value["path"] === "string" && typeof value["message"] === "string";
}
