import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { EfakturError } from '../base/errors.ts';
import { asSourceError, bytesAtOnce, type FileSet, type SourceFile } from '../base/file-set.ts';
import { openToRead, whileHeld, whileHeldInLine } from '../base/held-files.ts';
import { inPlace, type LentBuffer } from '../base/lent-buffer.ts';
import { diskReadBytes } from '../base/threads.ts';
import { type BlockRun, blockBytes, digestBytes, digestsOf } from './block-index.ts';
import { damagedArchive } from './damaged.ts';
import { bytesInRuns, overlaid } from './differential.ts';
import {
  encodeFileList,
  type FileList,
  isProgramList,
  type ListedFile,
  maxFileListBytes,
  parseFileList,
} from './file-list.ts';
import { type ArchiveContent, layoutByList, layoutOf, refuseOtherKind } from './members.ts';
import {
  encodeMemberHeader,
  memberPadding,
  readTar,
  type TarMember,
  type TarReader,
  tarEnd,
} from './tar-members.ts';
import {
  baseLacks,
  beginsNotWithList,
  changedWhileRead,
  checkDiskAndRights,
  closeOrPushAgain,
  endsInstead,
  hashDiffers,
  holdsMore,
  listTooLong,
  moveOutOfDb,
  moveOutOfProgram,
  needsBase,
  notOfFormat,
  standsInstead,
  tooManyFiles,
} from './texts.ts';
import { decodeFrames, encodeFrames } from './zstd-frames.ts';

/**
 * A file set <-> the bytes of an archive: a tar of the file list and `db/…` or `e-Faktur/…`, cut into zstd frames (FORMAT.md
 * "Archive"). Both ways the list is the contract: packing stops when a file differs from it, unpacking accepts nothing
 * beside it.
 */

const runBytes = 1 << 20;

const changed = (path: string, cause?: unknown): EfakturError =>
  new EfakturError('source-changed', changedWhileRead(path), closeOrPushAgain, cause);

const unreadable = (path: string, error: unknown): unknown =>
  asSourceError(error, path, checkDiskAndRights, () => changed(path, error));

/** A plain file's bytes. */
async function* diskChunks(path: string, sizeBytes: number): AsyncGenerator<LentBuffer> {
  const file = await openToRead(path);
  try {
    const buffer = Buffer.allocUnsafeSlow(bytesAtOnce(sizeBytes));
    for (;;) {
      const { bytesRead } = await whileHeld(() => file.read(buffer, 0, buffer.length, null));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** The same, for a thread that may wait for the disk. */
function* diskChunksInLine(path: string, sizeBytes: number): Generator<LentBuffer> {
  const file = whileHeldInLine(() => openSync(path, 'r'));
  try {
    const buffer = Buffer.allocUnsafeSlow(bytesAtOnce(sizeBytes, diskReadBytes));
    for (;;) {
      const bytesRead = whileHeldInLine(() => readSync(file, buffer, 0, buffer.length, null));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    closeSync(file);
  }
}

const openFile = async ({
  diskPath,
  sizeBytes,
  open,
}: SourceFile): Promise<AsyncIterable<LentBuffer> | Iterable<LentBuffer>> => {
  if (diskPath === undefined) return open();
  return isMainThread ? diskChunks(diskPath, sizeBytes) : diskChunksInLine(diskPath, sizeBytes);
};

async function* packFile(file: SourceFile, listed: ListedFile): AsyncGenerator<LentBuffer> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of await openFile(file)) {
      bytes += chunk.length;
      if (bytes > listed.sizeBytes) throw changed(file.path);
      hash.update(inPlace(chunk));
      yield chunk;
    }
  } catch (error) {
    throw unreadable(file.path, error);
  }
  if (bytes !== listed.sizeBytes || hash.digest('hex') !== listed.sha256) throw changed(file.path);
}

const blocksAtOnce = runBytes / blockBytes;

/** Of a plain file only the blocks in the runs, each of which must have its digest. */
async function* packRuns(
  file: SourceFile & { readonly diskPath: string },
  listed: ListedFile,
  runs: readonly BlockRun[],
  digests: Buffer,
): AsyncGenerator<Buffer> {
  try {
    const handle = await openToRead(file.diskPath);
    try {
      for (const [first, count] of runs) {
        for (let block = first; block < first + count; block += blocksAtOnce) {
          const end = Math.min(block + blocksAtOnce, first + count);
          const from = block * blockBytes;
          const bytes = Buffer.alloc(Math.min(end * blockBytes, listed.sizeBytes) - from);
          const { bytesRead } = await whileHeld(() => handle.read(bytes, 0, bytes.length, from));
          const expected = digests.subarray(block * digestBytes, end * digestBytes);
          if (bytesRead !== bytes.length || !digestsOf(bytes).equals(expected)) throw changed(file.path);
          yield bytes;
        }
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(file.path, error);
  }
}

/** No reader would take it. */
const overfull = (list: FileList): EfakturError =>
  new EfakturError(
    'source-unusable',
    tooManyFiles(list.files.length),
    isProgramList(list) ? moveOutOfProgram : moveOutOfDb,
  );

async function* tarOf(list: FileList, set: FileSet, partly: PartlyRead): AsyncGenerator<LentBuffer> {
  const layout = layoutOf(list);
  const listBytes = encodeFileList(list);
  if (listBytes.length > maxFileListBytes) throw overfull(list);
  const newestMs = list.files.reduce((newest, f) => Math.max(newest, f.mtimeMs), 0);
  for (const { name, bytes } of [{ name: layout.listPath, bytes: listBytes }, ...layout.texts]) {
    yield encodeMemberHeader({ path: name, type: 'File', sizeBytes: bytes.length, mtimeMs: newestMs });
    yield bytes;
    yield memberPadding(bytes.length);
  }
  for (const path of layout.folders(list)) {
    yield encodeMemberHeader({ path, type: 'Directory', sizeBytes: 0, mtimeMs: newestMs });
  }
  const sources = new Map(set.files.map((file) => [file.path, file]));
  const listedPaths = new Set(list.files.map((file) => file.path));
  const added = set.files.find((file) => !listedPaths.has(file.path));
  if (added) throw changed(added.path);
  for (const listed of list.files) {
    const source = sources.get(listed.path);
    if (!source) throw changed(listed.path);
    const member = layout.memberOf(listed);
    if (member) yield encodeMemberHeader({ ...member, mtimeMs: listed.mtimeMs });
    const runs = listed.from === undefined ? null : listed.from === 'base' ? [] : listed.from;
    const digests = runs && partly.get(listed.path);
    const { diskPath } = source;
    if (digests && diskPath !== undefined) yield* packRuns({ ...source, diskPath }, listed, runs, digests);
    // A file that the base holds is read all the same: only the second read proves the state.
    else yield* runs ? bytesInRuns(packFile(source, listed), runs) : packFile(source, listed);
    if (member) yield memberPadding(member.sizeBytes);
  }
  yield tarEnd();
}

/**
 * Plain files that are read here only as far as their blocks go into the archive, with the digests of all their blocks
 * at the first read: that the rest is as listed is left to the caller.
 */
export type PartlyRead = ReadonlyMap<string, Buffer>;

/**
 * The archive's bytes (not yet encrypted), read from the set anew. Throws `source-changed` when a file no longer is
 * what the list says: reading to the end without it proves that two reads, one after the other, were equal.
 */
export function packArchive(
  list: FileList,
  set: FileSet,
  partly: PartlyRead = new Map(),
): AsyncGenerator<Buffer> {
  return encodeFrames(tarOf(list, set, partly));
}

/** A file of an archive while it is read; `chunks` must be read to its end before the next file is asked for. */
export interface ArchivedFile {
  readonly file: ListedFile;
  readonly chunks: AsyncGenerator<Buffer>;
}

export interface ArchiveReader {
  readonly list: FileList;
  /**
   * Every file of the list, in its order; each is checked against its hash at its end, unless `hashed` is false: then
   * that is left to the caller.
   */
  files(options?: { readonly hashed?: boolean }): AsyncGenerator<ArchivedFile>;
}

async function* checked(file: ListedFile, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== file.sha256) throw damagedArchive(hashDiffers(file.path));
}

/**
 * Opens an archive (already decrypted) at its first byte and reads its file list; a differential also needs the reader of
 * its base. Everything that is not exactly the listed files in the listed order is `damaged`, and so is an archive of other
 * content; the end of `files()` proves the archive whole, and its base too, up to their last bytes.
 */
export async function unpackArchive(
  source: AsyncIterable<LentBuffer>,
  base: ArchiveReader | null = null,
  content: ArchiveContent = 'databases',
): Promise<ArchiveReader> {
  const tar = readTar(decodeFrames(source));
  const first = await tar.next();
  const layout = layoutByList(first?.path, content);
  if (!layout || first?.type !== 'File') throw damagedArchive(beginsNotWithList);
  if (first.sizeBytes > maxFileListBytes) throw damagedArchive(listTooLong);
  const list = parseFileList(await contentOf(tar));
  refuseOtherKind(list, layout);
  if (!base && list.files.some((file) => file.from !== undefined)) throw damagedArchive(needsBase);

  async function expect(path: string, type: TarMember['type'], sizeBytes: number): Promise<void> {
    const member = await tar.next();
    if (member?.path !== path || member.type !== type || member.sizeBytes !== sizeBytes) {
      throw damagedArchive(member ? standsInstead(member.path, path) : endsInstead(path));
    }
  }

  async function* files({ hashed = true } = {}): AsyncGenerator<ArchivedFile> {
    for (const { name, bytes } of layout?.texts ?? []) {
      await expect(name, 'File', bytes.length);
      if (!(await contentOf(tar)).equals(bytes)) throw damagedArchive(notOfFormat(name));
    }
    for (const folder of layout?.folders(list) ?? []) await expect(folder, 'Directory', 0);
    const baseFiles = base?.files({ hashed }) ?? null;
    for (const file of list.files) {
      const member = layout?.memberOf(file);
      if (member) await expect(member.path, member.type, member.sizeBytes);
      const bytes = file.from === undefined ? tar.content() : await fromBase(baseFiles, file, tar);
      yield { file, chunks: hashed ? checked(file, bytes) : bytes };
    }
    if ((await tar.next()) !== null) throw damagedArchive(holdsMore);
    for (let next = await baseFiles?.next(); next && !next.done; next = await baseFiles?.next())
      await drain(next.value.chunks);
  }

  return { list, files };
}

/** A small member as a whole. */
async function contentOf(tar: TarReader): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of tar.content()) parts.push(chunk);
  return Buffer.concat(parts);
}

const drain = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
  for await (const _ of chunks);
};

/** A file's bytes by its base: both lists have the same order, so the base is read once, forward. */
async function fromBase(
  baseFiles: AsyncGenerator<ArchivedFile> | null,
  file: ListedFile,
  tar: TarReader,
): Promise<AsyncGenerator<Buffer>> {
  for (let next = await baseFiles?.next(); next && !next.done; next = await baseFiles?.next()) {
    const { file: old, chunks } = next.value;
    if (old.path !== file.path) {
      await drain(chunks);
      continue;
    }
    if (file.from === 'base') return chunks;
    return overlaid({ sizeBytes: old.sizeBytes, chunks }, file.from ?? [], tar.content(), file.sizeBytes);
  }
  throw damagedArchive(baseLacks(file.path));
}
