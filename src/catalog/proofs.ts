import type { ObjectStore, StoredObject } from '../store/store.ts';
import { type BackupVerdict, type Proof, parseProofKey, proofPrefix } from './names.ts';
import { listTrueObjects, type Tampering, type TrueObject } from './true-objects.ts';

/** What the proofs of a store say together: when an archive was last proven, and what damage stands. */

/**
 * What a listed object proves; null for a foreign one. Of the time in its name and that of its upload the earlier counts,
 * so that a clock that runs ahead cannot silence what is found later.
 */
export function proofOf({ key, modified }: Pick<StoredObject, 'key' | 'modified'>): Proof | null {
  const proof = parseProofKey(key);
  return proof && modified && modified < proof.at ? { ...proof, at: modified } : proof;
}

/** A backup counts as proven when every byte was read back, or Derby opened it, and the database was found sound. */
export const isProven = (proof: Proof): boolean => proof.result === 'clean';

/** The true proofs of one prefix, as they are listed one after the other. */
export function collectProofs(tampered: Tampering[]) {
  const proofs = new Map<string, Proof[]>();
  return {
    proofs,
    /** Takes an object, with its key below the prefix; false for what is no proof. */
    add({ object, tampering }: TrueObject): boolean {
      const proof = proofOf(object);
      if (!proof) return false;
      if (tampering) tampered.push({ key: object.key, how: tampering });
      const others = proofs.get(proof.tag);
      if (others) others.push(proof);
      else proofs.set(proof.tag, [proof]);
      return true;
    },
  };
}

/** All true proofs a store lists (or those of one archive), by tag. What somebody hid or overwrote is added to `tampered`. */
export async function listProofs(
  store: ObjectStore,
  signal: AbortSignal,
  tag = '',
  tampered: Tampering[] = [],
): Promise<Map<string, Proof[]>> {
  const collected = collectProofs(tampered);
  for await (const page of listTrueObjects(store, `${proofPrefix}${tag}`, { signal }))
    for (const object of page.objects) collected.add(object);
  return collected.proofs;
}

/** When an archive was last proven sound; null when never, or when a later look found it damaged. */
export const lastProven = (proofs: readonly Proof[]): Date | null => lastSound(proofs, isProven);

/**
 * As `lastProven`; of a database that Derby encrypted, when it was last read back with its headers in order, as nobody
 * without its password can prove more.
 */
export const lastProvenAtBest = (proofs: readonly Proof[]): Date | null =>
  lastSound(proofs, (proof) => isProven(proof) || proof.result === 'encrypted');

/** What the last look found; of two of one second the worse. Null when nobody looked. */
export function lastResult(proofs: readonly Proof[]): BackupVerdict | null {
  const lastMs = Math.max(...proofs.map(timeOf));
  const last = proofs.filter((proof) => timeOf(proof) === lastMs);
  return (
    last.find((proof) => proof.result === 'damaged')?.result ??
    last.find((proof) => proof.level === 'engine')?.result ??
    last[0]?.result ??
    null
  );
}

/** The proofs of damage that no later look has cleared. */
export const standingDamage = (proofs: readonly Proof[]): Proof[] =>
  lastResult(proofs) === 'damaged' ? proofs.filter((proof) => proof.result === 'damaged') : [];

const timeOf = ({ at }: Proof): number => at.getTime();

function lastSound(proofs: readonly Proof[], counts: (proof: Proof) => boolean): Date | null {
  const last = (wanted: (proof: Proof) => boolean): Proof | null =>
    proofs.filter(wanted).reduce<Proof | null>((a, b) => (a && timeOf(a) >= timeOf(b) ? a : b), null);
  const sound = last(counts);
  const damaged = last((proof) => proof.result === 'damaged');
  return sound && (!damaged || timeOf(damaged) < timeOf(sound)) ? sound.at : null;
}
