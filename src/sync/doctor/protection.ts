import { randomBytes } from 'node:crypto';
import { dayMs, hourMs } from '../../base/durations.ts';
import { isEfakturError } from '../../base/errors.ts';
import { doctorPrefix, parseDoctorKey } from '../../catalog/names.ts';
import { readObject } from '../../store/small-object.ts';
import type { StoredObject } from '../../store/store.ts';
import { tryLifting } from './lifting.ts';
import { attempt, type Probe, type TestObject } from './probe.ts';
import * as texts from './protection-texts.ts';
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
  const isVersioned = await tryVersions(probe, known);
  const locks = await tryLock(probe, known);
  const mayDelete = await tryDeleting(probe, known.small);
  const versions = isVersioned ? { mayDelete: await tryDeletingVersions(probe, known, locks) } : null;
  const mayDeleteAll = versions?.mayDelete ?? mayDelete;
  const holds = await judgeLocks(probe, locks, mayDeleteAll, known);
  if (holds && locks.taken !== false) {
    await tryLifting(probe, {
      mayLock: locks.object !== null,
      mayDelete: mayDeleteAll,
      lockedByBucket: (locks.defaultDays ?? 0) > 0 ? known.small : null,
      serverNow: known.serverNow,
    });
  }
  if (!isVersioned) {
    probe.problem('not-protected', texts.notProtected, texts.turnOnVersioning);
  } else if (versions?.mayDelete && !probe.lock && locks.defaultDays === 0) {
    probe.warn('key-may-delete', texts.keyMayDelete);
  }
  return { mayDelete, versions };
}

/** Writes the small object a second time: is the first one still there? */
async function tryVersions(probe: Probe, { small, content, mayRead }: Known): Promise<boolean> {
  const { store, signal } = probe;
  const second = await probe.put('small', randomBytes(content.length / 2));
  const listed = await attempt(allVersions(probe, small.key), 'access-denied', 'usage');
  if (!listed.done && second.versionId !== null) {
    probe.note('versioning', 'ok', texts.overwrittenUnlisted, 's3:ListBucketVersions');
    return true;
  }
  const oldest = listed.done ? listed.value.at(-1) : undefined;
  if (oldest?.sizeBytes !== content.length) {
    probe.note('versioning', 'failed', texts.overwrittenGone);
    return false;
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
  return true;
}

/** Deletes as everybody would, without a version: on a versioned bucket that only hides. */
export async function tryDeleting(probe: Probe, { key }: TestObject): Promise<boolean> {
  const { store, signal } = probe;
  const deleted = await attempt(store.delete(key, { signal }), 'access-denied');
  if (deleted.done) probe.note('delete', 'ok', texts.mayDelete);
  else probe.note('delete', 'denied', texts.mayNotDelete, 's3:DeleteObject');
  return deleted.done;
}

async function tryDeletingVersions(probe: Probe, { small }: Known, locks: Locks): Promise<boolean> {
  const { store, signal } = probe;
  const { versionId } = small;
  if (versionId === null || (locks.defaultDays ?? 0) > 0) return false;
  // A lock that this key cannot see refuses as well, by another error with some services.
  const deleted = await attempt(store.delete(small.key, { signal, versionId }), 'access-denied', 'usage');
  return deleted.done;
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

/** Says how long backups are safe, and where what is set and what the bucket does disagree; false when a lock did not hold. */
async function judgeLocks(
  probe: Probe,
  locks: Locks,
  mayDelete: boolean,
  { mayRead }: Known,
): Promise<boolean> {
  const { lock, fullEveryDays } = probe;
  const { taken, object, defaultDays } = locks;
  const holds = !object || (await lockHolds(probe, object, mayDelete));
  if (taken === null) {
    probe.note('lock', lock ? 'denied' : 'unknown', texts.mayNotLock, 's3:PutObjectRetention');
    if (lock) probe.problem('access-denied', texts.lockDaysInVain(texts.mayNotLock), texts.giveLockRight);
  } else if (!taken) {
    probe.note('lock', lock ? 'failed' : 'skipped', texts.bucketTakesNoLocks);
    if (lock) probe.problem('usage', texts.lockDaysInVain(texts.bucketTakesNoLocks), texts.makeLockingBucket);
  } else if (!holds) {
    probe.note('lock', 'failed', texts.lockDidNotHold);
    probe.problem('lock-not-held', texts.locksDoNotHold, otherProvider);
  } else {
    const found = mayDelete ? texts.lockHeld : texts.lockTaken;
    probe.note(
      'lock',
      'ok',
      lock ? texts.lockedFor(found, lock.days, lock.days + fullEveryDays, lock.mode) : found,
    );
  }
  if (lock) return holds;
  if (defaultDays === null && mayRead) {
    probe.warn('locks-unseen', texts.locksUnseen);
  } else if (defaultDays !== null && defaultDays > fullEveryDays) {
    probe.warn('default-lock', texts.defaultLock(defaultDays, fullEveryDays));
  } else if (defaultDays !== null && defaultDays > 0) {
    probe.problem('default-lock-short', texts.defaultLockShort(defaultDays, fullEveryDays), texts.lockLonger);
  }
  return holds;
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
