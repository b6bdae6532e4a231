import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import type { PrivateFacts } from '../../../src/catalog/manifest.ts';
import type { SetVerdict } from '../../../src/derby/judge.ts';
import type { Verdict } from '../../../src/derby/verdict.ts';
import { lostRows } from '../../../src/sync/push/lost-rows.ts';
import { newKey } from '../../crypto/age-files.ts';
import type { PushJson, World } from '../../support/cli.ts';
import { inEnglish } from '../../support/english.ts';
import { golden, goldenWorld, manifestsIn, placeLive } from '../golden-world.ts';

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
  lostRows(facts, verdict).map(({ message }) => inEnglish(message));

const had = before({ ETaxInvoice: { 'ETAX.FAKTUR': 3000, 'ETAX.PROFIL': 1, 'ETAX.KOSONG': 0 } });
const kept = { 'ETAX.PROFIL': 1, 'ETAX.KOSONG': 0 };

test('more than half of the rows gone is said, half is not', () => {
  expect(told(had, now('clean', { ...kept, 'ETAX.FAKTUR': 1500 }))).toEqual([]);
  expect(told(had, now('clean', { ...kept, 'ETAX.FAKTUR': 1499 }))).toEqual([
    expect.stringMatching(/ETaxInvoice: ETAX\.FAKTUR had 3,000 rows .* has 1,499 now;/),
  ]);
  expect(told(null, now('clean', {}))).toEqual([]);
});

test('a table that is gone is named as gone, one that was empty is not', () => {
  expect(told(had, now('clean', { 'ETAX.PROFIL': 1 }))).toEqual([
    expect.stringMatching(/ETAX\.FAKTUR had 3,000 rows .* is no longer there;/),
  ]);
});

test('an accountant reads it in Indonesian, with numbers as she writes them', () => {
  const [shrunk, recovered] = (['clean', 'needs-recovery'] as const).map((verdict) =>
    lostRows(had, now(verdict, { ...kept, 'ETAX.FAKTUR': 1499 })).map(({ message }) => message.id),
  );
  expect(shrunk).toEqual([
    'PERHATIKAN INI: tabel ETaxInvoice: ETAX.FAKTUR berisi 3.000 baris di cadangan sebelumnya dan sekarang 1.499; cadangan sebelumnya tetap ada',
  ]);
  expect(recovered).toEqual([expect.stringContaining('dan 1.499 per checkpoint terakhir')]);
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

const live = ['push', '--source', 'live'];
const codesOf = ({ warnings }: PushJson): string[] => [
  ...new Set(
    warnings.map(({ code }) => code).filter((code) => !['same-disk', 'program-not-stored'].includes(code)),
  ),
];

/** A world that pushed 60 invoices, and has 10 in its db now. */
async function shrunkWorld(env: Record<string, string> = {}): Promise<World> {
  const world = await goldenWorld('clean');
  await placeLive(world, golden('clean'), new Date(Date.now() - 2 * 3600_000));
  const first = await world.json(live, { env, now: new Date(Date.now() - 3600_000) });
  expect(codesOf(first)).toEqual([]);
  await placeLive(world, golden('long-columns'));
  return world;
}

test('with the local record lost, the newest manifest is compared with', async () => {
  const world = await shrunkWorld();
  await rm(world.stateDir, { recursive: true });
  const pushed = await world.json(live);
  expect([pushed.outcome, codesOf(pushed)]).toEqual(['created', ['rows-lost']]);
  expect(pushed.warnings.map(({ message }) => message).join()).toMatch(/had 60 rows.*has 10 now/);
});

test('with a record no manifest is read', async () => {
  const world = await shrunkWorld();
  for (const key of await manifestsIn(world.store)) await writeFile(join(world.store, key), 'not one');
  expect(codesOf(await world.json(live))).toEqual(['rows-lost']);
});

test('a manifest that cannot be read fails no push, and that nothing was compared is said', async () => {
  const world = await shrunkWorld();
  await rm(world.stateDir, { recursive: true });
  for (const key of await manifestsIn(world.store)) await writeFile(join(world.store, key), 'not one');
  const pushed = await world.json(live);
  expect([pushed.outcome, codesOf(pushed)]).toEqual(['created', ['rows-not-compared']]);

  const { recipient } = await newKey();
  const env = { EFAKTUR_RECIPIENTS: recipient };
  const sealed = await shrunkWorld(env);
  await rm(sealed.stateDir, { recursive: true });
  const again = await sealed.json(live, { env });
  expect([again.outcome, codesOf(again)]).toEqual(['created', ['rows-not-compared']]);
  expect(again.warnings[0]?.message).toContain('encrypted');
  // Once: from then on the record knows.
  await placeLive(sealed, golden('moved-rows'));
  const later = { env, now: new Date(Date.now() + 3600_000) };
  expect(codesOf(await sealed.json(live, later))).not.toContain('rows-not-compared');
});
