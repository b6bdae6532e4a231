import type { Dirent } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { isOwnFile, isOwnFolder, parseOriginKey } from '../../src/catalog/names.ts';
import { readAppFiles } from '../../src/efaktur/app-files.ts';
import { dbRootsIn } from '../../src/efaktur/db-roots.ts';
import { readDbFolder } from '../../src/efaktur/live-db.ts';
import { refuseTaken } from '../../src/efaktur/still-there.ts';
import { openFolderStore } from '../../src/store/folder.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { listed } from '../store/contract.ts';

/**
 * A volume with deduplication, or a cloud folder: Windows lists each file and folder there as a link, and `stat` and `lstat` say
 * what it is. Here each folder is listed so.
 */

vi.mock('node:fs/promises', async (original) => {
  const whole = await original<typeof import('node:fs/promises')>();
  const asLink = (entry: Dirent): Dirent =>
    Object.assign(Object.create(entry), {
      isFile: () => false,
      isDirectory: () => false,
      isSymbolicLink: () => true,
    });
  const list = whole.readdir as (path: string, options?: object) => Promise<Dirent[]>;
  return {
    ...whole,
    async readdir(path: string, options?: { withFileTypes?: boolean }) {
      const found = await list(path, options);
      return options?.withFileTypes ? found.map(asLink) : found;
    },
  };
});

let folder: string;

beforeEach(async () => {
  folder = await tempFolder();
});

async function put(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), 'x');
  }
}

test('the stand-in lists as Windows does', async () => {
  await put('a');
  const [entry] = await readdir(folder, { withFileTypes: true });
  expect([entry?.name, entry?.isFile(), entry?.isSymbolicLink()]).toEqual(['a', false, true]);
});

test('a program is stored whole, without what is a link', async () => {
  await put('ETaxInvoiceMain.exe', 'lib/derby.jar', 'java/bin/java.exe', 'db/ETaxInvoice/seg0/c10.dat');
  await symlink(join(folder, 'lib'), join(folder, 'elsewhere'));
  const { set, leftOut } = await readAppFiles(folder, {
    withCertificates: false,
    own: [],
    samePath: (a, b) => a === b,
    isOriginName: (name) => parseOriginKey(`origin/${name}`) !== null,
    isStoreFolder: (name) => isOwnFolder(`${name}/`),
  });
  expect(set.files.map(({ path }) => path)).toEqual([
    'ETaxInvoiceMain.exe',
    'java/bin/java.exe',
    'lib/derby.jar',
  ]);
  expect(leftOut).toEqual([
    { path: 'db', why: 'database' },
    { path: 'elsewhere', why: 'link' },
  ]);
});

test('databases are found and read, each once', async () => {
  const database = 'copy/e-Faktur/db/ETaxInvoice';
  await put(`${database}/service.properties`, `${database}/seg0/c10.dat`, `${database}/log/log1.dat`);
  await symlink('..', join(folder, 'copy', 'e-Faktur', 'above'));
  await symlink(join(folder, 'copy'), join(folder, 'also'));
  const roots = await dbRootsIn(folder);
  expect(roots).toHaveLength(1);
  const { files } = await readDbFolder(roots[0] ?? '');
  expect(files.map(({ path }) => path)).toContain('ETaxInvoice/seg0/c10.dat');
});

test('what was restored is seen to lie there, and what lies beside it', async () => {
  await put('ETaxInvoice/seg0/c10.dat', 'ETaxInvoice/log/beside');
  const list = { files: [{ path: 'ETaxInvoice/seg0/c10.dat', sizeBytes: 1 }], emptyFolders: [] };
  expect(await refuseTaken(folder, list)).toEqual(['ETaxInvoice/log/beside']);
});

test('a store lists all it holds', async () => {
  const keys = ['2023-07-08/a.json', 'README.txt', 'origin/o'];
  await put(...keys, 'Foto/x.jpg');
  const store = openFolderStore({ root: folder, url: folder, isOwnFolder, isOwnFile });
  expect((await listed(store, '')).map(({ key }) => key)).toEqual(keys);
});
