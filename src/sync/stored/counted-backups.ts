import { formatInstant } from '../../base/local-time.ts';
import type { Finding } from '../../base/progress.ts';
import {
  byCountedTime,
  type CountedBackup,
  isAfter,
  isDatedAhead,
  type TimedBackup,
} from '../../catalog/counted-time.ts';
import { allAfterNow, lookAtClocks, lookBeforeRelying, namedAhead, setClock, someAfterNow } from './texts.ts';

/** What of a store counts for "the newest" and for its age, and what must be told of the times in it. */
export interface CountedBackups<T> {
  /** Oldest first: those up to now; all of them when all lie after now, as then the time now is what is wrong. */
  readonly upToNow: readonly T[];
  readonly afterNow: readonly T[];
  readonly isClockWrong: boolean;
  readonly findings: readonly Finding[];
}

export interface CountedStore<T> {
  readonly url: string;
  readonly backups: readonly T[];
  /** The store's time, where it has one. */
  readonly serverTime: Date | null;
  /** This PC's. */
  readonly now: Date;
  readonly zone: string;
}

/** Sorts out the backups of one store by time; `backups` must be all that it has. */
export function countBackups<T extends TimedBackup & CountedBackup>({
  url,
  backups,
  serverTime,
  now: ours,
  zone,
}: CountedStore<T>): CountedBackups<T> {
  const now = serverTime ?? ours;
  const inOrder = [...backups].sort(byCountedTime);
  const afterNow = inOrder.filter((b) => isAfter(b, now));
  const isClockWrong = afterNow.length > 0 && afterNow.length === backups.length;
  const findings = aheadFindings(url, backups, zone);
  const [first] = afterNow;
  if (first && isClockWrong) {
    findings.push({
      code: 'clock-off',
      message: allAfterNow(
        url,
        formatInstant(now, zone),
        formatInstant(first.capturedAt, zone),
        serverTime !== null,
      ),
      hint: setClock,
    });
  } else if (first) {
    findings.push({
      code: 'after-now',
      message: someAfterNow(url, firstIds(afterNow), afterNow.length),
      hint: lookAtClocks,
    });
  }
  return {
    upToNow: isClockWrong ? inOrder : inOrder.filter((b) => !isAfter(b, now)),
    afterNow: isClockWrong ? [] : afterNow,
    isClockWrong,
    findings,
  };
}

/** One for all backups that name a time at which the store had them already. */
export function aheadFindings(url: string, backups: readonly TimedBackup[], zone: string): Finding[] {
  const ahead = backups.filter(isDatedAhead);
  const [first] = ahead;
  if (!first?.uploadedAt) return [];
  return [
    {
      code: 'dated-ahead',
      message: namedAhead(url, firstIds(ahead), ahead.length, formatInstant(first.uploadedAt, zone)),
      hint: lookBeforeRelying,
    },
  ];
}

const firstIds = (backups: readonly { readonly id: string }[]): string[] =>
  backups.slice(0, 3).map(({ id }) => id);
