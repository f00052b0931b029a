/**
 * Owns the small file beside each sealed partition: what the main thread needs of it without opening it, and the
 * checksum by which damage is noticed. `crc32 json LF`, then the Bloom filter's bits; the checksum is over all that
 * follows it. It can always be made again from the partition.
 */
import { crc32 } from "node:zlib";

const SIDECAR_FORMAT = 1;
const CHECKSUM_LENGTH = 8;

export interface Sidecar {
  readonly events: number;
  readonly oldestMs: number;
  readonly newestMs: number;
  readonly sealedAtMs: number;
  /** Size and CRC-32 of the partition's file. */
  readonly bytes: number;
  readonly crc: number;
  readonly bloom: Uint8Array;
}

export function encodeSidecar({ bloom, ...facts }: Sidecar): Buffer {
  const content = Buffer.concat([Buffer.from(`${JSON.stringify({ format: SIDECAR_FORMAT, ...facts })}\n`), bloom]);
  return Buffer.concat([Buffer.from(`${checksum(content)} `), content]);
}

/** Undefined when it is damaged or of another format: it is then made anew. */
export function decodeSidecar(bytes: Buffer): Sidecar | undefined {
  const content = bytes.subarray(CHECKSUM_LENGTH + 1);
  if (bytes.toString("latin1", 0, CHECKSUM_LENGTH) !== checksum(content)) return undefined;
  const end = content.indexOf("\n");
  const { format, ...facts }: Omit<Sidecar, "bloom"> & { format: number } = JSON.parse(
    content.toString("utf8", 0, end),
  );
  return format === SIDECAR_FORMAT ? { ...facts, bloom: new Uint8Array(content.subarray(end + 1)) } : undefined;
}

function checksum(content: Buffer): string {
  return crc32(content).toString(16).padStart(CHECKSUM_LENGTH, "0");
}
