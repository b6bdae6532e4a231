import { crc32, deflateSync } from 'node:zlib';

/**
 * The icon of the program, drawn by sums so that no tool is needed and each build has the same bytes: a white cloud on a green
 * tile, and in the cloud an arrow that goes up.
 */

/** One size of it, as an .ico holds it. */
export interface IconImage {
  readonly sizePx: number;
  /** A bitmap with its mask; of 256 px a PNG, as Windows wants it. */
  readonly bytes: Buffer;
}

const sizesPx = [16, 24, 32, 48, 256];
const tile = [15, 118, 110] as const;
const cloud = [255, 255, 255] as const;

/** Samples of one pixel's side; their mean is what smooths the edges. */
const samples = 8;

export const iconImages = (): IconImage[] =>
  sizesPx.map((sizePx) => {
    const pixels = draw(sizePx);
    return { sizePx, bytes: sizePx < 256 ? asBitmap(pixels, sizePx) : asPng(pixels, sizePx) };
  });

/** The whole .ico file. */
export function iconFile(images: readonly IconImage[]): Buffer {
  const head = Buffer.alloc(6 + 16 * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  images.forEach(({ sizePx, bytes }, i) => {
    const at = 6 + 16 * i;
    head.writeUInt8(sizePx % 256, at);
    head.writeUInt8(sizePx % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(bytes.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += bytes.length;
  });
  return Buffer.concat([head, ...images.map(({ bytes }) => bytes)]);
}

/** RGBA, rows from the top. */
function draw(sizePx: number): Buffer {
  const pixels = Buffer.alloc(sizePx * sizePx * 4);
  for (let y = 0; y < sizePx; y++) {
    for (let x = 0; x < sizePx; x++) {
      const sum = [0, 0, 0];
      let covered = 0;
      for (let i = 0; i < samples * samples; i++) {
        const color = colorAt(
          (x + ((i % samples) + 0.5) / samples) / sizePx,
          (y + (Math.floor(i / samples) + 0.5) / samples) / sizePx,
        );
        if (color === null) continue;
        covered++;
        color.forEach((value, part) => {
          sum[part] = (sum[part] ?? 0) + value;
        });
      }
      const at = (y * sizePx + x) * 4;
      sum.forEach((value, part) => {
        pixels[at + part] = covered === 0 ? 0 : Math.round(value / covered);
      });
      pixels[at + 3] = Math.round((covered * 255) / (samples * samples));
    }
  }
  return pixels;
}

/** Of a place from 0 to 1 each way; null outside of the tile. */
function colorAt(x: number, y: number): readonly number[] | null {
  if (!isInBox(x, y, 0.02, 0.02, 0.98, 0.98, 0.2)) return null;
  const isCloud =
    isInCircle(x, y, 0.32, 0.56, 0.17) ||
    isInCircle(x, y, 0.5, 0.42, 0.21) ||
    isInCircle(x, y, 0.68, 0.56, 0.17) ||
    isInBox(x, y, 0.32, 0.5, 0.68, 0.73, 0);
  if (!isCloud) return tile;
  const isShaft = isInBox(x, y, 0.455, 0.5, 0.545, 0.68, 0);
  const isHead = y >= 0.35 && y <= 0.52 && Math.abs(x - 0.5) <= (y - 0.35) * 0.85;
  return isShaft || isHead ? tile : cloud;
}

const isInCircle = (x: number, y: number, centerX: number, centerY: number, radius: number): boolean =>
  (x - centerX) ** 2 + (y - centerY) ** 2 <= radius ** 2;

function isInBox(
  x: number,
  y: number,
  left: number,
  top: number,
  right: number,
  bottom: number,
  round: number,
) {
  const outX = Math.max(left + round - x, x - (right - round), 0);
  const outY = Math.max(top + round - y, y - (bottom - round), 0);
  return outX ** 2 + outY ** 2 <= round ** 2;
}

/** A bitmap of 32 bits, rows from the bottom, and the mask of one bit that old readers of icons want. */
function asBitmap(pixels: Buffer, sizePx: number): Buffer {
  const maskRow = Math.ceil(sizePx / 32) * 4;
  const bitmap = Buffer.alloc(40 + pixels.length + maskRow * sizePx);
  bitmap.writeUInt32LE(40, 0);
  bitmap.writeInt32LE(sizePx, 4);
  bitmap.writeInt32LE(sizePx * 2, 8);
  bitmap.writeUInt16LE(1, 12);
  bitmap.writeUInt16LE(32, 14);
  bitmap.writeUInt32LE(pixels.length, 20);
  for (let y = 0; y < sizePx; y++) {
    for (let x = 0; x < sizePx; x++) {
      const from = ((sizePx - 1 - y) * sizePx + x) * 4;
      const to = 40 + (y * sizePx + x) * 4;
      for (const [part, other] of [2, 1, 0, 3].entries()) bitmap[to + part] = pixels[from + other] ?? 0;
      if (pixels[from + 3] !== 0) continue;
      const at = 40 + pixels.length + y * maskRow + (x >> 3);
      bitmap[at] = (bitmap[at] ?? 0) | (0x80 >> (x & 7));
    }
  }
  return bitmap;
}

function asPng(pixels: Buffer, sizePx: number): Buffer {
  const rows = Buffer.alloc((sizePx * 4 + 1) * sizePx);
  for (let y = 0; y < sizePx; y++)
    pixels.copy(rows, y * (sizePx * 4 + 1) + 1, y * sizePx * 4, (y + 1) * sizePx * 4);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(sizePx, 0);
  header.writeUInt32BE(sizePx, 4);
  // Eight bits for each of red, green, blue and alpha.
  header.set([8, 6, 0, 0, 0], 8);
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const whole = Buffer.alloc(body.length + 8);
    whole.writeUInt32BE(data.length, 0);
    body.copy(whole, 4);
    whole.writeUInt32BE(crc32(body), body.length + 4);
    return whole;
  };
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
