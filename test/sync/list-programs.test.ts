import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorld } from '../support/cli.ts';
import { storeProgram } from '../support/stored-program.ts';

const at = (day: string): Date => new Date(`${day}T03:00:00Z`);

test('programs are shown apart, of several stores once, and are no backups', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const before = await world.json(['list']);
  const old = await storeProgram(world.store, { at: at('2022-05-02'), main: 'PPN 10 %' });
  const second = join(world.folder, 'second');
  await cp(world.store, second, { recursive: true });
  const newer = await storeProgram(world.store, { at: at('2023-07-08'), main: 'PPN 11 %' });
  const stores = ['--store', world.store, '--store', second];

  const listed = await world.json<Record<string, Record<string, unknown>[]>>(['list', ...stores]);
  expect(listed.backups?.map((b) => b.id)).toEqual((before.backups as { id: string }[]).map((b) => b.id));
  expect(listed).toMatchObject({ foreignKeys: 0, warnings: [] });
  const names = [
    {
      id: old.id,
      date: '2022-05-02',
      kind: 'program',
      archive: old.archiveKey,
      stores: [world.store, second],
    },
    { id: newer.id, date: '2023-07-08', encrypted: false, stores: [world.store] },
  ];
  expect(listed.programs).toMatchObject(names);
  expect((await world.run(['list'])).stdout).toContain('list --programs');

  const programs = await world.json<Record<string, unknown>>(['list', '--programs', '--long', ...stores]);
  expect(programs.programs).toMatchObject([
    { ...names[0], files: 2, leftOut: { database: 1 }, lastProven: null },
    { ...names[1], appProgram: { sha256: newer.appProgram, version: '3.2.0.0' }, totalBytes: 16 },
  ]);
  const text = (await world.run(['list', '--programs', '--long', ...stores])).stdout;
  expect(text).toMatch(/3\.2\.0\.0 \(April 2022, PPN 11 %\).*2 \(16 B\)/);
  const since = await world.json<Record<string, { id: string }[]>>([
    'list',
    '--programs',
    '--since',
    '2023-01-01',
  ]);
  expect(since.programs?.map((p) => p.id)).toEqual([newer.id]);
});

test('a program without its archive, or with a manifest that is none, is named and hides nothing', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const [lost, torn, whole] = [
    await storeProgram(world.store, { at: at('2022-05-02'), main: 'a' }),
    await storeProgram(world.store, { at: at('2022-05-03'), main: 'b' }),
    await storeProgram(world.store, { at: at('2022-05-04'), main: 'c' }),
  ];
  await rm(join(world.store, lost.archiveKey));
  await writeFile(join(world.store, torn.manifestKey), '{');
  const { programs, warnings } = await world.json<Record<string, Record<string, unknown>[]>>([
    'list',
    '--programs',
    '--long',
  ]);
  expect(programs).toMatchObject([
    { id: lost.id, archive: null },
    { id: torn.id },
    { id: whole.id, appProgram: { sha256: whole.appProgram } },
  ]);
  expect(programs?.[1]).not.toHaveProperty('appProgram');
  expect(warnings?.map((w) => w.code).sort()).toEqual(['archive-missing', 'damaged']);
});
