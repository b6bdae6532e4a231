import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRecord, writeRecord } from '../../src/state/record-file.ts';
import type { PruneLocalDocument } from '../../src/sync/prune-local.ts';
import { makeWorld, type PushJson, type World } from '../support/cli.ts';
import { type LoginBackup, setTimes } from '../support/efaktur-folder.ts';
import { archivesIn, goldenWorld } from './golden-world.ts';

/** Rot: bytes on a disk become others, while name, size and times stay. */

const began = new Date('2024-03-01T10:00:00+07:00');
const at = (days: number): { now: Date } => ({ now: new Date(began.getTime() + days * 24 * 3600_000) });
const live = ['push', '--source', 'live'];

async function rot(path: string): Promise<void> {
  const bytes = await readFile(path);
  const { atime, mtime } = await stat(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(path, bytes);
  await utimes(path, atime, mtime);
}

/** A world whose db has not changed since an hour before the first day, pushed then; the archive looks as old as that. */
async function pushedWorld(): Promise<{ world: World; archive: string }> {
  const world = await goldenWorld('clean');
  await setTimes(join(world.app, 'db'), new Date(began.getTime() - 3600_000));
  await world.json(live, at(0));
  return { world, archive: join(world.store, (await archivesIn(world.store))[0] ?? '') };
}

/** The record says when an archive was stored by the time of its file, which a test cannot set back. */
async function storedThen({ stateDir, store }: World): Promise<void> {
  const record = await readRecord(stateDir, store);
  const archives = record.archives.map((archive) => ({ ...archive, uploadedAt: began.toISOString() }));
  await writeRecord(stateDir, { ...record, archives });
}

const outcomes = ({ outcome, warnings }: PushJson): [string, string[]] => [
  outcome,
  warnings.flatMap(({ code }) => (code === 'damaged' ? [code] : [])),
];

test('what a push would lean on is read again after some days, and sent anew when it has rotted', async () => {
  const { world, archive } = await pushedWorld();
  await storedThen(world);
  await rot(archive);
  // Read, in a way, when it was stored: nothing is read again for a week.
  expect(outcomes(await world.json(live, at(6)))).toEqual(['unchanged', []]);
  const again = await world.json(live, at(8));
  expect(outcomes(again)).toEqual(['created', ['damaged']]);
  expect(again.warnings.map(({ message }) => message).join()).toContain(
    archive.slice(world.store.length + 1),
  );
  expect(await archivesIn(world.store)).toHaveLength(2);
  await world.json(['pull', '--to', join(world.folder, 'to')]);
});

test('days are set, a proof counts as a reading, and what was read is not read every time', async () => {
  const { world, archive } = await pushedWorld();
  await storedThen(world);
  expect(outcomes(await world.json(live, at(20)))).toEqual(['unchanged', []]);
  // That push has read it.
  await rot(archive);
  expect(outcomes(await world.json(live, at(26)))).toEqual(['unchanged', []]);
  const often = { env: { EFAKTUR_REREAD_EVERY: '2' } };
  expect(outcomes(await world.json(live, { ...often, ...at(26) }))).toEqual(['created', ['damaged']]);

  const proven = await pushedWorld();
  await storedThen(proven.world);
  await proven.world.json(['verify', '--read-data'], at(10));
  await rot(proven.archive);
  expect(outcomes(await proven.world.json(live, at(16)))).toEqual(['unchanged', []]);
  expect(outcomes(await proven.world.json(live, at(18)))).toEqual(['created', ['damaged']]);
});

test('a differential does not lean on a full that has rotted', async () => {
  const { world, archive } = await pushedWorld();
  await storedThen(world);
  await rot(archive);
  const properties = join(world.app, 'db', 'ETaxInvoice', 'service.properties');
  await writeFile(properties, `${await readFile(properties, 'latin1')}#changed\n`, 'latin1');
  const pushed = await world.json<PushJson>(live, at(8));
  expect(outcomes(pushed)).toEqual(['created', ['damaged']]);
  expect(pushed.backups[0]?.kind).toBe('full');
});

test('prune-local reads the archive once more before the last good copy goes', async () => {
  const backups = [1, 2, 3].map(
    (day): LoginBackup => ({
      name: `2023-07-0${day} 09.00.zip`,
      from: day === 2 ? 'seed-6-july' : 'seed-8-july',
      time: new Date(`2023-07-0${day}T09:00:00+07:00`),
    }),
  );
  const world = await makeWorld({ live: null, backups });
  await world.json(['push', '--all', '--full']);
  await world.json(['verify', '--read-data']);
  const plan = (...flags: string[]): Promise<PruneLocalDocument> =>
    world.json<PruneLocalDocument>(['prune-local', '--keep', '1', ...flags]);
  expect((await plan()).decisions.map((d) => d.keep)).toEqual([false, false, true]);
  const [first = ''] = await archivesIn(world.store);
  await rot(join(world.store, first));
  for (const flags of [[], ['--yes']]) {
    const { decisions } = await plan(...flags);
    expect(decisions.map((d) => d.keep)).toEqual([true, false, true]);
    expect(decisions[0]?.reason).toBe(`damaged since it was verified in ${world.store}`);
  }
  expect((await stat(join(world.app, 'backup', backups[0]?.name ?? ''))).isFile()).toBe(true);
});
