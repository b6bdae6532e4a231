import { appendFile, mkdir, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keysOf, type ListJson, makeWorld, treeOf, type World } from '../support/cli.ts';
import { startDerby } from '../support/derby.ts';

const live = ['push', '--source', 'live'];
const database = (world: World): string => join(world.app, 'db', 'ETaxInvoice');
const later = (days: number): { now: Date } => ({ now: new Date(Date.now() + days * 24 * 3600_000) });

/** A day's work through real Derby. */
async function work(world: World, date = '2023-07-10'): Promise<void> {
  const derby = await startDerby();
  try {
    await derby.workday(database(world), { date, invoices: 3 });
    await derby.shutdown(database(world));
    // Derby leaves it out when it is empty; a restore always has it.
    await mkdir(join(database(world), 'tmp'), { recursive: true });
  } finally {
    await derby.close();
  }
}

/** Changes one row's worth of the database without Derby: enough for another content, still read as it is. */
const touch = (world: World, text = 'x'): Promise<void> =>
  appendFile(join(database(world), 'README_DO_NOT_TOUCH_FILES.txt'), text);

async function restoresAs(
  world: World,
  id: string,
  original: Awaited<ReturnType<typeof treeOf>>,
  env: Record<string, string> = {},
): Promise<void> {
  const to = join(world.folder, `restored-${id}`);
  await world.json(['pull', '--id', id, '--to', to], { env });
  expect(await treeOf(join(to, 'db'))).toEqual(original);
}

test("a day's work costs a differential, which restores, verifies and is leant on by the next unchanged one", async () => {
  const world = await makeWorld({ backups: [] });
  const first = await world.json(live);
  await work(world);
  const state = await treeOf(join(world.app, 'db'));
  const second = await world.json(live);
  const [full, differential] = [first.backups[0], second.backups[0]];
  expect(full?.kind).toBe('full');
  expect(differential?.kind).toBe('differential');
  expect(differential?.archive).toMatch(/\.diff\.tar\.zst$/);
  expect(differential?.storedBytes).toBeLessThan((full?.storedBytes ?? 0) / 2);
  const third = await world.json(live, { now: new Date(Date.now() + 60_000) });
  expect(third.backups[0]).toMatchObject({ outcome: 'unchanged', archive: differential?.archive });

  for (const backup of [differential, third.backups[0]]) await restoresAs(world, backup?.id ?? '', state);
  const checked = await world.json(['verify', '--read-data']);
  expect(checked).toMatchObject({ outcome: 'ok' });
  expect((await world.json<ListJson>(['list'])).backups.map((b: { kind: string | null }) => b.kind)).toEqual([
    'full',
    'differential',
    'differential',
  ]);
  expect((await keysOf(world.store)).filter((key) => key.startsWith('index/'))).toHaveLength(1);
});

test('files that came, went, grew and shrank restore as they are', async () => {
  const world = await makeWorld({ backups: [] });
  await world.json(live);
  const folder = database(world);
  await writeFile(join(folder, 'README_NEW.txt'), 'new');
  await touch(world, 'y'.repeat(9000));
  await rm(join(folder, 'seg0', 'README_DO_NOT_TOUCH_FILES.txt'));
  const state = await treeOf(join(world.app, 'db'));
  const pushed = await world.json(live);
  expect(pushed.backups[0]?.kind).toBe('differential');
  await restoresAs(world, pushed.backups[0]?.id ?? '', state);
});

test('encrypted, with the same keys a differential; with other keys a full', async () => {
  const world = await makeWorld({ backups: [] });
  const keys = await Promise.all(
    ['a.txt', 'b.txt'].map(async (name) => {
      const identity = join(world.folder, name);
      const { recipient } = await world.json<{ recipient: string }>(['keys', 'new', '--out', identity]);
      return { EFAKTUR_RECIPIENTS: recipient, EFAKTUR_IDENTITY_FILE: identity };
    }),
  );
  const [ours, others] = keys;
  if (!ours || !others) throw new Error('two keys were made');
  expect((await world.json(live, { env: ours })).backups[0]?.kind).toBe('full');
  await touch(world);
  const state = await treeOf(join(world.app, 'db'));
  const second = await world.json(live, { env: ours });
  expect(second.backups[0]).toMatchObject({ kind: 'differential', encrypted: true });
  await restoresAs(world, second.backups[0]?.id ?? '', state, ours);
  expect((await keysOf(world.store)).find((key) => key.startsWith('index/'))).toMatch(/\.idx\.zst\.age$/);
  await touch(world);
  expect((await world.json(live, { env: others })).backups[0]?.kind).toBe('full');
});

test('a new full when the base is old, gone, shortened, or its index is not at hand, and with --full', async () => {
  const world = await makeWorld({ backups: [] });
  const push = async (...more: Parameters<typeof world.json>[1][]): Promise<string | null | undefined> => {
    await touch(world);
    return (await world.json(live, more[0])).backups[0]?.kind;
  };
  expect(await push()).toBe('full');
  expect(await push()).toBe('differential');
  expect(await push(later(31))).toBe('full');
  expect(await push()).toBe('differential');
  await rm(join(world.stateDir, 'indexes'), { recursive: true });
  expect(await push()).toBe('full');
  expect(await push()).toBe('differential');
  const newest = (await keysOf(world.store)).filter((key) => key.endsWith('.diff.tar.zst'));
  const manifests = await Promise.all(
    newest.map(async (key) =>
      JSON.parse(await readFile(join(world.store, key.replace('.diff.tar.zst', '.json')), 'utf8')),
    ),
  );
  const bases = manifests.map((m) => m.needs[0].key as string);
  // One base was made by a clock a month ahead; the last one pushed is the last of the others.
  const ahead = new Date(Date.now() + 5 * 24 * 3600_000).toISOString();
  const newestFull =
    bases
      .filter((key) => key < ahead)
      .sort()
      .at(-1) ?? '';
  await truncate(join(world.store, newestFull), 1000);
  expect(await push()).toBe('full');
  await touch(world);
  expect((await world.json([...live, '--full'])).backups[0]?.kind).toBe('full');
  // Whatever leant on the shortened base is reported, all else is sound.
  const { code, stdout } = await world.run(['verify', '--json']);
  expect(code).toBe(13);
  const bad = JSON.parse(stdout).checked.filter((c: { ok: boolean }) => !c.ok);
  expect(bad).toHaveLength(2);
});

test('a damaged index copy costs a full, nothing else', async () => {
  const world = await makeWorld({ backups: [] });
  await world.json(live);
  const folder = join(world.stateDir, 'indexes');
  for (const name of await readdir(folder)) await writeFile(join(folder, name), 'not an index');
  await touch(world);
  expect((await world.json(live)).backups[0]?.kind).toBe('full');
});

test('a flip in either archive of a differential is damage', async () => {
  for (const which of [/(?<!\.diff)\.tar\.zst$/, /\.diff\.tar\.zst$/]) {
    const world = await makeWorld({ backups: [] });
    await world.json(live);
    await work(world);
    const { backups } = await world.json(live);
    const key = (await keysOf(world.store)).find((k) => which.test(k)) ?? '';
    const handle = await open(join(world.store, key), 'r+');
    const { size } = await handle.stat();
    await handle.write(Buffer.from([0xa5]), 0, 1, size >> 1);
    await handle.close();
    const to = join(world.folder, 'restored');
    const { code } = await world.run(['pull', '--id', backups[0]?.id ?? '', '--to', to]);
    expect(code).toBe(13);
    await expect(readdir(to)).rejects.toMatchObject({ code: 'ENOENT' });
  }
});

test('--all of many login backups makes one full and then differentials', async () => {
  const world = await makeWorld({});
  const { backups } = await world.json(['push', '--source', 'backup', '--all']);
  expect(backups.map((b: { kind: string | null }) => b.kind)).toEqual(['full', 'differential']);
});

test('two stores lean on a base that both have; a new store gets a full', async () => {
  const world = await makeWorld({ backups: [] });
  const second = join(world.folder, 'second');
  await world.json(live);
  await touch(world);
  const both = await world.json([...live, '--store', world.store, '--store', second]);
  expect(both.backups[0]?.kind).toBe('full');
  await touch(world);
  const again = await world.json([...live, '--store', world.store, '--store', second]);
  expect(again.backups[0]?.kind).toBe('differential');
  for (const store of [world.store, second]) {
    const to = join(world.folder, `from-${store.length}`);
    await world.json(['pull', '--store', store, '--to', to]);
    expect(await treeOf(join(to, 'db'))).toEqual(await treeOf(join(world.app, 'db')));
  }
});
