import { randomBytes } from 'node:crypto';
import { dayMs } from '../../base/durations.ts';
import type { ObjectLock } from '../../store/store.ts';
import { attempt, type Probe, type TestObject } from './probe.ts';
import * as texts from './protection-texts.ts';

/** The part of `doctor` that does with locks what a thief with this key would do. */

interface Known {
  /** Whether the key may lock what it stores. */
  readonly mayLock: boolean;
  /** Whether it may delete what is stored for good. */
  readonly mayDelete: boolean;
  /** What the bucket locks by itself, where it does and the key may not lock. */
  readonly lockedByBucket: TestObject | null;
  readonly serverNow: Date;
}

const testLockMs = 2 * 60_000;
/** Shorter than the lock of a test object, and longer than the rest of a run. */
const shortenedMs = 60_000;

/**
 * Tries to lift or shorten a lock, and to lock for longer than backups are; whether whoever has this key, and may not delete
 * anyhow, is not kept by a lock.
 */
export async function tryLifting(probe: Probe, known: Known): Promise<boolean> {
  const { mayLock, mayDelete, serverNow } = known;
  const mode = probe.lock?.mode ?? 'governance';
  const until = inSeconds(serverNow.getTime() + testLockMs);
  // What is pushed without EFAKTUR_LOCK_DAYS has the lock of the bucket, if any.
  const isByBucket = !mayLock || (!probe.lock && known.lockedByBucket !== null);
  const object = isByBucket
    ? known.lockedByBucket
    : await probe.put('bypass', randomBytes(16), { lock: { mode, until } });
  if (!object) return false;
  const lifted = await isLifted(probe, object, mode, serverNow);
  if (lifted === null) probe.note('bypass', 'ok', texts.lockStays);
  else probe.note('bypass', 'failed', texts.lockLifted(mode, lifted));
  // Who may delete for good is the owner, and has the right to lift governance locks; compliance binds all.
  const isLiftable = lifted !== null && (!mayDelete || mode === 'compliance');
  if (isLiftable) probe.warn('key-may-lift-locks', texts.lockLifted(mode, lifted));
  if (probe.lock && mayLock && !mayDelete) await tryFarLock(probe, serverNow);
  return isLiftable;
}

/** What worked: a refusal, and an answer after which the lock is seen as it was, are none. */
async function isLifted(
  { store, signal }: Probe,
  { key, versionId }: TestObject,
  mode: ObjectLock['mode'],
  serverNow: Date,
): Promise<'lifted' | 'shortened' | null> {
  const options = { signal, ...(versionId !== null && { versionId }) };
  const seen = () => attempt(store.lockOf(key, options), 'access-denied', 'usage');
  const before = await seen();
  const until = inSeconds(serverNow.getTime() + shortenedMs);
  // MinIO asks for no right at all where no mode or another mode is named.
  const others: [ObjectLock | null, 'lifted' | 'shortened'][] = [
    [null, 'lifted'],
    [{ mode, until }, 'shortened'],
    [{ mode: mode === 'governance' ? 'compliance' : 'governance', until }, 'shortened'],
  ];
  for (const [other, how] of others) {
    if (!(await attempt(store.relock(key, other, options), 'access-denied', 'usage')).done) continue;
    const after = await seen();
    const untilBefore = before.done ? before.value?.until?.getTime() : undefined;
    const untilAfter = after.done ? after.value?.until?.getTime() : undefined;
    if (untilBefore === undefined || untilAfter !== untilBefore) return how;
  }
  return null;
}

const inSeconds = (ms: number): Date => new Date(Math.ceil(ms / 1000) * 1000);

/** What the printed policy of Amazon's service refuses; others cannot. */
async function tryFarLock(probe: Probe, serverNow: Date): Promise<void> {
  const lock = { mode: 'governance', until: new Date(serverNow.getTime() + 2 * dayMs) } as const;
  const put = await attempt(probe.put('far', randomBytes(16), { lock }), 'access-denied', 'usage');
  if (!put.done) {
    probe.note('far-lock', 'ok', texts.noFarLock);
    return;
  }
  probe.note('far-lock', 'failed', texts.farLock);
  probe.warn('key-may-lock-for-ever', texts.farLockCosts);
}
