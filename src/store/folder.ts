import { constants, type Dirent } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fullCodes, syncDirectory, syncFile, whileBusy } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { byUtf8 } from '../base/file-set.ts';
import { makeFolder } from '../base/new-folder.ts';
import { asFileRights, giveRights, type Rights, rightsOf } from '../base/rights.ts';
import { isSafePath } from '../base/safe-path.ts';
import { sizedPieces } from './body.ts';
import { findLeftovers, isTempName, newTempName, removeEmptyFolder } from './folder-leftovers.ts';
import { defaultIdleTimeoutMs } from './idle-watch.ts';
import { answerOf, patienceOf } from './patience.ts';
import {
  type Body,
  type CallOptions,
  type GetOptions,
  type ListOptions,
  type ListPage,
  noTraffic,
  type ObjectStore,
  type PutOptions,
  type StoredObject,
  type StoreTraits,
  type UnfinishedUpload,
} from './store.ts';
import { interrupted } from './store-errors.ts';

/**
 * A folder as a store: on a local or removable disk, a network drive or a NAS. Each key is a file below the root.
 * A put writes a temp file beside the target, syncs it and renames it; of the medium it asks only what FAT and SMB have:
 * no links, no modes, no locks.
 */

export interface FolderStoreOptions {
  /** Absolute. Made by the first put, but never its parent: a drive that is not connected must not be made up. */
  readonly root: string;
  readonly url: string;
  /** Which folders below the root are read, by their keys with a slash at the end; all of them without. */
  readonly isOwnFolder?: ((folder: string) => boolean) | undefined;
  /** Which of these, right below the root, go with the last thing in them; none of them without. */
  readonly isPassingFolder?: ((folder: string) => boolean) | undefined;
  /** A call that asks something is given up after half as long without an answer, one that writes after ten times as long. */
  readonly idleTimeoutMs?: number | undefined;
}

/** A file shows its size and the time of its last write, and no more. */
const folderTraits: StoreTraits = {
  versions: false,
  locks: false,
  etags: false,
  parts: false,
  clock: false,
};

const pageKeys = 1000;
/** No key of ours has more parts than two. */
const maxDepth = 64;
const readBytes = 256 << 10;

const deniedCodes = new Set(['EACCES', 'EPERM']);
/** The last one is what a socket says that was opened as a file. */
const absentCodes = new Set(['ENOENT', 'ENOTDIR', 'ENXIO']);
/** Of links that lead nowhere, or round in a circle. */
const deadLinkCodes = new Set([...absentCodes, 'ELOOP']);

/** A pipe that came in the place of a file is opened at once, too; without this the call would wait for its other end. */
const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export function openFolderStore({
  root,
  url,
  isOwnFolder,
  isPassingFolder = () => false,
  idleTimeoutMs = defaultIdleTimeoutMs,
}: FolderStoreOptions): ObjectStore {
  const traffic = noTraffic();
  const { askMs, writeMs } = patienceOf(idleTimeoutMs);
  const closeLate = (handle: FileHandle): void => void handle.close().catch(() => {});
  const asked = <T>(call: Promise<T>, signal?: AbortSignal): Promise<T> => answerOf(url, call, askMs, signal);
  const written = <T>(call: Promise<T>, signal?: AbortSignal): Promise<T> =>
    answerOf(url, call, writeMs, signal);
  const noteSync = (isSynced: boolean): void => {
    if (!isSynced) traffic.unsynced++;
  };
  // Windows has no such thing for folders, and says so each time.
  const noteFolderSync = process.platform === 'win32' ? () => {} : noteSync;

  function pathOf(key: string): string {
    if (isSafePath(key) && !key.split('/').some(isTempName)) return join(root, ...key.split('/'));
    throw new EfakturError(
      'usage',
      `${url}: "${key}" cannot be a file name below a folder`,
      'Use another name.',
    );
  }

  /** Runs a step on the disk: heeds the signal, and gives the system's errors their meaning. */
  async function within<T>(
    what: string,
    signal: AbortSignal | undefined,
    step: () => Promise<T>,
  ): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await step();
    } catch (error) {
      if (signal?.aborted) throw interrupted(url, signal);
      throw translate(error, what);
    }
  }

  function translate(error: unknown, what: string): Error {
    const code = systemCode(error);
    if (!(error instanceof Error)) return new Error(String(error));
    if (error instanceof EfakturError || code === null) return error;
    const failed = (
      kind: 'target-not-writable' | 'access-denied' | 'usage' | 'store-unavailable',
      hint: string,
    ) => new EfakturError(kind, `${url}: ${what} (${code})`, hint, error);
    if (code === 'EFBIG')
      return failed('target-not-writable', 'A FAT disk takes no file over 4 GB; use NTFS or exFAT.');
    if (code === 'EROFS') return failed('target-not-writable', 'The disk is read-only; choose another one.');
    if (fullCodes.has(code)) return failed('target-not-writable', 'The disk is full; make room on it.');
    if (deniedCodes.has(code))
      return failed('access-denied', 'Ask for the right to write and read in this folder.');
    if (code === 'ENAMETOOLONG')
      return failed(
        'target-not-writable',
        'The path is too long for this disk; choose a folder nearer to its top.',
      );
    if (code === 'ENOTDIR' || code === 'EISDIR' || code === 'EEXIST') {
      return failed('usage', 'Something else has this name there; choose another folder.');
    }
    return failed('store-unavailable', 'Check that the drive or network folder is connected, and try again.');
  }

  /** An absent root is an empty store, but an absent parent is a drive or share that is not connected. */
  async function requireParent(signal?: AbortSignal): Promise<void> {
    const parent = dirname(root);
    if (await asked(isThere(parent), signal)) return;
    throw new EfakturError(
      'store-unavailable',
      `${url}: ${parent} is not there`,
      `Connect the drive or network folder, or make the folder ${parent}.`,
    );
  }

  async function makeFolders(folder: string, signal?: AbortSignal): Promise<void> {
    if (await asked(isThere(folder), signal)) return;
    await requireParent(signal);
    // Of a store that begins here nobody else is to read; who shares it opens its folder, and all below follows.
    const first = await written(makeFolder(folder, 0o700), signal);
    if (first === null) return;
    for (let made = folder; made.length >= first.length; made = dirname(made)) {
      if (made !== root)
        await written(
          asStore(made, (rights) => rights),
          signal,
        );
      // Each new folder is an entry of the one above it.
      noteFolderSync(await written(syncDirectory(dirname(made)), signal));
    }
  }

  /** Gives what was made the rights of the store's own folder, where these are kept at all. */
  async function asStore(path: string, of: (store: Rights) => Rights): Promise<void> {
    const rights = await rightsOf(root);
    if (rights) await giveRights(path, of(rights));
  }

  async function put(key: string, body: Body, options: PutOptions): Promise<void> {
    traffic.requests++;
    const target = pathOf(key);
    const folder = dirname(target);
    const name = newTempName();
    const temp = join(folder, name);
    const { signal } = options;
    await within(`${key} cannot be stored`, signal, () => whileRemoved(() => makeFolders(folder, signal)));
    await options.onUpload?.(key.slice(0, key.lastIndexOf('/') + 1) + name);
    try {
      await writeTemp(temp, key, body, options);
      await within(`${key} cannot be stored`, signal, async () => {
        await written(asStore(temp, asFileRights), signal);
        await whileBusy(() => written(rename(temp, target), signal), { signal });
        noteFolderSync(await written(syncDirectory(folder), signal));
      });
    } catch (error) {
      // Why the put failed matters more than why this does; whoever noted the temp's name discards it later.
      await asked(rm(temp, { force: true }), signal).catch(() => {});
      throw error;
    }
  }

  /** Only what the disk says is translated; an error of the body passes. */
  async function writeTemp(
    temp: string,
    key: string,
    body: Body,
    { signal, onBytes }: PutOptions,
  ): Promise<void> {
    const onDisk = <T>(step: () => Promise<T>): Promise<T> => within(`${key} cannot be stored`, signal, step);
    const handle = await onDisk(() =>
      whileRemoved(async () => {
        await makeFolders(dirname(temp), signal);
        return answerOf(url, open(temp, 'wx', 0o600), writeMs, signal, closeLate);
      }),
    );
    try {
      for await (const piece of sizedPieces(key, body.open(), body, signal)) {
        for (let at = 0; at < piece.length; )
          at += (await onDisk(() => written(handle.write(piece, at), signal))).bytesWritten;
        traffic.sentBytes += piece.length;
        onBytes?.(piece.length);
      }
      noteSync(await onDisk(() => written(syncFile(handle), signal)));
    } catch (error) {
      // Why it failed matters more than why it cannot be closed. Closing waits for a call that is under way, which may
      // never end.
      await asked(handle.close(), signal).catch(() => {});
      if (signal?.aborted) throw interrupted(url, signal);
      throw error;
    }
    // Some network drives say only now that the bytes found no room.
    await onDisk(() => asked(handle.close(), signal));
  }

  async function get(key: string, { signal, range }: GetOptions): Promise<Readable | null> {
    traffic.requests++;
    const what = `${key} cannot be read`;
    const path = pathOf(key);
    const handle = await within(what, signal, async () => {
      try {
        // Opening a pipe waits for somebody who writes to it.
        if (!(await asked(stat(path), signal)).isFile()) return null;
        return await answerOf(url, open(path, readFlags), askMs, signal, closeLate);
      } catch (error) {
        // On Windows a folder cannot even be opened.
        if (error instanceof EfakturError) throw error;
        if (!absentCodes.has(systemCode(error) ?? '') && !(await asked(isFolder(path), signal))) throw error;
        await requireParent(signal);
        return null;
      }
    });
    if (!handle) return null;
    let position = range?.first ?? 0;
    let isReading = false;
    const end = range ? range.last + 1 : Number.POSITIVE_INFINITY;
    const body = new Readable({
      highWaterMark: readBytes,
      read() {
        const wanted = Math.min(readBytes, end - position);
        if (wanted <= 0) {
          this.push(null);
          return;
        }
        isReading = true;
        const read = handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position).finally(() => {
          isReading = false;
        });
        asked(read).then(
          ({ bytesRead, buffer }) => {
            position += bytesRead;
            traffic.receivedBytes += bytesRead;
            this.push(bytesRead === 0 ? null : buffer.subarray(0, bytesRead));
          },
          (error) => this.destroy(translate(error, what)),
        );
      },
      destroy(error, done) {
        signal?.removeEventListener('abort', cut);
        if (isReading) {
          // Closing waits for the call that is under way, which may never end.
          closeLate(handle);
          done(error);
          return;
        }
        handle.close().then(
          () => done(error),
          (closing) => done(error ?? translate(closing, what)),
        );
      },
    });
    const cut = (): void => void body.destroy(signal && interrupted(url, signal));
    signal?.addEventListener('abort', cut, { once: true });
    if (signal?.aborted) cut();
    return body;
  }

  async function* list(prefix: string, { signal, startAfter = '' }: ListOptions): AsyncGenerator<ListPage> {
    const what = 'its files cannot be listed';
    const keys = walk('', prefix, startAfter, signal);
    for (let isMore = true; isMore; ) {
      traffic.requests++;
      const objects = await within(what, signal, async () => {
        const page: string[] = [];
        while (page.length < pageKeys && isMore) {
          const next = await keys.next();
          if (next.done) isMore = false;
          else page.push(next.value);
          signal?.throwIfAborted();
        }
        return Promise.all(page.map((key) => shown(key, signal)));
      });
      yield { objects: objects.filter((object) => object !== null), serverTime: null };
    }
  }

  /** The keys below a folder (`''` or `name/`), in UTF-8 order; folders that cannot hold a wanted key are not read. */
  async function* walk(
    folder: string,
    prefix: string,
    startAfter: string,
    signal: AbortSignal | undefined,
    depth = 1,
  ): AsyncGenerator<string> {
    let entries: Dirent[];
    try {
      entries = await asked(readdir(join(root, folder), { withFileTypes: true }), signal);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      if (folder === '') await requireParent(signal);
      return; // Another process removed it, or there never was anything.
    }
    const kept: string[] = [];
    for (const entry of entries) {
      const kind = await kindOf(folder, entry, signal);
      if (kind === 'file' && !isTempName(entry.name)) kept.push(folder + entry.name);
      // With its slash a folder stands where its keys do: "a-b" comes before "a/b".
      if (kind === 'folder' && depth < maxDepth) kept.push(`${folder}${entry.name}/`);
    }
    const names = kept.sort(byUtf8);
    for (const name of names) {
      const isWanted = name.startsWith(prefix) && byUtf8(name, startAfter) > 0;
      if (!name.endsWith('/')) {
        if (isWanted) yield name;
      } else if (
        isWanted ||
        ((name.startsWith(prefix) || prefix.startsWith(name)) && mayFollow(name, startAfter))
      ) {
        yield* walk(name, prefix, startAfter, signal, depth + 1);
      }
    }
  }

  /**
   * What a name in a folder is. Links are followed, and so is whatever a system shows as neither file nor folder though it may
   * be read as one: what a volume with deduplication or a cloud folder keeps elsewhere. Foreign folders are left alone.
   */
  async function kindOf(
    folder: string,
    entry: Dirent,
    signal: AbortSignal | undefined,
  ): Promise<'file' | 'folder' | null> {
    const isOurs = isOwnFolder?.(`${folder}${entry.name}/`) ?? true;
    if (entry.isFile()) return 'file';
    if (entry.isDirectory()) return isOurs ? 'folder' : null;
    try {
      const found = await asked(stat(join(root, folder, entry.name)), signal);
      if (found.isFile()) return 'file';
      return found.isDirectory() && isOurs ? 'folder' : null;
    } catch (error) {
      if (deadLinkCodes.has(systemCode(error) ?? '')) return null;
      throw error;
    }
  }

  async function shown(key: string, signal?: AbortSignal): Promise<StoredObject | null> {
    try {
      const { size, mtime } = await asked(stat(join(root, key)), signal);
      return { key, sizeBytes: size, modified: mtime, etag: null, versionId: null, isDeleteMarker: false };
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    }
  }

  async function unfinished(prefix: string, { signal }: CallOptions): Promise<readonly UnfinishedUpload[]> {
    traffic.requests++;
    const found = await within('what unfinished puts left cannot be listed', signal, () =>
      findLeftovers({
        root,
        isOwnFolder: isOwnFolder ?? (() => true),
        isPassingFolder,
        asked: (call) => asked(call, signal),
      }),
    );
    return found.filter(({ key }) => key.startsWith(prefix));
  }

  /** A folder of ours that has become empty goes; one that the system does not let go does no harm. */
  async function removeEmptied(folder: string, signal?: AbortSignal): Promise<void> {
    if (dirname(folder) !== root || !isPassingFolder(`${basename(folder)}/`)) return;
    try {
      if (await written(removeEmptyFolder(folder), signal))
        noteFolderSync(await written(syncDirectory(root), signal));
    } catch (error) {
      if (systemCode(error) === null) throw error;
    }
  }

  return {
    url,
    traits: folderTraits,
    traffic,
    async put(key, body, options = {}) {
      await put(key, body, options);
      return { etag: null, versionId: null };
    },
    get: (key, options = {}) => get(key, options),
    list: (prefix, options = {}) => list(prefix, options),
    async delete(key, { signal } = {}) {
      traffic.requests++;
      const path = pathOf(key);
      await within(`${key} cannot be deleted`, signal, async () => {
        await whileBusy(() => written(removeFile(path), signal), { signal });
        const folder = dirname(path);
        await written(syncDirectory(folder), signal).then(noteFolderSync, (error) => {
          // Another process removed it as the last thing in it was gone, or it never was.
          if (!absentCodes.has(systemCode(error) ?? '')) throw error;
        });
        await removeEmptied(folder, signal);
      });
    },
    lockOf: async () => null,
    async relock() {
      throw new EfakturError('usage', `${url}: a folder takes no locks`, 'Use a bucket with object lock.');
    },
    unfinishedUploads: (prefix, options = {}) => unfinished(prefix, options),
    async discardUpload(key, uploadId, { signal } = {}) {
      traffic.requests++;
      if (uploadId === key && key.endsWith('/')) {
        const path = pathOf(key.slice(0, -1));
        await within(`the empty folder ${key} cannot be removed`, signal, () =>
          written(removeEmptyFolder(path), signal),
        );
        return;
      }
      const folder = key.slice(0, key.lastIndexOf('/') + 1);
      const name = uploadId.slice(folder.length);
      if (!uploadId.startsWith(folder) || !isTempName(name)) {
        throw new EfakturError(
          'usage',
          `${url}: "${uploadId}" is no unfinished upload of ${key}`,
          'Leave it.',
        );
      }
      const above = folder === '' ? root : pathOf(folder.slice(0, -1));
      const path = join(above, name);
      await within(`the unfinished upload of ${key} cannot be removed`, signal, () =>
        whileBusy(() => written(removeFile(path, false), signal), { signal }),
      );
      await within(`${folder} cannot be removed`, signal, () => removeEmptied(above, signal));
    },
    close() {},
  };
}

const triesToMake = 10;
/** The second one when it went between being found there and being looked at. */
const removedCodes = new Set(['ENOENT', 'EEXIST']);

/** Runs a step again that makes a folder and uses it: another process may remove one that is still empty. */
async function whileRemoved<T>(step: () => Promise<T>): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await step();
    } catch (error) {
      if (!removedCodes.has(systemCode(error) ?? '') || n === triesToMake) throw error;
    }
  }
}

/** One that is not there is gone; what to make of a folder of that name is the caller's to say. */
async function removeFile(path: string, passesFolder = true): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (absentCodes.has(systemCode(error) ?? '')) return;
    if (!passesFolder || !(await isFolder(path))) throw error;
  }
}

/** Whether a key that begins with this folder's name may come after another key. */
const mayFollow = (folder: string, startAfter: string): boolean =>
  startAfter.startsWith(folder) || byUtf8(folder, startAfter) > 0;

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (absentCodes.has(systemCode(error) ?? '')) return false;
    throw error;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
