import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  errorOf,
  keysOf,
  makeWorld,
  type PullJson,
  type PushJson,
  treeOf,
  type World,
} from '../support/cli.ts';
import { type Derby, placeDatabase, placeKilled, startDerby } from '../support/derby.ts';

/** A world whose live db is real and soundly closed; `backups` as the two seeds unless told. */
async function realWorld(backups?: []): Promise<{ world: World; database: string }> {
  const world = await makeWorld({ live: null, ...(backups && { backups }) });
  await rm(join(world.app, 'db'), { recursive: true });
  const database = await placeDatabase(join(world.app, 'db', 'ETaxInvoice'), { invoices: 60, seed: 5 });
  return { world, database };
}

/** The e-Faktur that has a database open, and what opens a copy of it. */
let live: Derby;
let checker: Derby;
beforeAll(async () => {
  [live, checker] = await Promise.all([startDerby(), startDerby()]);
});
afterAll(() => Promise.all([live?.close(), checker?.close()]));

/** Has it open until the test ends, with rows that no checkpoint has written yet. */
async function holding(database: string): Promise<void> {
  await live.workday(database, { date: '2024-02-01', invoices: 3, seed: 77 });
  onTestFinished(() => live.shutdown(database));
}

const manifests = async (world: World): Promise<string[]> =>
  (await keysOf(world.store)).filter((key) => /^2.*\.json$/.test(key));

const sameDay = new Date('2023-07-08T20:00:00+07:00');
const weekLater = new Date('2023-07-15T20:00:00+07:00');

test('while e-Faktur is open, auto takes a login backup of today and says in one line what is not in it', async () => {
  const { world, database } = await realWorld();
  await holding(database);
  const text = await world.run(['push'], { now: sameDay });
  expect(text.code).toBe(0);
  const others = /^$|same disk|no copy of this e-Faktur/;
  const notes = text.stderr.split('\n').filter((line) => !others.test(line));
  expect(notes).toHaveLength(1);
  expect(notes[0]).toContain('e-Faktur is open');
  expect(notes[0]).toContain('8 July 2023 09:30');
  const document = await world.json(['push', '--full'], { now: sameDay });
  expect(document.warnings.map((w) => w.code)).toEqual(['app-running', 'same-disk']);
  expect(document.backups.map((b) => b.date)).toEqual(['2023-07-08']);
});

test('while e-Faktur is open and the login backup is old, auto takes the live db', async () => {
  const { world, database } = await realWorld();
  await holding(database);
  const document = await world.json(['push'], { now: weekLater });
  expect(document.backups.map((b) => [b.date, b.source])).toEqual([['2023-07-15', join(world.app, 'db')]]);
});

test('while e-Faktur is open and the login backup of today is damaged, auto copies the live db, exit 3', async () => {
  const { world, database } = await realWorld();
  await holding(database);
  await truncate(join(world.app, 'backup', 'ETaxInvoice_20230708_093000.zip'), 1000);
  const outcome = await world.run(['push', '--json'], { now: sameDay });
  expect(outcome.code).toBe(3);
  expect(errorOf(outcome).message).toContain(`stored instead: ${join(world.app, 'db')}`);
  const document = JSON.parse(outcome.stdout) as PushJson;
  expect(document.backups.map((b) => b.source)).toEqual([join(world.app, 'db')]);
  // What is stored is the db itself, so nothing is said of what a login backup lacks.
  expect(document.warnings.map((w) => w.code)).not.toContain('app-running');
});

test('that e-Faktur runs and holds its db does not keep its program from being stored', async () => {
  const { world, database } = await realWorld([]);
  await holding(database);
  await runProgram(world, 'ETaxInvoiceMain');
  expect((await world.json(['push', '--whole-app'])).outcome).toBe('created');
  expect((await world.json(['push', '--whole-app'])).outcome).toBe('unchanged');
});

test('what is not in the backup while e-Faktur is open is told of the one that was stored', async () => {
  const { world } = await realWorld();
  await rm(join(world.app, 'db'), { recursive: true });
  await truncate(join(world.app, 'backup', 'ETaxInvoice_20230708_093000.zip'), 1000);
  await runProgram(world, 'ETaxInvoiceMain');
  const outcome = await world.run(['push', '--json'], { now: sameDay });
  expect(outcome.code).toBe(3);
  const [note, ...others] = (JSON.parse(outcome.stdout) as PushJson).warnings;
  expect(others).toMatchObject([{ code: 'program-not-stored' }, { code: 'same-disk' }]);
  expect(note).toEqual({
    code: 'app-running',
    message: expect.stringContaining('6 July 2023 09:15 (2023-07-06 09.15.zip)'),
  });
});

/** Runs something under the name of one of e-Faktur's programs, from its folder. */
async function runProgram(world: World, name: string): Promise<void> {
  const path = join(world.app, name);
  await copyFile('/bin/sh', path);
  await chmod(path, 0o755);
  // Waits for its stdin to end.
  const child = spawn(path, ['-c', 'read line'], { cwd: world.app, stdio: ['pipe', 'ignore', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
}

test('while e-Faktur updates itself the live db is not touched: a login backup, or exit 11', async () => {
  const { world, database } = await realWorld([]);
  await holding(database);
  await runProgram(world, 'ETaxInvoiceUpd');
  const outcome = await world.run(['push', '--json']);
  expect(outcome.code).toBe(11);
  expect(errorOf(outcome).code).toBe('app-running');
  expect(await keysOf(world.store)).toEqual([]);
});

test('pull refuses while one of e-Faktur’s programs runs from that folder', async () => {
  const { world } = await realWorld();
  await world.json(['push', '--source', 'backup']);
  await runProgram(world, 'ETaxInvoiceMain');
  const outcome = await world.run(['pull', '--yes']);
  expect(outcome.code).toBe(11);
  expect(outcome.stderr).toContain('ETaxInvoiceMain');
  expect((await world.run(['pull', '--to', join(world.folder, 'elsewhere')])).code).toBe(0);
});

test('a stale lock file of a crash is no running e-Faktur', async () => {
  const world = await makeWorld({ live: null, backups: [] });
  const database = join(world.app, 'db', 'ETaxInvoice');
  await placeKilled(database);
  expect(await readdir(database)).toContain('db.lck');
  const document = await world.json(['push']);
  expect(document.outcome).toBe('created');
  expect(document.backups[0]?.source).toBe(join(world.app, 'db'));
});

test('the live db, open and idle: stored as hot, and Derby finds it whole', async () => {
  const { world, database } = await realWorld([]);
  await holding(database);
  const before = await treeOf(database);
  const document = await world.json(['push', '--source', 'live']);
  expect(document.outcome).toBe('created');
  const [key = ''] = await manifests(world);
  expect(JSON.parse(await readFile(join(world.store, key), 'utf8'))).toMatchObject({
    source: 'hot',
    capturedBasis: 'read',
  });
  expect(await treeOf(database)).toEqual(before);
  const to = join(world.folder, 'to');
  await world.json<PullJson>(['pull', '--to', to]);
  const restored = join(to, 'db', 'ETaxInvoice');
  const check = await checker.checkCopy(restored);
  expect(check.tables.filter((t) => !t.ok)).toEqual([]);
  expect(check.ok).toBe(true);
  // The rows that no checkpoint had written yet are in it: they stood in the log.
  const { rows } = await checker.query(
    restored,
    "SELECT COUNT(*) FROM ETAX.FAKTUR_KELUARAN WHERE TANGGAL_FAKTUR = '2024-02-01'",
  );
  await checker.shutdown(restored);
  expect(Number(rows[0]?.[0])).toBe(3);
});

test('the live db while a program writes to it: no two reads agree, so a hot copy is stored, and Derby finds it whole', async () => {
  const { world, database } = await realWorld([]);
  await holding(database);
  await live.startWriting(database, { pauseMs: 20, checkpointEveryMs: 3000 });
  onTestFinished(() => live.stopWriting(database).then(() => undefined));
  await live.waitForCommits(database, 5);
  // A dry run may write no copy; whether its one read meets a file that grows is chance.
  const dry = await world.run(['push', '--source', 'live', '--dry-run', '--json']);
  expect([0, 3]).toContain(dry.code);
  expect(await keysOf(world.store)).toEqual([]);
  const document = await world.json(['push', '--source', 'live']);
  const id = document.backups[0]?.id ?? '';
  const [key = ''] = await manifests(world);
  expect(JSON.parse(await readFile(join(world.store, key), 'utf8'))).toMatchObject({ id, source: 'hot' });
  expect(await readdir(join(world.stateDir, 'jobs'))).toEqual([]);
  const to = join(world.folder, 'to');
  await world.json<PullJson>(['pull', '--to', to]);
  const check = await checker.checkCopy(join(to, 'db', 'ETaxInvoice'));
  expect(check.tables.filter((t) => !t.ok)).toEqual([]);
  expect(check.ok).toBe(true);
});

test('pull refuses while e-Faktur is open and changes nothing; when it is closed it works', async () => {
  const { world, database } = await realWorld();
  await world.json(['push', '--source', 'backup']);
  await holding(database);
  const before = await treeOf(world.app, true);
  const refused = await world.run(['pull', '--yes', '--json']);
  expect(refused.code).toBe(11);
  expect(errorOf(refused).message).toContain('ETaxInvoice');
  expect(await treeOf(world.app, true)).toEqual(before);
  await live.shutdown(database);
  expect((await world.json<PullJson>(['pull', '--yes'])).previousDb).not.toBeNull();
});
