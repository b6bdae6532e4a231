import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localDay } from '../../src/base/local-time.ts';
import { verbatim } from '../../src/base/text.ts';
import { parseMoment } from '../../src/base/written-date.ts';
import { chooseBackup, noSuchBackup, type Wanted } from '../../src/catalog/choose.ts';
import { backupId } from '../../src/catalog/names.ts';

const zones = { WIB: 'Asia/Jakarta', WITA: 'Asia/Makassar', WIT: 'Asia/Jayapura' } as const;

const backup = (at: string, zone: string, tag = '3f9a1c2e77d0') => {
  const capturedAt = new Date(at);
  return { id: backupId(capturedAt, tag), capturedAt, day: localDay(capturedAt, zone) };
};
const asOf = (text: string, zone: string): Wanted => ({
  by: 'as-of',
  end: parseMoment(text, zone, '--as-of').end,
  text,
});

test.each(Object.entries(zones))('in %s a day ends at its own midnight', (_, zone) => {
  const minute = (text: string): Date => parseMoment(text, zone, 'x').end;
  const at = [
    '2023-07-06T09:15',
    '2023-07-07T23:59',
    '2023-07-08T00:00',
    '2023-07-08T09:30',
    '2023-07-08T23:59',
    '2023-07-09T00:00',
  ].map((text) => backup(minute(text).toISOString(), zone));
  const chosen = (wanted: Wanted) => at.indexOf(chooseBackup(at, wanted) as (typeof at)[number]);
  expect(chosen({ by: 'newest' })).toBe(5);
  expect(chosen({ by: 'day', day: '2023-07-08' })).toBe(4);
  expect(chosen({ by: 'day', day: '2023-07-07' })).toBe(1);
  expect(chosen({ by: 'day', day: '2023-07-10' })).toBe(-1);
  expect(chosen(asOf('2023-07-08', zone))).toBe(4);
  expect(chosen(asOf('2023-07-07', zone))).toBe(1);
  expect(chosen(asOf('2023-07-08T09:30', zone))).toBe(3);
  expect(chosen(asOf('2023-07-08T09:29', zone))).toBe(2);
  expect(chosen(asOf('2023-07-06T09:14', zone))).toBe(-1);
  expect(chosen(asOf('2099-01-01', zone))).toBe(5);
  expect(chosen({ by: 'id', id: at[2]?.id ?? '' })).toBe(2);
  expect(chosen({ by: 'id', id: 'x' })).toBe(-1);
});

test('a day is the folder it was pushed to, whatever the zone now', () => {
  const late = backup('2023-07-08T16:30:00Z', zones.WIB);
  expect(late.day).toBe('2023-07-08');
  expect(chooseBackup([late], { by: 'day', day: '2023-07-08' })).toBe(late);
  expect(backup('2023-07-08T16:30:00Z', zones.WITA).day).toBe('2023-07-09');
});

test('what is chosen is the newest that fits', () => {
  const day = fc.integer({ min: 1, max: 28 });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(day, fc.nat(23), fc.nat(59)), { maxLength: 30 }),
      day,
      (times, wanted) => {
        const two = (n: number): string => String(n).padStart(2, '0');
        const all = times
          .map(([d, h, m]) => backup(`2023-07-${two(d)}T${two(h)}:${two(m)}:00+07:00`, zones.WIB))
          .sort((a, b) => (a.id < b.id ? -1 : 1));
        const newest = (fits: (b: (typeof all)[number]) => boolean) => all.filter(fits).at(-1) ?? null;
        const text = `2023-07-${two(wanted)}`;
        expect(chooseBackup(all, { by: 'day', day: text })).toBe(newest((b) => b.day === text));
        expect(chooseBackup(all, asOf(text, zones.WIB))).toBe(newest((b) => b.day <= text));
        expect(chooseBackup(all, { by: 'newest' })).toBe(newest(() => true));
      },
    ),
  );
});

const three = [
  backup('2023-07-06T02:15:00Z', zones.WIB),
  backup('2023-07-08T02:30:00Z', zones.WIB),
  backup('2023-07-08T09:00:00Z', zones.WIB),
];
const [first, , last] = three.map((b) => b.id);
const message = (wanted: Wanted, backups = three): string => {
  const error = noSuchBackup(backups, wanted, verbatim('s3://bucket/x'), zones.WIB);
  expect(error.code).toBe('no-such-backup');
  expect(error.message).toContain(backups.length === 0 ? 's3://bucket/x' : 'x');
  return error.message;
};

test('a missing day names the nearest backup before and after', () => {
  const between = message({ by: 'day', day: '2023-07-07' });
  expect(between).toContain(`2023-07-06 (${first})`);
  expect(between).toContain(`2023-07-08 (${three[1]?.id})`);
  expect(between).not.toContain(last);
});

test('a day before or after all names the one side there is', () => {
  const early = message({ by: 'day', day: '2020-01-01' });
  expect(early).toContain(`2023-07-06 (${first})`);
  expect(early).not.toContain('before is');
  const late = message({ by: 'day', day: '2024-01-01' });
  expect(late).toContain(`2023-07-08 (${last})`);
  expect(late).not.toContain('after is');
});

test('a missing moment names what comes after, a missing id the newest, an empty store itself', () => {
  expect(message(asOf('2023-07-05', zones.WIB))).toContain(`2023-07-06 (${first})`);
  expect(message({ by: 'id', id: '20230101T000000Z-000000000000' })).toContain(last);
  for (const wanted of [{ by: 'newest' }, { by: 'day', day: '2023-07-07' }] as const) message(wanted, []);
});
