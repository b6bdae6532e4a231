import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { beginRun, isRunAlive, type RunOfName } from '../../src/base/living-run.ts';
import { compactUtc, parseCompactUtc } from '../../src/base/local-time.ts';
import { settleSwap } from '../../src/efaktur/swap.ts';
import { tempFolder } from './temp-folder.ts';

const source = join(import.meta.dirname, '../../src/base/living-run.ts');

function started(code: string): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** A process that began a run then. */
async function running(at: Date): Promise<{ run: RunOfName; kill: () => Promise<void> }> {
  const child = started(
    `import { beginRun } from ${JSON.stringify(source)};
     console.log(await beginRun(new Date(${at.getTime()})));
     setInterval(() => {}, 1000);`,
  );
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  const [stamp = '', pid = ''] = line.toString().trim().split('-');
  expect(Number(pid)).toBe(child.pid);
  return {
    run: { stamp, startedAt: parseCompactUtc(stamp) ?? new Date(Number.NaN), pid: Number(pid) },
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

const hourAgo = (): Date => new Date(Date.now() - 3_600_000);

test.each(['win32', 'darwin', 'linux'] as const)(
  'by the rules of %s a run lives until its process is killed',
  async (platform) => {
    const one = await running(new Date());
    expect(await isRunAlive(one.run, platform)).toBe(true);
    expect(await isRunAlive(one.run, platform)).toBe(true);
    await one.kill();
    expect(await isRunAlive(one.run, platform)).toBe(false);
  },
);

test('the number of a killed run that another process has now does not make it live', async () => {
  const { run } = await running(new Date());
  const before = new Date(run.startedAt.getTime() - 5_000);
  const reused: RunOfName = { ...run, startedAt: before, stamp: compactUtc(before) };
  for (const platform of ['win32', 'darwin', 'linux'] as const)
    expect(await isRunAlive(reused, platform), platform).toBe(false);
});

test('on Linux a run lives on when the clock is set', async () => {
  // To the system its process began an hour after the name was made.
  const { run } = await running(hourAgo());
  expect(await isRunAlive(run, 'linux')).toBe(true);
});

test('a run of another user, whom this one may not ask, is alive', async () => {
  // Process 1 is the system's.
  const now = new Date();
  expect(await isRunAlive({ stamp: compactUtc(now), startedAt: now, pid: 1 }, 'linux')).toBe(true);
});

test('one process has one sign for all that it begins in a second, and does not go on for it', async () => {
  const at = new Date('2026-01-02T03:04:05Z');
  expect(await Promise.all([beginRun(at), beginRun(at)])).toEqual(
    Array(2).fill(`20260102T030405Z-${process.pid}`),
  );
  const child = started(
    `import { beginRun } from ${JSON.stringify(source)}; await beginRun(new Date()); console.log('begun');`,
  );
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a restore that runs is told by its sign also when the clock was set, and settled when it was killed', async () => {
  const folder = await tempFolder();
  const { run, kill } = await running(hourAgo());
  const staged = join(folder, `db.restoring-${run.stamp}-${run.pid}`);
  await mkdir(staged);
  await writeFile(join(staged, 'x'), 'x');
  await expect(settleSwap(folder)).rejects.toMatchObject({ code: 'app-running' });
  await kill();
  expect(await settleSwap(folder)).toEqual({ finishedRestore: false });
  expect(await readdir(folder)).toEqual([]);
});
