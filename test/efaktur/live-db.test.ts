import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readDbFolder } from '../../src/efaktur/live-db.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';

const files = {
  'ETaxInvoice/service.properties': '#\n',
  'ETaxInvoice/log/log.ctrl': 'control',
  'ETaxInvoice/seg0/c10.dat': 'page',
  'ETaxInvoice/tmp/x.tmp': 'temporary',
  'ETaxInvoice/db.lck': 'lock',
  'derby.log': 'foreign',
};

async function dbFolder(): Promise<string> {
  const folder = await tempFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

async function textOf(set: Awaited<ReturnType<typeof readDbFolder>>, path: string): Promise<string> {
  const parts: Buffer[] = [];
  const file = set.files.find((f) => f.path === path);
  for await (const part of (await file?.open()) ?? []) parts.push(part);
  return Buffer.concat(parts).toString();
}

test('a db folder is read with the drop list applied', async () => {
  const folder = await dbFolder();
  await utimes(join(folder, 'ETaxInvoice/seg0/c10.dat'), 1_688_783_400.25, 1_688_783_400.25);
  const set = await readDbFolder(folder);
  expect(set.files.map((f) => [f.path, f.sizeBytes])).toEqual([
    ['ETaxInvoice/log/log.ctrl', 7],
    ['ETaxInvoice/seg0/c10.dat', 4],
    ['ETaxInvoice/service.properties', 2],
  ]);
  expect(set.files[1]?.mtimeMs).toBe(1_688_783_400_250);
  expect(set).toMatchObject({
    databases: ['ETaxInvoice'],
    emptyFolders: ['ETaxInvoice/tmp'],
    leftOut: ['derby.log'],
    problems: [],
  });
  expect(await textOf(set, 'ETaxInvoice/seg0/c10.dat')).toBe('page');
  await writeFile(join(folder, 'ETaxInvoice/seg0/c10.dat'), 'anew');
  expect(await textOf(set, 'ETaxInvoice/seg0/c10.dat')).toBe('anew');
});

test('what lies behind a link belongs to the database', async () => {
  const folder = await dbFolder();
  const elsewhere = await tempFolder();
  await writeFile(join(elsewhere, 'c20.dat'), 'linked');
  await symlink(elsewhere, join(folder, 'ETaxInvoice/seg0/more'));
  await symlink(join(elsewhere, 'c20.dat'), join(folder, 'ETaxInvoice/seg0/c30.dat'));
  const set = await readDbFolder(folder);
  expect(await textOf(set, 'ETaxInvoice/seg0/more/c20.dat')).toBe('linked');
  expect(await textOf(set, 'ETaxInvoice/seg0/c30.dat')).toBe('linked');
});

test('a folder that is not there, or a file in its place, is an unusable source', async () => {
  const folder = await dbFolder();
  expect(await codeOf(readDbFolder(join(folder, 'absent')))).toBe('source-unusable');
  expect(await codeOf(readDbFolder(join(folder, 'derby.log')))).toBe('source-unusable');
});

test('an empty folder is read, with its problem', async () => {
  const folder = await dbFolder();
  await rm(folder, { recursive: true });
  await mkdir(folder);
  expect((await readDbFolder(folder)).problems).toHaveLength(1);
});
