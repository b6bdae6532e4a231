import type { Dirent } from 'node:fs';
import { stat } from 'node:fs/promises';

/**
 * What lies behind a name in a folder; links are followed, null for what is neither or leads nowhere. Windows lists everything
 * with a reparse point as a link: files of a deduplicated volume or a cloud folder too, which are read as any other.
 */
export async function entryKind(
  entry: Dirent<string> | Dirent<Buffer>,
  path: string,
): Promise<'file' | 'folder' | null> {
  const found = entry.isFile() || entry.isDirectory() ? entry : await stat(path).catch(() => null);
  if (found?.isDirectory()) return 'folder';
  return found?.isFile() ? 'file' : null;
}
