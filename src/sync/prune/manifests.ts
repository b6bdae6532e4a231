import { EfakturError } from '../../base/errors.ts';
import type { NeededArchive } from '../../catalog/manifest-parts.ts';
import type { ObjectStore } from '../../store/store.ts';
import { type HeldObject, maxObjectBytes } from '../stored/prune-notes.ts';
import { alters, isStored, readSurely } from '../stored/second-reading.ts';
import { manifestWentAway, prunedByAnother } from './texts.ts';

/** Manifests as a pruner reads them, of backups and of program folders. */

export type HeldArchives = ReadonlyMap<string, HeldObject & { readonly tag: string }>;

/** The true manifest of a key; what `parse` throws, and `store-unavailable` when it goes away meanwhile. */
export function readHeldManifest<T>(
  store: ObjectStore,
  { key, readVersion }: HeldObject,
  parse: (bytes: Buffer, key: string) => T,
  signal: AbortSignal,
): Promise<T> {
  const options = { signal, ...(readVersion !== null && { versionId: readVersion }) };
  return readSurely(store, key, maxObjectBytes, options, (bytes) => {
    if (bytes) return parse(bytes, key);
    throw new EfakturError('store-unavailable', manifestWentAway(store.url, key), prunedByAnother);
  });
}

/** Whether every archive that a manifest needs is there with its size; `readAgain` gives what it needs, read anew. */
export async function hasNeeds(
  store: ObjectStore,
  object: HeldObject,
  needs: readonly NeededArchive[],
  archives: HeldArchives,
  readAgain: () => Promise<readonly NeededArchive[]>,
  signal: AbortSignal,
): Promise<boolean> {
  let isWhole = true;
  for (const need of needs) {
    const listed = archives.get(need.key);
    if (listed?.sizeBytes === need.sizeBytes) continue;
    // A listing may be stale, and what is not whole may go: so the store is asked for the object itself.
    if (!(await isStored(store, need, listed?.readVersion ?? null, signal))) isWhole = false;
  }
  // Nor may it go because its manifest was altered on its way here.
  if (!isWhole && JSON.stringify(await readAgain()) !== JSON.stringify(needs))
    throw alters(store, object.key);
  return isWhole;
}
