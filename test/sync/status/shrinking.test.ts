import { expect, test } from 'vitest';
import { type BackupEntry, collectListing } from '../../../src/catalog/listing.ts';
import type { PrivateFacts } from '../../../src/catalog/manifest.ts';
import { archiveKey, backupId, manifestKey } from '../../../src/catalog/names.ts';
import { emptyRecord, type StoreRecord } from '../../../src/state/record.ts';
import { shrinkFinding } from '../../../src/sync/status/shrinking.ts';
import { inEnglish } from '../../support/english.ts';
import { tagOf } from '../../support/stored-backups.ts';

interface Made {
  readonly day: number;
  readonly bytes?: number;
  readonly kind?: 'full' | 'differential';
  /** Of each database; null where this PC noted none. */
  readonly rows?: readonly number[] | null;
  readonly verdict?: PrivateFacts['verdict'];
}

const dayOf = (day: number): Date => new Date(Date.UTC(2026, 0, day, 3));

/** What is found of backups of these days. */
function foundOf(made: readonly Made[]): string | null {
  const collected = collectListing();
  const archives: StoreRecord['archives'][number][] = [];
  for (const { day, bytes = 1000, kind = 'full', rows = null, verdict = 'clean' } of made) {
    const [at, tag] = [dayOf(day), tagOf(day)];
    const [folder, id] = [at.toISOString().slice(0, 10), backupId(at, tag)];
    const object = (key: string, sizeBytes: number) => ({
      object: { key, sizeBytes, modified: at, etag: null, versionId: null, isDeleteMarker: false },
      versionId: null,
      tampering: null,
    });
    collected.add(object(archiveKey(folder, id, kind, false), bytes));
    collected.add(object(manifestKey(folder, id), 1));
    if (rows === null) continue;
    const judged = rows.map((count, i) => ({
      name: `db-${i}`,
      verdict: 'clean' as const,
      tables: [{ name: 'FAKTUR', rows: count }],
    }));
    const facts: PrivateFacts = { contentHash: '', files: 1, totalBytes: 1, databases: [], verdict, judged };
    const sent = { sha256: '', etag: null, keysId: null, uploadedAt: '', lockedUntil: null };
    archives.push({ tag, key: '', sizeBytes: bytes, kind, facts, ...sent });
  }
  const { backups } = collected.listing(null);
  const finding = shrinkFinding({
    store: { url: '/store' } as never,
    record: { ...emptyRecord('/store'), archives },
    whole: backups,
    newest: (backups.at(-1) as BackupEntry | undefined) ?? null,
  });
  expect([undefined, 'shrinking']).toContain(finding?.code);
  return finding && inEnglish(finding.message);
}

test('rows are compared with the most of the month before', () => {
  const before: Made[] = [
    { day: 1, rows: [600, 400] },
    { day: 2, rows: [700, 300] },
  ];
  expect(foundOf(before)).toBeNull();
  expect(foundOf([...before, { day: 3, rows: [650, 250] }])).toBeNull();
  expect(foundOf([...before, { day: 3, rows: [650, 249] }])).toBe(
    'the newest backup in /store (20260103T030000Z-000000000003) has 899 of the 1,000 rows that there were in the month before',
  );
  // A database that is gone, and one that holds nothing.
  expect(foundOf([...before, { day: 3, rows: [650] }])).not.toBeNull();
  expect(foundOf([...before, { day: 3, rows: [0, 0] }])).not.toBeNull();
  // It stays told while the newest is small, and ends after a month.
  expect(foundOf([...before, { day: 3, rows: [100] }, { day: 20, rows: [101] }])).not.toBeNull();
  expect(foundOf([...before, { day: 3, rows: [100] }, { day: 40, rows: [101] }])).toBeNull();
  // What could not be counted whole is no measure.
  expect(foundOf([...before, { day: 3, rows: [10], verdict: 'damaged' }])).toBeNull();
});

test('without rows the newest full archive is compared with the one before', () => {
  expect(foundOf([{ day: 1, bytes: 3000 }])).toBeNull();
  expect(
    foundOf([
      { day: 1, bytes: 3000 },
      { day: 2, bytes: 2000 },
    ]),
  ).toBeNull();
  expect(
    foundOf([
      { day: 1, bytes: 300_000 },
      { day: 2, bytes: 199_000 },
    ]),
  ).toBe('the newest full backup in /store is much smaller than the one before: 199 KB after 300 KB');
  // What leans on a full is small by its nature.
  expect(
    foundOf([
      { day: 1, bytes: 3000 },
      { day: 2, bytes: 10, kind: 'differential' },
    ]),
  ).toBeNull();
  expect(
    foundOf([
      { day: 1, bytes: 3000 },
      { day: 2, bytes: 1000 },
      { day: 3, bytes: 1001 },
    ]),
  ).toBeNull();
  expect(foundOf([])).toBeNull();
});
