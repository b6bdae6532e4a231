import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatInstant } from '../../src/base/local-time.ts';
import { captureTimeInName } from '../../src/efaktur/capture-time.ts';

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
])('%s says %s', (name, expected) => {
  expect(read(name)).toBe(expected);
});

test.each([
  ['no date', 'db.zip'],
  ['no time', '2023-07-08.zip'],
  ['no time', 'db_20230708.zip'],
  ['no time', '8 Juli 2023.zip'],
  ['no date', '09.30.zip'],
  ['day or month', '08-07-2023 09.30.zip'],
  ['day or month', 'db_07-08-2023_0930.zip'],
  ['day or month', '08072023_0930.zip'],
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
  ['half a day', '2023-07-08 09.30 PM.zip'],
  ['half a day', '2023-07-08 09.30.15 am.zip'],
  ['half a day', '2023-07-08 09.30pm.zip'],
  ['half a day', '2023-07-08 09.30 malam.zip'],
  ['half a day', '8 Juli 2023 jam 02.30 siang.zip'],
  ["another zone's clock", '20230708T093015Z.zip'],
  ["another zone's clock", '2023-07-08 09.30 UTC.zip'],
  ["another zone's clock", '2023-07-08T09:30:15+0700.zip'],
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

test('a day that could be a month is never accepted', () => {
  fc.assert(
    fc.property(
      moment,
      fc.integer({ min: 1, max: 12 }),
      separator,
      between,
      before,
      after,
      (m, d, sep, gap, pre, post) => {
        fc.pre(d !== m.month);
        const name = `${pre}${two(d)}${sep}${two(m.month)}${sep}${m.year}${gap}${two(m.hour)}.${two(m.minute)}${post}`;
        expect(read(name), name).toBeNull();
      },
    ),
    { numRuns: 1000 },
  );
});

test('whatever is accepted of a date in digits is the only day that its digits allow', () => {
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
        const isSure = yearFirst || m.day > 12 || m.day === m.month;
        expect(read(name), name).toBe(isSure ? expected : null);
      },
    ),
    { numRuns: 1000 },
  );
});

test('no name at all makes it fail, and what it says is in the name', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9 ._T-]{8,30}$/)), (name) => {
      const said = read(name);
      if (said === null) return;
      const [year = '', month = '', day = ''] = said.slice(0, 10).split('-');
      const digits = name.replace(/\D/g, '');
      expect(digits.includes(year + month + day) || digits.includes(day + month + year), name).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
