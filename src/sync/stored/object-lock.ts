import { dayMs } from '../../base/durations.ts';
import type { ObjectLock } from '../../store/store.ts';

/** How what is stored is locked (`EFAKTUR_LOCK_MODE`, `EFAKTUR_LOCK_DAYS`). */
export interface LockRule {
  readonly mode: ObjectLock['mode'];
  readonly days: number;
}

/** A policy asks for so many whole days that remain when the request arrives; services do not say how they round. */
const onTheWayMs = 5 * 60_000;

/** The lock of something stored now, best by the store's clock, for at least so many days. */
export const lockFor = ({ mode }: LockRule, days: number, nowMs: number): ObjectLock => ({
  mode,
  until: new Date(nowMs + days * dayMs + onTheWayMs),
});
