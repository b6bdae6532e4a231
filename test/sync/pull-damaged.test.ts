import {
  appendFile,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorOf, keysOf, makeWorld, type PullJson, treeOf, type World } from '../support/cli.ts';
import { seeds } from '../support/efaktur-folder.ts';

const edit = async (path: string, change: (bytes: Buffer) => void): Promise<void> => {
  const bytes = await readFile(path);
  change(bytes);
  await writeFile(path, bytes);
};
const flip = (path: string, part: number): Promise<void> =>
  edit(path, (bytes) => {
    const at = Math.floor(bytes.length * part);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
  });

/** What can happen to a stored archive or manifest. */
const harms: Record<string, (archive: string, manifest: string) => Promise<void>> = {
  'a byte flipped near the start': (archive) => flip(archive, 0.01),
  'a byte flipped in the middle': (archive) => flip(archive, 0.5),
  'a byte flipped in the seek table': (archive) => flip(archive, 0.9999),
  'cut in the middle': async (archive) => truncate(archive, (await readFile(archive)).length >> 1),
  'cut by one byte': async (archive) => truncate(archive, (await readFile(archive)).length - 1),
  'without its seek table': async (archive) => {
    const bytes = await readFile(archive);
    // The skippable frame: magic 0x184D2A5E, then its length.
    await truncate(archive, bytes.lastIndexOf(Buffer.from([0x5e, 0x2a, 0x4d, 0x18])));
  },
  empty: (archive) => truncate(archive, 0),
  'garbage at its end': (archive) => appendFile(archive, 'garbage'),
  'two archives joined': async (archive) => appendFile(archive, await readFile(archive)),
  deleted: (archive) => rm(archive),
  'no archive at all': (archive) => writeFile(archive, 'not an archive'),
  'a manifest that is no JSON': (_archive, manifest) => writeFile(manifest, '{'),
  'a manifest without fields': (_archive, manifest) => writeFile(manifest, '{"format":1}'),
  'a manifest that promises other bytes': (_archive, manifest) =>
    edit(manifest, (bytes) => {
      const at = bytes.indexOf('"sha256": "') + 11;
      bytes[at] = bytes[at] === 0x30 ? 0x31 : 0x30;
    }),
};

test('a damaged backup is exit 13, names its file, and leaves the old db as it was and no debris', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const keys = await keysOf(world.store);
  const [archive = '', manifest = ''] = [
    keys.find((key) => key.endsWith('.tar.zst')),
    keys.find((key) => /^2.*\.json$/.test(key)),
  ];
  const before = await treeOf(world.app, true);
  for (const [what, harm] of Object.entries(harms)) {
    const paths = [join(world.store, archive), join(world.store, manifest)] as const;
    const kept = await Promise.all(paths.map((path) => readFile(path)));
    await harm(...paths);
    const outcome = await world.run(['pull', '--yes', '--json']);
    expect(outcome.code, what).toBe(13);
    expect(outcome.stdout, what).toBe('');
    const blamed = what.startsWith('a manifest') && !what.includes('other bytes') ? manifest : archive;
    expect(errorOf(outcome).message, what).toContain(blamed);
    expect(await treeOf(world.app, true), what).toEqual(before);
    await Promise.all(paths.map((path, i) => writeFile(path, kept[i] ?? '')));
  }
  expect((await world.run(['pull', '--yes'])).code).toBe(0);
});

test('a manifest of a newer version is exit 2 and says to update', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const manifest = join(
    world.store,
    (await keysOf(world.store)).find((key) => /^2.*\.json$/.test(key)) ?? '',
  );
  for (const [field, value] of [
    ['"format": 1', '"format": 2'],
    ['"kind": "full"', '"kind": "tunggal"'],
  ] as const) {
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace(field, value));
    const outcome = await world.run(['pull', '--yes']);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('Update');
    await writeFile(manifest, text.replace('{', '{"laterField": [1],'));
    expect((await world.run(['pull', '--yes'])).code).toBe(0);
  }
});

test('a folder made for a restore that failed is gone again, one that was there stays', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const archive = (await keysOf(world.store)).find((key) => key.endsWith('.tar.zst')) ?? '';
  await appendFile(join(world.store, archive), 'garbage');
  const before = await treeOf(world.folder);
  expect((await world.run(['pull', '--to', join(world.folder, 'baru', 'lagi')])).code).toBe(13);
  expect(await treeOf(world.folder)).toEqual(before);
  await mkdir(join(world.folder, 'ada'));
  expect((await world.run(['pull', '--to', join(world.folder, 'ada', 'baru')])).code).toBe(13);
  expect(await readdir(join(world.folder, 'ada'))).toEqual([]);
});

const nameOf = { 'seed-6-july': 'older', 'seed-8-july': 'newer' } as const;

test('another backup of the same second stands in only for the same content', async () => {
  const world = await makeWorld({ live: null, backups: [] });
  const time = new Date('2023-07-10T08:00:00+07:00');
  const push = async (seed: keyof typeof seeds): Promise<string> => {
    // A day in the name would be taken for that of the backup.
    const zip = join(world.folder, `${nameOf[seed]}.zip`);
    await copyFile(seeds[seed].path, zip);
    await utimes(zip, time, time);
    return (await world.json(['push', '--source', zip, '--full'])).backups[0]?.id ?? '';
  };
  const ids = [await push('seed-8-july'), await push('seed-6-july')].sort();
  const [, meant = ''] = ids;
  const archive = (await keysOf(world.store)).find((key) => key.includes(meant) && key.endsWith('.tar.zst'));
  await truncate(join(world.store, archive ?? ''), 1000);
  const refused = await world.run([
    'pull',
    '--date',
    '2023-07-10',
    '--to',
    join(world.folder, 'to'),
    '--json',
  ]);
  expect(refused.code).toBe(13);
  expect(errorOf(refused).message).toContain(meant);
  expect((await world.run(['find', 'Gerbang', '--date', '2023-07-10'])).code).toBe(13);
  expect((await world.run(['export', '--date', '2023-07-10', '--to', world.folder])).code).toBe(13);

  // The same state under a third tag may.
  const same = await push(await seedOf(world, meant));
  const [, , last] = [...ids, same].sort();
  const restored = await world.json<PullJson>([
    'pull',
    '--date',
    '2023-07-10',
    '--to',
    join(world.folder, 'to'),
  ]);
  if (last === meant) expect(restored.backup.id).toBe(same);
  expect(restored.outcome).toBe('restored');
});

/** Which of the two seeds a backup is. */
async function seedOf(world: World, id: string): Promise<keyof typeof seeds> {
  const text = await readFile(join(world.store, '2023-07-10', `${id}.json`), 'utf8');
  return text.includes(`"sourceName": "${nameOf['seed-8-july']}.zip"`) ? 'seed-8-july' : 'seed-6-july';
}
