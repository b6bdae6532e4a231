import { runBytes } from './block-index.ts';
import type { ListedFile } from './file-list.ts';
import type { TarMember } from './tar-members.ts';

/** The tar member that holds a file's own bytes (FORMAT.md "Differential"); null when all of them are the base's. */
export function memberOf({ path, sizeBytes, from }: ListedFile): Omit<TarMember, 'mtimeMs'> | null {
  if (from === 'base') return null;
  if (from === undefined) return { path: `db/${path}`, type: 'File', sizeBytes };
  return { path: `blocks/${path}`, type: 'File', sizeBytes: runBytes(from, sizeBytes) };
}
