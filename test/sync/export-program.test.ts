import { cp, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newKey } from '../crypto/age-files.ts';
import { makeWorld, treeOf, type World } from '../support/cli.ts';
import { placeProgramFiles } from '../support/program-folder.ts';
import { type ProgramInStore, placeStoredProgram } from '../support/stored-program.ts';
import { unzip } from '../support/unzip.ts';

interface ExportJson {
  outcome: string;
  program: { id: string; version: string | null };
  path: string;
  store: string;
  files: number;
}

async function office(
  recipient?: string,
): Promise<{ world: World; stored: ProgramInStore; files: Record<string, string> }> {
  const world = await makeWorld({ backups: [] });
  await placeProgramFiles(world.app, '4.0.0.0');
  const stored = await placeStoredProgram([world.store], world.app, {
    at: '2023-07-09T02:00:00Z',
    ...(recipient !== undefined && { recipient }),
  });
  const all = Object.entries(await treeOf(world.app));
  return {
    world,
    stored,
    files: Object.fromEntries(all.filter(([path]) => !/^(db|backup|log)(\/|$)/.test(path))),
  };
}

test('a program folder is exported by its id, as a folder and as a zip', async () => {
  const { world, stored, files } = await office();
  const usb = join(world.folder, 'usb');
  const folder = await world.json<ExportJson>(['export', '--id', stored.id, '--to', usb]);
  expect(folder).toMatchObject({
    outcome: 'exported',
    program: { id: stored.id, version: '4.0.0.0' },
    path: join(usb, 'Program_Efaktur_09Juli2023'),
    files: stored.files,
  });
  expect(await treeOf(join(folder.path, 'e-Faktur'))).toEqual(files);
  const readme = await readFile(join(folder.path, 'README.txt'), 'utf8');
  for (const said of ['ETAX-30002', '09 Juli 2023, 09:00', '4.0.0.0', stored.id, '-Xmx', '\r\n'])
    expect(readme).toContain(said);
  expect([...readme].every((letter) => letter < '\x7f')).toBe(true);
  const zip = await world.json<ExportJson>(['export', '--id', stored.id, '--to', usb, '--zip']);
  expect(zip.path).toBe(join(usb, 'Program_Efaktur_09Juli2023.zip'));
  await unzip(zip.path, join(world.folder, 'unzipped'));
  expect(Object.keys(await treeOf(join(world.folder, 'unzipped', 'e-Faktur'))).sort()).toEqual(
    Object.keys(files).sort(),
  );
  // What is there is left alone.
  const again = await world.json<ExportJson>(['export', '--id', stored.id, '--to', usb]);
  expect(again.path).toBe(join(usb, 'Program_Efaktur_09Juli2023_2'));
}, 60_000);

test('a damaged one leaves nothing and falls to the second store; without the key it is exit 12', async () => {
  const key = await newKey();
  const { world, stored, files } = await office(key.recipient);
  await writeFile(join(world.folder, 'key.txt'), key.fileText);
  const env = { EFAKTUR_IDENTITY_FILE: 'key.txt' };
  const args = ['export', '--id', stored.id, '--to', join(world.folder, 'usb')];
  expect((await world.run(args)).code).toBe(12);
  const second = join(world.folder, 'second');
  await cp(world.store, second, { recursive: true });
  await truncate(join(world.store, stored.archive), 2000);
  for (const zip of [[], ['--zip']]) {
    expect((await world.run([...args, ...zip], { env })).code).toBe(13);
    expect(await readdir(join(world.folder, 'usb')).catch(() => [])).toEqual([]);
  }
  const whole = await world.json<ExportJson>([...args, '--store', world.store, '--store', second], { env });
  expect(whole.store).toBe(second);
  expect(await treeOf(join(whole.path, 'e-Faktur'))).toEqual(files);
}, 60_000);

test('what a killed export left is removed by the next one', async () => {
  const { world, stored } = await office();
  const usb = join(world.folder, 'usb');
  await mkdir(
    join(usb, 'Program_Efaktur_01Juli2023.exporting-20230701T000000Z-4194300-pc-kasir', 'e-Faktur'),
    {
      recursive: true,
    },
  );
  await mkdir(join(usb, 'Program_Efaktur_01Juli2023.exporting-20230701T000000Z-4194300-pc-lain'));
  await world.json<ExportJson>(['export', '--id', stored.id, '--to', usb]);
  expect((await readdir(usb)).sort()).toEqual([
    'Program_Efaktur_01Juli2023.exporting-20230701T000000Z-4194300-pc-lain',
    'Program_Efaktur_09Juli2023',
  ]);
});
