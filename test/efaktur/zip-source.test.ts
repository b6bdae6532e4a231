import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { byUtf8 } from '../../src/base/file-set.ts';
import { openZip } from '../../src/efaktur/zip-source.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { seeds } from '../support/efaktur-folder.ts';
import { databaseEntries, type ZipEntry, zipBytes } from './zip-bytes.ts';

const zone = 'Asia/Jakarta';

async function zipFile(content: Buffer | readonly ZipEntry[]): Promise<string> {
  const path = join(await tempFolder(), '2023-07-08 09.30.zip');
  await writeFile(path, Buffer.isBuffer(content) ? content : zipBytes(content));
  return path;
}

interface Read {
  readonly content: Record<string, string>;
  readonly mtimes: Record<string, string>;
  readonly set: Awaited<ReturnType<typeof openZip>>['set'];
}

/** Reads every file to its end. */
async function readAll(content: Buffer | readonly ZipEntry[], inZone = zone): Promise<Read> {
  const { set, close } = await openZip(await zipFile(content), inZone);
  try {
    const read: Record<string, string> = {};
    for (const file of set.files) {
      const parts: Buffer[] = [];
      for await (const part of await file.open()) parts.push(part);
      read[file.path] = Buffer.concat(parts).toString();
      expect(file.sizeBytes).toBe(Buffer.concat(parts).length);
    }
    const mtimes = Object.fromEntries(set.files.map((f) => [f.path, new Date(f.mtimeMs).toISOString()]));
    return { content: read, mtimes, set };
  } finally {
    close();
  }
}
const outcome = (content: Buffer | readonly ZipEntry[]) => codeOf(readAll(content));
async function messageOf(content: Buffer | readonly ZipEntry[]): Promise<string> {
  const error = await readAll(content).catch((thrown: unknown) => thrown);
  expect(isEfakturError(error, 'source-unusable')).toBe(true);
  return String(error);
}

const paths = ['E/log/log.ctrl', 'E/log/log1.dat', 'E/seg0/c10.dat', 'E/service.properties'];

test.each([
  ['a db folder', 'db/E'],
  ['the database at the top', 'E'],
  ['a folder above db', 'backup 2023-07-08/db/E'],
  ['deep folders', 'C/Users/kasir/e-Faktur/db/E'],
  ['a db by another name', 'db_old/E'],
])('with %s its files are found', async (_, root) => {
  const { content, set } = await readAll(databaseEntries(root));
  expect(Object.keys(content)).toEqual(paths);
  expect(content['E/seg0/c10.dat']).toBe('page '.repeat(2000));
  expect(set).toMatchObject({ databases: ['E'], emptyFolders: ['E/tmp'], problems: [], leftOut: [] });
});

test('the drop list is applied, several databases are one set', async () => {
  const { set } = await readAll([
    { name: 'db/' },
    ...databaseEntries('db/E'),
    { name: 'db/E/tmp/' },
    { name: 'db/E/db.lck', bytes: 'lock' },
    { name: 'db/E/tmp/T1.tmp', bytes: 'x' },
    ...databaseEntries('db/PT Maju'),
    { name: 'db/derby.log', bytes: 'x' },
    { name: 'db/empty/' },
    { name: 'read me.txt', bytes: 'outside' },
  ]);
  expect(set.files.map((f) => f.path)).toEqual(
    [...paths, ...paths.map((p) => p.replace('E/', 'PT Maju/'))].sort(byUtf8),
  );
  expect(set).toMatchObject({
    databases: ['E', 'PT Maju'],
    leftOut: ['derby.log', 'empty'],
    problems: [],
  });
});

test('folders told by their own entries alone count', async () => {
  const { set } = await readAll([
    ...databaseEntries('db/E'),
    { name: 'db/Rusak/' },
    { name: 'db/Rusak/seg0/' },
  ]);
  expect(set.databases).toEqual(['E', 'Rusak']);
  expect(set.problems).toHaveLength(1);
  const bare = await readAll([
    { name: 'db/X/service.properties' },
    { name: 'db/X/seg0/' },
    { name: 'db/X/log/' },
  ]);
  expect(bare.set.problems).toHaveLength(2);
});

test('the real login backups of the seed are read', async () => {
  const { set, close } = await openZip(seeds['seed-8-july'].path, zone);
  expect(set).toMatchObject({ databases: ['ETaxInvoice'], problems: [], leftOut: [] });
  expect(set.files.length).toBeGreaterThan(50);
  expect(Math.abs(set.newestMtimeMs - seeds['seed-8-july'].time.getTime())).toBeLessThan(60_000);
  close();
});

test('two db folders in one zip are an error that names them', async () => {
  for (const [one, two] of [
    ['db/E', 'db_old/E'],
    ['E', 'db/E'],
    ['db/E', 'db/lama/E'],
    ['a/db/E', 'b/db/E'],
  ] as const) {
    const message = await messageOf([...databaseEntries(one), ...databaseEntries(two)]);
    expect(message).toContain(two.slice(0, -1));
  }
});

test('a zip without a database is an error', async () => {
  expect(await outcome([])).toBe('source-unusable');
  expect(await outcome([{ name: 'photo.jpg', bytes: 'x' }])).toBe('source-unusable');
  expect(await outcome([{ name: 'db/' }, { name: 'db/E/' }])).toBe('source-unusable');
  expect(await outcome([{ name: 'db/E/service.properties' }])).toBe('source-unusable');
  expect(await outcome([{ name: 'db/E/seg0/c10.dat' }])).toBe('source-unusable');
});

test('stored and deflated files, with or without zip64 fields and a comment, are the same', async () => {
  const expected = (await readAll(databaseEntries('db/E'))).content;
  for (const more of [{ stored: true }, { zip64: true }, { stored: true, zip64: true }] as const)
    expect((await readAll(databaseEntries('db/E', more))).content).toEqual(expected);
  expect((await readAll(zipBytes(databaseEntries('db/E'), 'dibuat oleh ETaxInvoiceUpd'))).content).toEqual(
    expected,
  );
  const empty = [...databaseEntries('db/E'), { name: 'db/E/seg0/c20.dat' }];
  expect((await readAll(empty)).content['E/seg0/c20.dat']).toBe('');
});

test('a time without a zone is the wall clock of the zone', async () => {
  const entries = databaseEntries('db/E', { wall: '2023-07-08T09:30:14' });
  for (const [inZone, utc] of [
    ['Asia/Jakarta', '2023-07-08T02:30:14.000Z'],
    ['Asia/Makassar', '2023-07-08T01:30:14.000Z'],
    ['Asia/Jayapura', '2023-07-08T00:30:14.000Z'],
  ] as const)
    expect((await readAll(entries, inZone)).mtimes['E/seg0/c10.dat']).toBe(utc);
});

test('a time in UTC is taken as it is, whatever the wall clock and the zone', async () => {
  const utc = new Date('2023-07-08T02:30:15Z');
  for (const more of [{ utc }, { ntfs: utc }, { utc, ntfs: new Date(0) }])
    for (const inZone of ['Asia/Jakarta', 'Asia/Jayapura'])
      expect((await readAll(databaseEntries('db/E', more), inZone)).mtimes['E/seg0/c10.dat']).toBe(
        '2023-07-08T02:30:15.000Z',
      );
});

test('a wrong CRC or size shows when the file is read', async () => {
  const more = (claims: ZipEntry['claims']): ZipEntry[] => [
    ...databaseEntries('db/E'),
    { name: 'db/E/seg0/c20.dat', bytes: 'content', ...(claims && { claims }) },
    { name: 'db/E/seg0/c30.dat', bytes: 'content', stored: true, ...(claims && { claims }) },
  ];
  expect(await outcome(more({}))).toBeNull();
  expect(await messageOf(more({ crc: 1 }))).toContain('E/seg0/c20.dat');
  expect(await outcome(more({ sizeBytes: 6 }))).toBe('source-unusable');
  expect(await outcome(more({ sizeBytes: 8 }))).toBe('source-unusable');
  expect(await outcome(more({ sizeBytes: 0xfffffff0 }))).toBe('source-unusable');
});

test('no damage of a zip gives other bytes', async () => {
  const whole = zipBytes(databaseEntries('db/E'));
  const { content } = await readAll(whole);
  for (let at = 0; at < whole.length; at += 3) {
    const damaged = Buffer.from(whole);
    damaged.writeUInt8((whole[at] ?? 0) ^ (1 << (at % 8)), at);
    try {
      const read = await readAll(damaged);
      // A flip in a name or in a time moves a file; bytes are never others.
      for (const text of Object.values(read.content)) expect(Object.values(content)).toContain(text);
    } catch (error) {
      if (!isEfakturError(error, 'source-unusable')) throw error;
    }
  }
}, 20_000);

test('a zip cut anywhere, or none at all, is unusable', async () => {
  const whole = zipBytes(databaseEntries('db/E'));
  for (const length of [0, 1, 21, 100, Math.floor(whole.length / 2), whole.length - 22, whole.length - 1])
    expect(await outcome(whole.subarray(0, length)), `cut to ${length}`).toBe('source-unusable');
  expect(await outcome(Buffer.alloc(5000))).toBe('source-unusable');
  expect(await outcome(Buffer.from('Rar!\x1a\x07\x00'))).toBe('source-unusable');
  expect(await codeOf(openZip(join(await tempFolder(), 'absent.zip'), zone))).toBe('source-unusable');
  expect(await codeOf(openZip(await tempFolder(), zone))).toBe('source-unusable');
});

test('a zip with a password says so', async () => {
  expect(await messageOf(databaseEntries('db/E', { locked: true }))).toContain('password');
  // What is locked beside the databases does not matter.
  expect(await outcome([...databaseEntries('db/E'), { name: 'secret.txt', locked: true }])).toBeNull();
});

test('names that climb out are refused, backslashes of old zips are read', async () => {
  for (const name of ['../x', 'db/../../x', '/etc/passwd', 'C:/x'])
    expect(await outcome([...databaseEntries('db/E'), { name, bytes: 'x' }]), name).toBe('source-unusable');
  const { content } = await readAll(
    databaseEntries('db/E').map((entry) => ({ ...entry, name: entry.name.replaceAll('/', '\\') })),
  );
  expect(Object.keys(content)).toEqual(paths);
});

test('a file met twice is kept once and the other named', async () => {
  const { content, set } = await readAll([
    ...databaseEntries('db/E'),
    { name: 'db/E/seg0/c10.dat', bytes: 'again' },
    { name: 'db/E/SEG0/c10.dat', bytes: 'in capitals' },
  ]);
  expect(Object.keys(content)).toEqual(paths);
  expect(content['E/seg0/c10.dat']).toBe('again');
  expect(set.leftOut).toEqual(['E/SEG0/c10.dat', 'E/seg0/c10.dat']);
});

test('many files are read one after the other without holding the zip in memory', async () => {
  const page = Buffer.alloc(1 << 20, 'page');
  const entries = [
    ...databaseEntries('db/E'),
    ...Array.from({ length: 40 }, (_, i) => ({ name: `db/E/seg0/d${i}.dat`, bytes: page })),
  ];
  const { set, close } = await openZip(await zipFile(entries), zone);
  let bytes = 0;
  let longest = 0;
  for (const file of set.files) {
    for await (const chunk of await file.open()) {
      bytes += chunk.length;
      longest = Math.max(longest, chunk.length);
    }
  }
  close();
  expect(bytes).toBeGreaterThan(40 << 20);
  expect(longest).toBeLessThanOrEqual(1 << 20);
});

test('a file left half read, and the zip closed, ends without an unhandled error', async () => {
  const { set, close } = await openZip(
    await zipFile(databaseEntries('db/E', { bytes: 'x'.repeat(500_000) })),
    zone,
  );
  for (const file of set.files) {
    const stream = await file.open();
    for await (const _ of stream) break;
    expect(stream.destroyed).toBe(true);
  }
  close();
  await new Promise((resolve) => setTimeout(resolve, 20));
});

/** Names as only a hostile zip has them; the bytes do not matter. */
const named = (names: readonly string[]): ZipEntry[] => names.map((name) => ({ name, bytes: '' }));

test('zips of too many files, databases or folders are refused at once, in few words', async () => {
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const properties = (folder: string): string[] => [`${folder}/service.properties`, `${folder}/seg0/c1.dat`];
  const hostile = {
    'too many files': numbers(20_001).map((i) => `db/E/seg0/c${i}.dat`),
    'too many databases': numbers(9000).flatMap((i) => properties(`db/d${i}`)),
    'too many db folders': numbers(9000).flatMap((i) => properties(`r${i}/db/d`)),
    'too deep a file': [...properties('db/E'), `db/E/${'a/'.repeat(2000)}x`],
    'too long a name': [...properties('db/E'), `db/E/${'a'.repeat(5000)}`],
  };
  for (const [what, names] of Object.entries(hostile)) {
    const path = await zipFile(named(names));
    const startedAt = performance.now();
    const error: unknown = await openZip(path, zone).catch((e: unknown) => e);
    expect(isEfakturError(error, 'source-unusable') && error.message.length, what).toBeLessThan(400);
    expect(performance.now() - startedAt, what).toBeLessThan(20_000);
  }
});

test('a file whose name no system takes is left out, so what is pushed can be restored', async () => {
  const entries = databaseEntries('db/E');
  const long = `db/E/seg0/${'n'.repeat(300)}.dat`;
  const { set } = await readAll([...entries, { name: long, bytes: 'x' }]);
  expect(set.leftOut).toEqual([long.slice('db/'.length)]);
  expect(set.files.every(({ path }) => path.length < 100)).toBe(true);
});
