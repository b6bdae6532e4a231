import { isEfakturError } from '../base/errors.ts';
import { listBackups, type ProgramEntry } from '../catalog/listing.ts';
import type { ObjectStore } from '../store/store.ts';
import { readProgramManifest } from './read-manifest.ts';

/** A stored program folder and the store that has it. */
export interface StoredProgram {
  readonly store: string;
  readonly id: string;
}

/**
 * The newest of the listed program folders whose main program has this SHA-256; null without one. It reads their manifests,
 * of which there are few; one that cannot be read is none that can be offered.
 */
export async function findProgram(
  store: ObjectStore,
  programs: readonly ProgramEntry[],
  appProgram: string,
  signal: AbortSignal,
): Promise<StoredProgram | null> {
  for (const { id, archive, manifestKey: key, manifestVersionId: versionId } of programs.toReversed()) {
    if (!archive) continue;
    try {
      const manifest = await readProgramManifest(store, { key, versionId }, null, signal);
      if (manifest.appProgram === appProgram) return { store: store.url, id };
    } catch (error) {
      if (!isHarmless(error)) throw error;
    }
  }
  return null;
}

/** The same over several stores, each listed anew; the first that has it. One that cannot be listed has none to offer. */
export async function findProgramIn(
  stores: readonly ObjectStore[],
  appProgram: string,
  signal: AbortSignal,
): Promise<StoredProgram | null> {
  for (const store of stores) {
    try {
      const { programs } = await listBackups(store, { signal });
      const found = await findProgram(store, programs, appProgram, signal);
      if (found) return found;
    } catch (error) {
      if (!isHarmless(error)) throw error;
    }
  }
  return null;
}

const isHarmless = (error: unknown): boolean => isEfakturError(error) && error.code !== 'interrupted';
