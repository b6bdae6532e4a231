import { describe, expect, test } from 'vitest';
import { dayNumber, duePartsOn, mostPartsOfDay, partsOfAll } from '../../src/round/parts.ts';
import type { VerifiedParts } from '../../src/state/run-record.ts';

/** What a PC reads that is on on these days, a run after the other: by day, the parts. */
function readOn(days: readonly number[], runsADay = 3): Map<number, number[]> {
  let kept: VerifiedParts | null = null;
  const read = new Map<number, number[]>();
  for (const day of days)
    for (let run = 0; run < runsADay; run++) {
      const { which, done } = duePartsOn(day, kept);
      if (which.length === 0) continue;
      kept = done;
      read.set(day, [...(read.get(day) ?? []), ...which]);
    }
  return read;
}

const from = dayNumber(new Date('2026-01-05T03:00:00Z'), 'Asia/Jakarta');
const daysWhere = (count: number, isOn: (day: number) => boolean): number[] =>
  Array.from({ length: count }, (_, i) => from + i).filter((day) => isOn(day - from));
/** Days without a part in the longest such stretch. */
function longestUnread(read: Map<number, number[]>, part: number): number {
  const days = [...read].filter(([, parts]) => parts.includes(part)).map(([day]) => day);
  return Math.max(...days.slice(1).map((day, i) => day - (days[i] ?? day)));
}

const every = Array.from({ length: partsOfAll }, (_, i) => i + 1);

describe('the parts of a day', () => {
  test('are one where the PC is on each day, and all within the shortest month', () => {
    const read = readOn(daysWhere(120, () => true));
    for (const [day, parts] of read) expect(parts, `${day}`).toHaveLength(1);
    for (const part of every) expect(longestUnread(read, part)).toBe(28);
  });

  test.each([
    ['on working days', (day: number) => day % 7 < 5],
    ['once a week', (day: number) => day % 7 === 2],
    ['every ten days', (day: number) => day % 10 === 2],
    ['every second week', (day: number) => day % 14 === 2],
  ])('are enough %s to read all in a month', (_, isOn) => {
    const read = readOn(daysWhere(400, isOn));
    for (const part of every) expect(longestUnread(read, part), `${part}`).toBeLessThanOrEqual(31);
  });

  test('after months off are no more than half of them, until all is caught up', () => {
    const on = [...daysWhere(40, () => true), ...daysWhere(206, (day) => day >= 200)];
    const read = readOn(on);
    const back = [...read].filter(([day]) => day >= from + 200).map(([, parts]) => parts);
    expect(Math.max(...back.map((parts) => parts.length))).toBe(mostPartsOfDay);
    expect([...new Set(back.flat())].sort((a, b) => a - b)).toEqual(every);
    expect(back.at(-1)).toHaveLength(1);
  });

  test('go on where the clock was set back, by a day or by years', () => {
    const kept = duePartsOn(from + 1000, null).done;
    expect(duePartsOn(from, kept).which).toEqual([(from % partsOfAll) + 1]);
    const ahead = duePartsOn(from + 1, null).done;
    expect(duePartsOn(from, ahead).which).toEqual([]);
    expect(duePartsOn(from + 2, ahead).which).toHaveLength(1);
  });

  test('begin with the one of the first day', () => {
    expect(duePartsOn(from, null)).toEqual({
      which: [(from % partsOfAll) + 1],
      done: { t: partsOfAll, through: from, day: from, parts: 1 },
    });
  });

  test('are those of the local day', () => {
    const evening = new Date('2026-01-04T18:00:00Z');
    expect(dayNumber(evening, 'Asia/Jakarta')).toBe(dayNumber(evening, 'UTC') + 1);
  });
});
