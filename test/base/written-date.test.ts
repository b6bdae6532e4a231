import { describe, expect, test } from 'vitest';
import { joinedDates, parseDay, parseDayOf, parseMoment } from '../../src/base/written-date.ts';
import { codeThrown } from './failures.ts';

test.each([
  '2023-07-08',
  '2023-7-8',
  '2023/07/08',
  '08-07-2023',
  '8-7-2023',
  '08/07/2023',
  '8.7.2023',
  '8 Juli 2023',
  '08 Jul 2023',
  '8-Juli-2023',
  ' 8 July 2023 ',
])('%s is one day, its day first', (written) => {
  expect(parseDay(written, '--date')).toBe('2023-07-08');
  expect(parseDayOf(written, 'first', '--since')).toBe('2023-07-08');
  expect(parseDayOf(written, 'last', '--until')).toBe('2023-07-08');
});

test.each([
  '',
  'today',
  '2023',
  'Juli 2023',
  '2023-07',
  '31-06-2023',
  '2023-02-29',
  '08-13-2023',
  '8 Jumadil 2023',
])('%s is no day', (written) => {
  expect(codeThrown(() => parseDay(written, '--date'))).toBe('usage');
});

test('a month and a year have a first and a last day', () => {
  const of = (written: string): string[] => [
    parseDayOf(written, 'first', '--since'),
    parseDayOf(written, 'last', '--until'),
  ];
  expect(of('Februari 2024')).toEqual(['2024-02-01', '2024-02-29']);
  expect(of('2023-06')).toEqual(['2023-06-01', '2023-06-30']);
  expect(of('2023')).toEqual(['2023-01-01', '2023-12-31']);
  for (const written of ['', 'kemarin', '2023-13', '0000'])
    expect(
      codeThrown(() => of(written)),
      written,
    ).toBe('usage');
});

describe('a moment', () => {
  const moment = (text: string, zone = 'Asia/Jakarta') => parseMoment(text, zone, '--as-of');

  test.each([
    ['2023-07-08', 'Asia/Jakarta', '2023-07-08T16:59:59.999Z', '2023-07-08'],
    ['2023-07-08', 'Asia/Makassar', '2023-07-08T15:59:59.999Z', '2023-07-08'],
    ['2023-07-08', 'Asia/Jayapura', '2023-07-08T14:59:59.999Z', '2023-07-08'],
    ['8 Juli 2023', 'Asia/Jakarta', '2023-07-08T16:59:59.999Z', '2023-07-08'],
    ['Juli 2023', 'Asia/Jakarta', '2023-07-31T16:59:59.999Z', '2023-07'],
    ['2023', 'Asia/Jakarta', '2023-12-31T16:59:59.999Z', '2023'],
    ['2023-07-08T16:30', 'Asia/Jakarta', '2023-07-08T09:30:59.999Z', '2023-07-08T16:30'],
    ['2023-07-08 16:30', 'Asia/Jakarta', '2023-07-08T09:30:59.999Z', '2023-07-08T16:30'],
    ['2023-07-08T16:30:15', 'Asia/Jakarta', '2023-07-08T09:30:15.999Z', '2023-07-08T16:30:15'],
    ['2023-07-08T00:00', 'Asia/Jakarta', '2023-07-07T17:00:59.999Z', '2023-07-08T00:00'],
    ['08-07-2023 9.05', 'Asia/Jakarta', '2023-07-08T02:05:59.999Z', '2023-07-08T09:05'],
    ['8 Juli 2023, pukul 16.30', 'Asia/Jakarta', '2023-07-08T09:30:59.999Z', '2023-07-08T16:30'],
    ['8 Juli 2023 jam 16:30', 'Asia/Jakarta', '2023-07-08T09:30:59.999Z', '2023-07-08T16:30'],
  ])('%s in %s ends at %s and is shown as %s', (text, zone, end, shown) => {
    const read = moment(text, zone);
    expect([read.end.toISOString(), read.text]).toEqual([end, shown]);
  });

  test('begins where its time does, and a day has none', () => {
    expect(moment('08-07-2023 09.14').start?.toISOString()).toBe('2023-07-08T02:14:00.000Z');
    expect(moment('08-07-2023').start).toBeNull();
  });

  test.each([
    '',
    'yesterday',
    '2023-02-30',
    '2023-07-08T24:00',
    '2023-07-08T16',
    '2023-07-08T16:60',
    '2023-07-08T16:30Z',
    '2023-07-08T16:30+07:00',
    '2023-07 16:30',
    '16:30',
  ])('%s is none', (text) => {
    expect(codeThrown(() => moment(text))).toBe('usage');
  });
});

test('the three words of a date are one', () => {
  expect(joinedDates(['--date', '8', 'Juli', '2023', '--yes'])).toEqual(['--date', '8 Juli 2023', '--yes']);
  expect(joinedDates(['6', 'Jul', '2023', '8', 'Jul', '2023'])).toEqual(['6 Jul 2023', '8 Jul 2023']);
  expect(joinedDates(['8', 'Gerbang', '2023', '31', 'Juni', '2023'])).toEqual([
    '8',
    'Gerbang',
    '2023',
    '31',
    'Juni',
    '2023',
  ]);
});
