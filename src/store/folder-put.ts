import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory, syncFile, whileBusy } from '../base/atomic-file.ts';
import { systemCode } from '../base/errors.ts';
import { inPlace } from '../base/lent-buffer.ts';
import { makeFolder } from '../base/new-folder.ts';
import { asFileRights, giveRights, type Rights, rightsOf } from '../base/rights.ts';
import { sizedPieces } from './body.ts';
import { closeLate, type FolderDisk, isThere } from './folder-disk.ts';
import { newTempName } from './folder-leftovers.ts';
import type { Body, PutOptions } from './store.ts';
import { interrupted } from './store-errors.ts';
import { cannotBeStored } from './texts.ts';

async function makeFolders(disk: FolderDisk, folder: string, signal?: AbortSignal): Promise<void> {
  if (await disk.asked(isThere(folder), signal)) return;
  await disk.requireParent(signal);
  // Of a store that begins here nobody else is to read; who shares it opens its folder, and all below follows.
  const first = await disk.written(makeFolder(folder, 0o700), signal);
  if (first === null) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) {
    if (made !== disk.root)
      await disk.written(
        asStore(disk.root, made, (rights) => rights),
        signal,
      );
    // Each new folder is an entry of the one above it.
    disk.noteFolderSync(await disk.written(syncDirectory(dirname(made)), signal));
  }
}

/** Gives what was made the rights of the store's own folder, where these are kept at all. */
async function asStore(root: string, path: string, of: (store: Rights) => Rights): Promise<void> {
  const rights = await rightsOf(root);
  if (rights) await giveRights(path, of(rights));
}

/** Writes a temp file beside the target, syncs it and renames it. */
export async function putInFolder(
  disk: FolderDisk,
  key: string,
  body: Body,
  options: PutOptions,
): Promise<void> {
  disk.traffic.requests++;
  const target = disk.pathOf(key);
  const folder = dirname(target);
  const name = newTempName();
  const temp = join(folder, name);
  const { signal } = options;
  await disk.within(cannotBeStored(key), signal, () => whileRemoved(() => makeFolders(disk, folder, signal)));
  await options.onUpload?.(key.slice(0, key.lastIndexOf('/') + 1) + name);
  try {
    await writeTemp(disk, temp, key, body, options);
    await disk.within(cannotBeStored(key), signal, async () => {
      await disk.written(asStore(disk.root, temp, asFileRights), signal);
      await whileBusy(() => disk.written(rename(temp, target), signal), { signal });
      disk.noteFolderSync(await disk.written(syncDirectory(folder), signal));
    });
  } catch (error) {
    // Why the put failed matters more than why this does; whoever noted the temp's name discards it later.
    await disk.asked(rm(temp, { force: true }), signal).catch(() => {});
    throw error;
  }
}

/** Only what the disk says is translated; an error of the body passes. */
async function writeTemp(
  disk: FolderDisk,
  temp: string,
  key: string,
  body: Body,
  { signal, onBytes }: PutOptions,
): Promise<void> {
  const onDisk = <T>(step: () => Promise<T>): Promise<T> => disk.within(cannotBeStored(key), signal, step);
  const handle = await onDisk(() =>
    whileRemoved(async () => {
      await makeFolders(disk, dirname(temp), signal);
      return disk.written(open(temp, 'wx', 0o600), signal, closeLate);
    }),
  );
  try {
    for await (const piece of sizedPieces(key, body.open(), body, signal)) {
      for (let at = 0; at < piece.length; )
        at += (await onDisk(() => disk.written(handle.write(inPlace(piece), at), signal))).bytesWritten;
      disk.traffic.sentBytes += piece.length;
      onBytes?.(piece.length);
    }
    disk.noteSync(await onDisk(() => disk.written(syncFile(handle), signal)));
  } catch (error) {
    // Why it failed matters more than why it cannot be closed. Closing waits for a call that is under way, which may
    // never end.
    await disk.asked(handle.close(), signal).catch(() => {});
    if (signal?.aborted) throw interrupted(disk.url, signal);
    throw error;
  }
  // Some network drives say only now that the bytes found no room.
  await onDisk(() => disk.asked(handle.close(), signal));
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
