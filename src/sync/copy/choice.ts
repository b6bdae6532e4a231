import { EfakturError, isEfakturError } from '../../base/errors.ts';
import type { Finding } from '../../base/progress.ts';
import { verbatim } from '../../base/text.ts';
import { parseBackupKey, parseProgramKey } from '../../catalog/names.ts';
import { parseProgramManifest } from '../../catalog/program-manifest.ts';
import { noBackupIn } from '../../catalog/texts.ts';
import { type BackupInfo, backupInfo, type ProgramInfo, programInfo } from '../stored/backup-info.ts';
import { withMissing } from '../stored/newest-pushed.ts';
import type { HeldStore } from './held-stores.ts';
import { listAndCheckFrom, noBackupSince, noBackupWithId } from './texts.ts';
import type { Transfer } from './transfer.ts';

/** Which of a store is copied, and how each document shows it. */

/** Those the target does not list yet; all, with those it lists compared; or some of them. */
export type CopyChoice =
  | { readonly by: 'missing' }
  | { readonly by: 'all' }
  | { readonly by: 'since'; readonly day: string }
  | { readonly by: 'id'; readonly id: string };

/** Keys of manifests, oldest first. */
export interface ChosenManifests {
  readonly backups: readonly string[];
  /** Chosen for themselves; see {@link programsMadeWith}. */
  readonly programs: readonly string[];
}

/** `no-such-backup` when nothing is what is meant. */
export function chooseManifests(
  choice: CopyChoice,
  source: HeldStore,
  missing: Finding | null,
): ChosenManifests {
  const isMeant = (key: string): boolean => {
    const parsed = parseBackupKey(key) ?? parseProgramKey(key);
    if (choice.by === 'since') return parsed !== null && parsed.day >= choice.day;
    return choice.by !== 'id' || parsed?.id === choice.id;
  };
  const chosen = { backups: source.manifests.filter(isMeant), programs: source.programs.filter(isMeant) };
  if (chosen.backups.length + chosen.programs.length > 0) return chosen;
  const { url } = source.store;
  const none =
    choice.by === 'id'
      ? noBackupWithId(choice.id, url)
      : choice.by === 'since'
        ? noBackupSince(choice.day, url)
        : noBackupIn(verbatim(url), 0);
  throw withMissing(new EfakturError('no-such-backup', none, listAndCheckFrom), missing);
}

/**
 * The program folders that backups were made with, by the SHA-256 of their main programs: of each the newest, as a part of a
 * history is of use only with the e-Faktur that opens it. One that does not tell is among them, so that its copy fails and is
 * told.
 */
export async function programsMadeWith(
  appPrograms: ReadonlySet<string>,
  source: HeldStore,
  transfer: Transfer,
): Promise<string[]> {
  if (appPrograms.size === 0) return [];
  const newest = new Map<string, string>();
  for (const key of source.programs) {
    try {
      const { manifest } = await transfer.readManifest(key, parseProgramManifest);
      if (appPrograms.has(manifest.appProgram)) newest.set(manifest.appProgram, key);
    } catch (error) {
      if (!isEfakturError(error, 'damaged', 'newer-format')) throw error;
      newest.set(key, key);
    }
  }
  return [...newest.values()];
}

/** What a listing tells of a backup. */
export function copiedInfo(manifestKey: string, source: HeldStore, zone: string): BackupInfo {
  const { backup, archive } = placeOf(manifestKey, source);
  const named = archive === null ? null : parseBackupKey(archive.key);
  return backupInfo(
    backup,
    archive && named?.type === 'archive'
      ? { ...archive, kind: named.kind, encrypted: named.encrypted }
      : null,
    zone,
  );
}

/** The same of a program folder. */
export function copiedProgramInfo(manifestKey: string, source: HeldStore, zone: string): ProgramInfo {
  const { backup, archive } = placeOf(manifestKey, source);
  const named = archive === null ? null : parseProgramKey(archive.key);
  return programInfo(
    backup,
    archive && named?.type === 'archive' ? { ...archive, encrypted: named.encrypted } : null,
    zone,
  );
}

function placeOf(manifestKey: string, source: HeldStore) {
  const parsed = parseBackupKey(manifestKey) ?? parseProgramKey(manifestKey);
  if (!parsed) throw new TypeError(`${manifestKey} is no key of a manifest`);
  const [key] = source.archives(parsed.tag);
  return {
    backup: { ...parsed, uploadedAt: source.modifiedOf(manifestKey) },
    archive: key === undefined ? null : { key, sizeBytes: source.sizeOf(key) ?? 0 },
  };
}
