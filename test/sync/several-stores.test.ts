import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ErrorCode, exitCodes } from '../../src/base/errors.ts';
import {
  errorOf,
  keysOf,
  type ListJson,
  makeWorld,
  type PullJson,
  type PushJson,
  treeOf,
  type World,
} from '../support/cli.ts';

const archiveIn = async (store: string): Promise<string> =>
  join(store, (await keysOf(store)).find((key) => key.endsWith('.tar.zst')) ?? '');

async function twoStores(): Promise<{ world: World; a: string; b: string; env: { EFAKTUR_STORE: string } }> {
  const world = await makeWorld({ live: null });
  const [a, b] = [join(world.folder, 'a'), join(world.folder, 'b')];
  return { world, a, b, env: { EFAKTUR_STORE: `${a}; ${b}` } };
}

test('one push goes to every store under one tag, from one spool', async () => {
  const { world, a, b, env } = await twoStores();
  const document = await world.json(['push'], { env });
  expect(document.backups[0]?.stores.map((s) => [s.store, s.outcome])).toEqual([
    [a, 'created'],
    [b, 'created'],
  ]);
  const backups = (key: string): boolean => key.startsWith('2');
  const [inA, inB] = [await treeOf(a), await treeOf(b)];
  expect(Object.keys(inA).filter(backups)).toEqual(Object.keys(inB).filter(backups));
  const archive = document.backups[0]?.archive ?? '';
  expect(inA[archive]).toBe(inB[archive]);
  const list = await world.json<ListJson>(['list'], { env });
  expect(list.backups.map((one) => one.stores)).toEqual([[a, b]]);
});

test('--store may be given more than once and goes before EFAKTUR_STORE', async () => {
  const { world, a, b } = await twoStores();
  await world.json(['push', '--store', a, '--store', b]);
  for (const store of [a, b])
    expect((await keysOf(store)).filter((key) => key.startsWith('2'))).toHaveLength(2);
  expect(await keysOf(world.store)).toEqual([]);
});

test('a store that fails does not stop the other; the document is whole, the exit code the failing one’s', async () => {
  const { world, a, b } = await twoStores();
  // A file where the folder should be.
  await writeFile(a, 'a file');
  for (const stores of [`${a};${b}`, `${b};${a}`]) {
    const outcome = await world.run(['push', '--json', '--full'], { env: { EFAKTUR_STORE: stores } });
    const document = JSON.parse(outcome.stdout) as PushJson;
    expect(document.outcome).toBe('created');
    const failed = document.backups[0]?.stores.find((s) => s.store === a);
    expect(failed).toMatchObject({ outcome: 'failed', id: null, error: { code: errorOf(outcome).code } });
    expect(document.backups[0]?.stores.find((s) => s.store === b)).toMatchObject({ outcome: 'created' });
    expect(outcome.code).toBe(exitCodes[errorOf(outcome).code as ErrorCode]);
  }
  const text = await world.run(['push', '--full'], { env: { EFAKTUR_STORE: `${a};${b}` } });
  expect(text.stdout).toContain('FAILED');
  expect(text.stderr).toContain('Error ');
  const indonesian = await world.run(['push', '--lang', 'id'], { env: { EFAKTUR_STORE: `${a};${b}` } });
  expect(indonesian.stdout).toMatch(
    /^Tidak ada yang baru sejak cadangan \(backup\) terakhir: keadaan \d+ \S+ 20\d\d \d\d\.\d\d dari /,
  );
  expect(indonesian.stdout).toMatch(/: GAGAL: .*\n.*: tidak berubah 20\d{6}T/);
});

test('a store whose prefix another PC owns does not stop the other', async () => {
  const { world, a, b, env } = await twoStores();
  await world.json(['push', '--store', a], { env: { EFAKTUR_NAME: 'lain' } });
  const outcome = await world.run(['push', '--json'], { env });
  expect(outcome.code).toBe(2);
  const document = JSON.parse(outcome.stdout) as PushJson;
  expect(document.backups[0]?.stores.map((s) => s.outcome)).toEqual(['failed', 'created']);
  expect((await keysOf(b)).filter((key) => key.startsWith('2'))).toHaveLength(2);
});

test('--all with nothing new and one store failing: a document all the same', async () => {
  const { world, a, b, env } = await twoStores();
  await world.json(['push', '--all'], { env });
  await rm(a, { recursive: true });
  const outcome = await world.run(['push', '--all', '--json'], { env });
  expect(outcome.code).toBe(10);
  expect(JSON.parse(outcome.stdout)).toMatchObject({ outcome: 'unchanged', backups: [] });
  expect(errorOf(outcome).message).toContain(a);
  expect((await keysOf(b)).length).toBeGreaterThan(0);
});

test('a store that joins later gets what is pushed next; the other gets no second archive', async () => {
  const { world, a, b, env } = await twoStores();
  await world.json(['push', '--store', a]);
  const document = await world.json(['push'], { env });
  expect(document.backups[0]?.stores.map((s) => s.outcome)).toEqual(['unchanged', 'created']);
  for (const store of [a, b]) {
    expect((await keysOf(store)).filter((key) => key.endsWith('.tar.zst'))).toHaveLength(1);
    await world.json(['pull', '--store', store, '--to', join(world.folder, `to-${store === a}`)]);
  }
  const list = await world.json<ListJson>(['list', '--store', a, '--store', b]);
  expect(list.backups.every((one) => one.archive !== null)).toBe(true);
});

test('pull takes the next store when the first is damaged, incomplete or cannot be read', async () => {
  const harms: Record<string, (store: string) => Promise<void>> = {
    'a cut archive': async (store) => truncate(await archiveIn(store), 5000),
    'a deleted archive': async (store) => rm(await archiveIn(store)),
    'a damaged manifest': async (store) =>
      truncate(join(store, (await keysOf(store)).find((key) => /^2.*json$/.test(key)) ?? ''), 50),
    'no store': async (store) => {
      await rm(store, { recursive: true });
      await writeFile(store, 'a file');
    },
  };
  for (const [what, harm] of Object.entries(harms)) {
    const { world, a, b, env } = await twoStores();
    await world.json(['push'], { env });
    await harm(a);
    const to = join(world.folder, 'to');
    const document = await world.json<PullJson>(['pull', '--to', to], { env });
    expect(document, what).toMatchObject({ outcome: 'restored', store: b });
    expect(
      document.warnings.some((w) => w.message.includes(a)),
      what,
    ).toBe(true);
    expect(
      Object.keys(await treeOf(to)).filter((name) => name.startsWith('db.')),
      what,
    ).toEqual([]);
  }
});

test('pull, export and find take the next store when the manifest of the first is of somebody else', async () => {
  type Json = Record<string, unknown> & { archive: string; needs: Json[]; private: Json };
  const odd: Record<string, (manifest: Json) => unknown> = {
    'a key that climbs': (m) => ({
      ...m,
      archive: '../x.tar.zst',
      needs: [{ ...m.needs[0], key: '../x.tar.zst' }],
    }),
    'a key with a zero in it': (m) => ({ ...m, archive: 'a\0b', needs: [{ ...m.needs[0], key: 'a\0b' }] }),
    'a key of 5000 characters': (m) => {
      const key = `${'x'.repeat(5000)}.tar.zst`;
      return { ...m, archive: key, needs: [{ ...m.needs[0], key }] };
    },
    'another format': (m) => ({ ...m, format: 2 }),
    'another kind': (m) => ({ ...m, kind: 'hologram' }),
    'an encrypted name': (m) => {
      const key = `${m.archive}.age`;
      return { ...m, archive: key, needs: [{ ...m.needs[0], key }] };
    },
    'an encrypted name and private part': (m) => {
      const key = `${m.archive}.age`;
      return { ...m, archive: key, needs: [{ ...m.needs[0], key }], private: 'age-encryption.org/v1' };
    },
    'a huge archive': (m) => ({ ...m, needs: [{ ...m.needs[0], size: Number.MAX_SAFE_INTEGER }] }),
    'a huge state': (m) => ({ ...m, private: { ...m.private, totalBytes: Number.MAX_SAFE_INTEGER } }),
    'a list': () => [],
  };
  const { world, a, b, env } = await twoStores();
  await world.json(['push'], { env });
  const path = join(a, (await keysOf(a)).find((key) => /^2.*json$/.test(key)) ?? '');
  const whole = JSON.parse(await readFile(path, 'utf8')) as Json;
  for (const [n, [what, change]] of Object.entries(odd).entries()) {
    await writeFile(path, JSON.stringify(change(whole)));
    const to = join(world.folder, `to-${n}`);
    const pulled = await world.json<PullJson>(['pull', '--to', to], { env });
    expect(pulled, what).toMatchObject({ outcome: 'restored', store: b });
    expect(
      pulled.warnings.some((w) => w.message.includes(a)),
      what,
    ).toBe(true);
    const exported = await world.json(['export', '--to', `${to}-exported`], { env });
    expect(exported, what).toMatchObject({ outcome: 'exported', store: b });
    const tables = await world.run(['tables', '--json'], { env });
    expect(tables.code, `${what}: ${tables.stderr}`).toBe(0);
    // With that store alone it is told, never as a mistake of this program.
    const alone = await world.run(['pull', '--to', join(world.folder, 'alone'), '--store', a]);
    expect([2, 6, 12, 13], what).toContain(alone.code);
  }
});

test('list merges the stores and passes over one that fails, with its exit code', async () => {
  const { world, a, b, env } = await twoStores();
  await world.json(['push'], { env });
  await world.json(['push', '--store', b, '--source', join(world.app, 'backup', '2023-07-06 09.15.zip')]);
  const both = await world.json<ListJson>(['list'], { env });
  expect(both.backups.map((one) => one.stores)).toEqual([[b], [a, b]]);
  await rm(a, { recursive: true });
  await writeFile(a, 'a file');
  const outcome = await world.run(['list', '--json'], { env });
  expect((JSON.parse(outcome.stdout) as ListJson).backups.map((one) => one.stores)).toEqual([[b], [b]]);
  expect(outcome.code).toBeGreaterThan(0);
  expect(errorOf(outcome).message).toContain(a);
});

test('a backup that is not found while a store cannot be asked: its failure, not “no such backup”', async () => {
  const { world, a, b, env } = await twoStores();
  await world.json(['push'], { env });
  await rm(a, { recursive: true });
  await writeFile(a, 'a file');
  const to = join(world.folder, 'to');
  const absent = await world.run(['pull', '--date', '2023-07-07', '--to', to, '--json'], { env });
  expect(errorOf(absent).code).not.toBe('no-such-backup');
  expect(errorOf(absent).message).toContain(a);
  expect((await world.run(['pull', '--date', '2023-07-07', '--to', to, '--store', b])).code).toBe(4);
});
