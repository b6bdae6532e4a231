import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from './errors.ts';

/**
 * Makes a folder, with those above it that are not there. Resolves with the first one made, or null when it was there.
 * What is thrown is the system's word on the one that could not be made; ENOENT when nothing above it is there, or when
 * what is there takes no folders. Node's own `recursive` takes a read-only disk for one that is not there, and tries
 * without end below folders such as `/proc`.
 */
export async function makeFolder(path: string, mode = 0o777): Promise<string | null> {
  try {
    return (await makeOne(path, mode)) ? path : null;
  } catch (error) {
    const above = dirname(path);
    if (systemCode(error) !== 'ENOENT' || above === path) throw error;
    const first = await makeFolder(above, mode);
    return (await makeOne(path, mode)) ? (first ?? path) : first;
  }
}

/** False when the folder is there, perhaps made by another process just now. */
async function makeOne(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, mode);
    return true;
  } catch (error) {
    // The code does not tell: making a root again is EPERM on one system and EISDIR on another.
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isFolder) return false;
    throw error;
  }
}
