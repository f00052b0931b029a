/** Owns the rules for identifiers that come from outside: projects, sessions, jobs, approvals and events. */
import * as z from "zod";

/** Longest project, session, task or approval identifier, in UTF-16 units. */
export const MAX_IDENTIFIER_LENGTH = 200;

/** Longest job identifier: it stands in URLs and names a log file. */
export const MAX_JOB_ID_LENGTH = 128;

const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const JOB_ID = /^[A-Za-z0-9](?:[A-Za-z0-9._:-]*[A-Za-z0-9])?$/;

/** A name such as `org/repo` or `feature/login`. Slashes are fine inside; what would climb or root a path is not. */
export const identifier = z
  .string()
  .min(1, "must not be empty")
  .max(MAX_IDENTIFIER_LENGTH, `must be at most ${MAX_IDENTIFIER_LENGTH} characters`)
  // One check for all three: there are five identifiers in each event.
  .check(({ value, issues }) => {
    const refuse = (message: string) => issues.push({ code: "custom", message, input: value });
    if (CONTROL_CHARACTERS.test(value)) refuse("must not hold control characters");
    if (value.trim() !== value) refuse("must not begin or end with a space");
    if (isPathLike(value)) refuse('must not look like a path: no leading "/", no "\\", no "." or ".." part');
  });

/** A job's identifier, usually a UUID. */
export const jobIdentifier = z
  .string()
  .min(1, "must not be empty")
  .max(MAX_JOB_ID_LENGTH, `must be at most ${MAX_JOB_ID_LENGTH} characters`)
  .regex(JOB_ID, "must consist of letters, digits and . _ : - and begin and end with a letter or digit")
  .refine((value) => !value.includes(".."), 'must not hold ".."');

/** An event's own identifier. */
export const eventIdentifier = z.guid("must be a UUID");

/** A part that is empty, `.` or `..`. */
const ODD_PART = /(?:^|\/)\.{0,2}(?:\/|$)/;

function isPathLike(value: string): boolean {
  return value.includes("\\") || ODD_PART.test(value);
}
