/** Owns reading event cursors off a request. */
import { type Cursor, parseCursor } from "../../shared/protocol/cursor.ts";
import { problem } from "../../shared/protocol/problem.ts";

/** @throws ProblemError `invalid_cursor`; `name` is where the text stood. */
export function readCursor(name: string, text: string): Cursor {
  const cursor = parseCursor(text);
  if (cursor !== undefined) return cursor;
  const message = `"${text}" is not a cursor; it is a seq such as 42, or epoch-seq as the bridge gives it`;
  throw problem("invalid_cursor", `${name}: ${message}.`, { issues: [{ path: name, message }] });
}

/**
 * A cursor for a query, as the `seq` that it stands for.
 *
 * @throws ProblemError `invalid_cursor`, also when it is of another store: a stream can tell its reader and go on, an
 * answer to a query cannot.
 */
export function readQueryCursor(name: string, text: string, epoch: string): number {
  const cursor = readCursor(name, text);
  if (cursor.epoch === undefined || cursor.epoch === epoch) return cursor.seq;
  const message = "the cursor is of another store: this one was made anew or restored. Begin again without it";
  throw problem("invalid_cursor", `${name}: ${message}.`, { issues: [{ path: name, message }], context: { epoch } });
}
