import { expect, test } from 'vitest';
import type { PrivateFacts } from '../../src/catalog/manifest.ts';
import type { SetVerdict } from '../../src/derby/judge.ts';
import type { Verdict } from '../../src/derby/verdict.ts';
import { lostRows } from '../../src/sync/judged.ts';

type Counts = Readonly<Record<string, number>>;
const tablesOf = (rows: Counts) => Object.entries(rows).map(([name, count]) => ({ name, rows: count }));

const before = (databases: Readonly<Record<string, Counts>>): PrivateFacts => ({
  contentHash: '',
  files: 1,
  totalBytes: 1,
  databases: Object.keys(databases),
  judged: Object.entries(databases).map(([name, rows]) => ({
    name,
    verdict: 'clean' as const,
    tables: tablesOf(rows),
  })),
});

function now(verdict: Verdict, rows: Counts): SetVerdict {
  const database = {
    database: 'ETaxInvoice',
    verdict,
    problems: [],
    derbyVersion: null,
    derbyBuild: null,
    schemaFingerprint: null,
    tables: tablesOf(rows),
    checked: [],
  };
  return { verdict, databases: [database] };
}

const told = (facts: PrivateFacts | null, verdict: SetVerdict): string[] =>
  lostRows(facts, verdict).map(({ message }) => message);

const had = before({ ETaxInvoice: { 'ETAX.FAKTUR': 3000, 'ETAX.PROFIL': 1, 'ETAX.KOSONG': 0 } });
const kept = { 'ETAX.PROFIL': 1, 'ETAX.KOSONG': 0 };

test('more than half of the rows gone is said, half is not', () => {
  expect(told(had, now('clean', { ...kept, 'ETAX.FAKTUR': 1500 }))).toEqual([]);
  expect(told(had, now('clean', { ...kept, 'ETAX.FAKTUR': 1499 }))).toEqual([
    expect.stringMatching(/ETaxInvoice: ETAX\.FAKTUR had 3000 rows .* has 1499 now;/),
  ]);
  expect(told(null, now('clean', {}))).toEqual([]);
});

test('a table that is gone is named as gone, one that was empty is not', () => {
  expect(told(had, now('clean', { 'ETAX.PROFIL': 1 }))).toEqual([
    expect.stringMatching(/ETAX\.FAKTUR had 3000 rows .* is no longer there;/),
  ]);
});

test('a database that is gone is one line', () => {
  const two = before({ ETaxInvoice: kept, Lama: { 'ETAX.FAKTUR': 5, 'ETAX.PROFIL': 1 } });
  expect(told(two, now('clean', kept))).toEqual([
    expect.stringMatching(/the database Lama was in the backup before and is no longer there;/),
  ]);
});

test('before recovery only what was counted is compared, and as of when is said', () => {
  for (const verdict of ['needs-recovery', 'damaged', 'encrypted'] as const)
    expect(told(had, now(verdict, kept)), verdict).toEqual([]);
  expect(told(had, now('needs-recovery', { ...kept, 'ETAX.FAKTUR': 7 }))).toEqual([
    expect.stringMatching(/has 7 as of the last checkpoint/),
  ]);
});
