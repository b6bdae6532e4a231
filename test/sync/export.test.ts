import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { EfakturError } from '../../src/base/errors.ts';
import { verbatim } from '../../src/base/text.ts';
import { createZip } from '../../src/base/zip-writer.ts';
import { generateIdentity, identityFileText } from '../../src/crypto/identity-file.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { errorOf, keysOf, makeWorld, treeOf, type World } from '../support/cli.ts';
import { seeds } from '../support/efaktur-folder.ts';
import { runOnSmallDisk } from '../support/small-disk.ts';
import { unzip } from '../support/unzip.ts';
import { readZip } from '../support/zip-writer.ts';

interface ExportJson {
  outcome: string;
  backup: { id: string; stores: string[] };
  store: string;
  path: string;
  zip: boolean;
  files: number;
  bytes: number;
  databases: string[];
  warnings: { code: string; message: string }[];
}

const run = promisify(execFile);

const seedTree = async (seed: keyof typeof seeds): Promise<Record<string, string>> => {
  const folder = await tempFolder();
  await unzip(seeds[seed].path, folder);
  return treeOf(join(folder, 'db'));
};

describe('with the backups of 6 and 8 July stored', () => {
  let world: World;
  let to: string;
  const exported = (...flags: string[]): Promise<ExportJson> =>
    world.json<ExportJson>(['export', '--to', to, ...flags]);

  beforeEach(async () => {
    world = await makeWorld({ live: null });
    await world.json(['push', '--all']);
    to = join(world.folder, 'usb');
  });

  test('a folder with an Indonesian name: the db as it was and how to restore it by hand', async () => {
    const document = await exported('--date', '2023-07-08');
    const path = join(to, 'Backup_Efaktur_08Juli2023');
    expect(document).toMatchObject({
      outcome: 'exported',
      path,
      zip: false,
      databases: ['ETaxInvoice'],
      warnings: [],
    });
    expect(await readdir(to)).toEqual(['Backup_Efaktur_08Juli2023']);
    expect((await readdir(path)).sort()).toEqual(['README.txt', 'db']);
    const tree = await treeOf(join(path, 'db'));
    expect(tree).toEqual(await seedTree('seed-8-july'));
    expect(document.files).toBe(Object.keys(tree).filter((name) => !name.endsWith('/')).length);
    expect(await readdir(join(path, 'db', 'ETaxInvoice'))).toContain('tmp');
    const readme = await readFile(join(path, 'README.txt'), 'utf8');
    for (const words of [
      '08 Juli 2023',
      '09:30',
      'db_lama',
      'CARA MEMULIHKAN',
      'HOW TO RESTORE',
      'ETaxInvoice',
      document.backup.id,
    ])
      expect(readme).toContain(words);
    expect(readme.split('\r\n').length).toBe(readme.split('\n').length);
    // It is what e-Faktur itself would have kept, so it can be pushed again.
    const again = await world.json<{ outcome: string }>(['push', '--source', path]);
    expect(again.outcome).toBe('unchanged');
  });

  test('each way to say which one; without any the newest', async () => {
    expect((await exported('--as-of', '2023-07-07')).path).toMatch(/06Juli2023$/);
    expect((await exported()).path).toMatch(/08Juli2023$/);
    const { backup } = await exported('--date', '2023-07-06');
    const byId = await exported('--id', backup.id);
    expect(byId.backup.id).toBe(backup.id);
    expect((await world.run(['export', '--date', '2023-07-07', '--to', to])).code).toBe(4);
    expect((await world.run(['export'])).code).toBe(2);
    expect((await world.run(['export', '--date', '8 Juli', '--to', to])).code).toBe(2);
  });

  test('a second one of the same day gets another name, and what is there stays', async () => {
    await mkdir(to);
    await writeFile(join(to, 'BACKUP_efaktur_08juli2023'), 'mine');
    const names = [];
    for (const flags of [[], [], ['--zip'], ['--zip']])
      names.push((await exported(...flags)).path.slice(to.length + 1));
    expect(names).toEqual([
      'Backup_Efaktur_08Juli2023_2',
      'Backup_Efaktur_08Juli2023_3',
      'Backup_Efaktur_08Juli2023.zip',
      'Backup_Efaktur_08Juli2023_2.zip',
    ]);
    expect(await readFile(join(to, 'BACKUP_efaktur_08juli2023'), 'utf8')).toBe('mine');
  });

  test('--zip: one file that stock unzip takes, with the same content', async () => {
    const document = await exported('--zip');
    expect(document.path).toBe(join(to, 'Backup_Efaktur_08Juli2023.zip'));
    expect(await readdir(to)).toEqual(['Backup_Efaktur_08Juli2023.zip']);
    const out = join(world.folder, 'out');
    await run('unzip', ['-q', document.path, '-d', out]);
    expect((await readdir(out)).sort()).toEqual(['README.txt', 'db']);
    expect(await treeOf(join(out, 'db'))).toEqual(await seedTree('seed-8-july'));
    expect(await readdir(join(out, 'db', 'ETaxInvoice'))).toContain('tmp');
    const file = join('db', 'ETaxInvoice', 'service.properties');
    expect((await stat(join(out, file))).mtime).toEqual(await mtimeIn(file));
    expect((await readFile(join(out, 'README.txt'), 'utf8')).length).toBeGreaterThan(1000);
    // e-Faktur's own zips hold db as well, so this one can be pushed.
    const again = await world.json<{ outcome: string }>(['push', '--source', document.path]);
    expect(again.outcome).toBe('unchanged');
  });

  /** The time that pull gives a file. */
  async function mtimeIn(file: string): Promise<Date> {
    const folder = join(world.folder, 'pulled');
    await world.json(['pull', '--to', folder]);
    return (await stat(join(folder, file))).mtime;
  }

  test('damaged: exit 13 and nothing is left, not even a folder that was made for it', async () => {
    const archive = (await keysOf(world.store)).find((key) => /^2023-07-06.*tar\.zst$/.test(key)) ?? '';
    const path = join(world.store, archive);
    const bytes = await readFile(path);
    const harms: (() => Promise<void>)[] = [
      () => truncate(path, bytes.length - 3000),
      () =>
        writeFile(
          path,
          Buffer.concat([bytes.subarray(0, 9000), Buffer.from([1, 2, 3]), bytes.subarray(9003)]),
        ),
      // Only the hash of the whole can tell.
      () =>
        writeFile(path, Buffer.concat([bytes, Buffer.from('P*M\u0018\u0000\u0000\u0000\u0000', 'latin1')])),
    ];
    for (const [i, harm] of harms.entries()) {
      await harm();
      for (const flags of [[], ['--zip']]) {
        const outcome = await world.run([
          'export',
          '--date',
          '2023-07-06',
          '--to',
          join(to, 'a', 'b'),
          '--json',
          ...flags,
        ]);
        expect([outcome.code, outcome.stdout], `harm ${i} ${flags}`).toEqual([13, '']);
        expect(await readdir(world.folder)).not.toContain('usb');
      }
    }
    await mkdir(to);
    await writeFile(join(to, 'mine'), 'x');
    expect((await world.run(['export', '--date', '2023-07-06', '--to', to])).code).toBe(13);
    expect(await readdir(to)).toEqual(['mine']);
  });

  test('a damaged copy: the next store is taken, with a warning', async () => {
    const other = join(world.folder, 'other');
    await cp(world.store, other, { recursive: true });
    const archive = (await keysOf(world.store)).find((key) => /^2023-07-06.*tar\.zst$/.test(key)) ?? '';
    await truncate(join(world.store, archive), 5000);
    const env = { EFAKTUR_STORE: `${world.store};${other}` };
    for (const flags of [[], ['--zip']]) {
      const document = await world.json<ExportJson>(
        ['export', '--date', '2023-07-06', '--to', to, ...flags],
        { env },
      );
      expect(document.store).toBe(other);
      expect(document.warnings.map((w) => w.code)).toEqual(['damaged']);
    }
    expect((await readdir(to)).sort()).toEqual([
      'Backup_Efaktur_06Juli2023',
      'Backup_Efaktur_06Juli2023.zip',
    ]);
  });

  test('interrupted: exit 130 and nothing is left', async () => {
    for (const flags of [[], ['--zip']]) {
      const abort = new AbortController();
      const running = world.run(['export', '--to', to, ...flags], { signal: abort.signal });
      for (let names: string[] = []; !names.some((n) => n.includes('.exporting-')); )
        names = await readdir(to).catch(() => []);
      abort.abort(new EfakturError('interrupted', verbatim('stopped'), verbatim('Run it again.')));
      expect((await running).code).toBe(130);
      expect(await readdir(world.folder)).not.toContain('usb');
    }
  });

  test('what a killed export of this PC left is removed by the next; of a living or another PC it is left', async () => {
    await mkdir(to);
    const stale = [
      'Backup_Efaktur_08Juli2023.exporting-20230708T023000Z-999999999-pc-kasir',
      'Backup_Efaktur_08Juli2023.zip.exporting-20230708T023000Z-999999999-pc-kasir',
    ];
    const others = [
      'Backup_Efaktur_08Juli2023.exporting-20230708T023000Z-999999999-pc-lain',
      'Backup_Efaktur_08Juli2023.exporting-lama',
    ];
    for (const name of [...stale, ...others]) await mkdir(join(to, name, 'db'), { recursive: true });
    await exported();
    expect((await readdir(to)).sort()).toEqual([...others, 'Backup_Efaktur_08Juli2023'].sort());
  });

  test('a target that cannot be written is exit 6', async () => {
    await writeFile(to, 'a file');
    for (const flags of [[], ['--zip']]) {
      const outcome = await world.run(['export', '--to', join(to, 'x'), '--json', ...flags]);
      expect(outcome.code).toBe(6);
      expect(errorOf(outcome).message).toContain(to);
    }
  });
});

test('encrypted backups are exported in clear with the key, and refused without it', async () => {
  const world = await makeWorld({ live: null });
  const pair = await generateIdentity();
  const keyFile = join(world.folder, 'key.txt');
  await writeFile(keyFile, identityFileText(pair, new Date(), 'Asia/Jakarta').reveal());
  await world.json(['push'], { env: { EFAKTUR_RECIPIENTS: pair.recipient } });
  const to = join(world.folder, 'usb');
  for (const flags of [[], ['--zip']]) {
    const refused = await world.run(['export', '--to', to, ...flags]);
    expect(refused.code).toBe(12);
    expect(await readdir(world.folder)).not.toContain('usb');
  }
  const env = { EFAKTUR_IDENTITY_FILE: keyFile };
  const document = await world.json<ExportJson>(['export', '--to', to], { env });
  expect(await treeOf(join(document.path, 'db'))).toEqual(await seedTree('seed-8-july'));
  const zip = await world.json<ExportJson>(['export', '--to', to, '--zip'], { env });
  expect((await readZip(zip.path)).size).toBeGreaterThan(document.files);
});

test('a zip refuses a file that is shorter or fails on its way', async () => {
  const folder = await tempFolder();
  const time = new Date('2023-07-08T02:30:00Z');
  async function* chunks(fails: boolean): AsyncGenerator<Buffer> {
    yield Buffer.from('hello');
    if (fails) throw new Error('on purpose');
  }
  const failing = await createZip(join(folder, 'a.zip'));
  await expect(failing.addFile('a', time, 5, chunks(true))).rejects.toThrow('on purpose');
  await failing.close();
  const short = await createZip(join(folder, 'b.zip'));
  await expect(
    (async () => {
      await short.addFile('a', time, 6, chunks(false));
      await short.finish();
    })(),
  ).rejects.toThrow();
  await short.close();
});

test('a disk that gets full: exit 6 and nothing is left', async () => {
  const world = await makeWorld({ live: null });
  const { backups } = await world.json<{ backups: { storedBytes: number }[] }>(['push']);
  const storedBytes = backups[0]?.storedBytes ?? 0;
  const { path } = await world.json<ExportJson>(['export', '--to', join(world.folder, 'usb'), '--zip']);
  // Enough for the archive, which is all that can be asked for before, and not for the zip.
  const sizeKb = Math.round((storedBytes + (await stat(path)).size) / 2 / 1024);
  const at = join(world.folder, 'small');
  const full = await runOnSmallDisk(world, { at, sizeKb }, ['export', '--to', join(at, 'a'), '--zip']);
  expect([full.code, full.left]).toEqual([6, { '': 'empty' }]);
  const noInodes = { at: join(world.folder, 'few'), sizeKb: 50_000, inodes: 30 };
  const few = await runOnSmallDisk(world, noInodes, ['export', '--to', noInodes.at]);
  expect([few.code, few.left]).toEqual([6, { '': 'empty' }]);
});
