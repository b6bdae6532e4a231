import { appendFile, cp, mkdir, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { UnopenedBackup } from '../../src/efaktur/unopened-backup.ts';
import { openZip } from '../../src/efaktur/zip-source.ts';
import { stock } from '../archive/stock-tool.ts';
import { keysOf, makeWorld, treeOf, type World } from '../support/cli.ts';
import { makeEfakturFolder, seeds, setTimes } from '../support/efaktur-folder.ts';
import { unzip } from '../support/unzip.ts';

/** Zips as the programs that people have make them. */

const zone = 'Asia/Jakarta';
const march = new Date('2023-03-01T10:00:00+07:00');
const july = new Date('2023-07-08T09:30:00+07:00');

let world: World;
/** A folder with `db/ETaxInvoice`. */
let source: string;
let scratch: string;
afterAll(() => rm(scratch, { recursive: true, force: true }));

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'efaktur-stock-zips-'));
  source = join(scratch, 'source');
  await unzip(seeds['seed-8-july'].path, source);
  await setTimes(source, july);
}, 60_000);

const sevenZip = (zip: string, ...args: string[]) => stock('7z', ['a', '-tzip', ...args, zip, 'db'], source);

/** Python's zipfile knows more methods than any e-Faktur PC. */
const pythonZip = (zip: string, method: string) => stock('python3', ['-c', packAll, zip, method], source);
const packAll = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', getattr(zipfile, sys.argv[2])) as z:
    for folder, _, files in os.walk('db'):
        z.write(folder)
        for name in files:
            z.write(os.path.join(folder, name))
`;

/** How many files a zip gives, all read to their end. */
async function filesIn(zip: string): Promise<number> {
  const { set, close } = await openZip(zip, zone);
  try {
    for (const file of set.files) for await (const _ of await file.open());
    expect(set.problems).toEqual([]);
    return set.files.length;
  } finally {
    close();
  }
}

async function refusal(zip: string): Promise<UnopenedBackup> {
  const error = await filesIn(zip).catch((thrown: unknown) => thrown);
  if (!(error instanceof UnopenedBackup)) throw new Error(`not refused as unopened: ${String(error)}`);
  expect(isEfakturError(error, 'source-unusable')).toBe(true);
  expect(`${error.message} ${error.hint.en}`).not.toMatch(/damaged|older login backup/);
  return error;
}

let places = 0;
const place = async (name: string): Promise<string> => {
  const folder = join(scratch, String(places++));
  await mkdir(folder);
  return join(folder, name);
};

let whole: string;
let files: number;
beforeAll(async () => {
  whole = await place('whole.zip');
  await stock('zip', ['-qr', whole, 'db'], source);
  files = await filesIn(whole);
  expect(files).toBeGreaterThan(50);
}, 60_000);

const withMore = async (before: Buffer, after: Buffer): Promise<string> => {
  const zip = await place('more.zip');
  await writeFile(zip, Buffer.concat([before, await readFile(whole), after]));
  return zip;
};

test.each([
  ['two bytes behind it', Buffer.alloc(0), Buffer.from('\r\n')],
  ['4 KB of zeros behind it', Buffer.alloc(0), Buffer.alloc(4096)],
  ['200 KB of zeros behind it', Buffer.alloc(0), Buffer.alloc(200_000)],
  ['an end mark behind it', Buffer.alloc(0), Buffer.from('PK\x05\x06'.padEnd(22, '\0'))],
  ['something before it', Buffer.from('MZ'.padEnd(70_001, 'x')), Buffer.alloc(0)],
  ['something on both sides', Buffer.alloc(512), Buffer.alloc(512)],
])('with %s it is the same zip', async (_, before, after) => {
  expect(await filesIn(await withMore(before, after))).toBe(files);
});

test('with a comment, streamed, with and without zip64, from each program, it is the same', async () => {
  const zip = await place('x.zip');
  await stock('sh', ['-c', `printf 'cadangan PK\\005\\006 lama' | zip -qrz '${zip}' db`], source);
  expect(await filesIn(zip)).toBe(files);
  const streamed = await place('streamed.zip');
  await stock('sh', ['-c', `zip -qr - db | cat > '${streamed}'`], source);
  expect(await filesIn(streamed)).toBe(files);
  const large = await place('large.zip');
  await stock('zip', ['-qr', '-fz', large, 'db'], source);
  expect(await filesIn(large)).toBe(files);
  await appendFile(large, Buffer.alloc(4096));
  expect(await filesIn(large)).toBe(files);
  for (const method of ['Copy', 'Deflate']) {
    const seven = await place(`${method}.zip`);
    await sevenZip(seven, `-mm=${method}`);
    expect(await filesIn(seven), method).toBe(files);
  }
}, 60_000);

test('an entry for the folder that all lies in is none', async () => {
  for (const name of ['/', './']) {
    const zip = await place('root.zip');
    await cp(whole, zip);
    await stock(
      'python3',
      ['-c', `import zipfile;zipfile.ZipFile('${zip}','a').writestr('${name}','')`],
      scratch,
    );
    expect(await filesIn(zip), name).toBe(files);
  }
});

test.each([
  ['Deflate64', 'Deflate64'],
  ['BZip2', 'BZip2'],
  ['LZMA', 'LZMA'],
  ['PPMd', 'PPMd'],
])('what 7-Zip packs by %s is told, not called damaged', async (method, name) => {
  const zip = await place('x.zip');
  await sevenZip(zip, `-mm=${method}`);
  const { message, hint } = await refusal(zip);
  expect(message).toContain(`packed by ${name}`);
  expect(hint.en).toContain('Extract it');
});

test.each([
  ['ZIP_BZIP2', 'BZip2'],
  ['ZIP_LZMA', 'LZMA'],
])('what Python packs by %s is told, not called damaged', async (method, name) => {
  const zip = await place('x.zip');
  await pythonZip(zip, method);
  expect((await refusal(zip)).message).toContain(`packed by ${name}`);
});

test('a method of another number is told as it is', async () => {
  const zip = await place('x.zip');
  const bytes = await readFile(whole);
  for (const [method, name] of [
    [93, 'Zstandard'],
    [97, 'method 97'],
  ] as const) {
    const other = Buffer.from(bytes);
    const next = (from: number): number => other.indexOf('PK\x01\x02', from, 'latin1');
    for (let at = next(0); at >= 0; at = next(at + 46))
      if (other.readUInt16LE(at + 10) === 8) other.writeUInt16LE(method, at + 10);
    await writeFile(zip, other);
    expect((await refusal(zip)).message).toContain(`packed by ${name}`);
  }
});

test('a password is told, of either kind', async () => {
  const old = await place('old.zip');
  await stock('zip', ['-qr', '-P', 'rahasia', old, 'db'], source);
  const aes = await place('aes.zip');
  await sevenZip(aes, '-prahasia', '-mem=AES256');
  for (const zip of [old, aes]) {
    const { text, hint } = await refusal(zip);
    expect(text.en).toContain('password');
    expect(text.id).toBe(`file di dalam ${zip} dilindungi kata sandi, yang tidak diminta oleh efaktur-cloud`);
    expect(hint.id).toContain('--source atau --local');
  }
});

test('a split zip is told, by each of its parts', async () => {
  const zip = await place('split.zip');
  await stock('zip', ['-qr', '-s', '64k', zip, 'db'], source);
  const seven = await place('seven.zip');
  await sevenZip(seven, '-v64k');
  for (const part of [zip, zip.replace('.zip', '.z01'), `${seven}.001`, `${seven}.002`])
    expect((await refusal(part)).message, part).toContain('split');
});

test('several db folders, none, or another archive inside are told', async () => {
  const two = await place('two.zip');
  const folder = await place('two');
  await cp(join(source, 'db'), join(folder, 'db'), { recursive: true });
  await cp(join(source, 'db'), join(folder, 'db_old'), { recursive: true });
  await stock('zip', ['-qr', two, '.'], folder);
  expect(await refusal(two)).toMatchObject({
    message: expect.stringContaining('db/, db_old/'),
    hint: expect.objectContaining({ en: expect.stringContaining('the one that is meant') }),
  });
  // Of a whole e-Faktur folder its db is meant.
  await makeEfakturFolder(folder, { live: null, backups: [] });
  const app = await place('app.zip');
  await stock('zip', ['-qr', app, '.'], folder);
  expect(await filesIn(app)).toBe(files);
  const nested = await place('nested.zip');
  await stock('zip', ['-qj', nested, whole], scratch);
  expect(await refusal(nested)).toMatchObject({ message: expect.stringContaining('but whole.zip') });
  const none = await place('none.zip');
  await stock(
    'zip',
    ['-qj', none, join(source, 'db', 'ETaxInvoice', 'README_DO_NOT_TOUCH_FILES.txt')],
    scratch,
  );
  expect((await refusal(none)).message).toContain('holds no database');
});

test('what only has the name of a zip is told as what it is', async () => {
  const zip = await place('x.zip');
  const tar = await place('x.tar');
  await stock('7z', ['a', '-t7z', zip.replace('.zip', '.7z'), 'db'], source);
  await rename(zip.replace('.zip', '.7z'), zip);
  expect((await refusal(zip)).message).toContain('no zip but a 7-Zip archive');
  await stock('tar', ['cf', tar, 'db'], source);
  await rename(tar, zip);
  expect((await refusal(zip)).message).toContain('no zip but a tar archive');
  await stock('sh', ['-c', `tar czf '${zip}' db`], source);
  expect((await refusal(zip)).message).toContain('no zip but a gzip file');
  await writeFile(zip, '<!DOCTYPE html><html>Masuk untuk mengunduh</html>');
  expect((await refusal(zip)).message).toContain('no zip but a web page');
  for (const bytes of [Buffer.alloc(0), Buffer.from('PK'), Buffer.alloc(5000)]) {
    await writeFile(zip, bytes);
    expect(String(await filesIn(zip).catch((error: unknown) => error))).toContain('neither begins nor ends');
  }
  const cut = (await readFile(whole)).subarray(0, -30);
  await writeFile(zip, cut);
  expect(String(await filesIn(zip).catch((error: unknown) => error))).toContain(
    'the end of the zip is missing',
  );
});

test('half a database is damaged, and what it lacks is named', async () => {
  for (const [pattern, missing] of [
    ['*/service.properties', 'service.properties'],
    ['*/seg0/*', 'seg0'],
  ] as const) {
    const zip = await place('half.zip');
    await stock('zip', ['-qr', zip, 'db', '-x', pattern], source);
    const error = await filesIn(zip).catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(UnopenedBackup);
    expect(String(error)).toContain(`has no ${missing}`);
  }
});

describe('pushed', () => {
  const now = { now: new Date('2023-07-20T10:00:00+07:00') };

  test('a zip made inside the database folder is ETaxInvoice, and that is said', async () => {
    world = await makeWorld({ live: null, backups: [] });
    const zip = join(world.folder, '2023-07-08 09.30.zip');
    await stock('zip', ['-qr', zip, '.'], join(source, 'db', 'ETaxInvoice'));
    const document = await world.json(['push', '--source', zip], now);
    expect(document.warnings.map(({ code }) => code)).toContain('assumed-name');
    const to = join(world.folder, 'to');
    await world.json(['pull', '--to', to]);
    expect(Object.keys(await treeOf(join(to, 'db')))).toContain('ETaxInvoice/service.properties');
    const found = await world.json<{ found: unknown[]; warnings: { code: string }[] }>([
      'find',
      'Gerbang Semesta',
      '345000',
      '--local',
      zip,
    ]);
    expect(found.found).toHaveLength(1);
    expect(found.warnings.map(({ code }) => code)).toContain('assumed-name');
  });

  test('in backup it is a note where a newer state is stored, and exit 3 each time where it is the newest', async () => {
    world = await makeWorld({ live: null });
    const backup = join(world.app, 'backup');
    const old = join(backup, '2023-07-01 08.00.zip');
    await sevenZip(old, '-mm=LZMA');
    await stock('zip', ['-qr', '-P', 'x', join(backup, '2023-07-02 08.00.zip'), 'db'], source);
    for (const [i, outcome] of ['created', 'unchanged'].entries()) {
      const document = await world.json(['push', '--all'], now);
      expect(document.outcome).toBe(outcome);
      expect(document.backups).toHaveLength(i === 0 ? 2 : 0);
      const notes = document.warnings.filter(({ code }) => code === 'archive-not-opened');
      expect(notes).toHaveLength(2);
      const said = notes.map(({ message }) => message).join();
      expect([said.includes('password'), said.includes('LZMA')]).toEqual([true, true]);
    }
    expect((await world.json(['push'], now)).outcome).toBe('unchanged');
    // Now one is the newest.
    await rename(old, join(backup, '2023-07-19 08.00.zip'));
    for (const args of [['push'], ['push', '--all'], ['push', '--all'], ['push', '--source', 'backup']]) {
      const outcome = await world.run([...args, '--json'], now);
      expect(outcome.code, args.join(' ')).toBe(3);
      expect(outcome.stderr).toContain('LZMA');
      expect(outcome.stderr).not.toContain('damaged');
    }
    expect((await keysOf(world.store)).filter((key) => key.endsWith('.tar.zst'))).toHaveLength(2);
  });

  test('--source takes what --local takes', async () => {
    world = await makeWorld(null);
    const app = join(world.folder, 'lain');
    await makeEfakturFolder(app, { live: 'seed-8-july' });
    await cp(join(app, 'db'), join(app, 'db_old'), { recursive: true, preserveTimestamps: true });
    await utimes(app, march, march);
    await mkdir(join(app, 'db', 'catatan'));
    const zip = join(world.folder, 'db.zip');
    await cp(whole, zip);
    await utimes(zip, july, july);
    const env = { EFAKTUR_APP_DIR: undefined };
    const expected = await treeOf(join(app, 'db', 'ETaxInvoice'));
    for (const path of [app, join(app, 'db'), join(app, 'db', 'ETaxInvoice'), zip]) {
      const found = await world.json<{ found: unknown[] }>([
        'find',
        'Gerbang Semesta',
        '345000',
        '--local',
        path,
      ]);
      expect(found.found, path).toHaveLength(1);
      const { backups } = await world.json(['push', '--full', '--source', path], { ...now, env });
      expect(backups[0]?.capturedAt.slice(0, 16), path).toBe('2023-07-08T09:30');
      const to = join(world.folder, `to-${backups[0]?.id}`);
      await world.json(['pull', '--id', backups[0]?.id ?? '', '--to', to]);
      expect(await treeOf(join(to, 'db', 'ETaxInvoice')), path).toEqual(expected);
      expect(Object.keys(await treeOf(join(to, 'db'))).every((name) => name.startsWith('ETaxInvoice/'))).toBe(
        true,
      );
    }
  });
});
