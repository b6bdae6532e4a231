import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../base/errors.ts';
import { byUtf8 } from '../base/file-set.ts';
import { absentCodes, type FolderDisk } from './folder-disk.ts';
import { isTempName } from './folder-leftovers.ts';
import { filesNotListed } from './folder-texts.ts';
import type { ListOptions, ListPage, StoredObject } from './store.ts';

/** What lies in a folder store, in the order of its keys. */

export interface ListedFolder {
  readonly disk: FolderDisk;
  /** Which folders below the root are read, by their keys with a slash at the end. */
  readonly isOwnFolder: (folder: string) => boolean;
  /** Which files are listed, by their keys. */
  readonly isOwnFile: (key: string) => boolean;
}

const pageKeys = 1000;
/** No key of ours has more parts than two. */
const maxDepth = 64;
/** Of links that lead nowhere, or round in a circle. */
const deadLinkCodes = new Set([...absentCodes, 'ELOOP']);

/** Lists the keys below a folder, page by page. */
export async function* listFolder(
  at: ListedFolder,
  prefix: string,
  { signal, startAfter = '' }: ListOptions,
): AsyncGenerator<ListPage> {
  const { disk } = at;
  const keys = walk(at, '', prefix, startAfter, signal);
  for (let isMore = true; isMore; ) {
    disk.traffic.requests++;
    const objects = await disk.within(filesNotListed, signal, async () => {
      const page: string[] = [];
      while (page.length < pageKeys && isMore) {
        const next = await keys.next();
        if (next.done) isMore = false;
        else page.push(next.value);
        signal?.throwIfAborted();
      }
      return Promise.all(page.map((key) => shown(disk, key, signal)));
    });
    yield { objects: objects.filter((object) => object !== null), serverTime: null };
  }
}

/** The keys below a folder (`''` or `name/`), in UTF-8 order; folders that cannot hold a wanted key are not read. */
async function* walk(
  at: ListedFolder,
  folder: string,
  prefix: string,
  startAfter: string,
  signal: AbortSignal | undefined,
  depth = 1,
): AsyncGenerator<string> {
  const { disk } = at;
  let entries: Dirent[];
  try {
    entries = await disk.reading(() => readdir(join(disk.root, folder), { withFileTypes: true }), signal);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    if (folder === '') await disk.requireParent(signal);
    return; // Another process removed it, or there never was anything.
  }
  const kept: string[] = [];
  for (const entry of entries) {
    const kind = await kindOf(at, folder, entry, signal);
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
      yield* walk(at, name, prefix, startAfter, signal, depth + 1);
    }
  }
}

/**
 * What a name in a folder is. Links are followed, and so is whatever a system shows as neither file nor folder though it may
 * be read as one: what a volume with deduplication or a cloud folder keeps elsewhere. What is foreign is left alone: at the top
 * of a drive lie things of Windows that nobody may even look at.
 */
async function kindOf(
  { disk, isOwnFolder, isOwnFile }: ListedFolder,
  folder: string,
  entry: Dirent,
  signal: AbortSignal | undefined,
): Promise<'file' | 'folder' | null> {
  const mayBeFolder = isOwnFolder(`${folder}${entry.name}/`);
  const mayBeFile = isOwnFile(folder + entry.name);
  if (!mayBeFolder && !mayBeFile) return null;
  if (entry.isFile()) return mayBeFile ? 'file' : null;
  if (entry.isDirectory()) return mayBeFolder ? 'folder' : null;
  try {
    const found = await disk.reading(() => stat(join(disk.root, folder, entry.name)), signal);
    if (found.isFile()) return mayBeFile ? 'file' : null;
    return found.isDirectory() && mayBeFolder ? 'folder' : null;
  } catch (error) {
    if (deadLinkCodes.has(systemCode(error) ?? '')) return null;
    throw error;
  }
}

async function shown(disk: FolderDisk, key: string, signal?: AbortSignal): Promise<StoredObject | null> {
  try {
    const { size, mtime } = await disk.reading(() => stat(join(disk.root, key)), signal);
    return { key, sizeBytes: size, modified: mtime, etag: null, versionId: null, isDeleteMarker: false };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Whether a key that begins with this folder's name may come after another key. */
const mayFollow = (folder: string, startAfter: string): boolean =>
  startAfter.startsWith(folder) || byUtf8(folder, startAfter) > 0;
