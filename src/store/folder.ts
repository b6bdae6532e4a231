import { unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncDirectory, whileBusy } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { absentCodes, FolderDisk, isFolder } from './folder-disk.ts';
import { findLeftovers, isTempName, removeEmptyFolder } from './folder-leftovers.ts';
import { listFolder } from './folder-listing.ts';
import { putInFolder } from './folder-put.ts';
import { readFromFolder } from './folder-reading.ts';
import * as texts from './folder-texts.ts';
import { defaultIdleTimeoutMs } from './idle-watch.ts';
import type { CallOptions, ObjectStore, StoreTraits, UnfinishedUpload } from './store.ts';
import { cannotBeDeleted, inStore, unfinishedStays } from './texts.ts';

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
  /** Which files are listed, by their keys; all of them without. */
  readonly isOwnFile?: ((key: string) => boolean) | undefined;
  /** Which of these folders, right below the root, go with the last thing in them; none of them without. */
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

export function openFolderStore({
  root,
  url,
  isOwnFolder = () => true,
  isOwnFile = () => true,
  isPassingFolder = () => false,
  idleTimeoutMs = defaultIdleTimeoutMs,
}: FolderStoreOptions): ObjectStore {
  const disk = new FolderDisk(root, url, idleTimeoutMs);

  async function unfinished(prefix: string, { signal }: CallOptions): Promise<readonly UnfinishedUpload[]> {
    disk.traffic.requests++;
    const found = await disk.within(texts.leftoversNotListed, signal, () =>
      findLeftovers({
        root,
        isOwnFolder,
        isPassingFolder,
        asked: (call) => disk.reading(call, signal),
      }),
    );
    return found.filter(({ key }) => key.startsWith(prefix));
  }

  /** A folder of ours that has become empty goes; one that the system does not let go does no harm. */
  async function removeEmptied(folder: string, signal?: AbortSignal): Promise<void> {
    if (dirname(folder) !== root || !isPassingFolder(`${basename(folder)}/`)) return;
    try {
      if (await disk.written(removeEmptyFolder(folder), signal))
        disk.noteFolderSync(await disk.written(syncDirectory(root), signal));
    } catch (error) {
      if (systemCode(error) === null) throw error;
    }
  }

  return {
    url,
    traits: folderTraits,
    traffic: disk.traffic,
    async put(key, body, options = {}) {
      await putInFolder(disk, key, body, options);
      return { etag: null, versionId: null };
    },
    get: (key, options = {}) => readFromFolder(disk, key, options),
    list: (prefix, options = {}) => listFolder({ disk, isOwnFolder, isOwnFile }, prefix, options),
    async delete(key, { signal } = {}) {
      disk.traffic.requests++;
      const path = disk.pathOf(key);
      await disk.within(cannotBeDeleted(key), signal, async () => {
        await whileBusy(() => disk.written(removeFile(path), signal), { signal });
        const folder = dirname(path);
        await disk.written(syncDirectory(folder), signal).then(
          (isSynced) => disk.noteFolderSync(isSynced),
          (error) => {
            // Another process removed it as the last thing in it was gone, or it never was.
            if (!absentCodes.has(systemCode(error) ?? '')) throw error;
          },
        );
        await removeEmptied(folder, signal);
      });
    },
    lockOf: async () => null,
    async relock() {
      throw new EfakturError('usage', inStore(url, texts.noLocks), texts.useObjectLock);
    },
    unfinishedUploads: (prefix, options = {}) => unfinished(prefix, options),
    async discardUpload(key, uploadId, { signal } = {}) {
      disk.traffic.requests++;
      if (uploadId === key && key.endsWith('/')) {
        const path = disk.pathOf(key.slice(0, -1));
        await disk.within(texts.emptyFolderStays(key), signal, () =>
          disk.written(removeEmptyFolder(path), signal),
        );
        return;
      }
      const folder = key.slice(0, key.lastIndexOf('/') + 1);
      const name = uploadId.slice(folder.length);
      if (!uploadId.startsWith(folder) || !isTempName(name)) {
        throw new EfakturError('usage', inStore(url, texts.noUnfinishedUpload(uploadId, key)), texts.leaveIt);
      }
      const above = folder === '' ? root : disk.pathOf(folder.slice(0, -1));
      const path = join(above, name);
      await disk.within(unfinishedStays(key), signal, () =>
        whileBusy(() => disk.written(removeFile(path, false), signal), { signal }),
      );
      await disk.within(texts.emptyFolderStays(folder), signal, () => removeEmptied(above, signal));
    },
    close() {},
  };
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
