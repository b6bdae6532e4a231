import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findApp } from '../../src/app/folders.ts';
import { loadConfig } from '../../src/settings/load.ts';
import type { Surroundings } from '../../src/settings/surroundings.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';

test('a db that Windows keeps for the user beside that of the program is told', async () => {
  const root = await tempFolder();
  const app = await makeEfakturFolder(join(root, 'e-Faktur'));
  const around: Surroundings = {
    env: { EFAKTUR_APP_DIR: app, EFAKTUR_TIMEZONE: 'Asia/Jakarta', LOCALAPPDATA: join(root, 'Local') },
    currentFolder: root,
    homeFolder: root,
    hostName: 'pc',
    platform: 'win32',
    systemZone: 'Asia/Jakarta',
    systemLocale: 'C',
  };
  const config = await loadConfig(around, undefined);
  expect(await findApp(config, around)).toEqual({ path: app, warnings: [] });

  const second = join(root, 'Local', 'VirtualStore', app);
  await mkdir(dirname(second), { recursive: true });
  await cp(join(app, 'db'), join(second, 'db'), { recursive: true });
  const { path, warnings } = await findApp(config, around);
  expect(path).toBe(app);
  expect(warnings).toMatchObject([
    { code: 'second-db', message: { en: expect.stringContaining(second), id: expect.stringContaining(app) } },
  ]);
  expect(await findApp(config, { ...around, platform: 'linux' })).toEqual({ path: app, warnings: [] });
});
