/**
 * Owns the small file beside each sealed partition: what is needed of it without opening it, and the checksums by which
 * damage is noticed. `crc32 json LF`, then the ids' Bloom filter, the terms' Bloom filter, and a CRC-32 for each page of
 * the partition (little-endian); the first checksum is over all that follows it. It can always be made again from the
 * partition.
 */
import { crc32 } from "node:zlib";
import { PARTITION_FORMAT } from "./partitionSchema.ts";

const SIDECAR_FORMAT = 2;
const CHECKSUM_LENGTH = 8;

export interface Sidecar {
  readonly events: number;
  readonly oldestMs: number;
  readonly newestMs: number;
  readonly sealedAtMs: number;
  /** Size of the partition's file. */
  readonly bytes: number;
  /** The bits of the Bloom filter over event ids, and over what filters ask for. */
  readonly ids: Uint8Array;
  readonly terms: Uint8Array;
  /** Of each page of the partition's file. */
  readonly pages: Uint32Array;
}

interface Header {
  readonly format: number;
  /** The layout of the partition that it describes. */
  readonly partition: number;
  readonly idBytes: number;
  readonly termBytes: number;
  readonly events: number;
  readonly oldestMs: number;
  readonly newestMs: number;
  readonly sealedAtMs: number;
  readonly bytes: number;
}

export function encodeSidecar({ ids, terms, pages, ...facts }: Sidecar): Buffer {
  const header: Header = {
    format: SIDECAR_FORMAT,
    partition: PARTITION_FORMAT,
    idBytes: ids.length,
    termBytes: terms.length,
    ...facts,
  };
  const checksums = Buffer.alloc(pages.length * 4);
  for (const [page, value] of pages.entries()) checksums.writeUInt32LE(value, page * 4);
  const content = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ids, terms, checksums]);
  return Buffer.concat([Buffer.from(`${checksum(content)} `), content]);
}

/** Undefined when it is damaged, or it or its partition is of another format: it is then made anew. */
export function decodeSidecar(bytes: Buffer): Sidecar | undefined {
  const content = bytes.subarray(CHECKSUM_LENGTH + 1);
  if (bytes.toString("latin1", 0, CHECKSUM_LENGTH) !== checksum(content)) return undefined;
  const end = content.indexOf("\n");
  // The checksum says that one of us wrote it; which one, the format does.
  const header: Header = JSON.parse(content.toString("utf8", 0, end));
  if (header.format !== SIDECAR_FORMAT || header.partition !== PARTITION_FORMAT) return undefined;
  const { format: _, partition: __, idBytes, termBytes, ...facts } = header;
  const terms = end + 1 + idBytes;
  const checksums = content.subarray(terms + termBytes);
  const pages = new Uint32Array(checksums.length / 4);
  for (let page = 0; page < pages.length; page++) pages[page] = checksums.readUInt32LE(page * 4);
  return {
    ...facts,
    ids: new Uint8Array(content.subarray(end + 1, terms)),
    terms: new Uint8Array(content.subarray(terms, terms + termBytes)),
    pages,
  };
}

function checksum(content: Buffer): string {
  return crc32(content).toString(16).padStart(CHECKSUM_LENGTH, "0");
}
