import { isKept } from '../../base/errors.ts';
import { listBackups, type ProgramEntry } from '../../catalog/listing.ts';
import type { StoreRecord } from '../../state/record.ts';
import { readRecord } from '../../state/record-file.ts';
import type { ObjectStore } from '../../store/store.ts';
import { readProgramManifest } from '../stored/manifest.ts';

/** A stored program folder and the store that has it. */
export interface OfferedProgram {
  readonly store: string;
  readonly id: string;
}

/** The id of a stored program folder, null without one; undefined where one that could not be read may be it. */
export type FoundProgram = string | null | undefined;

/**
 * Finds the newest of the listed program folders whose main program has a SHA-256. What this PC stored itself it has noted;
 * of the others it reads the manifests, the newest first, none twice and none that it need not.
 */
export function programFinder(
  store: ObjectStore,
  programs: readonly ProgramEntry[],
  record: Pick<StoreRecord, 'programs'>,
  signal: AbortSignal,
): (appProgram: string) => Promise<FoundProgram> {
  const whole = programs.filter(({ archive }) => archive !== null).reverse();
  const read = new Map<string, string | Promise<string | null>>(
    record.programs.map(({ id, appProgram }) => [id, appProgram]),
  );
  const programOf = async (entry: ProgramEntry): Promise<string | null> => {
    const at = { key: entry.manifestKey, versionId: entry.manifestVersionId };
    try {
      return (await readProgramManifest(store, at, null, signal)).appProgram;
    } catch (error) {
      if (isKept(error)) return null;
      throw error;
    }
  };
  return async (appProgram) => {
    let isUnsure = false;
    for (const entry of whole) {
      const reading = read.get(entry.id) ?? programOf(entry);
      read.set(entry.id, reading);
      const main = await reading;
      if (main === appProgram) return entry.id;
      isUnsure ||= main === null;
    }
    return isUnsure ? undefined : null;
  };
}

/** The same over several stores, each listed anew; the first that has it. One that cannot be listed has none to offer. */
export async function findProgramIn(
  stores: readonly ObjectStore[],
  appProgram: string,
  { stateDir, signal }: { readonly stateDir: string; readonly signal: AbortSignal },
): Promise<OfferedProgram | null> {
  for (const store of stores) {
    try {
      const { programs } = await listBackups(store, { signal });
      const record = await readRecord(stateDir, store.url);
      const id = await programFinder(store, programs, record, signal)(appProgram);
      if (id) return { store: store.url, id };
    } catch (error) {
      if (!isKept(error)) throw error;
    }
  }
  return null;
}
