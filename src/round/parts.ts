import { dayMs } from '../base/durations.ts';
import { localDay } from '../base/local-time.ts';
import type { VerifiedParts } from '../state/run-record.ts';

/**
 * Which parts of all that is stored are to be read on a day. Each day has one part, and every month has at least so many days, so
 * that every archive is read in each of them. A PC that is off catches up, two weeks' worth a day: also one that is on every second week
 * reads all in a month, and one that was off for months does not read all of it at once.
 */
export const partsOfAll = 28;
export const mostPartsOfDay = 14;
/** A changes-only backup is judged with its full twice a year; the bytes of both are read each month. */
export const judgedAgainAfterDays = 180;

/** Days since 1970-01-01 of the local day. */
export const dayNumber = (at: Date, zone: string): number =>
  Date.parse(`${localDay(at, zone)}T00:00:00Z`) / dayMs;

/** Each part once. */
export const inOrder = (parts: readonly number[]): number[] => [...new Set(parts)].sort((a, b) => a - b);

export interface DueParts {
  /** From 1 to `partsOfAll`; none when all that is due is read. */
  readonly which: readonly number[];
  /** What is to be kept once they are read. */
  readonly done: VerifiedParts;
}

/** `read` is what was kept after the last proof. A clock that was set back makes nothing be left out for longer than a day. */
export function duePartsOn(today: number, read: VerifiedParts | null): DueParts {
  const known = read !== null && read.t === partsOfAll && read.through <= today + 1 ? read : null;
  const through = known?.through ?? today - 1;
  const readToday = known?.day === today ? known.parts : 0;
  const first = Math.max(through + 1, today - partsOfAll + 1);
  const days = Array.from({ length: Math.max(0, today - first + 1) }, (_, i) => first + i).slice(
    0,
    Math.max(0, mostPartsOfDay - readToday),
  );
  return {
    which: days.map((day) => (day % partsOfAll) + 1),
    done: {
      t: partsOfAll,
      through: days.at(-1) ?? through,
      day: today,
      parts: readToday + days.length,
    },
  };
}
