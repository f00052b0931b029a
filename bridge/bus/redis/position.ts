/**
 * Owns places in the order that Redis gives: the id of a stream's entry, `ms-n`. `n` counts over all streams, so that ids
 * are unique and ordered among them; `ms` is Redis's time, so that they can be looked up by time.
 */
export interface Position {
  readonly ms: number;
  readonly n: number;
}

/** Where a bridge stands: a position, and in which of Redis's memories. */
export interface BusCursor extends Position {
  readonly epoch: string;
}

export const BEGINNING: Position = { ms: 0, n: 0 };

export function parsePosition(id: string): Position | undefined {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(id);
  return match === null ? undefined : { ms: Number(match[1]), n: Number(match[2]) };
}

export function formatPosition({ ms, n }: Position): string {
  return `${ms}-${n}`;
}

export function comparePositions(a: Position, b: Position): number {
  return a.ms - b.ms || a.n - b.n;
}

export function parseBusCursor(text: string | undefined): BusCursor | undefined {
  const [epoch, id] = (text ?? "").split("/");
  const position = parsePosition(id ?? "");
  return epoch === undefined || position === undefined ? undefined : { epoch, ...position };
}

export function formatBusCursor({ epoch, ...position }: BusCursor): string {
  return `${epoch}/${formatPosition(position)}`;
}
