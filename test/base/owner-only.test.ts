import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closeToOthers } from '../../src/base/owner-only.ts';
import { tempFolder } from './temp-folder.ts';

test('a file or folder is closed to others', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'open'), '', { mode: 0o644 });
  await mkdir(join(folder, 'all'), 0o755);
  expect(await closeToOthers(join(folder, 'open'), 'file')).toBe(true);
  expect(await closeToOthers(join(folder, 'all'), 'folder')).toBe(true);
  expect((await stat(join(folder, 'open'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, 'all'))).mode & 0o777).toBe(0o700);
  expect(await closeToOthers(join(folder, 'not there'), 'file')).toBe(false);
});

test('on Windows nothing is inherited, and only this user is given rights, by the number that no language changes', async () => {
  const asked: string[][] = [];
  const answers: Record<string, string | null> = {
    'whoami.exe': '"pc\\\\kasir","S-1-5-21-1111111111-2222222222-3333333333-1001"\r\n',
    'icacls.exe': '',
  };
  const run = async (name: string, args: readonly string[]) => {
    asked.push([name, ...args]);
    return answers[name] ?? null;
  };
  expect(await closeToOthers('C:\\x\\y.env', 'file', 'win32', run)).toBe(true);
  expect(asked.at(-1)).toEqual([
    'icacls.exe',
    'C:\\x\\y.env',
    '/inheritance:r',
    '/grant:r',
    '*S-1-5-21-1111111111-2222222222-3333333333-1001:F',
    '/Q',
  ]);
  await closeToOthers('C:\\x', 'folder', 'win32', run);
  expect(asked.at(-1)).toContain('*S-1-5-21-1111111111-2222222222-3333333333-1001:(OI)(CI)F');
  // A system that does not say who this is closes nothing, and it is told.
  answers['whoami.exe'] = null;
  expect(await closeToOthers('C:\\x\\y.env', 'file', 'win32', run)).toBe(false);
});
