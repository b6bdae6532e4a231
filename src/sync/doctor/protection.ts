import { randomBytes } from 'node:crypto';
import { dayMs, hourMs } from '../../base/durations.ts';
import { isEfakturError } from '../../base/errors.ts';
import type { Text } from '../../base/text.ts';
import { doctorPrefix, parseDoctorKey } from '../../catalog/names.ts';
import { readObject } from '../../store/small-object.ts';
import type { StoredObject } from '../../store/store.ts';
import { tryLifting } from './lifting.ts';
import { attempt, type DoctorStep, type Measured, type Probe, type TestObject } from './probe.ts';
import * as texts from './protection-texts.ts';
import { lockTaken } from './service-texts.ts';
import { otherProvider } from './texts.ts';

/** The part of `doctor` that asks whether a store keeps what was written, whoever has the keys. */

/** What the key may do with what is stored. */
export interface KeyRights {
  readonly mayDelete: boolean;
  /** Whether single versions may be deleted; null where there are none. */
  readonly versions: { readonly mayDelete: boolean } | null;
}

interface Known {
  /** The first object of this run, and what is in it. */
  readonly small: TestObject;
  readonly content: Buffer;
  readonly mayRead: boolean;
  readonly serverNow: Date;
}

/** What was found out about locks; null for what this key cannot see. */
interface Locks {
  /** Whether a lock given with a put is taken. */
  readonly taken: boolean | null;
  readonly object: TestObject | null;
  /** Days for which the bucket locks everything by itself; 0 for not at all. */
  readonly defaultDays: number | null;
}

/** Long enough to try whether it holds. */
const testLockMs = 2 * 60_000;
/** Leftovers younger than this may be of a run that is still on its way. */
export const leftoverMs = hourMs;

/** Tries older versions, deleting and locks, and judges what they add up to. */
export async function tryProtection(probe: Probe, known: Known): Promise<KeyRights> {
  const kept = await tryVersions(probe, known);
  const isVersioned = kept === 'versions';
  const locks = await tryLock(probe, known);
  const mayDelete = await tryDeleting(probe, known.small);
  const ofVersions = isVersioned ? await tryDeletingVersions(probe, known, locks) : null;
  const versions = ofVersions && { mayDelete: ofVersions.mayDelete };
  const mayDeleteAll = versions?.mayDelete ?? mayDelete;
  const state = await judgeLocks(
    probe,
    { ...locks, defaultHolds: ofVersions?.lockHolds ?? null, isKept: kept === 'kept' },
    mayDeleteAll,
    known,
  );
  probe.measured.lock = state.lock;
  if (state.holds && locks.taken !== false) {
    const isLiftable = await tryLifting(probe, {
      mayLock: locks.object !== null,
      mayDelete: mayDeleteAll || ofVersions?.lockHolds != null,
      lockedByBucket: (locks.defaultDays ?? 0) > 0 ? known.small : null,
      serverNow: known.serverNow,
    });
    if (isLiftable) probe.measured.lock = 'none';
  }
  tellLocksDiffer(probe, locks);
  if (kept === 'nothing') {
    probe.problem('not-protected', texts.notProtected, texts.turnOnVersioning);
  } else if (versions?.mayDelete && !probe.lock && locks.defaultDays === 0) {
    probe.warn('key-may-delete', texts.keyMayDelete);
  }
  return { mayDelete, versions };
}

/**
 * Writes the small object a second time: is the first one still there? `kept` where nothing may be overwritten, as by a rule of
 * the bucket that S3 does not show (Cloudflare R2's bucket locks).
 */
async function tryVersions(
  probe: Probe,
  { small, content, mayRead }: Known,
): Promise<'versions' | 'kept' | 'nothing'> {
  const { store, signal } = probe;
  const writing = await attempt(
    probe.put('small', randomBytes(content.length / 2)),
    ...(['access-denied', 'usage', 'store-unavailable'] as const),
  );
  if (!writing.done) {
    if (!(await isUnchanged(probe, small))) throw writing.error;
    probe.note('versioning', 'ok', texts.notOverwritten(writing.error.because ?? writing.error.what));
    return 'kept';
  }
  const second = writing.value;
  const listed = await attempt(allVersions(probe, small.key), 'access-denied', 'usage');
  if (!listed.done && second.versionId !== null) {
    probe.note('versioning', 'ok', texts.overwrittenUnlisted, 's3:ListBucketVersions');
    return 'versions';
  }
  const oldest = listed.done ? listed.value.at(-1) : undefined;
  if (oldest?.sizeBytes !== content.length) {
    probe.note('versioning', 'failed', texts.overwrittenGone);
    return 'nothing';
  }
  const versionId = oldest.versionId ?? undefined;
  const read = await attempt(
    readObject(store, small.key, content.length, { signal, versionId }),
    'access-denied',
  );
  if (read.done && !read.value?.equals(content)) {
    probe.note('versioning', 'failed', texts.versionChanged);
    probe.problem('damaged', texts.versionChanged, otherProvider);
  } else if (read.done) {
    probe.note('versioning', 'ok', texts.overwrittenReadable);
  } else {
    const what = texts.overwrittenUnreadable;
    if (!mayRead) probe.note('versioning', 'ok', texts.overwrittenStays);
    else probe.note('versioning', 'denied', what, 's3:GetObjectVersion');
    if (mayRead) probe.warn('versions-denied', texts.restoresNoTampered(what));
  }
  return 'versions';
}

/** Whether an object that could be stored is listed as it was, and the refusal of another thus was one. */
async function isUnchanged({ store, signal }: Probe, { key, sizeBytes }: TestObject): Promise<boolean> {
  for await (const { objects } of store.list(key, { signal }))
    return objects.some((one) => one.key === key && one.sizeBytes === sizeBytes);
  return false;
}

/** Deletes as everybody would, without a version: on a versioned bucket that only hides. */
export async function tryDeleting(probe: Probe, { key }: TestObject): Promise<boolean> {
  const { store, signal } = probe;
  const deleted = await attempt(store.delete(key, { signal }), 'access-denied');
  if (deleted.done) probe.note('delete', 'ok', texts.mayDelete);
  else probe.note('delete', 'denied', texts.mayNotDelete, 's3:DeleteObject');
  return deleted.done;
}

/**
 * Deletes single versions for good. Where the bucket locks by itself, a delete marker, which no lock keeps, tells whether the key
 * may; only then does a refusal show that the lock holds.
 */
async function tryDeletingVersions(
  probe: Probe,
  { small }: Known,
  locks: Locks,
): Promise<{ readonly mayDelete: boolean; readonly lockHolds: boolean | null }> {
  const { store, signal } = probe;
  const { key, versionId } = small;
  if (versionId === null) return { mayDelete: false, lockHolds: null };
  const isDeleted = async (version: string): Promise<boolean> =>
    // A lock that this key cannot see refuses as well, by another error with some services.
    (await attempt(store.delete(key, { signal, versionId: version }), 'access-denied', 'usage')).done;
  if ((locks.defaultDays ?? 0) === 0) return { mayDelete: await isDeleted(versionId), lockHolds: null };
  const listed = await attempt(allVersions(probe, key), 'access-denied', 'usage');
  const marker = listed.done ? listed.value.find((one) => one.isDeleteMarker)?.versionId : undefined;
  if (!marker || !(await isDeleted(marker))) return { mayDelete: false, lockHolds: null };
  return { mayDelete: false, lockHolds: !(await isDeleted(versionId)) };
}

async function tryLock(probe: Probe, { small, mayRead, serverNow }: Known): Promise<Locks> {
  const { store, signal } = probe;
  const lock = {
    mode: probe.lock?.mode ?? 'governance',
    until: new Date(Math.ceil((serverNow.getTime() + testLockMs) / 1000) * 1000),
  };
  const put = await attempt(probe.put('locked', randomBytes(16), { lock }), 'access-denied', 'usage');
  const object = put.done ? put.value : null;
  const taken = put.done ? true : put.error.code === 'usage' ? false : null;
  if (taken === false) return { taken, object, defaultDays: 0 };
  if (!mayRead) return { taken, object, defaultDays: null };
  const lockOf = ({ key, versionId }: TestObject) =>
    attempt(store.lockOf(key, { signal, versionId: versionId ?? undefined }), 'access-denied');
  // Who sees the lock that was just given would see one that the bucket gives.
  const seen = object ? await lockOf(object) : null;
  const given = await lockOf(small);
  const until = given.done ? (given.value?.until ?? null) : null;
  if (until)
    return { taken, object, defaultDays: Math.round((until.getTime() - serverNow.getTime()) / dayMs) };
  return { taken, object, defaultDays: seen?.done && seen.value ? 0 : null };
}

/** `lock`: as {@link Measured} has it; `holds`: false when a lock was taken and did not. */
interface LockState {
  readonly lock: Measured['lock'];
  readonly holds: boolean;
}

/** Says how long backups are safe, and where what is set and what the bucket does disagree. */
async function judgeLocks(
  probe: Probe,
  locks: Locks & { readonly defaultHolds: boolean | null; readonly isKept: boolean },
  mayDelete: boolean,
  { mayRead }: Known,
): Promise<LockState> {
  const { lock, fullEveryDays } = probe;
  const { taken, object, defaultDays } = locks;
  const holds = locks.defaultHolds !== false && (!object || (await lockHolds(probe, object, mayDelete)));
  const days = defaultDays ?? 0;
  // What is pushed is locked by what is set, or by the bucket.
  const byBucket = days > 0 ? true : defaultDays === null || locks.isKept ? null : false;
  const asked = lock && taken !== false ? taken : byBucket;
  const isProven = (object !== null && mayDelete) || locks.defaultHolds === true;
  const state = holds && asked !== false ? (asked && isProven ? 'locked' : 'unproven') : 'none';
  const note = (result: DoctorStep['result'], message: Text, right?: string): void =>
    probe.note('lock', result, texts.lockStates[state](message), right);
  if (taken === null) {
    note(lock ? 'denied' : 'unknown', texts.mayNotLock, 's3:PutObjectRetention');
    if (lock) probe.problem('access-denied', texts.lockDaysInVain(texts.mayNotLock), texts.giveLockRight);
  } else if (!taken) {
    const hasRules = probe.service?.known?.provider.lock === 'rules';
    note(lock ? 'failed' : 'skipped', hasRules ? texts.locksByRules : texts.bucketTakesNoLocks);
    if (lock)
      probe.problem(
        'usage',
        texts.lockDaysInVain(texts.bucketTakesNoLocks),
        hasRules ? texts.setRules : texts.makeLockingBucket,
      );
  } else if (!holds) {
    note('failed', texts.lockDidNotHold);
    probe.problem('lock-not-held', texts.locksDoNotHold, otherProvider);
  } else {
    const found = isProven ? texts.lockHeld : texts.lockTaken;
    if (lock) note('ok', texts.lockedFor(found, lock.days, lock.days + fullEveryDays, lock.mode));
    else note('ok', state === 'none' ? texts.nothingAsksForLocks(found) : found);
  }
  if (lock) return { lock: state, holds };
  if (defaultDays === null && mayRead) {
    probe.warn('locks-unseen', texts.locksUnseen);
  } else if (days > fullEveryDays) {
    probe.warn('default-lock', texts.defaultLock(days, fullEveryDays));
  } else if (days > 0) {
    probe.problem('default-lock-short', texts.defaultLockShort(days, fullEveryDays), texts.lockLonger);
  }
  return { lock: state, holds };
}

function tellLocksDiffer(probe: Probe, { taken }: Locks): void {
  const known = probe.service?.known;
  if (known?.isDescribed && known.provider.lock === 'none' && taken)
    probe.warn('provider-differs', lockTaken(known.provider.name));
}

async function lockHolds(probe: Probe, object: TestObject, mayDelete: boolean): Promise<boolean> {
  const { store, signal } = probe;
  if (!mayDelete) return true;
  const versionId = object.versionId ?? undefined;
  const deleted = await attempt(store.delete(object.key, { signal, versionId }), 'access-denied', 'usage');
  if (!deleted.done) return true;
  return (await allVersions(probe, object.key)).some((version) => !version.isDeleteMarker);
}

/** Deletes what this run wrote and what earlier ones left, and says what stays. */
export async function removeTestObjects(probe: Probe, { mayDelete, versions }: KeyRights): Promise<void> {
  const { store, signal, written } = probe;
  const listed = await attempt(allVersions(probe, doctorPrefix), 'access-denied', 'usage');
  const ours: Pick<StoredObject, 'key' | 'versionId' | 'sizeBytes'>[] = listed.done
    ? listed.value.filter(({ key }) => key.startsWith(probe.prefix) || isLeftover(key, probe.now()))
    : written.filter((object, i) => versions || written.findIndex(({ key }) => key === object.key) === i);
  let [count, sizeBytes] = [0, 0];
  for (const { key, versionId, sizeBytes: bytes } of ours) {
    const may = versions ? versions.mayDelete : mayDelete;
    const options = { signal, ...(versions && versionId !== null && { versionId }) };
    const gone = may && (await attempt(store.delete(key, options), 'access-denied', 'usage')).done;
    if (gone) continue;
    count++;
    sizeBytes += bytes;
  }
  if (count === 0) probe.note('cleanup', 'ok', texts.allDeleted);
  else if (versions ? versions.mayDelete : mayDelete)
    probe.note('cleanup', 'ok', texts.lockedForAWhile(count, sizeBytes, doctorPrefix));
  else probe.note('cleanup', 'skipped', texts.leftToRule(count, sizeBytes, doctorPrefix));
}

/** How long what a step that failed left behind is cleared away before its error is told. */
const clearingMs = 15_000;

/** Deletes what this run wrote when a step has thrown: why it did matters more than why this does. */
export async function clearAway(probe: Probe): Promise<void> {
  const clearing = { ...probe, signal: AbortSignal.timeout(clearingMs) };
  const { store, prefix, written, signal } = clearing;
  const isRefusal = (error: unknown): boolean => isEfakturError(error, 'access-denied', 'usage');
  try {
    const listed = await attempt(allVersions(clearing, prefix), 'access-denied', 'usage');
    for (const { key, versionId } of listed.done ? listed.value : written) {
      await store
        .delete(key, { signal, ...(versionId !== null && { versionId }) })
        .catch((error: unknown) => {
          // Locked, or no right: the others may go all the same.
          if (!isRefusal(error)) throw error;
        });
    }
  } catch (error) {
    if (!isEfakturError(error)) throw error;
  }
}

const isLeftover = (key: string, now: Date): boolean => {
  const at = parseDoctorKey(key);
  return at !== null && at.getTime() < now.getTime() - leftoverMs;
};

/** Versions and delete markers below a prefix, newest first for each key. */
export async function allVersions({ store, signal }: Probe, prefix: string): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const page of store.list(prefix, { versions: true, signal })) objects.push(...page.objects);
  return objects;
}
