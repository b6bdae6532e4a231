import { createHash } from 'node:crypto';
import { EfakturError } from '../base/errors.ts';
import type { FileSet, SourceFile } from '../base/file-set.ts';
import {
  encodeFileList,
  type FileList,
  fileListName,
  type ListedFile,
  maxFileListBytes,
  parseFileList,
} from './file-list.ts';
import { encodeMemberHeader, memberPadding, readTar, type TarMember, tarEnd } from './tar-members.ts';
import { decodeFrames, encodeFrames } from './zstd-frames.ts';

/**
 * A file set <-> the bytes of an archive: a tar of the file list and `db/…`, cut into zstd frames (FORMAT.md
 * "Archive"). Both ways the list is the contract: packing stops when a file differs from it, unpacking accepts nothing
 * beside it.
 */

const changed = (path: string): EfakturError =>
  new EfakturError(
    'source-changed',
    `${path} changed while it was read`,
    'Close e-Faktur, or push again in a moment.',
  );

async function* packFile(file: SourceFile, listed: ListedFile): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of await file.open()) {
    bytes += chunk.length;
    if (bytes > listed.sizeBytes) throw changed(file.path);
    hash.update(chunk);
    yield chunk;
  }
  if (bytes !== listed.sizeBytes || hash.digest('hex') !== listed.sha256) throw changed(file.path);
}

async function* tarOf(list: FileList, set: FileSet): AsyncGenerator<Buffer> {
  const bytes = encodeFileList(list);
  const newestMs = list.files.reduce((newest, f) => Math.max(newest, f.mtimeMs), 0);
  yield encodeMemberHeader({ path: fileListName, type: 'File', sizeBytes: bytes.length, mtimeMs: newestMs });
  yield bytes;
  yield memberPadding(bytes.length);
  for (const folder of list.emptyFolders) {
    yield encodeMemberHeader({ path: `db/${folder}`, type: 'Directory', sizeBytes: 0, mtimeMs: newestMs });
  }
  const sources = new Map(set.files.map((file) => [file.path, file]));
  const listedPaths = new Set(list.files.map((file) => file.path));
  const added = set.files.find((file) => !listedPaths.has(file.path));
  if (added) throw changed(added.path);
  for (const listed of list.files) {
    const source = sources.get(listed.path);
    if (!source) throw changed(listed.path);
    yield encodeMemberHeader({
      path: `db/${listed.path}`,
      type: 'File',
      sizeBytes: listed.sizeBytes,
      mtimeMs: listed.mtimeMs,
    });
    yield* packFile(source, listed);
    yield memberPadding(listed.sizeBytes);
  }
  yield tarEnd();
}

/**
 * The archive's bytes (not yet encrypted), read from the set anew. Throws `source-changed` when a file no longer is
 * what the list says: reading to the end without it proves that two reads, one after the other, were equal.
 */
export function packArchive(list: FileList, set: FileSet): AsyncGenerator<Buffer> {
  return encodeFrames(tarOf(list, set));
}

/** A file of an archive while it is read; `chunks` must be read to its end before the next file is asked for. */
export interface ArchivedFile {
  readonly file: ListedFile;
  readonly chunks: AsyncGenerator<Buffer>;
}

export interface ArchiveReader {
  readonly list: FileList;
  /** Every file of the list, in its order; each is checked against its hash at its end. */
  files(): AsyncGenerator<ArchivedFile>;
}

const damaged = (what: string): EfakturError =>
  new EfakturError(
    'damaged',
    `the archive is damaged: ${what}`,
    'Restore another backup, or this one from another store.',
  );

async function* checked(file: ListedFile, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== file.sha256) throw damaged(`${file.path} does not have the SHA-256 of its list`);
}

/**
 * Opens an archive (already decrypted) at its first byte and reads its file list. Everything that is not exactly the
 * listed files in the listed order is `damaged`; the end of `files()` proves the archive whole, up to its last byte.
 */
export async function unpackArchive(source: AsyncIterable<Buffer>): Promise<ArchiveReader> {
  const tar = readTar(decodeFrames(source));
  const first = await tar.next();
  if (first?.path !== fileListName || first.type !== 'File')
    throw damaged('it does not begin with its file list');
  if (first.sizeBytes > maxFileListBytes) throw damaged('its file list is too long');
  const parts: Buffer[] = [];
  for await (const chunk of tar.content()) parts.push(chunk);
  const list = parseFileList(Buffer.concat(parts));

  async function expect(path: string, type: TarMember['type'], sizeBytes: number): Promise<void> {
    const member = await tar.next();
    if (member?.path !== path || member.type !== type || member.sizeBytes !== sizeBytes) {
      throw damaged(`${member?.path ?? 'its end'} stands where ${path} was listed`);
    }
  }

  async function* files(): AsyncGenerator<ArchivedFile> {
    for (const folder of list.emptyFolders) await expect(`db/${folder}`, 'Directory', 0);
    for (const file of list.files) {
      await expect(`db/${file.path}`, 'File', file.sizeBytes);
      yield { file, chunks: checked(file, tar.content()) };
    }
    if ((await tar.next()) !== null) throw damaged('it holds more than its list');
  }

  return { list, files };
}
