import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeFolder, foundFolders } from '../../src/setup/app-folders.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';
import { verbContext } from '../support/verb-context.ts';

/** What tells one e-Faktur folder from another: newest change, size, newest invoice. */

async function here() {
  const homeFolder = await tempFolder();
  const context = { ...verbContext(homeFolder), stores: async () => [], decryptor: async () => null };
  return {
    homeFolder,
    context,
    around: {
      env: {},
      currentFolder: homeFolder,
      homeFolder,
      hostName: 'pc',
      platform: 'linux' as const,
      systemZone: 'Asia/Jakarta',
      systemLocale: 'C',
    },
  };
}

test('each folder of the usual places, the one that changed last first', async () => {
  const { homeFolder, around, context } = await here();
  await makeEfakturFolder(join(homeFolder, 'e-Faktur lama'), { live: 'seed-6-july', backups: [] });
  await makeEfakturFolder(join(homeFolder, 'Documents', 'e-Faktur'), { live: 'seed-8-july', backups: [] });
  const found = await foundFolders(around, context);
  const own = found.filter(({ path }) => path.startsWith(homeFolder));
  expect(own.map(({ newestInvoice, newestChange }) => [newestInvoice, newestChange])).toEqual([
    ['2023-07-08', '2023-07-08T09:30:00+07:00'],
    ['2023-07-04', '2023-07-06T09:15:00+07:00'],
  ]);
  expect(own[0]?.sizeBytes).toBeGreaterThan(100_000);
});

test('one whose databases cannot be read is described all the same', async () => {
  const { homeFolder, context } = await here();
  const app = await makeEfakturFolder(join(homeFolder, 'e-Faktur'));
  const seg0 = join(app, 'db', 'ETaxInvoice', 'seg0');
  for (const name of await readdir(seg0)) await writeFile(join(seg0, name), Buffer.alloc(4096, 7));
  expect(await describeFolder(app, context)).toMatchObject({ path: app, newestInvoice: null });
});
