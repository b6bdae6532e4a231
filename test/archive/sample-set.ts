import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { packArchive, unpackArchive } from '../../src/archive/archive.ts';
import type { FileList } from '../../src/archive/file-list.ts';
import { byUtf8, type FileSet, type SourceFile } from '../../src/base/file-set.ts';

/** A file in memory, read in pieces of `pieceBytes`. */
export interface Sample {
  readonly path: string;
  readonly bytes: Buffer;
  readonly mtimeMs: number;
}

const time = Date.parse('2023-07-08T02:30:00Z');

export const sample = (path: string, bytes: Buffer | string, mtimeMs = time): Sample => ({
  path,
  bytes: Buffer.from(bytes as string),
  mtimeMs,
});

export const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** A deterministic stream of bytes that does not compress. */
export function noise(sizeBytes: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < sizeBytes; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Cuts bytes into pieces of the sizes given, in turn. */
export function pieces(bytes: Buffer, ...sizes: number[]): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? bytes.length);
    cut.push(bytes.subarray(at, at + size));
    at += size;
  }
  return cut;
}

export async function* streamOf(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks;
}

const sourceOf = ({ path, bytes, mtimeMs }: Sample, pieceBytes: number): SourceFile => ({
  path,
  sizeBytes: bytes.length,
  mtimeMs,
  open: async () => Readable.from(pieces(bytes, pieceBytes)),
});

export function setOf(samples: readonly Sample[], emptyFolders: string[] = [], pieceBytes = 65_536): FileSet {
  const files = samples.map((s) => sourceOf(s, pieceBytes)).sort((a, b) => byUtf8(a.path, b.path));
  return { files, emptyFolders };
}

export function listOf(samples: readonly Sample[], emptyFolders: string[] = []): FileList {
  const files = samples
    .map(({ path, bytes, mtimeMs }) => ({ path, sizeBytes: bytes.length, mtimeMs, sha256: sha256(bytes) }))
    .sort((a, b) => byUtf8(a.path, b.path));
  return { files, emptyFolders, facts: { id: '20230708T023000Z-3f9a1c2e77d0' } };
}

export async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

export const pack = (
  samples: readonly Sample[],
  emptyFolders: string[] = [],
  pieceBytes?: number,
): Promise<Buffer> =>
  collect(packArchive(listOf(samples, emptyFolders), setOf(samples, emptyFolders, pieceBytes)));

/** Reads an archive to its end. */
export async function unpack(
  chunks: Iterable<Buffer>,
): Promise<{ list: FileList; content: Map<string, Buffer> }> {
  const reader = await unpackArchive(streamOf(chunks));
  const content = new Map<string, Buffer>();
  for await (const { file, chunks: bytes } of reader.files()) content.set(file.path, await collect(bytes));
  return { list: reader.list, content };
}

/** Two databases of a few small files, as one would find them below `db`. */
export const smallDatabases: readonly Sample[] = [
  sample('ETaxInvoice/service.properties', '#/home/kasir/e-Faktur/db/ETaxInvoice\nderby.version=10.12\n'),
  sample('ETaxInvoice/log/log.ctrl', noise(48, 7)),
  sample('ETaxInvoice/log/log1.dat', noise(700, 8)),
  sample('ETaxInvoice/seg0/c10.dat', noise(1024, 9)),
  sample('ETaxInvoice/seg0/c20.dat', Buffer.alloc(0)),
  sample('PT Maju/service.properties', '#\n'),
];
export const smallFolders = ['ETaxInvoice/tmp', 'PT Maju/tmp'];
