import { isEfakturError } from '../../base/errors.ts';
import { localDay } from '../../base/local-time.ts';
import type { Warning } from '../../base/progress.ts';
import { englishOnly } from '../../base/text.ts';
import { type Proof, proofKey } from '../../catalog/names.ts';
import { bytesBody } from '../../store/small-object.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { VerbContext } from '../context.ts';
import type { ArchiveCheck } from '../restore/archive-check.ts';
import { lockedPut } from '../stored/locked-put.ts';
import type { LockRule } from '../stored/object-lock.ts';
import { proofNotWritten } from './texts.ts';

/** The proofs that a verify leaves in a store. */

export interface ProofRules extends Pick<VerbContext, 'program' | 'zone' | 'now' | 'signal'> {
  /** How long proofs stay locked; null without locks. */
  readonly lock: LockRule | null;
}

/** Keeps what was found of an archive; one that could not be written is a warning. */
export type Prove = (tag: string, check: ArchiveCheck, isEncrypted: boolean) => Promise<void>;

/**
 * Proofs go beside those that are known, by tag, unless the last look of this day has said the same already. `aheadMs`: the
 * store's clock minus ours, as a policy may hold the end of a lock against it.
 */
export function provingIn(
  store: ObjectStore,
  known: ReadonlyMap<string, readonly Proof[]>,
  rules: ProofRules & { readonly aheadMs: number },
  warnings: Warning[],
): Prove {
  const proofs = new Map(known);
  const storeNow = (): Date => new Date(rules.now().getTime() + rules.aheadMs);
  const put = lockedPut(store, { lock: rules.lock, signal: rules.signal, now: storeNow, job: null });
  return async (tag, check, isEncrypted) => {
    const proof: Proof = {
      tag,
      level: check.level,
      result: check.verdict,
      at: new Date(Math.floor(rules.now().getTime() / 1000) * 1000),
    };
    const earlier = proofs.get(tag) ?? [];
    const last = earlier.reduce<Proof | null>((a, b) => (a && a.at >= b.at ? a : b), null);
    const isKnown =
      last?.level === proof.level &&
      last.result === proof.result &&
      localDay(last.at, rules.zone) === localDay(proof.at, rules.zone);
    if (isKnown) return;
    proofs.set(tag, [...earlier, proof]);
    // They name databases and files, which an encrypted archive does not tell either.
    const problems = isEncrypted ? null : check.problems;
    const body = { format: 1, ...proof, program: rules.program, ...(problems && { problems }) };
    const key = proofKey(proof);
    try {
      await put(key, bytesBody(Buffer.from(`${JSON.stringify(body, englishOnly, 2)}\n`)));
    } catch (error) {
      if (!isEfakturError(error, 'access-denied')) throw error;
      warnings.push({ code: 'proof-not-kept', message: proofNotWritten(store.url, key, error.text) });
    }
  };
}
