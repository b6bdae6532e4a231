import { dayMs } from '../../base/durations.ts';
import type { BackupEntry } from '../../catalog/listing.ts';
import type { Proof } from '../../catalog/names.ts';
import { lastProvenAtBest, lastResult } from '../../catalog/proofs.ts';

/** When the newest backup of a store does not wait for its part: what was just set up has no proof at all, and a quiet history ages. */

/** Well before `status` calls a store unproven, so that a week without the PC is in between. */
const provenAgainAfterDays = 21;
/** What cannot be proven, as it needs e-Faktur to recover it, is not read each day for that. */
const lookedAtAgainAfterDays = 7;

/**
 * The newest backup, where the newest proof of a store is missing or old and none was tried not long ago; else null. `whole`:
 * those whose archive is there, oldest first.
 */
export function newestDue(
  whole: readonly BackupEntry[],
  proofs: ReadonlyMap<string, readonly Proof[]>,
  now: Date,
): BackupEntry | null {
  const isWithin = (at: Date, days: number): boolean => now.getTime() - at.getTime() < days * dayMs;
  const newest = whole.at(-1) ?? null;
  for (const { tag } of whole.toReversed()) {
    const ofTag = proofs.get(tag) ?? [];
    const provenOn = lastProvenAtBest(ofTag);
    if (provenOn && isWithin(provenOn, provenAgainAfterDays)) return null;
    // Damage of an older one says nothing of what was stored in its place.
    const tells = tag === newest?.tag || lastResult(ofTag) !== 'damaged';
    if (tells && ofTag.some(({ at }) => isWithin(at, lookedAtAgainAfterDays))) return null;
    if (provenOn) break;
  }
  return newest;
}
