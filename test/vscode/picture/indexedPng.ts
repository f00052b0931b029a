/** Owns making a screenshot smaller: a PNG of at most 256 colours out of one that a browser took, with nothing but Node. */
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MAX_COLOURS = 256;
/** Colour types (PNG, clause 11.2.1). */
const RGB = 2;
const INDEXED = 3;
const RGB_SAMPLES = 3;

interface Image {
  readonly width: number;
  readonly height: number;
  /** 0xRRGGBB each, line by line. */
  readonly pixels: Uint32Array;
}

/** What is drawn in flat colours keeps them; of the many shades at the edges of letters, some become their neighbours. */
export function toIndexedPng(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png);
  const { palette, indexOf } = choosePalette(pixels);
  // Each line begins with its filter: none, which suits indices best.
  const lines = Buffer.alloc(height * (width + 1));
  for (const [at, colour] of pixels.entries()) {
    lines[at + Math.floor(at / width) + 1] = indexOf.get(colour) ?? 0;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, INDEXED, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 0xff, colour & 0xff]))),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/**
 * One colour after the other: each time the one that would be told most wrongly without, by how far it is from those chosen
 * and how often it is seen. So the few red dots of an icon are chosen as well as the greys of all the text.
 */
function choosePalette(pixels: Uint32Array) {
  const counts = new Map<number, number>();
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const colours = [...counts].map(([colour, count]) => ({ colour, count, index: 0, error: Number.POSITIVE_INFINITY }));
  const palette: number[] = [];
  while (palette.length < Math.min(MAX_COLOURS, colours.length)) {
    const { colour } = colours.reduce((a, b) => (b.error * b.count > a.error * a.count ? b : a));
    for (const each of colours) {
      const error = squaredDistance(each.colour, colour);
      if (error < each.error) Object.assign(each, { index: palette.length, error });
    }
    palette.push(colour);
  }
  return { palette, indexOf: new Map(colours.map(({ colour, index }) => [colour, index])) };
}

function squaredDistance(a: number, b: number): number {
  return ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 0xff) - ((b >> 8) & 0xff)) ** 2 + ((a & 0xff) - (b & 0xff)) ** 2;
}

function decode(png: Buffer): Image {
  const chunks = chunksOf(png);
  const header = Buffer.concat(chunks.filter(({ type }) => type === "IHDR").map(({ data }) => data));
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, colourType, , , interlaced] = header.subarray(8);
  if (depth !== 8 || colourType !== RGB || interlaced !== 0) {
    throw new Error(`This PNG is no plain screenshot: it has ${depth} bits a sample and colour type ${colourType}`);
  }
  const data = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data)));
  const bytes = unfilter(data, width * RGB_SAMPLES, height);
  const pixels = Uint32Array.from({ length: width * height }, (_, at) => bytes.readUIntBE(at * RGB_SAMPLES, 3));
  return { width, height, pixels };
}

/** Undoes what each line was filtered by (PNG, clause 9.2). */
function unfilter(data: Buffer, stride: number, height: number): Buffer {
  const bytes = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = data.readUInt8(y * (stride + 1));
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x < RGB_SAMPLES ? 0 : bytes.readUInt8(at - RGB_SAMPLES);
      const above = y === 0 ? 0 : bytes.readUInt8(at - stride);
      const aboveLeft = x < RGB_SAMPLES || y === 0 ? 0 : bytes.readUInt8(at - stride - RGB_SAMPLES);
      bytes[at] = data.readUInt8(y * (stride + 1) + 1 + x) + predict(filter, left, above, aboveLeft);
    }
  }
  return bytes;
}

function predict(filter: number, left: number, above: number, aboveLeft: number): number {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4:
      return paeth(left, above, aboveLeft);
    default:
      throw new Error(`PNG has no filter ${filter}`);
  }
}

/** Whichever of the three is nearest to what they make expect. */
function paeth(left: number, above: number, aboveLeft: number): number {
  const expected = left + above - aboveLeft;
  const [byLeft, byAbove, byBoth] = [
    Math.abs(expected - left),
    Math.abs(expected - above),
    Math.abs(expected - aboveLeft),
  ];
  if (byLeft <= byAbove && byLeft <= byBoth) return left;
  return byAbove <= byBoth ? above : aboveLeft;
}

function chunksOf(png: Buffer): readonly { readonly type: string; readonly data: Buffer }[] {
  const chunks = [];
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    // Its length, its type and its checksum have four bytes each.
    at += length + 12;
  }
  return chunks;
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
