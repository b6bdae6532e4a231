import { cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prefixReadme } from '../../../src/catalog/prefix-readme-texts.ts';
import { errorOf, keysOf, type ListJson, makeWorld, treeOf, type World } from '../../support/cli.ts';
import { makeBucket, s3Env } from '../../support/minio.ts';

const originsOf = async (world: World): Promise<string[]> =>
  (await keysOf(world.store)).filter((key) => key.startsWith('origin/'));

test('the first push writes who owns the prefix, later ones do not', async () => {
  const world = await makeWorld();
  await world.json(['push'], { env: { EFAKTUR_NAME: 'PC Kasir #2' }, now: new Date('2023-07-10T02:00:00Z') });
  expect(await originsOf(world)).toEqual(['origin/20230710T020000Z-pc-kasir-2.json']);
  const text = await readFile(join(world.store, 'origin/20230710T020000Z-pc-kasir-2.json'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ name: 'pc-kasir-2', appFolder: world.app });
  await world.json(['push', '--full'], { env: { EFAKTUR_NAME: 'PC Kasir #2' } });
  expect(await originsOf(world)).toHaveLength(1);
});

test('README.txt comes right before the first origin, once, and never over one that is there', async () => {
  const killed = await makeWorld();
  // Killed between the two: a folder store puts a file in its place by a rename.
  const trap = { call: 'rename', at: 1, path: /origin/, action: 'SIGKILL' } as const;
  await killed.runBuilt(['push'], { trap });
  const whole = (await keysOf(killed.store)).filter((key) => !key.endsWith('.tmp'));
  expect(whole).toEqual(['README.txt']);
  const written = await stat(join(killed.store, 'README.txt'));
  expect((await readFile(join(killed.store, 'README.txt'))).equals(prefixReadme)).toBe(true);
  await killed.json(['push']);
  await killed.json(['push', '--full', '--moved'], { env: { EFAKTUR_NAME: 'pc-baru' } });
  expect(await originsOf(killed)).toHaveLength(2);
  const after = await stat(join(killed.store, 'README.txt'));
  expect([after.ino, after.mtimeMs]).toEqual([written.ino, written.mtimeMs]);

  const taken = await makeWorld();
  await mkdir(taken.store);
  await writeFile(join(taken.store, 'README.txt'), 'Harddisk kantor\r\n');
  await taken.json(['push']);
  expect(await readFile(join(taken.store, 'README.txt'), 'utf8')).toBe('Harddisk kantor\r\n');
  const { foreignKeys, warnings } = await taken.json<ListJson>(['list']);
  expect([foreignKeys, warnings]).toEqual([0, []]);
});

test('without EFAKTUR_NAME the computer gives its name', async () => {
  const world = await makeWorld();
  await world.json(['push'], { env: { EFAKTUR_NAME: undefined } });
  expect((await originsOf(world))[0]).toMatch(/-pc-kasir-1\.json$/);
});

test('nothing is written, the origin neither, when there is nothing sound to store', async () => {
  const world = await makeWorld({ backups: [] });
  await rm(join(world.app, 'db', 'ETaxInvoice', 'log', 'log.ctrl'));
  expect((await world.run(['push'])).code).toBe(3);
  expect(await keysOf(world.store)).toEqual([]);
});

test('another name is refused with a prefix of its own proposed; --moved goes on with the history', async () => {
  const world = await makeWorld();
  await world.json(['push', '--source', 'backup', '--all']);
  const before = await treeOf(world.store);
  const env = { EFAKTUR_NAME: 'pc-baru' };
  const refused = await world.run(['push', '--full', '--json'], { env });
  expect(refused.code).toBe(2);
  expect(errorOf(refused).message).toContain('pc-kasir');
  expect(errorOf(refused).hint).toContain(`such as ${join(world.folder, 'pc-baru')};`);
  expect(errorOf(refused).hint).toContain('--moved');
  expect(await treeOf(world.store)).toEqual(before);

  const moved = await world.json(['push', '--full', '--moved'], { env });
  expect(moved.outcome).toBe('created');
  expect(await originsOf(world)).toHaveLength(2);
  // From now on it is the old name that is refused.
  expect((await world.run(['push', '--full'])).code).toBe(2);
  expect((await world.run(['push', '--full'], { env })).code).toBe(0);
  expect(await originsOf(world)).toHaveLength(2);
});

test('a prefix moved by a PC whose clock is behind belongs to that PC', async () => {
  const world = await makeWorld();
  await world.json(['push', '--source', 'live'], { now: new Date('2024-03-02T08:00:00+07:00') });
  const env = { EFAKTUR_NAME: 'pc-baru' };
  const now = new Date('2024-03-01T08:00:00+07:00');
  await world.json(['push', '--source', 'live', '--full', '--moved'], { env, now });
  expect((await world.run(['push', '--source', 'live', '--full'])).code).toBe(2);
  expect((await world.run(['push', '--source', 'live', '--full'], { env, now })).code).toBe(0);
});

test('another e-Faktur folder of the same PC is refused, also with the local record lost', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const second = join(world.folder, 'e-Faktur klien B');
  await cp(world.app, second, { recursive: true });
  const env = { EFAKTUR_APP_DIR: second };
  for (let round = 0; round < 2; round++) {
    const refused = await world.run(['push'], { env });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(second);
    // The owner's own name would not tell the two apart.
    expect(refused.stderr).toContain(`such as ${join(world.folder, 'pc-kasir-e-faktur-klien-b')};`);
    await rm(world.stateDir, { recursive: true, force: true });
  }
  expect((await world.run(['push', '--moved'], { env })).code).toBe(0);
  expect((await world.run(['push', '--full'])).code).toBe(2);
});

test('the prefix proposed always has another name than the owner', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const second = join(world.folder, '電子');
  await cp(world.app, second, { recursive: true });
  const refused = await world.run(['push'], { env: { EFAKTUR_APP_DIR: second } });
  expect(refused.stderr).toContain(`such as ${join(world.folder, 'pc-kasir-2')};`);
});

test('the prefix proposed for an S3 address stands before its query', async () => {
  const world = await makeWorld();
  const bucket = await makeBucket();
  const env = { ...s3Env(bucket), EFAKTUR_STORE: bucket.url.replace('?', '/pc?') };
  await world.json(['push'], { env });
  const refused = await world.run(['push', '--json'], { env: { ...env, EFAKTUR_NAME: 'pc2' } });
  expect(refused.code).toBe(2);
  expect(errorOf(refused).hint).toContain(`such as ${bucket.url.replace('?', '/pc2?')};`);
});

test('a store that was pushed to and is empty now is a wrong or unmounted one; --new-store begins anew', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const away = join(world.folder, 'unmounted');
  await rename(world.store, away);
  await mkdir(world.store);
  const refused = await world.run(['push', '--json']);
  expect(refused.code).toBe(10);
  expect(errorOf(refused)).toMatchObject({
    code: 'store-unavailable',
    hint: expect.stringContaining('--new-store'),
  });
  expect(await keysOf(world.store)).toEqual([]);
  expect((await world.run(['push', '--dry-run'])).code).toBe(10);
  const anew = await world.json(['push', '--new-store']);
  expect(anew.outcome).toBe('created');
  expect((await world.json(['push', '--full'])).outcome).toBe('created');
});
