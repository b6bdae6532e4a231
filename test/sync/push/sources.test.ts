import { spawnSync } from 'node:child_process';
import { appendFile, cp, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../base/temp-folder.ts';
import { keysOf, makeWorld, treeOf, type World } from '../../support/cli.ts';
import { makeEfakturFolder, seeds, setTimes } from '../../support/efaktur-folder.ts';
import { unzip } from '../../support/unzip.ts';
import { readZip, withRoot, writeZip } from '../../support/zip-writer.ts';

const dayAfter = new Date('2023-07-09T10:00:00+07:00');
const june = new Date('2023-06-01T10:00:00+07:00');

/** The db folder that a pull of the newest backup brings back. */
async function restoredTree(world: World): Promise<Record<string, string>> {
  const to = join(world.folder, `restored-${Math.random()}`);
  await world.json(['pull', '--to', to]);
  return treeOf(join(to, 'db'));
}

async function seedTree(seed: keyof typeof seeds): Promise<Record<string, string>> {
  const folder = await tempFolder();
  await unzip(seeds[seed].path, folder);
  return treeOf(join(folder, 'db'));
}

test('auto takes the newest login backup when the live db is older', async () => {
  const world = await makeWorld({ liveTime: june });
  const document = await world.json(['push']);
  expect(document.outcome).toBe('created');
  expect(document.backups).toHaveLength(1);
  expect(document.backups[0]).toMatchObject({
    source: join(world.app, 'backup', 'ETaxInvoice_20230708_093000.zip'),
    capturedAt: '2023-07-08T09:30:00+07:00',
    date: '2023-07-08',
  });
  expect(await restoredTree(world)).toEqual(await seedTree('seed-8-july'));
});

test('auto takes the live db when it is newer than every login backup', async () => {
  const world = await makeWorld({ live: 'seed-6-july', liveTime: dayAfter });
  const document = await world.json(['push'], { now: new Date('2023-07-10T09:00:00+07:00') });
  expect(document.backups[0]).toMatchObject({
    source: join(world.app, 'db'),
    capturedAt: '2023-07-10T09:00:00+07:00',
  });
  const manifest = await manifestOf(world, document.backups[0]?.id);
  expect(manifest).toMatchObject({ source: 'cold', capturedBasis: 'read', kind: 'full' });
  expect(await restoredTree(world)).toEqual(await seedTree('seed-6-july'));
});

async function manifestOf(world: World, id = ''): Promise<Record<string, unknown>> {
  const key = (await keysOf(world.store)).find((name) => name.endsWith(`${id}.json`)) ?? '';
  return JSON.parse(await readFile(join(world.store, key), 'utf8')) as Record<string, unknown>;
}

test('--source backup, live and a path choose as they say', async () => {
  const world = await makeWorld({ live: 'seed-6-july', liveTime: dayAfter });
  const sourceOf = async (...args: string[]): Promise<string> =>
    (await world.json(['push', '--full', ...args])).backups[0]?.source ?? '';
  expect(await sourceOf('--source', 'backup')).toBe(
    join(world.app, 'backup', 'ETaxInvoice_20230708_093000.zip'),
  );
  expect(await sourceOf('--source', 'live')).toBe(join(world.app, 'db'));
  const older = join(world.app, 'backup', '2023-07-06 09.15.zip');
  expect(await sourceOf('--source', older)).toBe(older);
  expect(await sourceOf('--source', join('e-Faktur', 'backup', '2023-07-06 09.15.zip'))).toBe(older);
  // The app's own db folder, named, is the live db.
  const named = await world.json(['push', '--full', '--source', join(world.app, 'db')]);
  expect(await manifestOf(world, named.backups[0]?.id)).toMatchObject({ source: 'cold' });
});

test('a path outside any e-Faktur folder needs no e-Faktur folder', async () => {
  const world = await makeWorld(null);
  const zip = join(world.folder, 'db_lama.zip');
  await cp(seeds['seed-6-july'].path, zip);
  await utimes(zip, june, june);
  const document = await world.json(['push', '--source', zip], { env: { EFAKTUR_APP_DIR: undefined } });
  expect(document.backups[0]).toMatchObject({ source: zip, capturedAt: '2023-06-01T10:00:00+07:00' });
  expect(await manifestOf(world, document.backups[0]?.id)).toMatchObject({
    source: 'login-backup',
    capturedBasis: 'mtime',
  });
});

test('a download of an old backup is of its own day, and never the newest', async () => {
  const now = new Date('2026-11-26T10:00:00+07:00');
  const world = await makeWorld({ live: 'seed-8-july', backups: [] });
  await world.json(['push', '--source', 'live'], { now: new Date('2023-07-20T09:00:00+07:00') });
  const cases: [string, string, string][] = [
    ['db_8_juli.zip', 'name-day', '2023-07-08T09:30'],
    ['06-07-2023 17.05.zip', 'name', '2023-07-06T17:05'],
    ['2023-07-07.zip', 'name-day', '2023-07-07T00:00'],
    ['unduhan.zip', 'inside', '2023-07-08T09:30'],
  ];
  for (const [name, basis, minute] of cases) {
    const zip = join(world.folder, 'Downloads', name);
    await mkdir(join(world.folder, 'Downloads'), { recursive: true });
    await cp(seeds['seed-8-july'].path, zip);
    await utimes(zip, now, now);
    const document = await world.json(['push', '--source', zip, '--full'], { now });
    const [backup] = document.backups;
    expect([name, backup?.capturedBasis, backup?.capturedAt.slice(0, 16)]).toEqual([name, basis, minute]);
    expect(await manifestOf(world, backup?.id)).toMatchObject({ capturedBasis: basis });
    const codes = document.warnings.map(({ code }) => code);
    expect([name, codes.includes('captured-inside')]).toEqual([name, basis === 'inside']);
    expect([name, codes.includes('newer-than-capture')]).toEqual([name, /^(06|2023-07-07)/.test(name)]);
  }
  const plan = await world.json<{ backup: { date: string } }>(['pull', '--to', 'to', '--dry-run'], { now });
  expect(plan.backup.date).toBe('2023-07-20');
});

test('--captured states when a backup is of, with its time or without', async () => {
  const now = new Date('2026-11-26T10:00:00+07:00');
  const world = await makeWorld(null);
  const zip = join(world.folder, 'tanpa tanggal.zip');
  await cp(seeds['seed-8-july'].path, zip);
  await utimes(zip, now, now);
  const push = ['push', '--full', '--source', zip, '--captured'];
  const env = { EFAKTUR_APP_DIR: undefined };
  for (const [written, minute] of [
    ['2023-07-08T09:14', '2023-07-08T09:14'],
    ['8 Juli 2023 10.30', '2023-07-08T10:30'],
    ['08-07-2023', '2023-07-08T09:30'],
    ['9-7-2023', '2023-07-09T00:00'],
  ] as const) {
    const document = await world.json([...push, written], { env, now });
    expect(document.backups[0]).toMatchObject({
      capturedBasis: 'stated',
      capturedAt: expect.stringContaining(minute),
    });
    expect(await manifestOf(world, document.backups[0]?.id)).toMatchObject({
      capturedBasis: 'stated',
      source: 'login-backup',
    });
  }
  const refused = [
    [...push, '2026-11-27T09:00'],
    [...push, 'Juli 2023'],
    [...push, 'kemarin'],
    ['push', '--captured', '2023-07-08T09:14'],
    ['push', '--source', 'live', '--captured', '2023-07-08T09:14'],
  ];
  for (const args of refused) expect((await world.run(args, { now })).code, args.join(' ')).toBe(2);
});

test('a folder that was named is of its newest file, not of the day it was made', async () => {
  const world = await makeWorld(null);
  const folder = join(world.folder, 'salinan');
  await unzip(seeds['seed-8-july'].path, folder);
  await setTimes(folder, seeds['seed-8-july'].time);
  await utimes(folder, june, june);
  const document = await world.json(['push', '--source', folder], { env: { EFAKTUR_APP_DIR: undefined } });
  expect(document.backups[0]).toMatchObject({
    capturedBasis: 'inside',
    capturedAt: '2023-07-08T09:30:00+07:00',
  });
});

test('a login backup is a zip or a folder, with or without a db root, whatever its name', async () => {
  const world = await makeWorld({ live: null, backups: [] });
  const backup = join(world.app, 'backup');
  const content = await readZip(seeds['seed-8-july'].path);
  await writeZip(join(backup, 'tanpa root.zip'), withRoot(content, ''));
  await writeZip(join(backup, 'dalam.ZIP'), withRoot(content, 'e-Faktur/simpan/db/'));
  await unzip(seeds['seed-8-july'].path, join(backup, 'folder dengan db'));
  await unzip(seeds['seed-8-july'].path, join(backup, 'antara'));
  await cp(join(backup, 'antara', 'db'), join(backup, 'folder tanpa db'), { recursive: true });
  await rm(join(backup, 'antara'), { recursive: true });
  await writeFile(join(backup, 'catatan.txt'), 'bukan cadangan');
  await mkdir(join(backup, 'foto'));
  const names = ['tanpa root.zip', 'dalam.ZIP', 'folder dengan db', 'folder tanpa db'];
  for (const [i, name] of names.entries()) {
    const time = new Date(june.getTime() + i * 3600_000);
    await utimes(join(backup, name), time, time);
  }
  const document = await world.json(['push', '--source', 'backup', '--all', '--full']);
  expect(document.backups.map((b) => basename(b.source))).toEqual(names);
  const expected = await seedTree('seed-8-july');
  for (const { id } of document.backups) {
    const to = join(world.folder, id);
    await world.json(['pull', '--id', id, '--to', to]);
    expect(await treeOf(join(to, 'db'))).toEqual(expected);
  }
});

test('two db roots in one zip or one folder are an error', async () => {
  const world = await makeWorld({ live: null, backups: [] });
  const content = await readZip(seeds['seed-8-july'].path);
  const two = new Map([...withRoot(content, 'db/'), ...withRoot(content, 'db_old/')]);
  const zip = join(world.folder, 'dua.zip');
  await writeZip(zip, two);
  const fromZip = await world.run(['push', '--source', zip]);
  expect(fromZip.code).toBe(3);
  expect(fromZip.stderr).toContain('db/, db_old/');
  const folder = join(world.folder, 'dua');
  await unzip(zip, folder);
  expect((await world.run(['push', '--source', folder])).code).toBe(3);
  expect(await keysOf(world.store)).toEqual([]);
});

test('all databases of db are one set; foreign children are left out and named', async () => {
  const world = await makeWorld({ backups: [] });
  const db = join(world.app, 'db');
  await cp(join(db, 'ETaxInvoice'), join(db, 'NPWP_000000000000001'), { recursive: true });
  await writeFile(join(db, 'catatan.txt'), 'jangan di sini');
  await mkdir(join(db, 'db_old'));
  await writeFile(join(db, 'ETaxInvoice', 'db.lck'), 'stale');
  await writeFile(join(db, 'ETaxInvoice', 'tmp', 'T1.tmp'), 'left behind');
  const document = await world.json(['push', '--source', 'live']);
  const left = document.warnings.filter((w) => w.code === 'left-out').map((w) => w.message);
  expect(left).toHaveLength(2);
  expect(left.join()).toContain('catatan.txt');
  expect(left.join()).toContain('db_old');
  const tree = await restoredTree(world);
  const names = Object.keys(tree);
  expect(names.filter((name) => !name.includes('/'))).toEqual([]);
  expect(names).toContain('NPWP_000000000000001/service.properties');
  expect(names).toContain('ETaxInvoice/tmp/');
  expect(names.filter((name) => /db\.lck|T1\.tmp|db_old/.test(name))).toEqual([]);
});

test('of a file that is in a zip twice the last one is stored, and that is said', async () => {
  const world = await makeWorld({ live: null, backups: [] });
  const content = withRoot(await readZip(seeds['seed-8-july'].path), 'db/');
  const zip = join(world.folder, 'dua_kali.zip');
  await writeZip(zip, content);
  const name = 'db/ETaxInvoice/seg0/c10.dat';
  await writeZip(join(world.folder, 'lagi.zip'), new Map([...content].filter(([path]) => path === name)));
  const { status } = spawnSync('python3', ['-c', appendEntries, zip, join(world.folder, 'lagi.zip')]);
  expect(status).toBe(0);
  const document = await world.json(['push', '--source', zip]);
  expect(document.warnings).toContainEqual({
    code: 'left-out',
    message: 'ETaxInvoice/seg0/c10.dat is in it twice; the last one is in the backup',
  });
});

/** Adds the entries of a second zip to a first one that has them already. */
const appendEntries = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'a') as to, zipfile.ZipFile(sys.argv[2]) as more:
    for entry in more.infolist():
        to.writestr(entry, more.read(entry))
`;

test('--all stores every login backup, oldest first', async () => {
  const world = await makeWorld({ liveTime: june });
  const document = await world.json(['push', '--all', '--source', 'backup']);
  expect(document.backups.map((b) => b.date)).toEqual(['2023-07-06', '2023-07-08']);
  const list = await world.json<{ backups: { date: string }[] }>(['list']);
  expect(list.backups.map((b) => b.date)).toEqual(['2023-07-06', '2023-07-08']);
});

test('--dry-run says the bytes and writes nothing', async () => {
  const world = await makeWorld({ liveTime: june });
  await world.json(['push', '--source', 'backup']);
  await utimes(join(world.app, 'backup', '2023-07-06 09.15.zip'), dayAfter, dayAfter);
  const before = [
    await treeOf(world.store, true),
    await treeOf(world.stateDir, true),
    await treeOf(world.app, true),
  ];
  const planned = await world.json(['push', '--dry-run', '--all', '--full', '--source', 'backup']);
  expect(planned.outcome).toBe('planned');
  expect(planned.backups.every((b) => b.outcome === 'planned')).toBe(true);
  expect(planned.backups.flatMap((b) => b.stores).every((s) => s.uploadedBytes === 0)).toBe(true);
  const text = await world.run(['push', '--dry-run', '--full']);
  expect(text.stdout).toMatch(/^\d+(\.\d)? MB/);
  expect([
    await treeOf(world.store, true),
    await treeOf(world.stateDir, true),
    await treeOf(world.app, true),
  ]).toEqual(before);
  const fresh = await makeWorld();
  await fresh.json(['push', '--dry-run']);
  expect([await treeOf(fresh.store), await treeOf(fresh.stateDir)]).toEqual([{}, {}]);
});

test('backup and restore are other names of push and pull', async () => {
  const world = await makeWorld();
  expect((await world.json(['backup'])).outcome).toBe('created');
  const to = join(world.folder, 'to');
  expect((await world.json(['restore', '--to', to])).outcome).toBe('restored');
});

test('--all does not go with a path or the live db', async () => {
  const world = await makeWorld();
  for (const source of ['live', 'backup.zip'])
    expect((await world.run(['push', '--all', '--source', source])).code).toBe(2);
});

test('several e-Faktur folders are listed and never chosen between', async () => {
  const world = await makeWorld(null);
  const places = [
    join(world.folder, 'home', 'Documents', 'e-Faktur'),
    join(world.folder, 'home', 'eFaktur-Windows-64bit'),
  ];
  for (const place of places) await makeEfakturFolder(place);
  const env = { EFAKTUR_APP_DIR: undefined };
  const outcome = await world.run(['push'], { env });
  expect(outcome.code).toBe(2);
  for (const place of places) expect(outcome.stderr).toContain(place);
  expect(outcome.stderr.match(/2023-07-08T09:30:00\+07:00/g)).toHaveLength(2);
  expect(await keysOf(world.store)).toEqual([]);
  // The current folder, if it is one, is the one meant.
  const here = await world.json(['push'], { env, cwd: places[0] ?? '' });
  expect(here.backups[0]?.source.startsWith(places[0] ?? '')).toBe(true);
});

test('no e-Faktur folder, an empty one, or one that is not there', async () => {
  const world = await makeWorld({ live: null, backups: [] });
  const none = await world.run(['push'], { env: { EFAKTUR_APP_DIR: undefined } });
  expect(none.code).toBe(3);
  expect(none.stderr).toContain('--app');
  expect((await world.run(['push'])).code).toBe(3);
  expect((await world.run(['push', '--source', 'live'])).code).toBe(3);
  expect((await world.run(['push', '--source', 'backup'])).code).toBe(3);
  const missing = await world.run(['push', '--app', 'nowhere']);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('--app');
});

test('a login backup from the future is skipped, the next older one stored', async () => {
  const world = await makeWorld({ live: null });
  const now = new Date('2023-07-07T12:00:00+07:00');
  const outcome = await world.run(['push', '--json'], { now });
  expect(outcome.code).toBe(3);
  const document = JSON.parse(outcome.stdout);
  expect(document.backups).toHaveLength(1);
  expect(document.backups[0].date).toBe('2023-07-06');
  expect(outcome.stderr).toContain('ETaxInvoice_20230708_093000.zip');
});

test('a content newer or much older than the capture time is a warning', async () => {
  const world = await makeWorld({ live: null, backups: [] });
  const backup = join(world.app, 'backup');
  const codes = async (): Promise<string[]> =>
    (await world.json(['push', '--source', 'backup', '--full'])).warnings
      .map((w) => w.code)
      .filter((code) => !['same-disk', 'program-not-stored'].includes(code));
  const content = await readZip(seeds['seed-6-july'].path);
  await writeZip(join(backup, '2023-07-06 09.15.zip'), content, '2023-07-06T09:17');
  expect(await codes()).toEqual(['newer-than-capture']);
  await writeZip(join(backup, '2023-07-06 09.15.zip'), content, '2023-06-20T09:17');
  expect(await codes()).toEqual(['older-than-capture']);
  await writeZip(join(backup, '2023-07-06 09.15.zip'), content, '2023-07-06T09:14');
  expect(await codes()).toEqual([]);
});

test('a live db that changes between its two reads is read again and stored whole', async () => {
  const world = await makeWorld({ backups: [] });
  const note = join(world.app, 'db', 'ETaxInvoice', 'README_DO_NOT_TOUCH_FILES.txt');
  let changes = 0;
  const timer = setInterval(() => {
    if (changes++ < 8) void appendFile(note, 'x');
  }, 20);
  try {
    const document = await world.json(['push', '--source', 'live']);
    expect(document.outcome).toBe('created');
  } finally {
    clearInterval(timer);
  }
  expect(await restoredTree(world)).toEqual(await treeOf(join(world.app, 'db')));
});

test('the app folder itself is left as it was, to the times of its files', async () => {
  const world = await makeWorld();
  await setTimes(world.app, dayAfter);
  const before = await treeOf(world.app, true);
  await world.json(['push', '--source', 'live']);
  await world.json(['push', '--all', '--source', 'backup']);
  expect(await treeOf(world.app, true)).toEqual(before);
});
