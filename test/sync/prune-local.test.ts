import {
  appendFile,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PruneLocalDocument } from '../../src/sync/prune-local.ts';
import { errorOf, makeWorld, treeOf, type World } from '../support/cli.ts';
import { type LoginBackup, seeds } from '../support/efaktur-folder.ts';
import type { English } from '../support/english.ts';
import { keptWorld } from '../support/kept-world.ts';
import { makeBucket } from '../support/minio.ts';

const name = (day: number): string => `2023-07-0${day} 09.00.zip`;
const backups = [1, 2, 3, 4, 5, 6, 7].map(
  (day): LoginBackup => ({
    name: name(day),
    from: day % 2 === 0 ? 'seed-6-july' : 'seed-8-july',
    time: new Date(`2023-07-0${day}T09:00:00+07:00`),
  }),
);

describe('with seven login backups', () => {
  let world: World;
  let folder: string;
  const left = async (): Promise<string[]> => (await readdir(folder)).sort();
  const plan = (...flags: string[]): Promise<English<PruneLocalDocument>> =>
    world.json<English<PruneLocalDocument>>(['prune-local', ...flags]);
  const going = (document: English<PruneLocalDocument>): string[] =>
    document.decisions.filter((d) => !d.keep).map((d) => d.name);
  const reasonOf = (document: English<PruneLocalDocument>, of: string): string | undefined =>
    document.decisions.find((d) => d.name === of)?.reason;
  const prove = async (of: World, env = {}): Promise<void> => {
    await of.json(['push', '--all'], { env });
    await of.json(['verify', '--read-data'], { env });
  };
  const provenWorld = keptWorld(async (at) => {
    const made = await makeWorld({ live: null, backups }, at);
    await prove(made);
    return made;
  });
  const proven = async (): Promise<void> => {
    world = await provenWorld();
    folder = join(world.app, 'backup');
  };

  beforeEach(async () => {
    world = await makeWorld({ live: null, backups });
    folder = join(world.app, 'backup');
  });

  test('a dry run until --yes, then the oldest go and five stay', async () => {
    await proven();
    const before = await treeOf(world.app, true);
    const planned = await plan();
    expect(planned).toMatchObject({ outcome: 'planned', deleted: [], warnings: [] });
    expect(going(planned)).toEqual([name(1), name(2)]);
    expect(planned.freedBytes).toBe(
      (await lstat(join(folder, name(1)))).size + (await lstat(join(folder, name(2)))).size,
    );
    expect(await treeOf(world.app, true)).toEqual(before);
    const text = await world.run(['prune-local']);
    expect(text.stdout).toMatch(/DELETE .*2023-07-01 09:00/);
    expect(text.stdout).toContain('--yes');
    const shown = (await world.run(['prune-local', '--lang', 'id'])).stdout;
    expect(shown).toMatch(/HAPUS .*tersimpan dan terverifikasi di setiap tempat cadangan/);
    expect(shown).toContain('2 dari 7 cadangan saat masuk akan dihapus');

    const pruned = await plan('--yes');
    expect(pruned.outcome).toBe('pruned');
    expect(pruned.deleted).toEqual([join(folder, name(1)), join(folder, name(2))]);
    expect(await left()).toEqual([3, 4, 5, 6, 7].map(name));
    expect((await plan('--yes')).deleted).toEqual([]);
    // What went is still there to be restored.
    const to = join(world.folder, 'to');
    await world.json(['pull', '--date', '2023-07-01', '--to', to]);
    expect(await readdir(to)).toEqual(['db']);
  });

  test('--keep says how many stay', async () => {
    await proven();
    expect(going(await plan('--keep', '6'))).toEqual([name(1)]);
    expect(going(await plan('--keep', '99'))).toEqual([]);
    expect(going(await plan('--keep', '0'))).toHaveLength(7);
    for (const bad of ['-1', 'x', '1.5'])
      expect((await world.run(['prune-local', '--keep', bad])).code).toBe(2);
  });

  test('only sound ones count among the newest: what a restore could not use keeps nothing company', async () => {
    await proven();
    // Since they were stored, two rot: one that cannot be opened, one whose content is wrong, both as large as before.
    const cut = await readFile(join(folder, name(7)));
    await writeFile(join(folder, name(7)), cut.fill(0, cut.length - 100));
    const flipped = await readFile(join(folder, name(5)));
    const middle = flipped.length >> 1;
    flipped[middle] = (flipped[middle] ?? 0) ^ 1;
    const { atime, mtime } = await lstat(join(folder, name(5)));
    await writeFile(join(folder, name(5)), flipped);
    await utimes(join(folder, name(5)), atime, mtime);
    const planned = await plan('--keep', '3');
    expect(going(planned)).toEqual([1, 2].map(name));
    expect([3, 4, 6].map((day) => reasonOf(planned, name(day)))).toEqual(
      Array(3).fill('one of the newest 3'),
    );
    for (const day of [5, 7])
      expect(reasonOf(planned, name(day))).toContain('not counted among the newest 3: ');
    expect((await plan('--keep', '3', '--yes')).deleted).toHaveLength(2);
  });

  test('neither stored nor proven: it stays', async () => {
    expect(reasonOf(await plan(), name(1))).toContain('not stored by this PC');
    await world.json(['push', '--all']);
    expect(reasonOf(await plan(), name(1))).toContain('not verified');
    // Looking whether it is there proves nothing.
    await world.json(['verify']);
    expect(going(await plan('--yes'))).toEqual([]);
    await world.json(['verify', '--read-data']);
    expect(going(await plan())).toHaveLength(2);
    // Another PC's state folder knows nothing of these files.
    const other = { env: { EFAKTUR_STATE_DIR: join(world.folder, 'state-2') } };
    expect(going(await world.json<English<PruneLocalDocument>>(['prune-local', '--yes'], other))).toEqual([]);
    expect(await left()).toHaveLength(7);
  });

  test('a file that changed since it was pushed stays', async () => {
    await proven();
    await appendFile(join(folder, name(1)), 'x');
    await utimes(join(folder, name(2)), new Date(), new Date('2023-07-02T09:00:01+07:00'));
    const document = await plan('--yes');
    expect(document.deleted).toEqual([]);
    for (const day of [1, 2]) expect(reasonOf(document, name(day))).toContain('not stored by this PC');
  });

  test('a manifest or an archive that has gone, or that was found damaged later, keeps the file', async () => {
    await proven();
    const store = await readdir(world.store, { recursive: true });
    const find = (pattern: RegExp): string => join(world.store, store.find((key) => pattern.test(key)) ?? '');
    const aside = join(world.folder, 'aside');
    const without = async (pattern: RegExp): Promise<string[]> => {
      await rename(find(pattern), aside);
      const document = await plan();
      await rename(aside, find(pattern));
      return going(document);
    };
    expect(await without(/2023-07-01\/.*json$/)).toEqual([name(2)]);
    // The second one is a differential that leans on the archive of the first.
    expect(find(/2023-07-02\/.*tar\.zst$/)).toContain('.diff.');
    expect(await without(/2023-07-01\/.*tar\.zst$/)).toEqual([]);
    expect(await without(/2023-07-02\/.*tar\.zst$/)).toEqual([name(1)]);
    const tag = /-([0-9a-f]{12})\.tar/.exec(find(/2023-07-01\/.*tar\.zst$/))?.[1];
    await writeFile(join(world.store, 'proofs', `${tag}-data-damaged-20990101T000000Z.json`), '{}');
    expect(going(await plan())).toEqual([]);
  });

  test('every store must have it, and each must have proven it', async () => {
    const stores = [join(world.folder, 'a'), join(world.folder, 'b')];
    const env = { EFAKTUR_STORE: stores.join(';') };
    await prove(world, { EFAKTUR_STORE: stores[0] });
    const both = (code = 0): Promise<English<PruneLocalDocument>> =>
      world.json<English<PruneLocalDocument>>(['prune-local', '--yes'], { env, code });
    expect(reasonOf(await both(), name(1))).toContain(`in ${stores[1]}`);
    await world.json(['push', '--all'], { env });
    expect(reasonOf(await both(), name(1))).toContain('not verified');
    await world.json(['verify', '--read-data'], { env });
    await rename(stores[1] ?? '', `${stores[1]}-away`);
    await writeFile(stores[1] ?? '', 'a file');
    const outcome = await world.run(['prune-local', '--yes', '--json'], { env });
    expect([2, 10]).toContain(outcome.code);
    expect(errorOf(outcome).message).toContain(stores[1]);
    expect(await left()).toHaveLength(7);
    await rm(stores[1] ?? '');
    await rename(`${stores[1]}-away`, stores[1] ?? '');
    expect((await both()).deleted).toHaveLength(2);
  });

  test('nothing else in backup/ is ever touched, and no link is followed', async () => {
    await world.json(['push', '--all']);
    await world.json(['verify', '--read-data']);
    const elsewhere = join(world.folder, 'elsewhere');
    await mkdir(elsewhere);
    await rename(join(folder, name(1)), join(elsewhere, name(1)));
    await symlink(join(elsewhere, name(1)), join(folder, name(1)));
    await writeFile(join(folder, 'catatan.txt'), 'mine');
    await writeFile(join(folder, '2023-07-01 10.00.rar'), 'x');
    await cp(seeds['seed-6-july'].path, join(folder, '2023-06-01 09.00.zip'));
    await mkdir(join(folder, '2023-06-02', 'db', 'ETaxInvoice', 'seg0'), { recursive: true });
    const document = await plan('--yes', '--keep', '0');
    expect(reasonOf(document, name(1))).toContain('link');
    expect(document.deleted).toHaveLength(6);
    expect(await left()).toEqual(
      ['2023-06-01 09.00.zip', '2023-06-02', '2023-07-01 10.00.rar', 'catatan.txt', name(1)].sort(),
    );
    expect(await readdir(elsewhere)).toEqual([name(1)]);
  });

  test('a backup folder that is a link is left alone', async () => {
    await proven();
    const elsewhere = join(world.folder, 'elsewhere');
    await rename(folder, elsewhere);
    await symlink(elsewhere, folder, 'junction');
    const document = await plan('--yes', '--keep', '0');
    expect(document.deleted).toEqual([]);
    expect(reasonOf(document, name(1))).toContain('link');
    expect(await readdir(elsewhere)).toHaveLength(7);
  });

  test('with an S3 store and a folder store', async () => {
    const bucket = await makeBucket({ versioning: true });
    const env = { EFAKTUR_STORE: `${bucket.url};${world.store}` };
    await prove(world, env);
    const document = await world.json<English<PruneLocalDocument>>(['prune-local', '--yes'], { env });
    expect(document.deleted).toHaveLength(2);
  });
});
