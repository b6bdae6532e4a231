import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatInstant } from '../../src/base/local-time.ts';
import { longestGapMs, nextRun, parseTimes } from '../../src/schedule/times.ts';
import { codeThrown } from '../base/failures.ts';

test('times are read as people write them, put in order, each once', () => {
  expect(parseTimes('12:00,17:00')).toEqual(['12:00', '17:00']);
  expect(parseTimes(' 17.30 , 7:05,17:30 ')).toEqual(['07:05', '17:30']);
  expect(parseTimes('00:00')).toEqual(['00:00']);
  expect(parseTimes('Hourly')).toBe('hourly');
});

test.each([
  '',
  '24:00',
  '12:60',
  '12',
  '12:5',
  '5pm',
  '12:00pm',
  '12:00;13:00',
  '12:00,',
  '-1:00',
  '12:00:00',
])('%j is no list of times', (value) => {
  expect(codeThrown(() => parseTimes(value))).toBe('usage');
});

test('more than a day has room for are refused', () => {
  const every = (minutes: number): string =>
    Array.from(
      { length: 1440 / minutes },
      (_, i) => `${Math.floor((i * minutes) / 60)}:${String((i * minutes) % 60).padStart(2, '0')}`,
    ).join(',');
  expect(parseTimes(every(60))).toHaveLength(24);
  expect(codeThrown(() => parseTimes(every(30)))).toBe('usage');
});

test('the longest gap goes over midnight', () => {
  const hours = (value: string): number => longestGapMs(parseTimes(value)) / 3600_000;
  expect(hours('hourly')).toBe(1);
  expect(hours('12:00')).toBe(24);
  expect(hours('12:00,17:00')).toBe(19);
  expect(hours('08:00,09:30,23:00')).toBe(13.5);
});

test('the next run is the next of the times, by the clock of this PC', () => {
  const next = (at: string, now: string, zone = 'Asia/Jakarta'): string =>
    formatInstant(nextRun(parseTimes(at), new Date(now), zone), zone);
  expect(next('12:00,17:00', '2026-11-27T04:59:59Z')).toBe('2026-11-27T12:00:00+07:00');
  expect(next('12:00,17:00', '2026-11-27T05:00:00Z')).toBe('2026-11-27T17:00:00+07:00');
  expect(next('12:00,17:00', '2026-12-31T17:00:00Z')).toBe('2027-01-01T12:00:00+07:00');
  expect(next('hourly', '2026-11-27T05:59:00Z', 'Asia/Jayapura')).toBe('2026-11-27T15:00:00+09:00');
  // The hour that summer time leaves out is no time; the day after has it.
  expect(next('02:30', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-30T02:30:00+02:00');
});

test('a next run lies ahead, and never further than the longest gap', () => {
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), { minLength: 1, maxLength: 24 });
  fc.assert(
    fc.property(
      times,
      fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
      (minutes, now) => {
        const at = parseTimes(
          minutes.map((m) => `${Math.floor(m / 60)}:${String(m % 60).padStart(2, '0')}`).join(','),
        );
        const waitMs = nextRun(at, now, 'Asia/Makassar').getTime() - now.getTime();
        expect(waitMs).toBeGreaterThan(0);
        expect(waitMs).toBeLessThanOrEqual(longestGapMs(at));
      },
    ),
  );
});
