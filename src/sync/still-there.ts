import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileList } from '../archive/file-list.ts';
import { asTargetError } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';

/**
 * What lies in a folder is compared with its list once more at the last moment: a virus scanner may take a file away, or
 * empty it, after it was written and read back.
 */

const shownNames = 5;

/** `target-not-writable`, naming what is gone or has another size. Resolves with what lies there beside the list. */
export async function refuseTaken(
  folder: string,
  { files, emptyFolders }: Pick<FileList, 'files' | 'emptyFolders'>,
): Promise<readonly string[]> {
  const taken: string[] = [];
  for (const { path, sizeBytes } of files) {
    const found = await sizeOf(join(folder, path));
    if (found !== sizeBytes)
      taken.push(found === null ? path : `${path} (${found} bytes instead of ${sizeBytes})`);
  }
  for (const path of emptyFolders) if (!(await isFolder(join(folder, path)))) taken.push(`${path}/`);
  if (taken.length > 0) throw takenAway(folder, taken);
  const listed = new Set(files.map(({ path }) => path));
  const there = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) =>
    Promise.reject(asTargetError(error, `${folder} cannot be looked at`)),
  );
  return there
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => !listed.has(path));
}

export const takenAway = (folder: string, taken: readonly string[]): EfakturError => {
  const shown = taken.slice(0, shownNames).join(', ');
  const more = taken.length > shownNames ? `, and ${taken.length - shownNames} more` : '';
  return new EfakturError(
    'target-not-writable',
    `${taken.length} file(s) were taken away from ${folder} or changed after they had been written there: ${shown}${more}; nothing else was touched`,
    'A virus scanner may have put them into quarantine: let it leave out this folder (or look into its quarantine), and restore again.',
  );
};

async function sizeOf(path: string): Promise<number | null> {
  try {
    const info = await stat(path);
    return info.isFile() ? info.size : null;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return null;
    throw asTargetError(error, `${path} cannot be looked at`);
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
