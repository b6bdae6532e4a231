import { createHash } from 'node:crypto';
import { type ArchivedFile, type ArchiveReader, unpackArchive } from '../../archive/archive.ts';
import { contentHash, type FileList } from '../../archive/file-list.ts';
import { EfakturError, isEfakturError } from '../../base/errors.ts';
import { inPlace, type LentBuffer } from '../../base/lent-buffer.ts';
import type { Text } from '../../base/text.ts';
import type { StoredArchive } from '../../catalog/listing.ts';
import type { NeededArchive } from '../../catalog/manifest-parts.ts';
import { isEncryptedKey, parseProgramKey } from '../../catalog/names.ts';
import { findTrueObject } from '../../catalog/true-objects.ts';
import { damagedFile } from '../../crypto/age-header.ts';
import { openPayload, type PayloadStart } from '../../crypto/age-payload.ts';
import type { FileJudge, SetVerdict } from '../../derby/judge.ts';
import { readAhead } from '../../store/read-ahead.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { ReadingContext } from '../context.ts';
import type { Claim } from './manifest.ts';
import type { OneVersion } from './second-reading.ts';
import {
  damagedInStore,
  encryptedNoKey,
  hasGone,
  nameIdentityFile,
  otherBytes,
  otherStateInside,
  restoreAnother,
} from './texts.ts';

/** An archive, its true version, and what is to be found in it. */
export interface LocatedArchive extends OneVersion {
  /** Of the whole state that the last archive of a backup gives; null where the manifest's private part is not open. */
  readonly contentHash: string | null;
}

/** Finds the true versions of the archives a backup or a program needs: in the listing at hand, else by a listing of the key. */
export async function locateArchives(
  store: ObjectStore,
  { needs, archive, facts }: Claim & { readonly archive: string },
  listed: Iterable<StoredArchive>,
  signal: AbortSignal,
): Promise<LocatedArchive[]> {
  const known = new Map([...listed].map((entry) => [entry.key, entry.versionId]));
  return Promise.all(
    needs.map(async (need) => {
      const versionId = known.has(need.key)
        ? known.get(need.key)
        : (await findTrueObject(store, need.key, signal))?.versionId;
      const hash = need.key === archive ? facts?.contentHash : undefined;
      return { ...need, versionId: versionId ?? null, contentHash: hash ?? null };
    }),
  );
}

/** Opens the payload of one encrypted archive: where it begins, and its key. */
export type ArchiveKey = PayloadStart;

export interface OpenedBytes<B extends LentBuffer = LentBuffer> {
  /** Null for an archive in clear. */
  readonly key: ArchiveKey | null;
  /** All bytes as they are stored. */
  readonly bytes: AsyncGenerator<B>;
  /** Takes back the memory of pieces that nobody needs any more, to be used again; all of it, or it is garbage. */
  giveBack?(memory: Buffer): void;
}

/** Where the bytes of archives come from. */
export interface ArchiveSource<B extends LentBuffer = LentBuffer> {
  /** For messages. */
  readonly storeUrl: string;
  /** Null when it is not there. `wrong-key` when no key opens it. */
  open(archive: LocatedArchive): Promise<OpenedBytes<B> | null>;
}

export type StoreSourceOptions = Pick<ReadingContext, 'decryptor' | 'signal' | 'progress'>;

/** The archives of a store, read ahead by ranges. */
export const storeSource = (
  store: ObjectStore,
  { decryptor, signal, progress }: StoreSourceOptions,
): ArchiveSource<Buffer> => ({
  storeUrl: store.url,
  async open({ key, sizeBytes, versionId }) {
    if (isEncryptedKey(key) && !decryptor) throw missingKey(key);
    const version = versionId === null ? {} : { versionId };
    const ahead = await readAhead(store, key, sizeBytes, { signal, ...version });
    if (!ahead) return null;
    const { giveBack } = ahead;
    async function* counted(source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        signal.throwIfAborted();
        progress.advance(chunk.length);
        yield chunk;
      }
    }
    if (!isEncryptedKey(key) || !decryptor) return { key: null, bytes: counted(ahead.bytes), giveBack };
    const { start, bytes } = await decryptor.openFile(counted(ahead.bytes), key);
    return { key: start, bytes, giveBack };
  },
});

export interface ReadArchivesOptions {
  /** Whether each file's bytes are compared with its hash. */
  readonly hashed: boolean;
  /** Called once, before the first file. */
  readonly begin?: (list: FileList) => Promise<void>;
  /** Takes each file; must read its chunks to the end. */
  readonly take: (file: ArchivedFile) => Promise<void>;
}

/** A taker for those who only want to know whether an archive is whole. */
export const discardFile = async ({ chunks }: ArchivedFile): Promise<void> => {
  for await (const _ of chunks);
};

/**
 * Reads all archives that a backup or a program needs (the base of a differential first) from their first bytes to their last. Resolving
 * proves that the bytes are those of the manifest and, if `hashed`, every file that of its list; `damaged` otherwise.
 */
export async function readArchives(
  source: ArchiveSource,
  archives: readonly LocatedArchive[],
  { begin, take, hashed }: ReadArchivesOptions,
): Promise<FileList> {
  const open: OpenArchive[] = [];
  try {
    let reader: ArchiveReader | null = null;
    for (const archive of archives) {
      const opened = await openArchive(source, archive);
      open.push(opened);
      const content = parseProgramKey(archive.key) ? 'program' : 'databases';
      reader = await blaming(opened, unpackArchive(opened.plain, reader, content));
    }
    const last = open.at(-1);
    if (!reader || !last) throw new TypeError('a backup needs an archive');
    const { list } = reader;
    refuseOtherState(source.storeUrl, archives, list);
    await begin?.(list);
    const files = reader.files({ hashed });
    for (let next = await blaming(last, files.next()); !next.done; next = await blaming(last, files.next())) {
      const { file, chunks } = next.value;
      await blaming(last, take({ file, chunks }));
    }
    for (const opened of open) opened.checkWhole();
    return list;
  } finally {
    for (const { close } of open) close();
  }
}

/** As `readArchives`, each file compared with its hash, and judges the databases. */
export async function readJudged(
  store: ObjectStore,
  archives: readonly LocatedArchive[],
  { begin, take, ...options }: StoreSourceOptions & Omit<ReadArchivesOptions, 'hashed'>,
): Promise<{ list: FileList; judged: SetVerdict }> {
  // Who only looks at backups, or unpacks them, judges nothing.
  const { createJudge } = await import('../../derby/judge.ts');
  const judge = createJudge();
  const list = await readArchives(storeSource(store, options), archives, {
    ...(begin && { begin }),
    hashed: true,
    take: ({ file, chunks }) => take({ file, chunks: judged(chunks, judge.file(file.path, file.sizeBytes)) }),
  });
  return { list, judged: judge.finish() };
}

async function* judged(chunks: AsyncGenerator<Buffer>, taker: FileJudge): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    taker.write(chunk);
    yield chunk;
  }
  taker.end();
}

/** `damaged` when a sound archive is not that of the manifest: somebody changed what the manifest names. */
export function refuseOtherState(
  storeUrl: string,
  archives: readonly LocatedArchive[],
  list: FileList,
): void {
  const archive = archives.at(-1);
  if (!archive || archive.contentHash === null || contentHash(list.files) === archive.contentHash) return;
  throw damagedArchive(storeUrl, archive, otherStateInside);
}

interface OpenArchive {
  readonly plain: AsyncIterable<LentBuffer>;
  /** Wraps what was found wrong in it. */
  readonly damaged: (what: Text, cause?: unknown) => EfakturError;
  /** Throws `damaged` unless all bytes came and have the hash of the manifest. */
  checkWhole(): void;
  close(): void;
}

async function openArchive(source: ArchiveSource, archive: LocatedArchive): Promise<OpenArchive> {
  const opened = await source.open(archive);
  if (!opened) throw damagedArchive(source.storeUrl, archive, hasGone);
  const hash = createHash('sha256');
  let received = 0;
  async function* counted(): AsyncGenerator<LentBuffer> {
    for await (const chunk of opened?.bytes ?? []) {
      hash.update(inPlace(chunk));
      received += chunk.length;
      yield chunk;
    }
  }
  return {
    plain: opened.key
      ? openPayload(counted(), opened.key, (what) => damagedFile(archive.key, what))
      : counted(),
    damaged: (what, cause) => damagedArchive(source.storeUrl, archive, what, cause),
    checkWhole() {
      if (received !== archive.sizeBytes || hash.digest('hex') !== archive.sha256) {
        throw damagedArchive(source.storeUrl, archive, otherBytes);
      }
    },
    close: () => void opened.bytes.return(undefined).catch(() => {}),
  };
}

/** Names the archive in what was found wrong in it. */
async function blaming<T>(archive: OpenArchive, step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    throw isEfakturError(error, 'damaged') ? archive.damaged(error.text, error) : error;
  }
}

export const missingKey = (key: string): EfakturError =>
  new EfakturError('wrong-key', encryptedNoKey(key), nameIdentityFile);

const damagedArchive = (
  storeUrl: string,
  archive: NeededArchive,
  what: Text,
  cause?: unknown,
): EfakturError =>
  new EfakturError('damaged', damagedInStore(storeUrl, archive.key, what), restoreAnother, cause);
