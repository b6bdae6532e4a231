import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { realPath } from '../../src/base/real-path.ts';
import { findAppFolder } from '../../src/efaktur/app-folder.ts';
import { folderPartOf } from '../../src/efaktur/folder-parts.ts';
import { liesInBackups } from '../../src/efaktur/login-backups.ts';
import { storePlace } from '../../src/store/open.ts';
import { tempFolder } from './temp-folder.ts';

vi.mock('node:fs/promises', async (original) => {
  const whole = await original<typeof import('node:fs/promises')>();
  return { ...whole, realpath: vi.fn(whole.realpath) };
});

const asked = vi.mocked(realpath);
afterEach(() => void asked.mockReset());

/** As a RAM disk of Windows answers, of a folder that is there. */
const refuse = (): void =>
  void asked.mockRejectedValue(Object.assign(new Error('EISDIR'), { code: 'EISDIR' }));

test('links are followed, and what is not there has no real path', async () => {
  const folder = await tempFolder();
  await mkdir(join(folder, 'a'));
  await symlink('a', join(folder, 'link'));
  expect(await realPath(join(folder, 'link'))).toBe(join(folder, 'a'));
  expect(await realPath(join(folder, 'absent'))).toBeNull();
});

test('a drive that cannot say its real path is taken by the path that was given', async () => {
  const folder = await tempFolder();
  const app = join(folder, 'e-Faktur');
  await mkdir(join(app, 'db', 'ETaxInvoice', 'seg0'), { recursive: true });
  await mkdir(join(app, 'db', 'ETaxInvoice', 'log'));
  await mkdir(join(app, 'backup'));
  await writeFile(join(app, 'ETaxInvoiceMain.exe'), '');
  refuse();
  expect(await realPath(`${app}/backup/..`)).toBe(app);
  expect(await realPath(join(app, 'absent'))).toBeNull();
  const found = await findAppFolder({
    given: { path: app, where: { en: 'EFAKTUR_APP_DIR', id: 'EFAKTUR_APP_DIR' } },
    currentFolder: folder,
    usualPlaces: async () => [],
    zone: 'Asia/Jakarta',
  });
  expect(found.path).toBe(app);
  expect(await folderPartOf(join(app, 'db'))).toMatchObject({ kind: 'db', appFolder: app });
  await writeFile(join(app, 'backup', 'a.zip'), '');
  expect(await liesInBackups(app, join(app, 'backup', 'a.zip'))).toBe(true);
  expect(await liesInBackups(app, join(app, 'backup', 'b.zip'))).toBe(false);
  expect(await storePlace('.', { env: {}, currentFolder: join(app, 'backup') })).toBe(join(app, 'backup'));
});
