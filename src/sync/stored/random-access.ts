import {
  type ArchiveBytes,
  type ArchiveRange,
  openArchiveRange,
  readOverlaid,
} from '../../archive/archive-range.ts';
import type { FileList } from '../../archive/file-list.ts';
import { EfakturError, isEfakturError } from '../../base/errors.ts';
import { isEncryptedKey } from '../../catalog/names.ts';
import { useOtherBackup } from '../../catalog/texts.ts';
import type { Decryptor } from '../../crypto/age.ts';
import { refuseLongWay } from '../../store/asked-range.ts';
import { readObject } from '../../store/small-object.ts';
import type { ObjectStore } from '../../store/store.ts';
import { type LocatedArchive, missingKey, refuseOtherState } from './archives.ts';
import { areAsNamed, surely } from './second-reading.ts';
import { fullLacks, notThere, shorterThanStated } from './texts.ts';

/** Any part of any file of a stored backup, without the rest. */
export interface StoredFiles {
  readonly list: FileList;
  /** Exactly these bytes of a listed file; `damaged` when its frames are not sound. `path` is relative to `db`. */
  read(path: string, offset: number, length: number): Promise<Buffer>;
}

/**
 * Opens a stored backup for reading anywhere, by ranges of its archives (of a differential, the base first). Only the
 * frames that hold the asked bytes are fetched; their checksums are checked, not the hashes of whole files. Where damage
 * shows, the archives are read whole before it is told.
 */
export async function openRandomAccess(
  store: ObjectStore,
  archives: readonly LocatedArchive[],
  decryptor: Decryptor | null,
  signal: AbortSignal,
): Promise<StoredFiles> {
  const open = (): Promise<StoredFiles> => openOnce(store, archives, decryptor, signal);
  const files = await surely(store, archives, signal, open);
  let asNamed: Promise<boolean> | null = null;
  let opened: Promise<StoredFiles> | null = null;
  return {
    list: files.list,
    async read(...part) {
      try {
        return await files.read(...part);
      } catch (error) {
        if (!isEfakturError(error, 'damaged')) throw error;
        asNamed ??= areAsNamed(store, archives, signal);
        if (!(await asNamed)) throw error;
        opened ??= open();
        return await (await opened).read(...part);
      }
    },
  };
}

async function openOnce(
  store: ObjectStore,
  archives: readonly LocatedArchive[],
  decryptor: Decryptor | null,
  signal: AbortSignal,
): Promise<StoredFiles> {
  const ranges = await Promise.all(
    archives.map(async (a) => openArchiveRange(await plainRange(store, a, decryptor, signal))),
  );
  const own = ranges.at(-1);
  if (!own) throw new TypeError('a backup needs an archive');
  const base = ranges.length > 1 ? (ranges[0] as ArchiveRange) : null;
  refuseOtherState(store.url, archives, own.list);
  const files = new Map(own.list.files.map((file) => [file.path, file]));
  const baseFiles = new Map(base?.list.files.map((file) => [file.path, file]));
  return {
    list: own.list,
    async read(path, offset, length) {
      const file = files.get(path);
      if (!file || offset < 0 || offset + length > file.sizeBytes)
        throw new RangeError(`${path} has no bytes ${offset}+${length}`);
      if (file.from === undefined) return own.readMember(file, offset, length);
      const old = baseFiles.get(path);
      if (!base || !old) throw new EfakturError('damaged', fullLacks(path), useOtherBackup);
      if (file.from === 'base') return base.readMember(old, offset, length);
      return readOverlaid(
        file,
        offset,
        length,
        (at, bytes) => base.readMember(old, at, bytes),
        (at, bytes) => own.readMember(file, at, bytes),
      );
    },
  };
}

async function plainRange(
  store: ObjectStore,
  archive: LocatedArchive,
  decryptor: Decryptor | null,
  signal: AbortSignal,
): Promise<ArchiveBytes> {
  const version = archive.versionId === null ? {} : { versionId: archive.versionId };
  let whole: Promise<Buffer | null> | null = null;
  const part = async (first: number, length: number): Promise<Buffer | null> => {
    if (length === 0) return Buffer.alloc(0);
    const range = { first, last: first + length - 1 };
    if (store.traffic.refusedRanges === 0)
      return readObject(store, archive.key, length, { signal, range, ...version });
    refuseLongWay(store.url, archive.key, { first: archive.sizeBytes });
    whole ??= readObject(store, archive.key, archive.sizeBytes, { signal, ...version });
    return (await whole)?.subarray(first, first + length) ?? null;
  };
  const read = async (offset: number, length: number): Promise<Buffer> => {
    const bytes = await part(offset, length);
    if (bytes?.length === length) return bytes;
    const said = bytes ? shorterThanStated : notThere;
    throw new EfakturError('damaged', said(store.url, archive.key), useOtherBackup);
  };
  if (!isEncryptedKey(archive.key)) return { totalBytes: archive.sizeBytes, read };
  if (!decryptor) throw missingKey(archive.key);
  const plain = await decryptor.openRange({ name: archive.key, totalBytes: archive.sizeBytes, read });
  return { totalBytes: plain.plainBytes, read: (offset, length) => plain.readPlain(offset, length) };
}
