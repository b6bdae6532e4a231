import { appendFile, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  describeBackup,
  type LoginBackup,
  listLoginBackups,
  openLoginBackup,
  openSettledBackup,
} from '../../src/efaktur/login-backups.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';
import { databaseEntries, zipBytes } from './zip-bytes.ts';

const zone = 'Asia/Jakarta';
const time = new Date('2023-07-08T09:30:15.400+07:00');
const whole = zipBytes(databaseEntries('db/E'));

async function write(path: string, content: Buffer | string = ''): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  await utimes(path, time, time);
  return path;
}
async function writeDatabase(folder: string, ...without: string[]): Promise<void> {
  for (const { name, bytes } of databaseEntries(folder)) {
    if (!without.some((part) => name.includes(part))) await write(name, bytes as string);
  }
}

/** An app folder with a `backup` of these. */
async function backups(make: (backup: string) => Promise<void>): Promise<LoginBackup[]> {
  const app = await tempFolder();
  await mkdir(join(app, 'backup'));
  await make(join(app, 'backup'));
  return listLoginBackups(app, zone);
}
const only = async (make: (backup: string) => Promise<void>): Promise<LoginBackup> => {
  const [first, ...others] = await backups(make);
  expect(others).toEqual([]);
  if (!first) throw new Error('nothing was found');
  return first;
};
async function databasesOf(backup: LoginBackup): Promise<readonly string[]> {
  const state = await openLoginBackup(backup, zone);
  const { databases } = await state.files();
  state.close();
  return databases;
}

test('what a used e-Faktur folder holds is listed oldest first, and opens', async () => {
  const app = await makeEfakturFolder(await tempFolder());
  const found = await listLoginBackups(app, zone);
  expect(found).toMatchObject([
    {
      name: '2023-07-06 09.15.zip',
      type: 'zip',
      basis: 'name',
      capturedAt: new Date('2023-07-06T02:15:00Z'),
    },
    {
      name: 'ETaxInvoice_20230708_093000.zip',
      type: 'zip',
      basis: 'name',
      capturedAt: new Date('2023-07-08T02:30:00Z'),
    },
  ]);
  for (const backup of found) expect(await databasesOf(backup)).toEqual(['ETaxInvoice']);
});

test('a name that proves nothing gives way to the time of the file, whole seconds', async () => {
  const backup = await only(async (folder) => {
    await write(join(folder, 'db.zip'), zipBytes(databaseEntries('db/E')));
  });
  expect(backup).toMatchObject({
    basis: 'mtime',
    capturedAt: new Date('2023-07-08T02:30:15Z'),
    mtimeMs: time.getTime(),
  });
});

test('folders are found with and without a db folder in them', async () => {
  const found = await backups(async (folder) => {
    await writeDatabase(join(folder, '2023-07-08 09.30/db/E'));
    await writeDatabase(join(folder, '2023-07-07 09.30/E'));
    await writeDatabase(join(folder, '2023-07-06 09.30/apa saja/E'));
    await write(join(folder, 'gambar/foto.jpg'));
    await mkdir(join(folder, 'kosong'));
  });
  expect(found.map((b) => [b.name, b.type])).toEqual([
    ['2023-07-06 09.30', 'folder'],
    ['2023-07-07 09.30', 'folder'],
    ['2023-07-08 09.30', 'folder'],
  ]);
  for (const backup of found) expect(await databasesOf(backup)).toEqual(['E']);
});

test('a damaged database in a folder is named, not passed over', async () => {
  const found = await backups(async (folder) => {
    await writeDatabase(join(folder, '1/db/E'), 'service.properties');
    await writeDatabase(join(folder, '2/db/E'), 'seg0');
  });
  expect(found.map((b) => b.name)).toEqual(['1', '2']);
  for (const backup of found) {
    const state = await openLoginBackup(backup, zone);
    expect((await state.files()).problems, backup.name).toHaveLength(1);
  }
});

test('a folder with two db folders is listed, fails alone when opened, and does not hide the others', async () => {
  const found = await backups(async (folder) => {
    await writeDatabase(join(folder, '2023-07-06 09.30/db/E'));
    await writeDatabase(join(folder, '2023-07-06 09.30/db_old/E'));
    await writeDatabase(join(folder, '2023-07-08 09.30/db/E'));
  });
  expect(await Promise.all(found.map((backup) => codeOf(openLoginBackup(backup, zone))))).toEqual([
    'source-unusable',
    null,
  ]);
});

test('archives of other kinds are told as such and ask to be extracted', async () => {
  const found = await backups(async (folder) => {
    for (const name of ['db.rar', 'db.7z', 'DB.RAR', 'db.tar.gz', 'catatan.txt', 'db.zip.part', 'Thumbs.db'])
      await write(join(folder, name), 'x');
  });
  expect(found.map((b) => [b.name, b.type]).sort()).toEqual([
    ['DB.RAR', 'unreadable-archive'],
    ['db.7z', 'unreadable-archive'],
    ['db.rar', 'unreadable-archive'],
    ['db.tar.gz', 'unreadable-archive'],
  ]);
  for (const backup of found) expect(await codeOf(openLoginBackup(backup, zone))).toBe('source-unusable');
});

test('a zip is known by its first bytes, whatever its name', async () => {
  const found = await backups(async (folder) => {
    await write(join(folder, '20230707_0930'), whole);
    await write(join(folder, '2023-07-08 09.30.zip.bak'), whole);
    await write(join(folder, '2023-07-09 09.30.bak'), whole.subarray(0, -30));
    await write(join(folder, 'PK'), 'PK and no zip');
  });
  expect(found.map((b) => [b.name, b.type])).toEqual([
    ['20230707_0930', 'zip'],
    ['2023-07-08 09.30.zip.bak', 'zip'],
    ['2023-07-09 09.30.bak', 'zip'],
  ]);
  const [first, second, cut] = found as [LoginBackup, LoginBackup, LoginBackup];
  for (const backup of [first, second]) expect(await databasesOf(backup)).toEqual(['E']);
  expect(await codeOf(openLoginBackup(cut, zone))).toBe('source-unusable');
});

test('databases are found some folders down, and two db folders at different depths are two', async () => {
  const found = await backups(async (folder) => {
    await writeDatabase(join(folder, '2023-07-08 09.30/Dokumen/e-Faktur/backup/db/E'));
    await writeDatabase(join(folder, '2023-07-09 09.30/db/E'));
    await writeDatabase(join(folder, '2023-07-09 09.30/lama/e-Faktur/db/E'));
    await writeDatabase(join(folder, '2023-07-10 09.30/1/2/3/4/5/6/7/db/E'));
  });
  expect(found.map((b) => b.name)).toEqual(['2023-07-08 09.30', '2023-07-09 09.30']);
  const [deep, two] = found as [LoginBackup, LoginBackup];
  expect(await databasesOf(deep)).toEqual(['E']);
  expect(await codeOf(openLoginBackup(two, zone))).toBe('source-unusable');
});

test('backupDB counts as backup does, in any case; no such folder is none', async () => {
  const app = await tempFolder();
  expect(await listLoginBackups(app, zone)).toEqual([]);
  expect(await listLoginBackups(join(app, 'absent'), zone)).toEqual([]);
  for (const folder of ['backupDB', 'Backup', 'backups'])
    await write(join(app, folder, `${folder}.ZIP`), zipBytes(databaseEntries('db/E')));
  expect((await listLoginBackups(app, zone)).map((b) => b.name).sort()).toEqual([
    'Backup.ZIP',
    'backupDB.ZIP',
  ]);
});

test('one path is described, or is none', async () => {
  const folder = await tempFolder();
  expect(await describeBackup(join(folder, 'absent.zip'), zone)).toBeNull();
  expect(await describeBackup(await write(join(folder, 'x.txt')), zone)).toBeNull();
  expect(await describeBackup(await write(join(folder, 'x.zip'), 'abc'), zone)).toMatchObject({
    type: 'zip',
    sizeBytes: 3,
    name: 'x.zip',
  });
  expect(await describeBackup(folder, zone)).toMatchObject({ type: 'folder', path: folder });
  const described = await describeBackup(folder, zone);
  expect(described && (await codeOf(openLoginBackup(described, zone)))).toBe('source-unusable');
});

const watch = { quietMs: 400, limitMs: 1200 };

test('a whole zip opens at once, a broken one that does not grow is unusable soon', async () => {
  const [sound, broken] = await backups(async (folder) => {
    await write(join(folder, '2023-07-07 09.30.zip'), whole);
    await write(join(folder, '2023-07-08 09.30.zip'), whole.subarray(0, -30));
  });
  if (!sound || !broken) throw new Error('two were written');
  const opened = await openSettledBackup(sound, zone, { quietMs: 60_000, limitMs: 60_000 });
  expect((await opened?.state.files())?.databases).toEqual(['E']);
  opened?.state.close();
  expect(await codeOf(openSettledBackup(broken, zone, watch))).toBe('source-unusable');
});

test('a zip that is still being written is waited for, and has the time and size of its end', async () => {
  const backup = await only(async (folder) => {
    await write(join(folder, '1.zip'), whole.subarray(0, 200));
  });
  const opening = openSettledBackup(backup, zone, { quietMs: 2000, limitMs: 10_000 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await appendFile(backup.path, whole.subarray(200));
  const opened = await opening;
  expect((await opened?.state.files())?.databases).toEqual(['E']);
  expect(opened?.backup).toEqual(await describeBackup(backup.path, zone));
  expect(opened?.backup.sizeBytes).toBe(whole.length);
  opened?.state.close();
});

test('a zip that goes on growing is given up as null', async () => {
  const backup = await only(async (folder) => {
    await write(join(folder, '1.zip'), whole.subarray(0, 200));
  });
  const growing = setInterval(() => appendFile(backup.path, 'x').catch(() => {}), 50);
  try {
    expect(await openSettledBackup(backup, zone, watch)).toBeNull();
  } finally {
    clearInterval(growing);
  }
});

test('waiting ends with the signal', async () => {
  const backup = await only(async (folder) => {
    await write(join(folder, '1.zip'), 'broken');
  });
  const abort = new AbortController();
  const opening = openSettledBackup(backup, zone, { quietMs: 60_000, limitMs: 60_000, signal: abort.signal });
  setTimeout(() => abort.abort(), 50);
  await expect(opening).rejects.toThrow();
});

test('a zip that goes away while it is waited for does not open', async () => {
  const backup = await only(async (folder) => {
    await write(join(folder, '1.zip'), 'broken');
  });
  await rm(backup.path);
  expect(['source-unusable', null]).toContain(await codeOf(openSettledBackup(backup, zone, watch)));
});
