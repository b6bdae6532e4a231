import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { findRunning, isRunning, type Running } from '../../src/efaktur/running.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { holdOpen, placeDatabase } from '../support/derby.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';

const idle = { openDatabases: [], processes: [], unplaced: [] };

/** Who runs in a folder; where it lies is told as well. */
async function running(folder: string): Promise<Omit<Running, 'folder'>> {
  const { folder: real, ...found } = await findRunning(folder);
  expect(real).toBe(await realpath(folder).catch(() => folder));
  return found;
}

/** An e-Faktur folder with a db that has no files: it is not read here. */
async function appFolder(): Promise<string> {
  const app = join(await tempFolder(), 'e-Faktur');
  await makeEfakturFolder(app, { live: null, backups: [] });
  await mkdir(join(app, 'db', 'ETaxInvoice'), { recursive: true });
  return app;
}

test('a database that Derby has open is seen by its lock, and no longer when Derby was killed', async () => {
  const app = await makeEfakturFolder(join(await tempFolder(), 'e-Faktur'), { live: null, backups: [] });
  await placeDatabase(join(app, 'db/ETaxInvoice'));
  await placeDatabase(join(app, 'db/PT Maju'));
  expect(await running(app)).toEqual(idle);
  const held = await holdOpen(join(app, 'db/PT Maju'));
  try {
    const found = await running(app);
    expect(found).toEqual({ ...idle, openDatabases: ['PT Maju'] });
    expect(isRunning(await findRunning(app))).toBe(true);
  } finally {
    await held.kill();
  }
  // The crash leaves the lock file; it means nothing.
  expect((await readFile(join(app, 'db/PT Maju/dbex.lck'))).length).toBeGreaterThanOrEqual(0);
  expect(await running(app)).toEqual(idle);
}, 120_000);

test('stale lock files, foreign files in db and a missing db mean nothing', async () => {
  const app = await appFolder();
  for (const name of ['db.lck', 'dbex.lck'])
    await writeFile(join(app, 'db/ETaxInvoice', name), 'left by a crash');
  await writeFile(join(app, 'db/notes.txt'), 'x');
  const found = await running(app);
  expect(found).toEqual(idle);
  expect(isRunning(await findRunning(app))).toBe(false);
  expect(await running(join(app, 'absent'))).toEqual(idle);
});

/** Starts a program under another name and waits until the system shows it under that name. */
async function start(path: string, cwd: string): Promise<ChildProcess> {
  const sleeping = execFileSync('sh', ['-c', 'command -v sleep']).toString().trim();
  await copyFile(await realpath(sleeping), path);
  // Some systems have one program for many commands, which goes by its first argument.
  const child = spawn(path, ['60'], { argv0: 'sleep', cwd, stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child, 'spawn');
  for (let i = 0; i < 200; i++) {
    if ((await readFile(`/proc/${child.pid}/comm`, 'utf8')).startsWith('ETax')) break;
    await sleep(10);
  }
  return child;
}

test.each(['ETaxInvoice', 'ETaxInvoiceMain', 'ETaxInvoiceUpd'])(
  '%s running from the folder is seen',
  async (name) => {
    const app = await appFolder();
    const child = await start(join(app, name), '/');
    expect(await running(app)).toEqual({ ...idle, processes: [name] });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await running(app)).toEqual(idle);
  },
);

test('a program in a folder below, and through a link to the folder, is seen; one elsewhere is not', async () => {
  const app = await appFolder();
  const other = await makeEfakturFolder(join(app, '..', 'e-Faktur lama'), { live: null, backups: [] });
  await mkdir(join(app, 'bin'));
  await symlink(app, join(app, '..', 'link'));
  await start(join(app, 'bin', 'ETaxInvoiceMain'), '/');
  const seen = { ...idle, processes: ['ETaxInvoiceMain'] };
  expect(await running(app)).toEqual(seen);
  expect(await running(join(app, '..', 'link'))).toEqual(seen);
  // Its path begins with the same letters.
  expect(await running(other)).toEqual(idle);
});

test('a program installed elsewhere that works in the folder is seen', async () => {
  const app = await appFolder();
  const elsewhere = await tempFolder();
  await start(join(elsewhere, 'ETaxInvoiceMain'), join(app, 'db'));
  expect((await running(app)).processes).toEqual(['ETaxInvoiceMain']);
});

test('other programs in the folder are none of it', async () => {
  const app = await appFolder();
  await start(join(app, 'ETaxInvoiceX'), app);
  expect(await running(app)).toEqual(idle);
});
