/** Owns the whole numbers of FTS4's structures: seven bits a byte, the lowest first, with the eighth where more follow. */

/** The most bytes that one takes, up to the largest safe integer. */
export const VARINT_BYTES = 8;

/** Answers where it ends. */
export function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 0x7f) {
    bytes[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[at++] = rest;
  return at;
}

export function readVarints(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let value = 0;
  let unit = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * unit;
    unit *= 0x80;
    if (byte > 0x7f) continue;
    values.push(value);
    value = 0;
    unit = 1;
  }
  return values;
}
