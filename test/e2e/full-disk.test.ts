import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CopyJson, errorOf, keysOf, type ListJson, makeWorld, type PushJson } from '../support/cli.ts';
import { runOnSmallDisk } from '../support/small-disk.ts';

/** What a push writes before its first archive. */
const isBeginning = (key: string): boolean => key === 'README.txt' || key.startsWith('origin/');

const dataOf = (left: Record<string, string>): string[] => Object.keys(left).filter((path) => path !== '');

test('a full disk for the spool: exit 6, nothing stored, nothing left in the state folder', async () => {
  const world = await makeWorld({ live: null });
  const outcome = await runOnSmallDisk(world, { at: world.stateDir, sizeKb: 40 }, ['push', '--json']);
  expect(outcome.code).toBe(6);
  expect(outcome.stdout).toBe('');
  expect(errorOf(outcome).code).toBe('target-not-writable');
  expect(errorOf(outcome).message).toContain('spool');
  expect(dataOf(outcome.left)).toEqual(['jobs']);
  expect((await keysOf(world.store)).filter((key) => !isBeginning(key))).toEqual([]);
  const roomy = await runOnSmallDisk(world, { at: world.stateDir, sizeKb: 4000 }, ['push']);
  expect(roomy.code).toBe(0);
});

test('a full folder store: exit 6, the other store has it, no half backup and no temp file left', async () => {
  const world = await makeWorld({ live: null });
  const other = join(world.folder, 'other');
  await mkdir(world.store);
  const outcome = await runOnSmallDisk(world, { at: world.store, sizeKb: 60 }, [
    'push',
    '--store',
    world.store,
    '--store',
    other,
    '--json',
  ]);
  expect(outcome.code).toBe(6);
  expect(dataOf(outcome.left).filter((key) => !isBeginning(key) && outcome.left[key] !== 'empty')).toEqual(
    [],
  );
  const document = JSON.parse(outcome.stdout) as PushJson;
  expect(document.backups[0]?.stores.map((s) => s.outcome)).toEqual(['failed', 'created']);
  expect((await world.json<ListJson>(['list', '--store', other])).backups).toHaveLength(1);
});

test('a full disk to copy to: exit 6 and the key, whole backups stay, no temp file; with room it goes on', async () => {
  const world = await makeWorld();
  await world.json(['push', '--all', '--source', 'backup', '--full']);
  const { backups } = await world.json<ListJson>(['list']);
  const [first = 0, second = 0] = backups.map(({ storedBytes }) => storedBytes ?? 0);
  const target = join(world.folder, 'usb');
  // Room for the first backup and what lies around it, not for the second.
  const sizeKb = Math.ceil(first / 1024) + 40;
  expect(second).toBeGreaterThan(50 << 10);
  const outcome = await runOnSmallDisk(world, { at: target, sizeKb }, ['copy', '--to', target, '--json']);
  expect(outcome.code).toBe(6);
  const document = JSON.parse(outcome.stdout) as CopyJson;
  expect(document.backups.map((b) => b.outcome).slice(0, 2)).toEqual(['copied', 'failed']);
  const error = errorOf(outcome);
  expect([error.code, error.message]).toEqual(['target-not-writable', expect.stringContaining(target)]);
  expect(dataOf(outcome.left).filter((path) => path.includes('.put-'))).toEqual([]);
  const manifests = dataOf(outcome.left).filter((path) => /^\d.*\.json$/.test(path));
  expect(manifests).toEqual([`${backups[0]?.date}/${backups[0]?.id}.json`]);
  const roomy = await runOnSmallDisk(world, { at: target, sizeKb: 20_000 }, ['copy', '--to', target]);
  expect(roomy.code).toBe(0);
});

test('a target disk with too little room: exit 6 before anything is fetched, nothing left', async () => {
  const world = await makeWorld({ live: null });
  await world.json(['push']);
  const to = join(world.folder, 'to');
  const outcome = await runOnSmallDisk(world, { at: to, sizeKb: 1000 }, ['pull', '--to', to, '--json']);
  expect(outcome.code).toBe(6);
  expect(errorOf(outcome).message).toContain(to);
  expect(dataOf(outcome.left)).toEqual([]);
});

test('a target disk that fills up on the way: exit 6, the old db as it was, nothing left', async () => {
  const world = await makeWorld({ live: 'seed-6-july' });
  await world.json(['push', '--source', 'backup']);
  // Room for the bytes, but not for so many more files.
  const roomy = { at: world.app, sizeKb: 20_000 };
  const before = (await runOnSmallDisk(world, roomy, ['list'])).left;
  const inodes = Object.keys(before).length + 80;
  const outcome = await runOnSmallDisk(world, { ...roomy, inodes }, ['pull', '--yes', '--json']);
  expect(outcome.code).toBe(6);
  expect(errorOf(outcome).code).toBe('target-not-writable');
  expect(outcome.left).toEqual(before);
  const enough = await runOnSmallDisk(world, roomy, ['pull', '--yes']);
  expect(enough.code).toBe(0);
});

test('a folder that may not be written is exit 6', async () => {
  const world = await makeWorld({ live: null });
  await world.json(['push']);
  const file = join(world.folder, 'a file');
  await writeFile(file, '');
  for (const to of [file, join(file, 'below')])
    expect(await world.run(['pull', '--to', to, '--yes']), to).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(`${to} cannot take a restore\nCause: a file is in the way`),
    });
  const push = await world.run(['push', '--full'], { env: { EFAKTUR_STATE_DIR: join(file, 'state') } });
  expect(push.code).toBe(6);
  expect(push.stderr).toContain(file);
});
