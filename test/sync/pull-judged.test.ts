import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { errorOf, makeWorld, type PullJson, treeOf, type World } from '../support/cli.ts';
import { placeKept, startDerby } from '../support/derby.ts';
import { placeGolden } from '../support/golden.ts';
import { golden, goldenWorld, placeLive } from './golden-world.ts';

/** What `pull` makes of the verdict on what it extracted, before the swap. */

const forced = ['push', '--source', 'live', '--force-damaged'];
const pull = ['pull', '--yes'];
const codes = (document: PullJson): string[] => document.warnings.map((w) => w.code);

/** A world that has stored one sample as it is, and has another one as its db now, and a program of unknown version. */
async function storedThenLive(
  stored: { name: string; version?: string },
  now: { name: string; version?: string },
): Promise<World> {
  const world = await goldenWorld(stored.name, stored);
  await world.json(forced);
  await placeLive(world, golden(now.name, now.version));
  await writeFile(join(world.app, 'ETaxInvoiceMain.exe'), 'another one\n');
  return world;
}

test('a backup stored as damaged is refused with exit 13, and nothing is changed', async () => {
  for (const name of ['cut-rows', 'log-first-missing']) {
    const world = await storedThenLive({ name }, { name: 'clean' });
    const before = await treeOf(world.app, true);
    const outcome = await world.run([...pull, '--json']);
    expect([outcome.code, outcome.stdout], name).toEqual([13, '']);
    expect(errorOf(outcome).message, name).toContain('nothing was changed');
    expect(errorOf(outcome).message, name).toMatch(/ETaxInvoice\/(seg0|log)/);
    expect(await treeOf(world.app, true), name).toEqual(before);
    // Nor is a new folder left behind.
    const to = join(world.folder, 'baru');
    expect((await world.run([...pull, '--to', to])).code, name).toBe(13);
    expect(existsSync(to), name).toBe(false);
  }
});

test('--force-damaged restores it into a new folder only', async () => {
  const world = await goldenWorld('page-flipped');
  await world.json(forced);
  const damaged = await treeOf(join(world.app, 'db'));
  await placeLive(world, golden('clean'));
  const before = await treeOf(world.app, true);
  const over = await world.run([...pull, '--force-damaged', '--json']);
  expect([over.code, over.stdout]).toEqual([2, '']);
  expect(errorOf(over)).toMatchObject({ code: 'usage', hint: expect.stringContaining('--to') });
  expect(await treeOf(world.app, true)).toEqual(before);

  const to = join(world.folder, 'baru');
  const document = await world.json<PullJson>(['pull', '--force-damaged', '--to', to]);
  expect(document).toMatchObject({ outcome: 'restored', previousDb: null });
  expect(document.verdict).toBe('damaged');
  expect(codes(document)).toEqual(['damaged-stored']);
  expect(await treeOf(join(to, 'db'))).toEqual(damaged);
  // Nobody is sent to work with it.
  const { stdout } = await world.run(['pull', '--force-damaged', '--to', join(world.folder, 'lain')]);
  expect(stdout).toContain('DAMAGED');
  for (const words of ['every one checked', 'Start e-Faktur', 'log in']) expect(stdout).not.toContain(words);
  // A second time there is a db.
  expect((await world.run([...pull, '--force-damaged', '--to', to])).code).toBe(2);
  expect(await treeOf(join(to, 'db'))).toEqual(damaged);
});

test('--force-damaged does not stand in the way of a sound backup', async () => {
  const world = await storedThenLive({ name: 'clean' }, { name: 'stale-lock' });
  const document = await world.json<PullJson>([...pull, '--force-damaged']);
  expect(document.previousDb).not.toBeNull();
  expect(codes(document)).toEqual([]);
});

test('a newer Derby than that of the db there: an older program cannot open it', async () => {
  const world = await storedThenLive(
    { name: 'clean', version: '10.14.2.0' },
    { name: 'clean', version: '10.10.2.0' },
  );
  const document = await world.json<PullJson>(pull);
  expect(document.outcome).toBe('restored');
  expect(codes(document)).toEqual(['older-program']);
  const [{ message } = { message: '' }] = document.warnings;
  for (const words of ['newer e-Faktur', 'Derby 10.14', 'Derby 10.10', 'cannot open it'])
    expect(message).toContain(words);
  // The other way round there is nothing to say.
  const back = await storedThenLive(
    { name: 'clean', version: '10.10.2.0' },
    { name: 'clean', version: '10.14.2.0' },
  );
  expect(codes(await back.json<PullJson>(pull))).toEqual([]);
});

test('other tables or columns than those of the db there: run the updater', async () => {
  // "moved rows" has columns that "clean" has not.
  for (const [stored, now] of [
    ['moved-rows', 'clean'],
    ['clean', 'moved-rows'],
  ] as const) {
    const world = await storedThenLive({ name: stored }, { name: now });
    const document = await world.json<PullJson>(pull);
    expect(codes(document), stored).toEqual(['other-schema']);
    expect(document.warnings[0]?.message, stored).toContain('ETaxInvoiceUpd');
  }
  const same = await storedThenLive({ name: 'clean' }, { name: 'stale-lock' });
  expect(codes(await same.json<PullJson>(pull))).toEqual([]);
  // Without a db there is nothing to compare with.
  const to = join(same.folder, 'baru');
  expect(codes(await same.json<PullJson>(['pull', '--to', to]))).toEqual([]);
});

test('what was not closed is restored with a note, and Derby recovers it', async () => {
  const world = await storedThenLive({ name: 'killed' }, { name: 'clean' });
  const document = await world.json<PullJson>(pull);
  expect(document.outcome).toBe('restored');
  expect(codes(document)).toEqual(['needs-recovery']);
  expect(document.warnings[0]?.message).toContain('verify --engine');
  const derby = await startDerby();
  onTestFinished(() => derby.close());
  const check = await derby.checkCopy(join(world.app, 'db', 'ETaxInvoice'));
  expect(check.ok).toBe(true);
  const rows = check.tables.find((t) => t.table === 'FAKTUR_KELUARAN')?.rows;
  expect(rows).toBe(
    golden('killed').derby.ETaxInvoice?.tables.find((t) => t.table === 'FAKTUR_KELUARAN')?.rows,
  );
});

test('before recovery rows are shown as of the last checkpoint, and no table is called damaged', async () => {
  const world = await makeWorld({ live: null, backups: [] });
  const compress = "CALL SYSCS_UTIL.SYSCS_COMPRESS_TABLE('ETAX', 'FAKTUR_KELUARAN', 0)";
  await placeKept(join(world.app, 'db'), ['golden clean', compress], async (db) => {
    await placeGolden(golden('clean'), db);
    const derby = await startDerby();
    await derby.exec(join(db, 'ETaxInvoice'), compress).finally(() => derby.kill());
  });
  await world.json(forced);
  const to = join(world.folder, 'baru');
  const document = await world.json<PullJson>(['pull', '--to', to]);
  expect(document.verdict).toBe('needs-recovery');
  expect(codes(document)).toEqual(['needs-recovery', 'rows-after-recovery']);
  expect(document.warnings[1]?.message).toContain('ETAX.FAKTUR_KELUARAN');
  expect(document.tables.map(({ table }) => table)).not.toContain('ETAX.FAKTUR_KELUARAN');
  expect(document.tables).toContainEqual(
    expect.objectContaining({ table: 'ETAX.FAKTUR_DETAIL', asOfLastCheckpoint: true }),
  );
  const { stdout, stderr } = await world.run(['pull', '--to', join(world.folder, 'lain')]);
  expect(stdout).toMatch(/ETAX\.FAKTUR_DETAIL +\d+ rows .*as of the last checkpoint\n/);
  expect(stdout + stderr).not.toContain('damaged');
});

test('stored as damaged in two stores: refused all the same, and no staging is left', async () => {
  const world = await makeWorld({ live: null, backups: [] });
  await placeLive(world, golden('header-flipped'));
  const env = { EFAKTUR_STORE: `${world.store};${join(world.folder, 'second')}` };
  await world.json(forced, { env });
  await placeLive(world, golden('clean'));
  const outcome = await world.run([...pull, '--json'], { env });
  expect(outcome.code).toBe(13);
  expect(errorOf(outcome).message).toContain('the databases of this backup are damaged');
  expect((await readdir(world.app)).filter((name) => name.startsWith('db'))).toEqual(['db']);
});
