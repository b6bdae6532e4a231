/** A program for bounded-memory.long.test.ts: packs one file of `sizeBytes`, reads the archive at once, reports as JSON. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { packArchive, unpackArchive } from '../../src/archive/archive.ts';
import { noise } from './sample-set.ts';

const [, , content, size] = process.argv;
const sizeBytes = Number(size);
const piece = content === 'zeros' ? Buffer.alloc(1 << 20) : noise(1 << 20);
const pieceCount = sizeBytes / piece.length;

const hash = createHash('sha256');
for (let i = 0; i < pieceCount; i++) hash.update(piece);
const file = { path: 'ETaxInvoice/seg0/c10.dat', sizeBytes, mtimeMs: 0 };

function* piecesOfFile(): Generator<Buffer> {
  for (let i = 0; i < pieceCount; i++) yield piece;
}

let archiveBytes = 0;
async function* archive(): AsyncGenerator<Buffer> {
  const list = { files: [{ ...file, sha256: hash.digest('hex') }], emptyFolders: [], facts: {} };
  const source = { ...file, open: async () => Readable.from(piecesOfFile()) };
  for await (const chunk of packArchive(list, { files: [source], emptyFolders: [] })) {
    archiveBytes += chunk.length;
    yield chunk;
  }
}

let contentBytes = 0;
const reader = await unpackArchive(archive());
for await (const { chunks } of reader.files()) for await (const chunk of chunks) contentBytes += chunk.length;
process.stdout.write(
  JSON.stringify({ archiveBytes, contentBytes, peakBytes: process.resourceUsage().maxRSS * 1024 }),
);
