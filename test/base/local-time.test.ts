import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compactUtc,
  formatInstant,
  instantOf,
  isDay,
  isZone,
  localDay,
  parseCompactUtc,
  wallTime,
} from '../../src/base/local-time.ts';

const indonesia = ['Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura', 'Asia/Pontianak'];
const withDaylightSaving = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];
const zone = fc.constantFrom(...indonesia, ...withDaylightSaving, 'UTC', 'Asia/Kathmandu');
const instant = fc
  .integer({ min: Date.parse('1990-01-01Z') / 1000, max: Date.parse('2099-12-31Z') / 1000 })
  .map((seconds) => new Date(seconds * 1000));

test('the instant of the wall time is the instant again', () => {
  fc.assert(
    fc.property(fc.constantFrom(...indonesia), instant, (name, at) => {
      expect(instantOf(wallTime(at, name), name)).toEqual(at);
    }),
    { numRuns: 2000 },
  );
});

test('with daylight saving it is an instant that the same clock shows', () => {
  fc.assert(
    fc.property(fc.constantFrom(...withDaylightSaving), instant, (name, at) => {
      const again = instantOf(wallTime(at, name), name);
      expect(again && wallTime(again, name)).toEqual(wallTime(at, name));
      // An hour shown twice may be either one.
      expect(Math.abs((again?.getTime() ?? 0) - at.getTime())).toBeLessThanOrEqual(3_600_000);
    }),
    { numRuns: 2000 },
  );
});

const wall = (year: number, month: number, day: number, hour = 0, minute = 0, second = 0) => ({
  year,
  month,
  day,
  hour,
  minute,
  second,
});

test('the first years of the calendar are years like all others', () => {
  for (const day of ['0001-01-01', '0096-02-29', '0099-12-31', '0100-01-01'])
    expect(isDay(day), day).toBe(true);
  for (const day of ['0000-12-31', '0001-02-29', '0099-13-01']) expect(isDay(day), day).toBe(false);
  expect(instantOf(wall(1, 1, 1), 'UTC')?.toISOString()).toBe('0001-01-01T00:00:00.000Z');
});

describe('around a change of daylight saving', () => {
  // Berlin: 26 March 2023 02:00 -> 03:00, 29 October 2023 03:00 -> 02:00.
  test.each([
    [1, 59, 59, '2023-03-26T00:59:59Z'],
    [3, 0, 0, '2023-03-26T01:00:00Z'],
    [4, 30, 0, '2023-03-26T02:30:00Z'],
  ])('spring, %i:%i:%i', (hour, minute, second, expected) => {
    expect(instantOf(wall(2023, 3, 26, hour, minute, second), 'Europe/Berlin')).toEqual(new Date(expected));
  });
  test.each([
    [1, 30, '2023-10-28T23:30:00Z'],
    [3, 0, '2023-10-29T02:00:00Z'],
    [12, 0, '2023-10-29T11:00:00Z'],
  ])('autumn, %i:%i', (hour, minute, expected) => {
    expect(instantOf(wall(2023, 10, 29, hour, minute), 'Europe/Berlin')).toEqual(new Date(expected));
  });
  test('the hour that is skipped is none', () => {
    expect(instantOf(wall(2023, 3, 26, 2, 0), 'Europe/Berlin')).toBeNull();
    expect(instantOf(wall(2023, 3, 26, 2, 59, 59), 'Europe/Berlin')).toBeNull();
    expect(instantOf(wall(2023, 3, 12, 2, 30), 'America/New_York')).toBeNull();
  });
});

test.each([
  [2023, 2, 29],
  [2023, 4, 31],
  [2023, 0, 1],
  [2023, 13, 1],
  [2023, 1, 0],
  [2023, 1, 32],
  [2100, 2, 29],
])('%i-%i-%i is no day', (year, month, day) => {
  expect(instantOf(wall(year, month, day), 'Asia/Jakarta')).toBeNull();
});

test.each([
  [24, 0, 0],
  [0, 60, 0],
  [0, 0, 60],
  [-1, 0, 0],
])('%i:%i:%i is no time', (hour, minute, second) => {
  expect(instantOf(wall(2023, 7, 8, hour, minute, second), 'Asia/Jakarta')).toBeNull();
});

test('the day belongs to the zone', () => {
  const late = new Date('2023-07-07T16:30:00Z');
  expect(localDay(late, 'Asia/Jakarta')).toBe('2023-07-07');
  expect(localDay(late, 'Asia/Makassar')).toBe('2023-07-08');
  expect(localDay(late, 'Asia/Jayapura')).toBe('2023-07-08');
  expect(localDay(new Date('2023-07-07T17:00:00Z'), 'Asia/Jakarta')).toBe('2023-07-08');
  expect(localDay(new Date('2023-12-31T17:00:00Z'), 'Asia/Jakarta')).toBe('2024-01-01');
});

test('instants are shown with the offset of the zone, and mean the same', () => {
  const at = new Date('2023-07-08T02:30:00Z');
  expect(formatInstant(at, 'Asia/Jakarta')).toBe('2023-07-08T09:30:00+07:00');
  expect(formatInstant(at, 'Asia/Makassar')).toBe('2023-07-08T10:30:00+08:00');
  expect(formatInstant(at, 'Asia/Jayapura')).toBe('2023-07-08T11:30:00+09:00');
  expect(formatInstant(at, 'UTC')).toBe('2023-07-08T02:30:00+00:00');
  expect(formatInstant(at, 'America/New_York')).toBe('2023-07-07T22:30:00-04:00');
  expect(formatInstant(at, 'Asia/Kathmandu')).toBe('2023-07-08T08:15:00+05:45');
  fc.assert(
    fc.property(zone, instant, (name, any) => {
      const shown = formatInstant(any, name);
      expect(shown).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
      expect(new Date(shown)).toEqual(any);
    }),
  );
  // A fraction of a second is cut off, not carried into the offset.
  expect(formatInstant(new Date('2023-07-08T02:30:00.999Z'), 'Asia/Jakarta')).toBe(
    '2023-07-08T09:30:00+07:00',
  );
});

test('compact names are read back, sort by time and are nothing else', () => {
  fc.assert(
    fc.property(instant, instant, (a, b) => {
      expect(parseCompactUtc(compactUtc(a))).toEqual(a);
      expect(Math.sign(a.getTime() - b.getTime())).toBe(
        compactUtc(a) < compactUtc(b) ? -1 : compactUtc(a) > compactUtc(b) ? 1 : 0,
      );
    }),
  );
  for (const text of [
    '',
    '20230708T023000',
    '20230708T023000z',
    '2023-07-08T02:30:00Z',
    '20230229T023000Z',
    '20230708T243000Z',
    '20230708T026000Z',
    ' 20230708T023000Z',
    '20230708T023000Z\n',
  ]) {
    expect(parseCompactUtc(text), JSON.stringify(text)).toBeNull();
  }
});

test('days are days', () => {
  for (const day of ['2023-07-08', '2024-02-29', '2000-01-01', '9999-12-31'])
    expect(isDay(day), day).toBe(true);
  for (const day of [
    '2023-02-29',
    '2023-7-8',
    '08-07-2023',
    '2023/07/08',
    '2023-07-08 ',
    '2023-07-08T00:00',
    '2023-00-10',
    '',
    'today',
    '2023-07-08\n',
  ])
    expect(isDay(day), JSON.stringify(day)).toBe(false);
});

test('zones are known by their IANA names', () => {
  for (const name of [...indonesia, ...withDaylightSaving, 'UTC']) expect(isZone(name), name).toBe(true);
  for (const name of ['', 'WIB', 'Asia/Bandung', 'Jakarta', '../etc']) expect(isZone(name), name).toBe(false);
});
