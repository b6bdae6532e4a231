import { mkdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lookAtFiles } from '../../src/efaktur/seen-files.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';

const later = (): Date => new Date(Date.now() + 60_000);
const digestOf = async (app: string): Promise<string | undefined> =>
  (await lookAtFiles(app, later()))?.digest;

test('the same files look the same, whatever lies in folders that no push reads', async () => {
  const app = await makeEfakturFolder(join(await tempFolder(), 'e-Faktur'));
  const first = await digestOf(app);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  await writeFile(join(app, 'log', 'etax.log'), 'somebody logged in');
  expect(await digestOf(app)).toBe(first);
});

test.each<[string, (app: string) => Promise<unknown>]>([
  ['a new file in db', (app) => writeFile(join(app, 'db', 'ETaxInvoice', 'seg0', 'cff0.dat'), 'x')],
  ['a time in db', (app) => utimes(join(app, 'db', 'ETaxInvoice', 'service.properties'), 1, 1)],
  ['a new login backup', (app) => writeFile(join(app, 'backup', 'x.zip'), 'x')],
  ['a folder in backup', (app) => mkdir(join(app, 'backup', '2023-07-09'))],
  ['another name', (app) => rename(join(app, 'db', 'ETaxInvoice'), join(app, 'db', 'ETaxInvoice2'))],
  ['another program', (app) => writeFile(join(app, 'ETaxInvoiceMain.exe'), 'newer')],
  ['an empty folder in db', (app) => mkdir(join(app, 'db', 'ETaxInvoice', 'tmp2'))],
])('%s is seen', async (_, change) => {
  const app = await makeEfakturFolder(join(await tempFolder(), 'e-Faktur'));
  const before = await digestOf(app);
  await change(app);
  const after = await digestOf(app);
  expect(after).toMatch(/^[0-9a-f]{64}$/);
  expect(after).not.toBe(before);
});

test('what was written within the tick of a clock is not settled', async () => {
  const app = await makeEfakturFolder(join(await tempFolder(), 'e-Faktur'));
  expect(await lookAtFiles(app, new Date())).toMatchObject({ isSettled: false });
  expect(await lookAtFiles(app, later())).toMatchObject({ isSettled: true });
});

test('a link that leads back is no answer, and comes to an end', async () => {
  const app = await makeEfakturFolder(join(await tempFolder(), 'e-Faktur'));
  for (const name of ['one', 'two'])
    await symlink(join(app, 'backup'), join(app, 'backup', name), 'junction');
  expect(await lookAtFiles(app, later())).toBeNull();
});
