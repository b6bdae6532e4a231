import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { expect, test } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { verbatim } from '../../src/base/text.ts';
import {
  type AppFolderSearch,
  findAppFolder,
  isAppFolder,
  usualPlaces,
} from '../../src/efaktur/app-folder.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { makeEfakturFolder, setTimes } from '../support/efaktur-folder.ts';

type SearchParts = Partial<Omit<AppFolderSearch, 'usualPlaces'>> & { usualPlaces?: readonly string[] };
const search = ({ usualPlaces: places = [], ...parts }: SearchParts): AppFolderSearch => ({
  given: null,
  currentFolder: '/',
  usualPlaces: async () => places,
  zone: 'Asia/Jakarta',
  ...parts,
});
const given = (path: string) => ({ path, where: verbatim('--app') });
const liveTime = new Date('2023-07-09T10:00:00+07:00');

test('a folder is recognised by its program beside a database or backups', async () => {
  const root = await tempFolder();
  const full = await makeEfakturFolder(join(root, 'full'));
  const fresh = await makeEfakturFolder(join(root, 'fresh'), { live: null, backups: [] });
  const noDb = await makeEfakturFolder(join(root, 'no-db'), { live: null });
  const noProgram = await makeEfakturFolder(join(root, 'no-program'));
  for (const name of ['ETaxInvoiceMain', 'ETaxInvoiceMain.exe', 'ETaxInvoiceMain.config'])
    await rm(join(noProgram, name));
  expect(await isAppFolder(full)).toBe(true);
  expect(await isAppFolder(noDb)).toBe(true);
  expect(await isAppFolder(fresh)).toBe(false);
  expect(await isAppFolder(noProgram)).toBe(false);
  expect(await isAppFolder(root)).toBe(false);
  expect(await isAppFolder(join(root, 'absent'))).toBe(false);
});

test('the folder given is taken as it is, with its newest change', async () => {
  const app = await makeEfakturFolder(await tempFolder(), { backups: [], liveTime });
  expect(await findAppFolder(search({ given: given(app) }))).toEqual({ path: app, newestChange: liveTime });
  const odd = await tempFolder();
  expect(await findAppFolder(search({ given: given(odd) }))).toEqual({ path: odd, newestChange: null });
});

test('a folder given that is not there, or a file, is a usage error that names where it came from', async () => {
  const root = await tempFolder();
  await writeFile(join(root, 'file'), '');
  for (const path of [join(root, 'absent'), join(root, 'file')]) {
    const error = await findAppFolder(
      search({ given: { path, where: verbatim('EFAKTUR_APP_DIR in /x/.env') } }),
    ).catch((thrown: unknown) => thrown);
    expect(isEfakturError(error, 'usage')).toBe(true);
    expect(String(error)).toContain('EFAKTUR_APP_DIR in /x/.env');
    expect(String(error)).toContain(path);
  }
});

test('a link is followed, so that one folder has one name', async () => {
  const root = await tempFolder();
  const app = await makeEfakturFolder(join(root, 'e-Faktur'));
  await symlink(app, join(root, 'link'));
  expect((await findAppFolder(search({ given: given(join(root, 'link')) }))).path).toBe(app);
  expect((await findAppFolder(search({ currentFolder: join(root, 'link') }))).path).toBe(app);
  expect((await findAppFolder(search({ usualPlaces: [join(root, 'link'), app] }))).path).toBe(app);
});

test('the current folder comes before the usual places, what is given before both', async () => {
  const root = await tempFolder();
  const [a, b, c] = [
    await makeEfakturFolder(join(root, 'a')),
    await makeEfakturFolder(join(root, 'b')),
    await makeEfakturFolder(join(root, 'c')),
  ];
  const all = { currentFolder: a, usualPlaces: [b] };
  expect((await findAppFolder(search(all))).path).toBe(a);
  expect((await findAppFolder(search({ ...all, given: given(c) }))).path).toBe(c);
});

test('the only one in the usual places is found, in them or one below', async () => {
  const root = await tempFolder();
  const app = await makeEfakturFolder(join(root, 'Documents', 'eFaktur-Windows-64bit'));
  await mkdir(join(root, 'Documents', 'faktur pajak'));
  const places = { usualPlaces: [join(root, 'absent'), root, join(root, 'Documents')] };
  expect((await findAppFolder(search(places))).path).toBe(app);
  expect((await findAppFolder(search({ usualPlaces: [app] }))).path).toBe(app);
});

test('a drive that is not there is told as one that tasks may not have', async () => {
  const error = await findAppFolder(search({ given: given('Q:\\e-Faktur') })).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'usage', hint: { en: expect.stringContaining('\\\\server\\share') } });
});

test('none is an unusable source', async () => {
  const root = await tempFolder();
  expect(
    await codeOf(findAppFolder(search({ currentFolder: root, usualPlaces: [root, join(root, 'x')] }))),
  ).toBe('source-unusable');
});

test('of several none is chosen; each is listed with its newest change in the zone', async () => {
  const root = await tempFolder();
  const one = await makeEfakturFolder(join(root, 'e-Faktur 3.2'), { backups: [], liveTime });
  const two = await makeEfakturFolder(join(root, 'e-Faktur 4.0'), { live: null });
  await utimes(join(two, 'backup', '2023-07-06 09.15.zip'), liveTime, liveTime);
  await setTimes(join(two, 'backup'), new Date('2024-01-02T00:00:00Z'));
  const error = await findAppFolder(search({ usualPlaces: [root] })).catch((thrown: unknown) => thrown);
  expect(isEfakturError(error, 'usage')).toBe(true);
  expect(String(error)).toContain(`${one} (newest change 2023-07-09T10:00:00+07:00)`);
  expect(String(error)).toContain(`${two} (newest change 2024-01-02T07:00:00+07:00)`);
  expect((await findAppFolder(search({ usualPlaces: [root], given: given(one) }))).path).toBe(one);
});

test('the usual places of Windows hold the default one', () => {
  const places = usualPlaces('win32', {
    home: 'C:\\Users\\kasir',
    programFiles: ['C:\\Program Files', 'C:\\Program Files (x86)'],
    drives: ['C', 'G'],
    personal: ['D:\\OneDrive\\Dokumen'],
  });
  expect(places.map((place) => place.replaceAll(sep, '\\'))).toEqual(
    expect.arrayContaining([
      'C:\\Program Files\\Direktorat Jenderal Pajak',
      'D:\\',
      'D:\\Direktorat Jenderal Pajak',
      'G:\\Direktorat Jenderal Pajak',
      'D:\\OneDrive\\Dokumen',
      'C:\\Users\\kasir\\Documents',
    ]),
  );
  const kasir = { home: '/home/kasir', personal: [], programFiles: [], drives: [] };
  expect(usualPlaces('linux', kasir)).toContain('/home/kasir/Documents');
});
