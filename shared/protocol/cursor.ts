/** Owns the cursor of event streams: `epoch-seq`, where the epoch names the store that counted. */

/**
 * Where a reader stands: it has everything up to and including `seq`. The epoch is random and made with the store, so
 * that a wiped or restored store is noticed; without one (a bare `seq`, from a person with curl) nothing is compared.
 */
export interface Cursor {
  readonly epoch?: string;
  readonly seq: number;
}

const CURSOR = /^(?:([0-9a-f]{8,32})-)?(0|[1-9][0-9]{0,15})$/;

/** Reads `epoch-seq` or a bare `seq`; undefined when it is neither. */
export function parseCursor(text: string): Cursor | undefined {
  const match = CURSOR.exec(text);
  if (match === null) return undefined;
  const [, epoch, digits] = match;
  const seq = Number(digits);
  if (!Number.isSafeInteger(seq)) return undefined;
  return epoch === undefined ? { seq } : { epoch, seq };
}

/** Writes a cursor the way `parseCursor` reads it. */
export function formatCursor({ epoch, seq }: Cursor): string {
  return epoch === undefined ? String(seq) : `${epoch}-${seq}`;
}
