import { type EfakturError, isEfakturError } from '../base/errors.ts';
import { inTurns } from '../base/in-turns.ts';
import { localDay } from '../base/local-time.ts';
import type { Warning } from '../base/progress.ts';
import { parseBackupId } from '../catalog/names.ts';
import type { AppProgram } from '../efaktur/app-program.ts';
import { inStore } from '../store/texts.ts';
import { programArchiveMissing } from './program-texts.ts';
import { type ListRequest, listStores, type MergedListing, type StoredProgram } from './stored/all-stores.ts';
import { type ProgramInfo, programInfo } from './stored/backup-info.ts';
import { lastProvenTimes } from './stored/last-proven.ts';
import { type OpenProgramManifest, readProgramManifest } from './stored/manifest.ts';

export type ListedProgram = ProgramInfo & {
  readonly stores: readonly string[];
  /** With `long`: which e-Faktur it is. The version of an encrypted one is known with its key. */
  readonly appProgram?: AppProgram;
  readonly files?: number;
  readonly totalBytes?: number;
  /** How many files and folders were left out, by the reason. */
  readonly leftOut?: Readonly<Record<string, number>>;
  /** The day the archive was last read back whole, in some store; null when never. */
  readonly lastProven?: string | null;
};

export interface ProgramsDocument {
  readonly programs: readonly ListedProgram[];
  readonly foreignKeys: number;
  readonly warnings: readonly Warning[];
}

/** Stored program folders, newest last, from key names alone; one that lies in several stores stands once. */
export function programsIn(
  { programs }: MergedListing,
  { since, until, zone }: Pick<ListRequest, 'since' | 'until' | 'zone'>,
): { readonly listed: readonly ListedProgram[]; readonly entries: ReadonlyMap<string, StoredProgram> } {
  const byId = new Map<string, ListedProgram>();
  const entries = new Map<string, StoredProgram>();
  for (const entry of programs) {
    if ((since && entry.day < since) || (until && entry.day > until)) continue;
    const known = byId.get(entry.id);
    if (!known) entries.set(entry.id, entry);
    // The first store that has the archive describes it.
    const described = known?.archive ? known : programInfo(entry, entry.archive, zone);
    byId.set(entry.id, { ...described, stores: [...(known?.stores ?? []), entry.store.url] });
  }
  return { listed: [...byId.values()], entries };
}

/** As `list`, of stored program folders; `long` reads the manifest of each. */
export async function listPrograms(
  request: ListRequest,
): Promise<{ document: ProgramsDocument; failure: EfakturError | null }> {
  const merged = await listStores(request.stores, [''], request);
  const warnings = [...merged.warnings];
  const { listed, entries } = programsIn(merged, request);
  for (const { id, store, archive } of merged.programs) {
    if (entries.has(id) && !archive)
      warnings.push({
        code: 'archive-missing',
        message: programArchiveMissing(store.url, id),
      });
  }
  const programs = request.long ? await withDetails(listed, entries, request, warnings) : listed;
  return { document: { programs, foreignKeys: merged.foreignKeys, warnings }, failure: merged.failure };
}

async function withDetails(
  listed: readonly ListedProgram[],
  entries: ReadonlyMap<string, StoredProgram>,
  request: ListRequest,
  warnings: Warning[],
): Promise<ListedProgram[]> {
  const proven = await lastProvenTimes(
    request.stores.filter((store) => listed.some((program) => program.stores.includes(store.url))),
    request.signal,
    warnings,
  );
  return inTurns(listed, async (program) => {
    const entry = entries.get(program.id) as StoredProgram;
    const at = proven.get(parseBackupId(program.id)?.tag ?? '');
    const known = { ...program, lastProven: at ? localDay(at, request.zone) : null };
    try {
      const place = { key: entry.manifestKey, versionId: entry.manifestVersionId };
      const manifest = await readProgramManifest(entry.store, place, request.decryptor, request.signal);
      // Where several archives claim the tag, the one that the manifest names describes it.
      const named = entry.archives.find(({ key }) => key === manifest.archive);
      return {
        ...known,
        ...(named && programInfo(entry, named, request.zone)),
        ...detailsOf(manifest),
      };
    } catch (error) {
      if (!isEfakturError(error, 'damaged', 'newer-format', 'wrong-key')) throw error;
      warnings.push({ code: error.code, message: inStore(entry.store.url, error.text) });
      return known;
    }
  });
}

function detailsOf({ appProgram: sha256, facts }: OpenProgramManifest): Partial<ListedProgram> {
  const main = facts?.programs.find((program) => program.sha256 === sha256);
  return {
    appProgram: { sha256, version: main?.version ?? null },
    ...(facts && { files: facts.files, totalBytes: facts.totalBytes }),
    ...(facts?.leftOut && { leftOut: facts.leftOut }),
  };
}
