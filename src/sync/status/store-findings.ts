import { formatInstant, localDay } from '../../base/local-time.ts';
import type { Finding } from '../../base/progress.ts';
import { clockSkewMs } from '../../catalog/counted-time.ts';
import { tamperingWarnings } from '../stored/all-stores.ts';
import { howToProve, isHere, type Provable, provableHere, whyNotHere } from '../stored/provable.ts';
import type { Holding } from './holding.ts';
import type { Findings, StatusRules } from './rules.ts';
import {
  findWhoseKey,
  holdsDamaged,
  holdsNoBackup,
  lastVerification,
  newestIsOld,
  notVerifiedHere,
  runPush,
  runPushAndLookAtSchedule,
  toSeeWhatIsLost,
} from './texts.ts';

/** What of one store somebody must act on. */

/** That it holds no backup, or none that is young enough. */
export function ageFinding(
  { store, newest, ageMs }: Holding,
  { maxAgeMs, zone }: Pick<StatusRules, 'maxAgeMs' | 'zone'>,
): Finding | null {
  if (!newest) {
    return {
      code: 'no-backup',
      message: holdsNoBackup(store.url),
      hint: runPush,
    };
  }
  if (ageMs <= maxAgeMs) return null;
  return {
    code: 'old-backup',
    message: newestIsOld(store.url, ageMs, formatInstant(newest.countedAt, zone)),
    hint: runPushAndLookAtSchedule,
  };
}

/** Whether a proof is due: the newest one that counts is too old, or there is none. */
const isProofDue = (
  { newest, proven, nowMs }: Holding,
  { maxUnprovenMs }: Pick<StatusRules, 'maxUnprovenMs'>,
): boolean => newest !== null && (proven === null || nowMs - proven.on.getTime() > maxUnprovenMs);

/** Where a proof can be made, asked only where one is advised; null where none is. */
export async function provableIfAdvised(holding: Holding, rules: StatusRules): Promise<Provable | null> {
  const { store, newest, backups, damaged } = holding;
  const last = newest ?? backups.at(-1);
  if (!last || (!isProofDue(holding, rules) && damaged.length === 0)) return null;
  return provableHere(store, last, rules);
}

/** Adds that a proof is due: to what is only worth knowing while others, who can make it, still have time for the first. */
export function addUnproven(
  holding: Holding,
  provable: Provable,
  rules: StatusRules,
  { attention, warnings }: Findings,
): void {
  if (!isProofDue(holding, rules)) return;
  const isWaiting =
    !isHere(provable) && holding.proven === null && storedForMs(holding) <= rules.maxUnprovenMs;
  (isWaiting ? warnings : attention).push(unprovenFinding(holding, provable, rules.zone));
}

/** How long ago the first of the backups came to its store; by its capture where the store's clock knows no better. */
export function storedForMs({ whole, nowMs }: Holding): number {
  const came = whole.map(({ archive, capturedAt }) => {
    const uploadedMs = archive?.modified?.getTime() ?? Number.POSITIVE_INFINITY;
    return uploadedMs <= nowMs + clockSkewMs ? uploadedMs : capturedAt.getTime();
  });
  return nowMs - Math.min(...came);
}

/** That a proof is due, for who sees many histories and proves none; null where it is not. */
export function lastProofFinding(
  holding: Holding,
  rules: Pick<StatusRules, 'maxUnprovenMs' | 'zone'>,
  hint: Finding['hint'],
): Finding | null {
  if (!isProofDue(holding, rules)) return null;
  const { store, proven } = holding;
  return {
    code: 'unproven',
    message: lastVerification(store.url, proven && localDay(proven.on, rules.zone)),
    hint,
  };
}

function unprovenFinding(
  { store, newest, proven, verdictOf }: Holding,
  provable: Provable,
  zone: string,
): Finding {
  const verdict = newest && verdictOf(newest);
  const last = lastVerification(store.url, proven && localDay(proven.on, zone));
  const isSound = proven === null && verdict === 'clean';
  return {
    code: 'unproven',
    message: isHere(provable) ? last : notVerifiedHere(last, isSound, whyNotHere(provable)),
    hint: howToProve(store, provable, verdict),
  };
}

export const tamperingFindings = ({ store, tampered }: Holding): Finding[] =>
  tamperingWarnings(store, tampered).map((warning) => ({
    ...warning,
    hint: findWhoseKey,
  }));

export function damageFinding({ store, damaged }: Holding, provable: Provable): Finding | null {
  if (damaged.length === 0) return null;
  return {
    code: 'damaged',
    message: holdsDamaged(store.url, damaged.length, damaged.slice(0, 3)),
    hint: toSeeWhatIsLost(howToProve(store, provable, null)),
  };
}
