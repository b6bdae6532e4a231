import { EfakturError, isEfakturError } from '../../base/errors.ts';
import type { Text } from '../../base/text.ts';
import { findObject } from '../../catalog/listing.ts';
import type { Job } from '../../state/job.ts';
import type { Body, ObjectStore, Receipt, StoredObject } from '../../store/store.ts';
import { type LockRule, lockFor } from './object-lock.ts';
import { andRetentionRight, listedOtherwise, noLocksHere } from './texts.ts';

/** How everything is written that stays in a store: under the lock that the settings ask for, and noted before its first byte. */

export interface PutRules {
  /** Null without locks. Folders have none, whatever it says. */
  readonly lock: LockRule | null;
  /** Best by the store's clock: a policy may hold the end of a lock against it. */
  readonly now: () => Date;
  /** Where what a put leaves behind is noted, should this process die; null where that is nothing worth a note. */
  readonly job: Job | null;
  readonly signal: AbortSignal;
}

export interface PutExtras {
  /** Days that this stays locked beyond those of the rule, as what is stored later may lean on it. */
  readonly leantOnDays?: number;
  readonly onBytes?: (bytes: number) => void;
}

export type LockedReceipt = Receipt & { readonly lockedUntil: Date | null };

/** Puts one object; where the store refuses it because of the lock, the hint says so. */
export type LockedPut = (key: string, body: Body, extras?: PutExtras) => Promise<LockedReceipt>;

export function lockedPut(store: ObjectStore, { lock: rule, now, job, signal }: PutRules): LockedPut {
  return async (key, body, { leantOnDays = 0, onBytes } = {}) => {
    const lock = rule ? lockFor(rule, rule.days + leantOnDays, now().getTime()) : undefined;
    const note = async (uploadId: string | null): Promise<void> =>
      job?.noteUpload({ store: store.url, key, uploadId });
    try {
      const onPlanned = (): Promise<void> => note(null);
      const receipt = await store.put(key, body, { signal, onPlanned, onUpload: note, onBytes, lock });
      return { ...receipt, lockedUntil: lock?.until ?? null };
    } catch (error) {
      throw lock && isEfakturError(error, 'usage', 'access-denied') ? lockRefused(error) : error;
    }
  };
}

const lockRefused = (error: EfakturError): EfakturError =>
  new EfakturError(
    error.code,
    error.said,
    error.code === 'usage' ? noLocksHere : andRetentionRight(error.hint),
    error,
  );

/** What the store lists of something just put; `store-unavailable` when it is not there with its size. */
export async function listedWhole(
  store: ObjectStore,
  key: string,
  sizeBytes: number,
  signal: AbortSignal,
  hint: Text,
): Promise<StoredObject> {
  const listed = await findObject(store, key, signal);
  if (listed?.sizeBytes === sizeBytes) return listed;
  throw new EfakturError(
    'store-unavailable',
    listedOtherwise(store.url, key, sizeBytes, listed?.sizeBytes ?? null),
    hint,
  );
}
