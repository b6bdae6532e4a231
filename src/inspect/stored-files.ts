/* A stored backup's files, by ranges of its archives. */
import { isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import type { Wanted } from '../catalog/choose.ts';
import type { StoredBackup } from '../sync/stored/all-stores.ts';
import { locateArchives } from '../sync/stored/archives.ts';
import { chosenInfo } from '../sync/stored/backup-info.ts';
import { type ConfirmState, type FoundCopies, findCopies, firstSound } from '../sync/stored/choose-copy.ts';
import { byManifest, type OpenManifest, readManifest } from '../sync/stored/manifest.ts';
import { openRandomAccess, type StoredFiles } from '../sync/stored/random-access.ts';
import { type BackupFiles, filesOf, type InspectContext, type OpenOptions } from './backup-files.ts';
import { reading } from './texts.ts';

/** Opens the wanted backup from the first store that has a sound copy. */
export async function openStoredFiles(
  wanted: Wanted,
  context: InspectContext,
  warnings: Warning[],
  options: OpenOptions,
): Promise<BackupFiles> {
  const search = { ...context, stores: await context.stores(), wanted };
  const found = await findCopies(search, warnings);
  return openCopies(found, context, warnings, options);
}

/** Opens the first sound one of these copies of one backup. */
export function openCopies(
  { copies, next }: Pick<FoundCopies, 'copies' | 'next'>,
  context: InspectContext,
  warnings: Warning[],
  options: OpenOptions,
): Promise<BackupFiles> {
  return firstSound({ copies, next }, warnings, (copy, confirmState) =>
    openCopy(copy, confirmState, copies, context, options),
  );
}

async function openCopy(
  copy: StoredBackup,
  confirmState: ConfirmState,
  copies: readonly StoredBackup[],
  { decryptor, signal, zone, progress }: InspectContext,
  { salvage }: OpenOptions,
): Promise<BackupFiles> {
  const keys = await decryptor();
  const at = { key: copy.manifestKey, versionId: copy.manifestVersionId };
  const manifest = await readManifest(copy.store, at, keys, signal);
  confirmState(manifest.facts);
  const archives = await locateArchives(copy.store, manifest, copy.archives, signal);
  const stored = await byManifest(copy.store, at, manifest, keys, signal, () =>
    openRandomAccess(copy.store, archives, keys, signal),
  );
  const sizes = new Map(stored.list.files.map((file) => [file.path, file.sizeBytes]));
  const hashes = new Map(stored.list.files.map((file) => [file.path, file.sha256]));
  const read = salvage ? salvaging(stored) : ahead(stored, sizes);
  progress.begin(reading, null);
  const names = [...new Set([...sizes.keys()].map((path) => path.split('/')[0] ?? ''))].sort();
  return {
    info: {
      backup: chosenInfo(copy, manifest, copies, zone),
      local: null,
    },
    databases: names.map((name) => ({
      name,
      files: filesOf(`${name}/`, sizes, async (path, offset, length) => {
        signal.throwIfAborted();
        const bytes = await read(path, offset, length);
        progress.advance(length);
        return bytes;
      }),
    })),
    sha256: (path) => hashes.get(path) ?? null,
    countedRows: (database, table) => countedRows(manifest, database, table),
    close: async () => {},
  };
}

function countedRows({ facts }: OpenManifest, database: string, table: string): number | null {
  const judged = facts?.judged?.find(({ name }) => name === database);
  if (judged?.verdict !== 'clean') return null;
  return judged.tables.find(({ name }) => name === table)?.rows ?? null;
}

const aheadBytes = 4 << 20;

/**
 * Asks for the next few megabytes of a file that is read from front to back, so that a distant store is not waited for at
 * every step; the archive keeps the frames it decoded last.
 */
function ahead(stored: StoredFiles, sizes: ReadonlyMap<string, number>): StoredFiles['read'] {
  let next = { path: '', offset: 0 };
  let askedUpTo = 0;
  return (path, offset, length) => {
    const end = offset + length;
    const inSequence = next.path === path && next.offset === offset;
    if (!inSequence) askedUpTo = end;
    const wanted = stored.read(path, offset, length);
    if (inSequence && length >= 1 << 16 && end + aheadBytes / 2 > askedUpTo) {
      const from = Math.max(end, askedUpTo);
      const bytes = Math.min(aheadBytes, (sizes.get(path) ?? 0) - from);
      // What went wrong shows when the bytes are really wanted.
      if (bytes > 0) stored.read(path, from, bytes).catch(() => {});
      askedUpTo = from + Math.max(0, bytes);
    }
    next = { path, offset: end };
    return wanted;
  };
}

/** The smallest page, so that no good one is given up with a bad one. */
const salvageBytes = 4096;

/** Reads around what is damaged in an archive: zeros stand for it, which no page checksum passes. */
function salvaging(stored: StoredFiles): StoredFiles['read'] {
  const read: StoredFiles['read'] = async (path, offset, length) => {
    try {
      return await stored.read(path, offset, length);
    } catch (error) {
      if (!isEfakturError(error, 'damaged')) throw error;
      if (length <= salvageBytes) return Buffer.alloc(length);
      const half = Math.ceil(length / 2 / salvageBytes) * salvageBytes;
      return Buffer.concat([await read(path, offset, half), await read(path, offset + half, length - half)]);
    }
  };
  return read;
}
