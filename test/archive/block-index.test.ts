import { expect, test } from 'vitest';
import { encodeBlockIndex, parseBlockIndex } from '../../src/archive/block-index.ts';
import { encodeFrames } from '../../src/archive/zstd-frames.ts';
import { codeOf } from '../base/failures.ts';

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

async function framed(text: string): Promise<Buffer> {
  const frames: Buffer[] = [];
  for await (const frame of encodeFrames(piecesOf(Buffer.from(text)))) frames.push(frame);
  return Buffer.concat(frames);
}

const file = {
  path: 'ETaxInvoice/seg0/c10.dat',
  sizeBytes: 5000,
  mtimeMs: 1_688_783_400_000,
  sha256: 'a'.repeat(64),
  digests: Buffer.alloc(32, 7),
};

test('an index is read back as it was written', async () => {
  const index = await parseBlockIndex(piecesOf(await encodeBlockIndex([file])));
  expect([...index.values()]).toEqual([file]);
});

const listed = (entry: unknown): string =>
  `${JSON.stringify({ format: 1, blockBytes: 4096, files: [entry] })}\n`;

test.each([
  ['nothing', ''],
  ['null', 'null\n'],
  ['a number', '7\n'],
  ['no list', '{"format":1,"blockBytes":4096}\n'],
  ['another format', '{"format":2,"blockBytes":4096,"files":[]}\n'],
  ['an entry that is null', listed(null)],
  ['a size below nothing', listed({ path: 'a', size: -5, mtime: '2023-07-08T00:00:00Z', sha256: 'x' })],
  ['a file without its digests', listed({ path: 'a', size: 5, mtime: '2023-07-08T00:00:00Z', sha256: 'x' })],
  ['digests of no file', '{"format":1,"blockBytes":4096,"files":[]}\nxxxxxxxxxxxxxxxx'],
])('%s is damaged, and no bug', async (_, text) => {
  expect(await codeOf(parseBlockIndex(piecesOf(await framed(text))))).toBe('damaged');
});
