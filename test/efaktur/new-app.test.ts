import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { compactUtc } from '../../src/base/local-time.ts';
import { beginNewApp, settleNewApp } from '../../src/efaktur/new-app.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { english } from '../support/english.ts';
import { killedAtEachStep, runTrapped } from './killed-at-each-step.ts';
import { listOfNewApp, newAppFiles, writeNewApp } from './new-app-files.ts';

const now = new Date('2023-07-09T03:00:00Z');
const program = 'new-app-program.ts';

/** A target that is not there, or an empty folder. */
const targets: Record<string, () => Promise<string>> = {
  'a folder that is not there': async () => join(await tempFolder(), 'e-Faktur baru'),
  'an empty folder': async () => {
    const folder = join(await tempFolder(), 'e-Faktur baru');
    await mkdir(folder);
    return folder;
  },
};

async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).then((names) => names.sort());

/** Whole, or nothing: and nothing beside it. */
async function isWhole(target: string, what = ''): Promise<boolean> {
  const files = await filesIn(target);
  const beside = (await namesIn(dirname(target))).filter((name) => name !== basename(target));
  expect(beside, what).toEqual([]);
  if (files.length === 0) {
    expect(await namesIn(target).catch(() => []), what).toEqual([]);
    return false;
  }
  expect(files, what).toEqual(newAppFiles);
  for (const file of files) expect(await readFile(join(target, file), 'utf8')).toBe(file);
  for (const folder of listOfNewApp.emptyFolders)
    expect((await stat(join(target, folder))).isDirectory()).toBe(true);
  return true;
}

describe.each(Object.entries(targets))('into %s', (name, makeTarget) => {
  const isThere = name.startsWith('an empty');

  test('program and db come to their place as one', async () => {
    const target = await makeTarget();
    const staging = await beginNewApp(target, now);
    expect(await readdir(staging.app)).toEqual([]);
    expect(await readdir(staging.db)).toEqual([]);
    await writeNewApp(staging);
    expect(await filesIn(await staging.complete(listOfNewApp))).toEqual(newAppFiles);
    expect((await namesIn(target).catch(() => [])).filter((found) => !found.startsWith('e-Faktur.'))).toEqual(
      [],
    );
    expect(await staging.moveIn()).toEqual({ isOnDisk: true, areRightsKept: true });
    await staging.discard();
    expect(await isWhole(target)).toBe(true);
    expect(await settleNewApp(target)).toEqual({ finishedRestore: false });
    expect(await isWhole(target)).toBe(true);
  });

  test('until it is whole nobody else looks into it, then it is a folder as any', async () => {
    const target = await makeTarget();
    const staging = await beginNewApp(target, now);
    expect((await stat(dirname(staging.app))).mode & 0o777).toBe(0o700);
    await writeNewApp(staging);
    await staging.complete(listOfNewApp);
    await staging.moveIn();
    const usual = join(dirname(target), 'usual');
    await mkdir(usual);
    expect((await stat(target)).mode).toBe((await stat(usual)).mode);
    expect((await stat(join(target, 'db'))).mode).toBe((await stat(usual)).mode);
  });

  test('after a failure the target is as it was', async () => {
    for (const isLate of [false, true]) {
      const target = await makeTarget();
      const staging = await beginNewApp(target, now);
      await writeNewApp(staging);
      if (isLate) await staging.complete(listOfNewApp);
      await staging.discard();
      await staging.discard();
      expect(await isWhole(target)).toBe(false);
      expect(await namesIn(dirname(target))).toEqual(isThere ? [basename(target)] : []);
    }
  });

  test('what came there meanwhile stays, and nothing is put beside it', async () => {
    const target = await makeTarget();
    const staging = await beginNewApp(target, now);
    await writeNewApp(staging);
    await staging.complete(listOfNewApp);
    await mkdir(target, { recursive: true });
    await writeFile(join(target, 'foto.jpg'), 'theirs');
    expect(await codeOf(staging.moveIn())).toBe(isThere ? 'usage' : 'target-not-writable');
    await staging.discard();
    expect(await filesIn(target)).toEqual(['foto.jpg']);
    expect(await namesIn(dirname(target))).toEqual([basename(target)]);
  });

  test('killed at any step there is nothing or all of it, and the next command clears the rest', async () => {
    const seen = new Set<string>();
    const steps = await killedAtEachStep(program, 'restore', makeTarget, async (target, step) => {
      const before = await filesIn(target);
      const mayBeStarted = before.includes('ETaxInvoiceMain.exe');
      if (mayBeStarted) expect(before, `step ${step}`).toEqual(expect.arrayContaining(newAppFiles));
      const { finishedRestore } = await settleNewApp(target);
      const whole = await isWhole(target, `step ${step}`);
      if (mayBeStarted) expect(whole).toBe(true);
      expect(await settleNewApp(target)).toEqual({ finishedRestore: false });
      seen.add(`${whole} ${finishedRestore}`);
    });
    expect(steps).toBeGreaterThanOrEqual(isThere ? 12 : 6);
    expect([...seen].sort()).toEqual(
      isThere ? ['false false', 'true false', 'true true'] : ['false false', 'true false'],
    );
  }, 60_000);

  test('a living restore is left alone', async () => {
    const other = spawn('sleep', ['60']);
    onTestFinished(() => {
      other.kill('SIGKILL');
    });
    await once(other, 'spawn');
    const target = await makeTarget();
    const run = `${compactUtc(new Date())}-${other.pid}`;
    const staged = isThere ? join(target, `e-Faktur.restored-${run}`) : `${target}.restoring-${run}`;
    await mkdir(join(staged, 'app'), { recursive: true });
    expect(await codeOf(settleNewApp(target))).toBe('app-running');
    expect((await stat(join(staged, 'app'))).isDirectory()).toBe(true);
  });
});

const emptyFolder = targets['an empty folder'] ?? targets['a folder that is not there'];

/** Killed after some parts were moved into the empty folder. */
async function killedInTheMiddle(): Promise<string> {
  const target = (await emptyFolder?.()) ?? '';
  const trap = { call: 'rename', at: 3, path: 'e-Faktur\\.restored-.*/app/[^/]+$', action: 'SIGKILL' };
  expect((await runTrapped(program, 'restore', target, trap)).signal).toBe('SIGKILL');
  expect(await namesIn(target)).toEqual(
    expect.arrayContaining(['db', 'java', expect.stringMatching(/^e-Faktur\.listed-/)]),
  );
  return target;
}

test('when something of it was taken away since, all is taken back and told', async () => {
  for (const path of ['db/ETaxInvoice/seg0/c10.dat', 'e-Faktur.restored-*/app/lib/derby.jar']) {
    const target = await killedInTheMiddle();
    const restored = (await namesIn(target)).find((name) => name.startsWith('e-Faktur.restored-')) ?? '';
    await rm(join(target, path.replace('e-Faktur.restored-*', restored)));
    expect(english(await settleNewApp(target))).toEqual({
      finishedRestore: false,
      taken: [path.replace(/^.*\/app\//, '')],
    });
    expect(await namesIn(target)).toEqual([]);
  }
});

test('killed at any step, settling can be done again', async () => {
  for (const taken of [null, 'db/ETaxInvoice/seg0/c10.dat']) {
    const steps = await killedAtEachStep(
      program,
      'settle',
      async () => {
        const target = await killedInTheMiddle();
        if (taken) await rm(join(target, taken));
        return target;
      },
      async (target, step) => {
        await settleNewApp(target);
        expect(await isWhole(target, `step ${step}`)).toBe(taken === null);
      },
    );
    expect(steps).toBeGreaterThanOrEqual(4);
  }
}, 120_000);

test('what changed after the last move is never taken back', async () => {
  const target = (await emptyFolder?.()) ?? '';
  const trap = { call: 'rename', at: 1, path: 'app/ETaxInvoiceMain\\.exe$', action: 'SIGKILL', after: true };
  expect((await runTrapped(program, 'restore', target, trap)).signal).toBe('SIGKILL');
  await writeFile(join(target, 'db/ETaxInvoice/seg0/c10.dat'), 'a new invoice, and much longer than before');
  expect(await settleNewApp(target)).toEqual({ finishedRestore: true });
  expect(await filesIn(target)).toEqual(newAppFiles);
  expect(await readFile(join(target, 'db/ETaxInvoice/seg0/c10.dat'), 'utf8')).toContain('a new invoice');
});

test('where a part cannot be moved in, those before it go back and nothing is left', async () => {
  const target = (await emptyFolder?.()) ?? '';
  const trap = {
    call: 'rename',
    at: 3,
    path: 'e-Faktur\\.restored-.*/app/[^/]+$',
    action: 'fail',
    errno: 'EIO',
  };
  expect((await runTrapped(program, 'restore', target, trap)).stdout).toBe('target-not-writable');
  const [listed, restored] = await namesIn(target);
  expect([listed, restored]).toEqual([
    expect.stringMatching(/^e-Faktur\.listed-/),
    expect.stringMatching(/^e-Faktur\.restored-/),
  ]);
  expect(await filesIn(join(target, restored ?? '', 'app'))).toEqual(newAppFiles);
});

test('a folder with anything else in it is refused, and so is what is none', async () => {
  const root = await tempFolder();
  await mkdir(join(root, 'full'));
  await writeFile(join(root, 'full', '.hidden'), '');
  expect(await codeOf(beginNewApp(join(root, 'full'), now))).toBe('usage');
  await writeFile(join(root, 'file'), '');
  expect(await codeOf(beginNewApp(join(root, 'file'), now))).toBe('target-not-writable');
  expect(await codeOf(beginNewApp(join(root, 'file', 'x'), now))).toBe('target-not-writable');
  await symlink(join(root, 'nowhere'), join(root, 'link'));
  expect(await codeOf(beginNewApp(join(root, 'link'), now))).toBe('target-not-writable');
  expect(await namesIn(root)).toEqual(['file', 'full', 'link']);
});

test('parents that were made go with a restore that failed', async () => {
  const root = await tempFolder();
  const staging = await beginNewApp(join(root, 'a/b/e-Faktur'), now);
  await staging.discard();
  expect(await namesIn(root)).toEqual([]);
});

test('an empty folder whose parent takes nothing is restored into all the same', async () => {
  const target = (await emptyFolder?.()) ?? '';
  const parent = dirname(target);
  await chmod(target, 0o777);
  await chmod(parent, 0o555);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    const staging = await beginNewApp(target, now);
    await writeNewApp(staging);
    await staging.complete(listOfNewApp);
    await staging.moveIn();
  } finally {
    if (isRoot) process.seteuid?.(0);
    await chmod(parent, 0o755);
  }
  expect(await isWhole(target)).toBe(true);
});
