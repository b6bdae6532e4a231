import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { processesByPath } from '../../src/efaktur/running.ts';
import { type WindowsAnswers, windowsProcesses } from '../../src/efaktur/windows-processes.ts';
import { tempFolder } from '../base/temp-folder.ts';

const programs = ['ETaxInvoice.exe', 'ETaxInvoiceMain.exe', 'ETaxInvoiceUpd.exe'];

async function appFolder(names = programs): Promise<string> {
  const app = join(await tempFolder(), 'e-Faktur');
  await mkdir(app);
  for (const name of [...names, 'ETaxInvoice.ini', 'unins000.exe']) await writeFile(join(app, name), 'MZ');
  return app;
}

/** What Windows says of each program of a folder: for so many times this code, then nothing. */
function answering(
  codes: Readonly<Record<string, readonly [code: string, times: number]>>,
  listed: readonly string[] = [],
): WindowsAnswers & { readonly touched: string[] } {
  const touched: string[] = [];
  return {
    touched,
    touch(path) {
      const [code, times] = codes[basename(path)] ?? ['', 0];
      const before = touched.filter((one) => one === path).length;
      touched.push(path);
      if (before < times) throw Object.assign(new Error(code), { code });
    },
    listProcesses: async () => listed,
  };
}

test.each(programs)('%s is seen by its own file alone', async (name) => {
  const app = await appFolder();
  const windows = answering({ [name]: ['EBUSY', 99] }, programs);
  expect(await windowsProcesses(app, windows)).toEqual({ processes: [name], unplaced: [] });
  expect(windows.touched.filter((path) => path === join(app, name))).toHaveLength(5);
});

test('one that runs from another folder is none of this', async () => {
  expect(await windowsProcesses(await appFolder(), answering({}, programs))).toEqual({
    processes: [],
    unplaced: [],
  });
});

test('a scanner that holds a program for a moment is waited for', async () => {
  const windows = answering({ 'ETaxInvoiceMain.exe': ['EBUSY', 4] });
  expect(await windowsProcesses(await appFolder(), windows)).toEqual({ processes: [], unplaced: [] });
});

test.each(['EPERM', 'EACCES', 'EROFS'])(
  'where nothing may be written (%s) only a running updater blocks, and its folder is not told',
  async (code) => {
    const refused = Object.fromEntries(programs.map((name) => [name, [code, 99] as const]));
    const app = await appFolder();
    const list = ['System', 'ETaxInvoiceMain.exe', 'etaxinvoiceupd.exe'];
    expect(await windowsProcesses(app, answering(refused, list))).toEqual({
      processes: [],
      unplaced: ['etaxinvoiceupd.exe'],
    });
    expect(await windowsProcesses(app, answering(refused, list.slice(0, 2)))).toEqual({
      processes: [],
      unplaced: [],
    });
  },
);

test('a folder without an updater is not blocked by one, and one that is not there runs nothing', async () => {
  const app = await appFolder(['ETaxInvoiceMain.exe']);
  const windows = answering({ 'ETaxInvoiceMain.exe': ['EPERM', 99] }, ['ETaxInvoiceUpd.exe']);
  expect(await windowsProcesses(app, windows)).toEqual({ processes: [], unplaced: [] });
  expect(await windowsProcesses(join(app, 'absent'), windows)).toEqual({ processes: [], unplaced: [] });
});

test('programs listed with their paths are told by them; a bare name leaves the folder open', () => {
  const listed = ['/sbin/launchd', '/Users/a/e-Faktur/ETaxInvoiceMain', '/Users/a/e-Faktur 2/ETaxInvoiceUpd'];
  expect(processesByPath(listed, '/Users/a/e-Faktur')).toEqual({
    processes: ['ETaxInvoiceMain'],
    unplaced: [],
  });
  expect(processesByPath([' ETaxInvoiceUpd '], '/Users/a/e-Faktur')).toEqual({
    processes: [],
    unplaced: ['ETaxInvoiceUpd'],
  });
});
