import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { errorOf, keysOf } from '../support/cli.ts';
import { type Derby, startDerby } from '../support/derby.ts';
import { archivesIn, golden, storedManifest, zipGolden } from './golden-world.ts';
import {
  expectRestores,
  idleRounds,
  invoicesIn,
  jobsOf,
  killRounds,
  openWorld,
  pushLive,
  startWork,
  writerRounds,
} from './hot-rounds.ts';

const start = async (): Promise<Derby> => {
  const derby = await startDerby();
  onTestFinished(() => derby.kill());
  return derby;
};

/** Opens what was restored; the other one is the program at work. Those that are killed have a JVM of their own. */
let checker: Derby;
let live: Derby;
beforeAll(async () => {
  [checker, live] = await Promise.all([startDerby(), startDerby()]);
});
afterAll(() => Promise.all([checker?.close(), live?.close()]));

/** With the work on it at its end, the database is closed with the test. */
const closed = (database: string): void =>
  onTestFinished(async () => {
    await live.stopWriting(database).catch(() => undefined);
    await live.shutdown(database);
  });

// More rounds of these, with other Derbys, are in the longer run.

test('open and idle, with commits no checkpoint has written: stored as hot, all committed rows in it', async () => {
  await idleRounds(1, live, checker);
});

test('a program writes all the time: each push stores a sound copy with all that was committed before', async () => {
  await writerRounds(1, live, checker);
});

test('the program is killed in the middle of a push: what is stored is sound', async () => {
  await killRounds(['while it copies'], start, checker);
});

test('several databases that are open: each is sound, and the backup says that they have no common instant', async () => {
  const other = 'NPWP_000000000000001';
  const { world, database } = await openWorld({ others: [other] });
  closed(database);
  closed(join(world.app, 'db', other));
  await startWork(live, database);
  await live.workday(join(world.app, 'db', other), { date: '2024-02-01', invoices: 3, seed: 9 });
  const document = await world.json(pushLive);
  const warning = document.warnings.find((w) => w.code === 'no-common-instant');
  expect(warning?.message).toContain('not of one instant');
  const { source, private: facts } = await storedManifest(world, document.backups[0]);
  expect(source).toBe('hot');
  expect(facts).toMatchObject({ noCommonInstant: true, databases: ['ETaxInvoice', other] });
  await live.stopWriting(database);
  await expectRestores(world, checker, document);
  expect(await expectRestores(world, checker, document, other)).toBe(
    await invoicesIn(live, join(world.app, 'db', other)),
  );

  // Idle, two reads agree: that is one instant of both.
  const idle = await world.json(pushLive);
  expect(idle.warnings.map((w) => w.code)).not.toContain('no-common-instant');
  const stored = await storedManifest(world, idle.backups[0]);
  expect([stored.source, stored.private.noCommonInstant]).toEqual(['hot', undefined]);
});

test('while ETaxInvoiceUpd works on the folder there is no hot copy: exit 11, nothing stored', async () => {
  const { world, database } = await openWorld();
  const program = join(world.app, 'ETaxInvoiceUpd');
  await copyFile('/bin/sh', program);
  await chmod(program, 0o755);
  const updater = spawn(program, ['-c', 'read line'], {
    cwd: world.app,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  onTestFinished(() => void updater.kill('SIGKILL'));
  await once(updater, 'spawn');
  closed(database);
  await startWork(live, database);
  const outcome = await world.run([...pushLive, '--json']);
  expect([outcome.code, outcome.stdout]).toEqual([11, '']);
  expect(errorOf(outcome)).toMatchObject({
    code: 'app-running',
    message: expect.stringContaining('ETaxInvoiceUpd'),
  });
  expect(await archivesIn(world.store)).toEqual([]);
  expect(await jobsOf(world)).toEqual([]);
  updater.kill('SIGKILL');
  await once(updater, 'close');
  await live.stopWriting(database);
  expect((await world.json(pushLive)).outcome).toBe('created');
});

test('auto while a program writes: a login backup younger than a day wins, else a hot copy', async () => {
  const { world, database } = await openWorld();
  const login = new Date('2024-03-01T08:00:00+07:00');
  const zip = join(world.app, 'backup', '2024-03-01 08.00.zip');
  await zipGolden(golden('clean'), zip);
  await utimes(zip, login, login);
  closed(database);
  await startWork(live, database);
  const hours = (n: number): { now: Date } => ({ now: new Date(login.getTime() + n * 3600_000) });
  const fresh = await world.json(['push'], hours(23));
  expect((await storedManifest(world, fresh.backups[0])).source).toBe('login-backup');
  expect(fresh.warnings.map((w) => w.code)).toContain('app-running');
  const stale = await world.json(['push'], hours(25));
  expect((await storedManifest(world, stale.backups[0])).source).toBe('hot');
  expect(stale.warnings.map((w) => w.code)).not.toContain('app-running');
});

test('killed while it makes a hot copy: nothing is stored, and the next push removes the scratch copy', async () => {
  const { world, database } = await openWorld();
  closed(database);
  await startWork(live, database);
  const stored = async (): Promise<string[]> => (await keysOf(world.store)).filter((key) => /^2/.test(key));
  const pushKilled = () =>
    world.runBuilt([...pushLive, '--full'], {
      trap: { call: 'open', at: 12, path: /[\\/]hot[\\/]ETaxInvoice[\\/]seg0/, action: 'SIGKILL' },
    });
  let before = await stored();
  let killed = await pushKilled();
  // On a slow disk the writer may pause for so long that two reads agree, and no hot copy is made.
  for (let tries = 1; tries < 5 && killed.code === 0; tries++) {
    before = await stored();
    killed = await pushKilled();
  }
  expect(killed.signal, killed.stderr).toBe('SIGKILL');
  const left = await keysOf(world.stateDir);
  expect(
    left.some((path) => /jobs\/.*\/hot\/ETaxInvoice/.test(path)),
    left.join(),
  ).toBe(true);
  expect(await stored()).toEqual(before);
  const document = await world.json(pushLive);
  expect(await jobsOf(world)).toEqual([]);
  await live.stopWriting(database);
  await expectRestores(world, checker, document);
  await live.shutdown(database);
  expect((await checker.checkCopy(database)).ok).toBe(true);
});
