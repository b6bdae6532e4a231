import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatInstant } from '../../src/base/local-time.ts';
import { captureTimeInName, captureTimeOf } from '../../src/efaktur/capture-time.ts';

const zone = 'Asia/Jakarta';
const read = (name: string, inZone = zone): string | null => {
  const instant = captureTimeInName(name, inZone);
  return instant && formatInstant(instant, inZone).slice(0, 19);
};

test.each([
  ['2023-07-08 09.30.zip', '2023-07-08T09:30:00'],
  ['2023-07-08 09-30-15.zip', '2023-07-08T09:30:15'],
  ['2023-07-08_09-30-15.zip', '2023-07-08T09:30:15'],
  ['2023.07.08 09.30.15.zip', '2023-07-08T09:30:15'],
  ['20230708_093000.zip', '2023-07-08T09:30:00'],
  ['20230708-0930.zip', '2023-07-08T09:30:00'],
  ['20230708093015.zip', '2023-07-08T09:30:15'],
  ['202307080930.zip', '2023-07-08T09:30:00'],
  ['20230708T093015.zip', '2023-07-08T09:30:15'],
  ['ETaxInvoice_20230708_093000.zip', '2023-07-08T09:30:00'],
  ['ETaxInvoice-20231112-1011.zip', '2023-11-12T10:11:00'],
  ['ETaxInvoice20231207_235959.zip', '2023-12-07T23:59:59'],
  ['backup 2023-07-08 09.30 (1).zip', '2023-07-08T09:30:00'],
  ['db_2023-07-08_09.30.15.zip', '2023-07-08T09:30:15'],
  ['2023-07-08T09:30:15', '2023-07-08T09:30:15'],
  ['13-07-2023 09.30.zip', '2023-07-13T09:30:00'],
  ['db_31-12-2022_17.05.zip', '2022-12-31T17:05:00'],
  ['31122022_1705.zip', '2022-12-31T17:05:00'],
  ['20072023_0930.zip', '2023-07-20T09:30:00'],
  ['08-08-2023 09.30.zip', '2023-08-08T09:30:00'],
  ['8 Juli 2023 09.30.zip', '2023-07-08T09:30:00'],
  ['08 Juli 2023 jam 09.30.zip', '2023-07-08T09:30:00'],
  ['Senin, 10 Juli 2023 pukul 16.05.zip', '2023-07-10T16:05:00'],
  ['db 17-Agu-2023 10.00.15.zip', '2023-08-17T10:00:15'],
  ['1 Desember 2022, 00.00.zip', '2022-12-01T00:00:00'],
  ['5_Mei_2024_23-59.zip', '2024-05-05T23:59:00'],
  ['3 Pebruari 2021 08:15.zip', '2021-02-03T08:15:00'],
  ['28 Oktober 2020 09H30.zip', '2020-10-28T09:30:00'],
  ['NPWP 012345678901000 2023-07-08 09.30.zip', '2023-07-08T09:30:00'],
  ['PT Maju (2) 20230708_093000.ZIP', '2023-07-08T09:30:00'],
  ['29-02-2024 10.00.zip', '2024-02-29T10:00:00'],
  ['06-07-2023 17.05.zip', '2023-07-06T17:05:00'],
  ['08-07-2023 09.14.zip', '2023-07-08T09:14:00'],
  ['db_07-08-2023_0930.zip', '2023-08-07T09:30:00'],
  ['08072023_0930.zip', '2023-07-08T09:30:00'],
  ['8-7-2023 9.05.zip', '2023-07-08T09:05:00'],
  ['2023-7-8 9.05.zip', '2023-07-08T09:05:00'],
  ['20-07-2023 10.20.zip', '2023-07-20T10:20:00'],
  ['8 Juli 2023 10.20.zip', '2023-07-08T10:20:00'],
  ['July 8, 2023 09.30.zip', '2023-07-08T09:30:00'],
  ['20230708_0914_2.zip', '2023-07-08T09:14:00'],
  ['08-07-2023 09.14 - Copy (2).zip', '2023-07-08T09:14:00'],
  ['08-07-2023 09.14.7z', '2023-07-08T09:14:00'],
  ['v1.2 2023-07-08 09.30.zip', '2023-07-08T09:30:00'],
  ['2023-07-08 09.30 PM.zip', '2023-07-08T21:30:00'],
  ['2023-07-08 09.30.15 am.zip', '2023-07-08T09:30:15'],
  ['2023-07-08 12.30am.zip', '2023-07-08T00:30:00'],
  ['2023-07-08 09.30 malam.zip', '2023-07-08T21:30:00'],
  ['8 Juli 2023 jam 02.30 siang.zip', '2023-07-08T14:30:00'],
  ['8 Juli 2023 17.05 sore.zip', '2023-07-08T17:05:00'],
  ['20230708T093015Z.zip', '2023-07-08T16:30:15'],
  ['2023-07-08 09.30 UTC.zip', '2023-07-08T16:30:00'],
  ['2023-07-08T09:30:15+0700.zip', '2023-07-08T09:30:15'],
  ['08-07-2023 09.14 WITA.zip', '2023-07-08T08:14:00'],
])('%s says %s', (name, expected) => {
  expect(read(name)).toBe(expected);
});

test.each([
  ['no date', 'db.zip'],
  ['no time', '2023-07-08.zip'],
  ['no time', 'db_20230708.zip'],
  ['no time', '8 Juli 2023.zip'],
  ['no date', '09.30.zip'],
  ['no such day', '07-15-2023 09.30.zip'],
  ['no year', '8 Juli 09.30.zip'],
  ['no such day', '2023-02-29 09.30.zip'],
  ['no such day', '31-06-2023 09.30.zip'],
  ['no such month', '2023-13-01 09.30.zip'],
  ['no such hour', '2023-07-08 24.00.zip'],
  ['no such minute', '2023-07-08 09.60.zip'],
  ['no such second', '2023-07-08 09.30.61.zip'],
  ['a month nobody knows', '8 Jumadil 2023 09.30.zip'],
  ['two moments', '2023-07-08 09.30 - 2023-07-09 10.00.zip'],
  ['a span of days', '2023-07-08 - 2023-07-09.zip'],
  ['a span of days', '2023-07-07_2023-07-08.zip'],
  ['night or morning', '2023-07-08 02.30 malam.zip'],
  ['noon or midnight', '8 Juli 2023 jam 12.00 malam.zip'],
  ['a number', '2023070809301523.zip'],
  ['a number', '012023070809301.zip'],
  ['milliseconds since 1970', '1688783400000.zip'],
  ['a tax number', '01.234.567.8-901.000.zip'],
  ['an invoice number', '010.000-23.12345678.zip'],
  ['a year long gone', '1923-07-08 09.30.zip'],
  ['a year of two digits', '08-07-23 09.30.zip'],
])('%s: %s says nothing', (_, name) => {
  expect(read(name)).toBeNull();
});

test('the clock in the name is that of the zone', () => {
  for (const [inZone, utc] of [
    ['Asia/Jakarta', '2023-07-08T02:30:00.000Z'],
    ['Asia/Makassar', '2023-07-08T01:30:00.000Z'],
    ['Asia/Jayapura', '2023-07-08T00:30:00.000Z'],
  ] as const)
    expect(captureTimeInName('2023-07-08 09.30.zip', inZone)?.toISOString()).toBe(utc);
});

const two = (n: number): string => String(n).padStart(2, '0');
const moment = fc.record({
  year: fc.integer({ min: 2010, max: 2040 }),
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 28 }),
  hour: fc.nat(23),
  minute: fc.nat(59),
  second: fc.nat(59),
});
const separator = fc.constantFrom('', '-', '_', '.', ' ');
const between = fc.constantFrom(' ', '_', '-', 'T', ' jam ', ' pukul ', '__');
const before = fc.constantFrom('', 'db_', 'ETaxInvoice-', 'backup ', 'PT Maju ');
const after = fc.constantFrom('.zip', '', ' (2).zip', '_ok.zip', ' WIB.zip');

test('a date in digits is read with its day first, or its year', () => {
  fc.assert(
    fc.property(
      moment,
      separator,
      separator,
      between,
      fc.boolean(),
      before,
      after,
      (m, sep, colon, gap, yearFirst, pre, post) => {
        const time = `${two(m.hour)}${colon}${two(m.minute)}${colon}${two(m.second)}`;
        const date = [m.year, two(m.month), two(m.day)];
        const name = `${pre}${(yearFirst ? date : date.reverse()).join(sep)}${gap}${time}${post}`;
        const expected = `${m.year}-${two(m.month)}-${two(m.day)}T${two(m.hour)}:${two(m.minute)}:${two(m.second)}`;
        expect(read(name), name).toBe(expected);
      },
    ),
    { numRuns: 1000 },
  );
});

const newestAt = Date.parse('2023-07-08T09:12:40+07:00');
const copiedAt = Date.parse('2026-11-26T10:00:00.700+07:00');
const capture = async (name: string, mtimeMs = copiedAt, newestMs: number | null = newestAt) => {
  const { capturedAt, basis } = await captureTimeOf({
    name,
    mtimeMs,
    zone,
    newestInside: async () => newestMs,
  });
  return [basis, formatInstant(capturedAt, zone).slice(0, 19)];
};

test.each([
  ['8 Juli 2023 (2).zip', 'name-day', '2023-07-08T09:12:40'],
  ['2023-07-08.zip', 'name-day', '2023-07-08T09:12:40'],
  ['db_20230708.zip', 'name-day', '2023-07-08T09:12:40'],
  ['db 08-07-2023.zip', 'name-day', '2023-07-08T09:12:40'],
  ['08072023.zip', 'name-day', '2023-07-08T09:12:40'],
  ['db(8-7-2023).zip', 'name-day', '2023-07-08T09:12:40'],
  ['db_20230708-1.zip', 'name-day', '2023-07-08T09:12:40'],
  ['08-07-2023 24.00.zip', 'name-day', '2023-07-08T09:12:40'],
  ['09.14 08-07-2023.zip', 'name-day', '2023-07-08T09:12:40'],
  ['9 Juli 2023.zip', 'name-day', '2023-07-09T00:00:00'],
  ['db_8_juli.zip', 'name-day', '2023-07-08T09:12:40'],
  ['8 Jul 23.zip', 'name-day', '2023-07-08T09:12:40'],
  ['8 Agustus.zip', 'name-day', '2023-08-08T00:00:00'],
  ['8 Juli 09.14.zip', 'name', '2023-07-08T09:14:00'],
  ['8 Juli 23 09.14.zip', 'name', '2023-07-08T09:14:00'],
  ['9 Agustus.zip', 'inside', '2023-07-08T09:12:40'],
  ['8 Juli 22.zip', 'inside', '2023-07-08T09:12:40'],
  ['8 Desember.zip', 'inside', '2023-07-08T09:12:40'],
  ['31 Juni.zip', 'inside', '2023-07-08T09:12:40'],
  ['Juli 2023.zip', 'inside', '2023-07-08T09:12:40'],
  ['07-15-2023.zip', 'inside', '2023-07-08T09:12:40'],
  ['2023-07-08 - 2023-07-09.zip', 'inside', '2023-07-08T09:12:40'],
  ['010.000-23.12345678.zip', 'inside', '2023-07-08T09:12:40'],
  ['db.zip', 'inside', '2023-07-08T09:12:40'],
  ['06-07-2023 17.05.zip', 'name', '2023-07-06T17:05:00'],
])('of a copy of today, %s counts by %s: %s', async (name, basis, expected) => {
  expect(await capture(name)).toEqual([basis, expected]);
});

test('a day without a year is that near the newest file, also over the turn of the year', async () => {
  const newest = Date.parse('2024-01-02T08:00:00+07:00');
  expect(await capture('db 30 des.zip', copiedAt, newest)).toEqual(['name-day', '2023-12-30T00:00:00']);
  const late = Date.parse('2023-12-31T08:00:00+07:00');
  expect(await capture('2 Januari.zip', copiedAt, late)).toEqual(['name-day', '2024-01-02T00:00:00']);
  expect(await capture('29 feb.zip', copiedAt, Date.parse('2023-03-01T08:00:00+07:00'))).toEqual([
    'inside',
    '2023-03-01T08:00:00',
  ]);
  expect(await capture('8 juli.zip', copiedAt, null)).toEqual(['mtime', '2026-11-26T10:00:00']);
});

test('the own time of a file counts until it is more than a week younger than what is in it', async () => {
  const week = 7 * 24 * 3600_000;
  const own = (ms: number): string => formatInstant(new Date(ms), zone).slice(0, 19);
  expect(await capture('db.zip', newestAt + week)).toEqual(['mtime', own(newestAt + week)]);
  expect(await capture('db.zip', newestAt + week + 1)).toEqual(['inside', '2023-07-08T09:12:40']);
  expect(await capture('db.zip', newestAt - 10 * week)).toEqual(['mtime', own(newestAt - 10 * week)]);
  expect(await capture('db.zip', copiedAt, null)).toEqual(['mtime', own(copiedAt)]);
  // What the program that packed it made up is no time.
  expect(await capture('db.zip', copiedAt, Date.UTC(1980, 0, 1))).toEqual(['mtime', own(copiedAt)]);
  const laterThatDay = Date.parse('2023-07-09T16:00:00+07:00');
  expect(await capture('9 Juli 2023.zip', laterThatDay)).toEqual(['name-day', '2023-07-09T16:00:00']);
});

test('what is in it is asked only where the name does not suffice', async () => {
  const asked = (name: string) =>
    captureTimeOf({ name, mtimeMs: copiedAt, zone, newestInside: () => Promise.reject(new Error('asked')) });
  expect((await asked('2023-07-08 09.30.zip')).basis).toBe('name');
  await expect(asked('2023-07-08.zip')).rejects.toThrow('asked');
});

/** Digits as a date has them, with what people and programs write around it. */
const datedName = fc
  .tuple(
    fc.constantFrom('', 'db ', 'backup_', '7 '),
    fc.integer({ min: 1, max: 31 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 2015, max: 2025 }),
    fc.constantFrom('-', '_', '.', ''),
    fc.boolean(),
    fc.constantFrom('', ' 17.05', '_0914', '.zip', ' (2)', '1'),
  )
  .map(([before, day, month, year, sign, isYearFirst, after]) => {
    const [d, m] = [`${day}`.padStart(2, '0'), `${month}`.padStart(2, '0')];
    return `${before}${(isYearFirst ? [year, m, d] : [d, m, year]).join(sign)}${after}`;
  });

test('no name at all makes it fail, and what it says is in the name', () => {
  let heard = 0;
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9 ._T-]{8,30}$/), datedName), (name) => {
      const said = read(name);
      if (said === null) return;
      heard++;
      const [year = '', month = '', day = ''] = said.slice(0, 10).split('-');
      const digits = name.replace(/\D/g, '');
      expect(digits.includes(year + month + day) || digits.includes(day + month + year), name).toBe(true);
    }),
    { numRuns: 3000 },
  );
  expect(heard).toBeGreaterThan(100);
});
