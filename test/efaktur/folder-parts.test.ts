import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderPartOf, hasProgram, isSameDisk } from '../../src/efaktur/folder-parts.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';

const kindOf = async (path: string): Promise<string | null> => {
  const part = await folderPartOf(path);
  return part && `${part.kind} of ${part.appFolder}`;
};

test('the db and the backup of an e-Faktur folder, and what lies in them, are told by what is there', async () => {
  const app = await makeEfakturFolder(join(await tempFolder(), 'e-Faktur'));
  expect(await folderPartOf(join(app, 'db', 'ETaxInvoice', 'seg0', 'new'))).toEqual({
    kind: 'database',
    path: join(app, 'db', 'ETaxInvoice'),
    appFolder: app,
  });
  for (const [name, kind] of [
    ['db', 'db'],
    ['db/new', 'db'],
    ['db/new/deep', 'db'],
    ['db/ETaxInvoice', 'database'],
    ['backup', 'backup'],
    ['backup/store/2023', 'backup'],
  ] as const)
    expect(await kindOf(join(app, name)), name).toBe(`${kind} of ${app}`);
  for (const name of ['.', 'lib', 'new', 'new/db', 'new/backup'])
    expect(await kindOf(join(app, name)), name).toBeNull();
  expect(await hasProgram(app)).toBe(true);
});

test('names alone say nothing', async () => {
  const root = await tempFolder();
  for (const name of ['backup', 'Backup', 'db', 'nas/backup', 'nas/db']) {
    await mkdir(join(root, name), { recursive: true });
    expect(await kindOf(join(root, name)), name).toBeNull();
    expect(await kindOf(join(root, name, 'x')), name).toBeNull();
  }
  const app = await makeEfakturFolder(join(root, 'e-Faktur'));
  // A db copied by hand beside a folder that is to be a store.
  await cp(join(app, 'db'), join(root, 'nas', 'db'), { recursive: true });
  expect(await kindOf(join(root, 'nas', 'backup'))).toBeNull();
  await mkdir(join(root, 'nas', 'backup', '2023-07-08'));
  await writeFile(join(root, 'nas', 'backup', '2023-07-08', 'x.tar.zst'), '');
  expect(await kindOf(join(root, 'nas', 'backup'))).toBeNull();
});

test('a folder that was restored without the program is one all the same', async () => {
  const root = await tempFolder();
  const app = await makeEfakturFolder(join(root, 'e-Faktur'));
  for (const name of ['ETaxInvoiceMain', 'ETaxInvoiceMain.exe', 'ETaxInvoiceMain.config'])
    await rm(join(app, name));
  expect(await hasProgram(app)).toBe(false);
  expect(await kindOf(join(app, 'db', 'new'))).toBe(`db of ${app}`);
  expect(await kindOf(join(app, 'backup'))).toBe(`backup of ${app}`);
});

test('an e-Faktur folder stays one with the copy of a database in it, also without the program', async () => {
  const app = await makeEfakturFolder(join(await tempFolder(), 'e-Faktur'));
  await cp(join(app, 'db', 'ETaxInvoice'), join(app, 'ETaxInvoice salinan'), { recursive: true });
  const kinds = async () => [
    await kindOf(app),
    await kindOf(join(app, 'new')),
    await kindOf(join(app, 'db')),
  ];
  expect(await kinds()).toEqual([null, null, `db of ${app}`]);
  for (const name of ['ETaxInvoiceMain', 'ETaxInvoiceMain.exe', 'ETaxInvoiceMain.config'])
    await rm(join(app, name));
  expect(await kinds()).toEqual([null, null, `db of ${app}`]);
});

test('databases under any other name are told, also damaged ones and through links', async () => {
  const root = await tempFolder();
  const app = await makeEfakturFolder(join(root, 'e-Faktur'));
  await cp(join(app, 'db'), join(root, 'copy'), { recursive: true });
  expect(await kindOf(join(root, 'copy'))).toBe('db of null');
  expect(await kindOf(join(root, 'copy', 'ETaxInvoice', 'x'))).toBe('database of null');
  expect(await kindOf(join(root, 'copy', 'new'))).toBeNull();
  await rm(join(root, 'copy', 'ETaxInvoice', 'service.properties'));
  expect(await kindOf(join(root, 'copy'))).toBe('db of null');
  await symlink(join(app, 'db'), join(root, 'link'));
  expect(await kindOf(join(root, 'link', 'new'))).toBe(`db of ${app}`);
  await cp(join(app, 'db'), join(app, 'data'), { recursive: true });
  expect(await kindOf(join(app, 'data'))).toBe(`db of ${app}`);
});

test('one disk is told, also of folders that are not there yet', async () => {
  const root = await tempFolder();
  expect(await isSameDisk(root, join(root, 'a', 'b'))).toBe(true);
  expect(await isSameDisk(root, '/proc/self')).toBe(false);
});
