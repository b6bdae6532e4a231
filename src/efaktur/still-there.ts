import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asTargetError, syncFile } from '../base/atomic-file.ts';
import { entryKind } from '../base/entry-kind.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import { parseJson } from '../base/json.ts';
import { isSafePath } from '../base/safe-path.ts';
import { type Text, verbatim } from '../base/text.ts';
import { cannotLookAt, letScannerLeaveOut, otherSize, takenFrom } from './restore-texts.ts';

/**
 * What lies in a folder is compared with its list once more at the last moment: a virus scanner may take a file away, or
 * empty it, after it was written and read back.
 */

/** What must lie in a folder, with paths relative to it. */
export interface WrittenFiles {
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
  readonly emptyFolders: readonly string[];
}

const shownNames = 5;

/** `target-not-writable`, naming what is gone or has another size. Resolves with what lies there beside the list. */
export async function refuseTaken(folder: string, list: WrittenFiles): Promise<readonly string[]> {
  const taken = await findTaken(folder, list);
  if (taken.length > 0) throw takenAway(folder, taken);
  const listed = new Set(list.files.map(({ path }) => path));
  const there = await filesIn(folder, '').catch((error) =>
    Promise.reject(asTargetError(error, cannotLookAt(folder))),
  );
  return there.filter((path) => !listed.has(path));
}

/** All that lies below a folder and is no folder, by paths with `/`. */
async function filesIn(folder: string, below: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await whileHeld(() => readdir(join(folder, below), { withFileTypes: true }))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const isAFolder = (await entryKind(entry, join(folder, path))) === 'folder';
    found.push(...(isAFolder ? await filesIn(folder, path) : [path]));
  }
  return found;
}

/** What of a list is gone from a folder or has another size, in words. */
export async function findTaken(folder: string, { files, emptyFolders }: WrittenFiles): Promise<Text[]> {
  const taken: Text[] = [];
  for (const { path, sizeBytes } of files) {
    const found = await sizeOf(join(folder, path));
    if (found !== sizeBytes) taken.push(found === null ? verbatim(path) : otherSize(path, found, sizeBytes));
  }
  for (const path of emptyFolders)
    if (!(await isFolder(join(folder, path)))) taken.push(verbatim(`${path}/`));
  return taken;
}

/** Keeps a list in a file of its own, on disk when this resolves. */
export async function writeList(path: string, { files, emptyFolders }: WrittenFiles): Promise<void> {
  const kept = { files: files.map(({ path, sizeBytes }) => ({ path, sizeBytes })), emptyFolders };
  const handle = await open(path, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(kept));
    await syncFile(handle);
  } finally {
    await handle.close();
  }
}

/** The list in a file, or null where there is none or no whole one. */
export async function readList(path: string): Promise<WrittenFiles | null> {
  let json: unknown;
  try {
    json = parseJson(await whileHeld(() => readFile(path)));
  } catch (error) {
    if (systemCode(error) !== null && systemCode(error) !== 'ENOENT') throw error;
    return null;
  }
  return isList(json) ? json : null;
}

function isList(json: unknown): json is WrittenFiles {
  if (typeof json !== 'object' || json === null) return false;
  const { files, emptyFolders } = json as Partial<Record<keyof WrittenFiles, unknown>>;
  const isPath = (path: unknown): boolean => typeof path === 'string' && isSafePath(path);
  const isFile = (file: unknown): boolean =>
    typeof file === 'object' &&
    file !== null &&
    isPath((file as { path?: unknown }).path) &&
    Number.isSafeInteger((file as { sizeBytes?: unknown }).sizeBytes);
  return (
    Array.isArray(files) && files.every(isFile) && Array.isArray(emptyFolders) && emptyFolders.every(isPath)
  );
}

export const takenAway = (folder: string, taken: readonly Text[]): EfakturError => {
  const said = takenFrom(folder, taken.length, taken.slice(0, shownNames));
  return new EfakturError('target-not-writable', said, letScannerLeaveOut);
};

async function sizeOf(path: string): Promise<number | null> {
  try {
    const info = await whileHeld(() => stat(path));
    return info.isFile() ? info.size : null;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return null;
    throw asTargetError(error, cannotLookAt(path));
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
