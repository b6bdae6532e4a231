import { appendFile, cp, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keysOf, type ListJson, makeWorld, type PushJson, treeOf, type World } from '../support/cli.ts';
import { seeds } from '../support/efaktur-folder.ts';

const at = (text: string): { now: Date } => ({ now: new Date(`2023-07-${text}+07:00`) });
const live = ['push', '--source', 'live'];
const touch = (world: World): Promise<void> =>
  appendFile(join(world.app, 'db', 'ETaxInvoice', 'README_DO_NOT_TOUCH_FILES.txt'), 'x');

async function archivesOf(world: World): Promise<string[]> {
  return (await keysOf(world.store)).filter((key) => key.endsWith('.tar.zst'));
}

async function manifestsOf(world: World): Promise<string[]> {
  return (await keysOf(world.store)).filter((key) => /^2.*\.json$/.test(key));
}

test('an unopened database pushed again: a manifest of a few KB, no archive, and both entries restore', async () => {
  const world = await makeWorld({ backups: [] });
  const first = await world.json(live, at('10T17:00:00'));
  const second = await world.json(live, at('11T17:00:00'));
  expect(first.outcome).toBe('created');
  expect(second.outcome).toBe('unchanged');
  expect(await archivesOf(world)).toHaveLength(1);
  expect(await manifestsOf(world)).toHaveLength(2);
  const [sent] = second.backups[0]?.stores ?? [];
  expect(sent).toMatchObject({ outcome: 'unchanged' });
  expect(sent?.uploadedBytes).toBeGreaterThan(500);
  expect(sent?.uploadedBytes).toBeLessThan(4096);

  const ids = [first.backups[0]?.id ?? '', second.backups[0]?.id ?? ''];
  // The second manifest names the first one's archive and ends in the same tag.
  expect(ids[1]?.split('-')[1]).toBe(ids[0]?.split('-')[1]);
  expect(second.backups[0]).toMatchObject({ archive: first.backups[0]?.archive, date: '2023-07-11' });
  const original = await treeOf(join(world.app, 'db'));
  for (const id of ids) {
    const to = join(world.folder, id);
    await world.json(['pull', '--id', id, '--to', to]);
    expect(await treeOf(join(to, 'db'))).toEqual(original);
  }
});

test('of an unchanged live db at most one manifest more a day is written', async () => {
  const world = await makeWorld({ backups: [] });
  await world.json(live, at('10T09:00:00'));
  const second = await world.json(live, at('10T12:00:00'));
  expect(second.outcome).toBe('unchanged');
  const keys = await treeOf(world.store, true);
  const third = await world.json(live, at('10T17:00:00'));
  expect(third.outcome).toBe('unchanged');
  expect(third.backups[0]?.stores[0]).toMatchObject({
    outcome: 'unchanged',
    uploadedBytes: 0,
    id: second.backups[0]?.id,
  });
  const [again] = third.backups;
  expect(again).toMatchObject({ id: second.backups[0]?.id, capturedAt: second.backups[0]?.capturedAt });
  expect(await treeOf(world.store, true)).toEqual(keys);
  await world.json(live, at('11T09:00:00'));
  expect(await manifestsOf(world)).toHaveLength(3);
});

test('a changed database is sent whole', async () => {
  const world = await makeWorld({ backups: [] });
  await world.json(live, at('10T09:00:00'));
  await touch(world);
  const second = await world.json(live, at('10T12:00:00'));
  expect(second.outcome).toBe('created');
  expect(await archivesOf(world)).toHaveLength(2);
});

test('--full sends an archive though nothing changed', async () => {
  const world = await makeWorld({ backups: [] });
  await world.json(live, at('10T09:00:00'));
  expect((await world.json([...live, '--full'], at('11T09:00:00'))).outcome).toBe('created');
  expect(await archivesOf(world)).toHaveLength(2);
});

test('an archive deleted, shortened or lengthened in between is sent again', async () => {
  const harms: Record<string, (path: string) => Promise<void>> = {
    deleted: (path) => rm(path),
    shortened: async (path) => truncate(path, (await stat(path)).size - 1),
    emptied: (path) => truncate(path, 0),
    lengthened: (path) => appendFile(path, 'x'),
  };
  for (const [how, harm] of Object.entries(harms)) {
    const world = await makeWorld({ backups: [] });
    await world.json(live, at('10T09:00:00'));
    const [archive = ''] = await archivesOf(world);
    await harm(join(world.store, archive));
    const again = await world.json(live, at('11T09:00:00'));
    expect(again.outcome, how).toBe('created');
    expect((again as PushJson).backups[0]?.archive, how).not.toBe(archive);
    const to = join(world.folder, 'to');
    await world.json(['pull', '--to', to]);
    expect(await treeOf(join(to, 'db')), how).toEqual(await treeOf(join(world.app, 'db')));
  }
});

test('a content that was stored before a change comes back without being sent again', async () => {
  const world = await makeWorld({ live: null, backups: [] });
  const push = async (seed: keyof typeof seeds, when: string): Promise<string> => {
    const zip = join(world.folder, `${when.replace(/\D/g, '')}.zip`);
    await cp(seeds[seed].path, zip);
    const { now } = at(when);
    await utimes(zip, now, now);
    return (await world.json(['push', '--source', zip], { now })).outcome;
  };
  expect(await push('seed-6-july', '10T09:00:00')).toBe('created');
  expect(await push('seed-8-july', '10T10:00:00')).toBe('created');
  expect(await push('seed-6-july', '10T11:00:00')).toBe('unchanged');
  expect(await archivesOf(world)).toHaveLength(2);
  expect(await manifestsOf(world)).toHaveLength(3);
});

test('--all skips what is stored and says so; a manifest or archive that has gone is stored again', async () => {
  const world = await makeWorld({ liveTime: new Date('2023-06-01T00:00:00Z') });
  const all = ['push', '--all', '--source', 'backup'];
  await world.json(all);
  const before = await treeOf(world.store, true);
  const again = await world.json(all);
  expect(again).toMatchObject({ outcome: 'unchanged', backups: [] });
  expect(await treeOf(world.store, true)).toEqual(before);
  expect((await world.run(all)).stdout).toContain('stored already');

  const gone = (await manifestsOf(world)).find((key) => key.startsWith('2023-07-06')) ?? '';
  await rm(join(world.store, gone));
  expect((await world.json(all)).backups.map((b) => b.date)).toEqual(['2023-07-06']);
  const archive = (await archivesOf(world)).find((key) => key.startsWith('2023-07-08')) ?? '';
  await rm(join(world.store, archive));
  expect((await world.json(all)).backups.map((b) => b.date)).toEqual(['2023-07-08']);
});

test('--all reads a login backup again when its size or time changed', async () => {
  const world = await makeWorld({ live: null });
  await world.json(['push', '--all']);
  const zip = join(world.app, 'backup', '2023-07-06 09.15.zip');
  const later = new Date('2023-07-06T09:16:00+07:00');
  await utimes(zip, later, later);
  const again = await world.json(['push', '--all']);
  expect(again.backups.map((b) => [b.date, b.outcome])).toEqual([['2023-07-06', 'unchanged']]);
});

test('the local record lost: it is sent again, nothing else', async () => {
  const world = await makeWorld({ live: null });
  await world.json(['push', '--all']);
  const kept = await treeOf(world.store);
  await rm(world.stateDir, { recursive: true });
  const again = await world.json(['push']);
  expect(again.outcome).toBe('created');
  expect(again.backups.map((b) => b.date)).toEqual(['2023-07-08']);
  expect(await treeOf(world.store)).toMatchObject(kept);
  expect(await archivesOf(world)).toHaveLength(3);
  expect((await world.json<ListJson>(['list'])).backups).toHaveLength(3);
  const pulled = await world.run(['pull', '--date', '2023-07-08', '--to', join(world.folder, 'to')]);
  expect(pulled.code).toBe(0);
});

test('a damaged local record counts as lost', async () => {
  const world = await makeWorld({ live: null });
  await world.json(['push']);
  const [record = ''] = (await keysOf(world.stateDir)).filter((key) => key.startsWith('stores/'));
  await truncate(join(world.stateDir, record), 100);
  expect((await world.json(['push'])).outcome).toBe('created');
  expect(JSON.parse(await readFile(join(world.stateDir, record), 'utf8')).archives).toHaveLength(1);
});

test('a rotten hash in the local record costs a full, and the differential after it restores', async () => {
  const world = await makeWorld({ backups: [] });
  await world.json(['push']);
  const [name = ''] = (await keysOf(world.stateDir)).filter((key) => key.startsWith('stores/'));
  const path = join(world.stateDir, name);
  const record = JSON.parse(await readFile(path, 'utf8'));
  const { sha256 } = record.archives[0];
  record.archives[0].sha256 = `${sha256.startsWith('0') ? '1' : '0'}${sha256.slice(1)}`;
  await writeFile(path, JSON.stringify(record));
  const changed = join(world.app, 'db', 'ETaxInvoice', 'service.properties');
  const edit = async () => writeFile(changed, `${await readFile(changed, 'latin1')}#x\n`, 'latin1');
  await edit();
  expect((await world.json(['push'])).backups[0]).toMatchObject({ outcome: 'created', kind: 'full' });
  await edit();
  expect((await world.json(['push'])).backups[0]).toMatchObject({ outcome: 'created', kind: 'differential' });
  await world.json(['pull', '--to', join(world.folder, 'to')]);
  expect(await treeOf(join(world.folder, 'to', 'db'))).toEqual(await treeOf(join(world.app, 'db')));
});

test.each([
  ['facts', (archive: Record<string, unknown>) => delete archive.facts],
  ['sizeBytes', (archive: Record<string, unknown>) => (archive.sizeBytes = -1)],
])('a local record whose archive lost its %s costs sending again', async (_, spoil) => {
  const world = await makeWorld({ live: null });
  await world.json(['push']);
  const [name = ''] = (await keysOf(world.stateDir)).filter((key) => key.startsWith('stores/'));
  const path = join(world.stateDir, name);
  const record = JSON.parse(await readFile(path, 'utf8'));
  spoil(record.archives[0]);
  await writeFile(path, JSON.stringify(record));
  expect((await world.json(['push'])).outcome).toBe('created');
  expect((await world.run(['status', '--json'])).code).not.toBe(1);
});
