import { keepOrThrow } from '../../base/errors.ts';
import type { BackupEntry } from '../../catalog/listing.ts';
import type { AppProgram } from '../../efaktur/app-program.ts';
import type { StoreRecord } from '../../state/record.ts';
import type { ObjectStore } from '../../store/store.ts';
import { programOf } from '../program/version.ts';
import { readManifest } from '../stored/manifest.ts';

/** An e-Faktur, and the id of the newest program folder of it in that store; null without one, absent where that is not known. */
export type StoredAppProgram = AppProgram & { readonly stored?: string | null };

export type LocalAppProgram = AppProgram & {
  /** The stores that hold its folder; null where none is known to, and one could not tell. */
  readonly storedIn: readonly string[] | null;
};

/**
 * Which e-Faktur a backup was made with: as this PC noted, else as its manifest says, where the key may read it. Of an
 * encrypted one the version is known where the same program lies here.
 */
export async function madeWith(
  store: ObjectStore,
  { id, manifestKey: key, manifestVersionId: versionId }: BackupEntry,
  { backups }: StoreRecord,
  here: AppProgram | null,
  signal: AbortSignal,
): Promise<AppProgram | null> {
  const noted = backups.find((backup) => backup.id === id)?.app;
  if (noted !== undefined) return noted;
  try {
    const manifest = await readManifest(store, { key, versionId }, null, signal);
    const made = programOf(manifest, manifest.facts);
    return made?.version === null && made.sha256 === here?.sha256 ? here : made;
  } catch (error) {
    // Whether it can be read, and is what it should be, is for those who restore or prove it.
    keepOrThrow(error);
    return null;
  }
}
