import { isDay } from '../base/local-time.ts';
import type { ObjectStore } from '../store/store.ts';
import type { BackupVerdict } from './manifest.ts';
import { listTrueObjects, type Tampering } from './true-objects.ts';

/**
 * What was proven of an archive and when, kept in names under `proofs/` so that a listing alone tells it (FORMAT.md
 * "Proofs"): `proofs/TAG-LEVEL-RESULT-YYYY-MM-DD.json`.
 */

export const proofPrefix = 'proofs/';

/** `data`: every byte was read back and judged. `engine`: real Derby opened a copy and checked every table. */
export type ProofLevel = 'data' | 'engine';

export interface Proof {
  readonly tag: string;
  readonly level: ProofLevel;
  readonly result: BackupVerdict;
  /** Local day of the check. */
  readonly day: string;
}

export const proofKey = (proof: Proof): string =>
  `${proofPrefix}${proof.tag}-${proof.level}-${proof.result}-${proof.day}.json`;

/** Reads a key under `proofs/`; null for a foreign one. */
export function parseProofKey(key: string): Proof | null {
  const m =
    /^proofs\/([0-9a-f]{12})-(data|engine)-(clean|encrypted|needs-recovery|damaged)-(\d{4}-\d\d-\d\d)\.json$/.exec(
      key,
    );
  if (!m || !isDay(m[4] ?? '')) return null;
  return { tag: m[1] ?? '', level: m[2] as ProofLevel, result: m[3] as BackupVerdict, day: m[4] ?? '' };
}

/** A backup counts as proven when every byte was read back, or Derby opened it, and the database was found sound. */
export const isProven = (proof: Proof): boolean => proof.result === 'clean';

/** All true proofs a store lists (or those of one archive), by tag. What somebody hid or overwrote is added to `tampered`. */
export async function listProofs(
  store: ObjectStore,
  signal: AbortSignal,
  tag = '',
  tampered: Tampering[] = [],
): Promise<Map<string, Proof[]>> {
  const proofs = new Map<string, Proof[]>();
  for await (const page of listTrueObjects(store, `${proofPrefix}${tag}`, { signal })) {
    for (const { object, tampering } of page.objects) {
      const proof = parseProofKey(object.key);
      if (proof && tampering) tampered.push({ key: object.key, how: tampering });
      if (proof) proofs.set(proof.tag, [...(proofs.get(proof.tag) ?? []), proof]);
    }
  }
  return proofs;
}

/** The day an archive was last proven sound; null when never, or when a later look found it damaged. */
export const lastProven = (proofs: readonly Proof[]): string | null => lastDay(proofs, isProven);

/**
 * As `lastProven`; of a database that Derby encrypted, the day it was last read back with its headers in order, as
 * nobody without its password can prove more.
 */
export const lastProvenAtBest = (proofs: readonly Proof[]): string | null =>
  lastDay(proofs, (proof) => isProven(proof) || proof.result === 'encrypted');

function lastDay(proofs: readonly Proof[], counts: (proof: Proof) => boolean): string | null {
  const byDay = [...proofs].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
  const proven = byDay.findLast(counts)?.day ?? null;
  const damaged = byDay.findLast((p) => p.result === 'damaged')?.day ?? null;
  return proven !== null && (damaged === null || damaged < proven) ? proven : null;
}
