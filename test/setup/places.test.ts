import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verbatim } from '../../src/base/text.ts';
import { below, bucketAddress, isSynced, makeSharedFolder, proposedFolders } from '../../src/setup/places.ts';
import { tempFolder } from '../base/temp-folder.ts';

/** Where backups may go, as a wizard proposes it. */

const at = (host: string, region: string | null) => ({ place: verbatim(''), host, region });

test('a bucket is named so that it means the same whatever else is set', () => {
  expect(bucketAddress('b', 'pkp', at('is3.cloudhost.id', null))).toBe(
    's3://b/pkp?endpoint=https://is3.cloudhost.id',
  );
  expect(bucketAddress('b', 'pkp', at('http://10.0.0.2:9000', 'x'))).toBe(
    's3://b/pkp?endpoint=http://10.0.0.2:9000&region=x',
  );
});

test.each([
  ['s3://b?endpoint=https://x', 's3://b/pt?endpoint=https://x'],
  ['s3://b/office/', 's3://b/office/pt'],
  ['/mnt/usb/', '/mnt/usb/pt'],
  ['E:\\', 'E:\\pt'],
  ['\\\\nas\\data', '\\\\nas\\data\\pt'],
])('each profile has its own below %s', (url, own) => {
  expect(below(url, 'pt')).toBe(own);
});

test.each([
  ['C:\\Users\\budi\\OneDrive\\e-Faktur', true],
  ['C:\\Users\\budi\\OneDrive - PT Maju\\x', true],
  ['/home/budi/Dropbox/x', true],
  ['G:\\My Drive\\x', true],
  ['D:\\Backup OneDrive lama\\x', false],
  ['/home/budi/boxes', false],
])('%s: %s', (path, synced) => {
  expect(isSynced(path)).toBe(synced);
});

test('folders of cloud programs are proposed last, and nothing that is not there', async () => {
  const homeFolder = await tempFolder();
  await mkdir(join(homeFolder, 'Dropbox'));
  await mkdir(join(homeFolder, 'Boxes'));
  const around = {
    env: {},
    currentFolder: homeFolder,
    homeFolder,
    hostName: 'pc',
    platform: 'linux' as const,
    systemZone: 'Asia/Jakarta',
    systemLocale: 'C',
  };
  const found = await proposedFolders(around, homeFolder);
  expect(found.at(-1)).toEqual({ path: join(homeFolder, 'Dropbox', 'efaktur-backup'), kind: 'synced' });
  expect(found.filter(({ kind }) => kind === 'synced')).toHaveLength(1);
});

test('a folder that was made is taken back with what is empty in it, and with nothing else', async () => {
  const root = await tempFolder();
  const takeBack = await makeSharedFolder(join(root, 'usb'));
  await mkdir(join(root, 'usb', 'pt', 'doctor'), { recursive: true });
  await takeBack?.();
  expect(await readdir(root)).toEqual([]);
  const other = await makeSharedFolder(join(root, 'usb'));
  await mkdir(join(root, 'usb', 'pt'));
  await writeFile(join(root, 'usb', 'pt', 'backup'), '');
  await other?.();
  expect(await readdir(join(root, 'usb', 'pt'))).toEqual(['backup']);
  // One that is there is nobody's to take back, and without the one above a drive is not connected.
  expect(await makeSharedFolder(join(root, 'usb'))).toBeNull();
  expect(await makeSharedFolder(join(root, 'not', 'there'))).toBeNull();
});
