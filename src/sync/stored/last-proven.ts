import type { Warning } from '../../base/progress.ts';
import { lastProven, listProofs } from '../../catalog/proofs.ts';
import type { Tampering } from '../../catalog/true-objects.ts';
import type { ObjectStore } from '../../store/store.ts';
import { tamperingWarnings } from './all-stores.ts';

/** When the archive of each tag was last proven, by one listing a store. */
export async function lastProvenTimes(
  stores: readonly ObjectStore[],
  signal: AbortSignal,
  warnings: Warning[],
): Promise<ReadonlyMap<string, Date>> {
  const times = new Map<string, Date>();
  for (const store of stores) {
    const tampered: Tampering[] = [];
    for (const [tag, proofs] of await listProofs(store, signal, '', tampered)) {
      const at = lastProven(proofs);
      if (at !== null && at > (times.get(tag) ?? new Date(0))) times.set(tag, at);
    }
    warnings.push(...tamperingWarnings(store, tampered));
  }
  return times;
}
