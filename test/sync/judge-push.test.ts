import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { newKey } from '../crypto/age-files.ts';
import { errorOf, keysOf, type ListJson, makeWorld, type PushJson } from '../support/cli.ts';
import { placeDatabase, startDerby } from '../support/derby.ts';
import { bootPassword } from '../support/derby-fixtures.ts';
import { seedBackups } from '../support/efaktur-folder.ts';
import {
  archivesIn,
  golden,
  goldenWorld,
  manifestsIn,
  placeLive,
  proofsIn,
  storedManifest,
  zipGolden,
} from './golden-world.ts';

const live = ['push', '--source', 'live'];
const forced = [...live, '--force-damaged'];
const codes = (document: PushJson): string[] =>
  document.warnings.map((w) => w.code).filter((code) => !['same-disk', 'program-not-stored'].includes(code));

interface ListedLong {
  backups: (ListJson['backups'][number] & { verdict?: string; source?: string; lastProven: string | null })[];
}

test('a damaged live db is exit 3 and named; the newest login backup is stored instead and named, too', async () => {
  for (const [name, version] of [
    ['cut-rows', '10.10.2.0'],
    ['log-missing', '10.14.2.0'],
  ] as const) {
    const world = await goldenWorld(name, { backups: seedBackups, version });
    const outcome = await world.run(['push', '--json']);
    expect(outcome.code, name).toBe(3);
    const document = JSON.parse(outcome.stdout) as PushJson;
    expect(document, name).toMatchObject({ outcome: 'created', backups: [{ date: '2023-07-08' }] });
    const { code, message } = errorOf(outcome);
    expect(code, name).toBe('source-unusable');
    expect(message, name).toContain(`${join(world.app, 'db')} is damaged`);
    expect(message, name).toContain('ETaxInvoice_20230708_093000.zip');
    // The file at fault, as the user finds it.
    expect(message, name).toMatch(name === 'log-missing' ? /ETaxInvoice\/log/ : /ETaxInvoice\/seg0\/c/);
    expect(await manifestsIn(world.store), name).toHaveLength(1);
    expect((await storedManifest(world, document.backups[0])).source, name).toBe('login-backup');
  }
});

test('named, or the only state there is: exit 3, and the store stays empty', async () => {
  const world = await goldenWorld('page-zeroed', { backups: seedBackups });
  const db = join(world.app, 'db');
  for (const args of [live, ['push', '--source', db]]) {
    const outcome = await world.run([...args, '--json']);
    expect([outcome.code, outcome.stdout]).toEqual([3, '']);
    expect(errorOf(outcome).hint).toContain('--force-damaged');
    expect(await keysOf(world.store)).toEqual([]);
  }
  const alone = await goldenWorld('container-missing');
  expect((await alone.run(['push'])).code).toBe(3);
  expect(await keysOf(alone.store)).toEqual([]);
});

test('a login backup whose zip holds a damaged db: the next older one is stored', async () => {
  const newest = '2023-07-09 08.00.zip';
  const world = await makeWorld({ live: null });
  await zipGolden(golden('header-flipped'), join(world.app, 'backup', newest));
  const outcome = await world.run(['push', '--json']);
  expect(outcome.code).toBe(3);
  const document = JSON.parse(outcome.stdout) as PushJson;
  expect(document.backups.map((b) => b.date)).toEqual(['2023-07-08']);
  expect(errorOf(outcome).message).toContain(newest);
});

test('a torn copy in a login backup: stored, but never as clean', async () => {
  const world = await makeWorld({ live: null });
  await zipGolden(golden('torn-copy'), join(world.app, 'backup', '2023-07-09 08.00.zip'));
  const document = await world.json(['push']);
  expect(codes(document)).toEqual(['needs-recovery']);
  const { private: facts } = await storedManifest(world, document.backups[0]);
  expect(facts.verdict).toBe('needs-recovery');
});

test('--force-damaged stores it, marked; it is never proven and no later backup leans on it', async () => {
  const world = await goldenWorld('page-flipped');
  const first = await world.json(forced);
  expect(first.outcome).toBe('created');
  expect(codes(first)).toContain('damaged-stored');
  const shown = await world.run(['list', '--long']);
  expect(shown.stdout).toContain('DAMAGED');
  const listed = await world.json<ListedLong>(['list', '--long']);
  expect(listed.backups).toMatchObject([{ verdict: 'damaged', lastProven: null }]);

  // The same bytes again: nothing is known to be sound that a manifest could name.
  const second = await world.json(forced);
  expect(second.outcome).toBe('created');
  expect(await archivesIn(world.store)).toHaveLength(2);

  const verified = await world.run(['verify', '--read-data', '--json']);
  expect(verified.code).toBe(13);
  const proofs = await proofsIn(world.store);
  expect(proofs).toHaveLength(2);
  expect(proofs.every((key) => key.includes('-data-damaged-'))).toBe(true);
  const after = await world.json<ListedLong>(['list', '--long']);
  expect(after.backups.map((b) => b.lastProven)).toEqual([null, null]);

  // And a sound state after it is stored whole.
  await placeLive(world, golden('clean'));
  const sound = await world.json(live);
  expect((await storedManifest(world, sound.backups[0])).needs).toHaveLength(1);
  expect(
    (await world.json<{ outcome: string }>(['verify', '--read-data', '--id', sound.backups[0]?.id ?? '']))
      .outcome,
  ).toBe('ok');
});

test('--force-damaged stores what is not even a whole database, as far as it is there', async () => {
  for (const part of ['service.properties', 'log/log.ctrl']) {
    const world = await goldenWorld('clean');
    await rm(join(world.app, 'db', 'ETaxInvoice', part));
    const document = await world.json(forced);
    expect(document.outcome, part).toBe('created');
    expect(codes(document), part).toContain('damaged-stored');
    expect((await storedManifest(world, document.backups[0])).private.verdict, part).toBe('damaged');
  }
});

test('not closed, by a kill: stored with one note, and it counts as unproven', async () => {
  const world = await goldenWorld('killed');
  const document = await world.json(live);
  expect(document.outcome).toBe('created');
  expect(codes(document)).toEqual(['needs-recovery']);
  expect(document.warnings[0]?.message).toContain('verify --engine');
  expect((await storedManifest(world, document.backups[0])).private.verdict).toBe('needs-recovery');
  const verified = await world.json<{ checked: { ok: boolean; verdict: string }[] }>([
    'verify',
    '--read-data',
  ]);
  expect(verified.checked).toMatchObject([{ ok: true, verdict: 'needs-recovery' }]);
  expect((await world.json<ListedLong>(['list', '--long'])).backups[0]?.lastProven).toBeNull();
});

test('encrypted by Derby: stored with one note', async () => {
  const world = await makeWorld({ live: null, backups: [] });
  await placeDatabase(join(world.app, 'db', 'ETaxInvoice'), { invoices: 5, bootPassword });
  const document = await world.json(live);
  expect(document.outcome).toBe('created');
  expect(codes(document)).toEqual(['encrypted-database']);
  expect((await storedManifest(world, document.backups[0])).private).toMatchObject({ verdict: 'encrypted' });
});

test('verdict, Derby version, schema and rows stand in the private part of the manifest', async () => {
  for (const version of ['10.10.2.0', '10.14.2.0']) {
    const sample = golden('several', version);
    const world = await goldenWorld('several', { version });
    const document = await world.json(live);
    const { private: facts, source } = await storedManifest(world, document.backups[0]);
    expect(source).toBe('cold');
    expect(facts.verdict).toBe('clean');
    expect(facts.dataHash).toMatch(/^[0-9a-f]{64}$/);
    expect(facts.judged?.map((d) => d.name)).toEqual(Object.keys(sample.derby).sort());
    for (const { name, tables, derbyVersion, schemaFingerprint } of facts.judged ?? []) {
      expect(`${derbyVersion}`).toBe(version.split('.').slice(0, 2).join('.'));
      expect(schemaFingerprint).toMatch(/^[0-9a-f]{64}$/);
      const byDerby = sample.derby[name]?.tables.filter((t) => !t.system) ?? [];
      const rows = Object.fromEntries(byDerby.map((t) => [`${t.schema}.${t.table}`, t.rows]));
      expect(Object.fromEntries(tables.map((t) => [t.name, t.rows]))).toEqual(rows);
    }
  }
});

test('with keys, none of that can be read without one', async () => {
  const world = await goldenWorld('clean');
  const key = await newKey();
  const identity = join(world.folder, 'id.txt');
  await writeFile(identity, key.fileText);
  const env = { EFAKTUR_RECIPIENTS: key.recipient };
  await world.json(live, { env });
  const [name = ''] = await manifestsIn(world.store);
  const text = await readFile(join(world.store, name), 'utf8');
  for (const word of [
    'FAKTUR_KELUARAN',
    'verdict',
    'dataHash',
    'schemaFingerprint',
    'derbyVersion',
    'ETaxInvoice',
  ])
    expect(text, word).not.toContain(word);
  const listed = await world.json<ListedLong>(['list', '--long'], {
    env: { ...env, EFAKTUR_IDENTITY_FILE: identity },
  });
  expect(listed.backups[0]?.verdict).toBe('clean');
});

test('with keys, a proof of damage names no database and no table', async () => {
  const world = await goldenWorld('clean');
  await placeLive(world, golden('page-flipped'));
  const key = await newKey();
  await writeFile(join(world.folder, 'id.txt'), key.fileText);
  const env = { EFAKTUR_RECIPIENTS: key.recipient, EFAKTUR_IDENTITY_FILE: 'id.txt' };
  await world.json([...live, '--force-damaged'], { env });
  const outcome = await world.run(['verify', '--read-data', '--json'], { env });
  expect(outcome.code).toBe(13);
  expect(outcome.stdout).toContain('ETaxInvoice');
  const [name = ''] = await proofsIn(world.store);
  expect(name).toContain('-data-damaged-');
  const text = await readFile(join(world.store, name), 'utf8');
  expect(Object.keys(JSON.parse(text)).sort()).toEqual(['at', 'format', 'level', 'program', 'result', 'tag']);
});

test('more than half of the rows of a table gone: stored, with one loud warning a table', async () => {
  const world = await goldenWorld('clean');
  await world.json(live, { now: new Date(Date.now() - 3600_000) });
  // "long columns" has 10 invoices where "clean" has 60.
  await placeLive(world, golden('long-columns'));
  const document = await world.json(live);
  expect(document.outcome).toBe('created');
  const lost = document.warnings.filter((w) => w.code === 'rows-lost');
  const named = lost.map((w) => /ETAX\.\w+/.exec(w.message)?.[0]).sort();
  const { private: facts } = await storedManifest(world, document.backups[0]);
  const rows = new Map(facts.judged?.[0]?.tables.map((t) => [t.name, t.rows]));
  const before = golden('clean').derby.ETaxInvoice?.tables.filter((t) => !t.system) ?? [];
  const expected = before
    .filter((t) => (rows.get(`${t.schema}.${t.table}`) ?? 0) * 2 < (t.rows ?? 0))
    .map((t) => `${t.schema}.${t.table}`)
    .sort();
  expect(expected).toContain('ETAX.FAKTUR_KELUARAN');
  expect(named).toEqual(expected);
  expect(lost.find((w) => w.message.includes('FAKTUR_KELUARAN'))?.message).toMatch(/had 60 rows.*has 10/);
  // Said once: the next push compares with the state that has the fewer rows.
  await placeLive(world, golden('long-columns'), new Date(0));
  expect(codes(await world.json(live, { now: new Date(Date.now() + 3600_000) }))).not.toContain('rows-lost');
});

test('opened and closed again without a change is unchanged; one row more is not', async () => {
  const world = await goldenWorld('clean');
  const database = join(world.app, 'db', 'ETaxInvoice');
  const day = (n: number): { now: Date } => ({ now: new Date(Date.now() + n * 24 * 3600_000) });
  const first = await world.json(live, day(0));
  const derby = await startDerby();
  onTestFinished(() => derby.close());
  await derby.query(database, 'SELECT COUNT(*) FROM ETAX.FAKTUR_KELUARAN');
  await derby.shutdown(database);
  const again = await world.json(live, day(1));
  expect(again.outcome).toBe('unchanged');
  expect(again.backups[0]?.archive).toBe(first.backups[0]?.archive);
  await derby.addInvoice(database, { date: '2024-03-01', customer: 'Baru', dpp: '1000.00' });
  await derby.shutdown(database);
  const more = await world.json(live, day(2));
  expect(more.outcome).toBe('created');
  // What the log rewritten by a login hides is not sent; what was stored restores.
  expect(await archivesIn(world.store)).toHaveLength(2);
  expect((await world.json<{ outcome: string }>(['verify', '--read-data'])).outcome).toBe('ok');
});

test('killed in between, the same data is no reason to call it unchanged', async () => {
  const world = await goldenWorld('clean');
  const database = join(world.app, 'db', 'ETaxInvoice');
  await world.json(live, { now: new Date(Date.now() - 24 * 3600_000) });
  const derby = await startDerby();
  onTestFinished(() => derby.kill());
  // Committed, and in the log alone: every file of tables is as it was.
  await derby.exec(database, "UPDATE ETAX.PROFIL SET NPWP = '099999999999000'");
  await derby.kill();
  const document = await world.json(live);
  expect(document.outcome).toBe('created');
  const [, last] = (await manifestsIn(world.store)).sort();
  const [before] = (await manifestsIn(world.store)).sort();
  const hashes = await Promise.all(
    [before, last].map(
      async (key) => JSON.parse(await readFile(join(world.store, key ?? ''), 'utf8')).private,
    ),
  );
  expect(hashes[1].dataHash, 'the kill left other table files: this test shows nothing').toBe(
    hashes[0].dataHash,
  );
  expect(hashes.map((h) => h.verdict)).toEqual(['clean', 'needs-recovery']);
});

test('--all stores each login backup by its own verdict', async () => {
  const world = await makeWorld({ live: null });
  await zipGolden(golden('page-flipped'), join(world.app, 'backup', '2023-07-07 08.00.zip'));
  await zipGolden(golden('clean'), join(world.app, 'backup', '2023-07-10 08.00.zip'));
  const outcome = await world.run(['push', '--all', '--json']);
  expect(outcome.code).toBe(3);
  const document = JSON.parse(outcome.stdout) as PushJson;
  expect(document.backups.map((b) => b.date)).toEqual(['2023-07-06', '2023-07-08', '2023-07-10']);
  const all = await world.json(['push', '--all', '--force-damaged']);
  expect(all.backups.map((b) => b.date)).toEqual(['2023-07-07']);
});
