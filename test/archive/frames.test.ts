import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameBytes } from '../../src/archive/zstd-frame.ts';
import {
  decodeFrames,
  encodeFrames,
  parseSeekTable,
  seekTableLength,
} from '../../src/archive/zstd-frames.ts';
import { fleeting } from '../support/fleeting.ts';
import { noise } from './sample-set.ts';

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

async function* of(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** What packs to a few bytes, to a part and not at all, so that frames are of all lengths. */
const kinds = fc.array(fc.constantFrom('zeros', 'text', 'noise'), { minLength: 1, maxLength: 6 });

const contentOf = (kind: string, i: number): Buffer => {
  if (kind === 'noise') return noise(frameBytes, i + 1);
  if (kind === 'zeros') return Buffer.alloc(frameBytes);
  return Buffer.from(Array.from({ length: 40_000 }, (_, n) => `invoice ${n * (i + 7)}; `).join('')).subarray(
    0,
    frameBytes,
  );
};

test('frames of all lengths are cut out of chunks of any size, whose memory is not kept', async () => {
  await fc.assert(
    fc.asyncProperty(kinds, fc.integer({ min: 500, max: 3 << 20 }), async (all, chunkBytes) => {
      const content = Buffer.concat(all.map(contentOf));
      const archive = await collect(encodeFrames(fleeting(content, chunkBytes)));
      const decoded = await collect(decodeFrames(fleeting(archive, chunkBytes)));
      expect(decoded.equals(content)).toBe(true);
      const cut = collect(decodeFrames(fleeting(archive.subarray(0, -1), chunkBytes)));
      await expect(cut).rejects.toMatchObject({ code: 'damaged' });
    }),
    { numRuns: 25 },
  );
}, 60_000);

test('what follows dense bytes is soon compressed as well as without them', async () => {
  const text = Array.from({ length: 6 }, () => contentOf('text', 0));
  const lastFrame = async (content: Buffer[]): Promise<number | undefined> => {
    const archive = await collect(encodeFrames(of(Buffer.concat(content))));
    const table = archive.subarray(archive.length - (seekTableLength(archive.subarray(-9)) ?? 0));
    return parseSeekTable(table)?.at(-1)?.compressedBytes;
  };
  expect(await lastFrame([noise(2 * frameBytes), ...text])).toBe(await lastFrame(text));
});

test.each([1, 40, 63, 64, 65])('a last frame of %i bytes comes back', async (bytes) => {
  const content = noise(frameBytes + bytes);
  expect((await collect(decodeFrames(encodeFrames(of(content))))).equals(content)).toBe(true);
});
