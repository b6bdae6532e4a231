import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { makeWorld, program, type World } from '../support/cli.ts';

/** A thread that waits for the system for ever, as on a mount that stalls: here for the other end of a pipe. */

async function waiting(world: World): Promise<{ child: ReturnType<typeof spawn>; ended: Promise<unknown> }> {
  const pipe = join(world.folder, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  const child = spawn(process.execPath, ['--', program, 'keys', 'show'], {
    cwd: world.folder,
    env: { ...world.env, EFAKTUR_IDENTITY_FILE: pipe },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  await sleep(1500);
  return { child, ended };
}

test('Ctrl-C ends a command that waits for what never answers', async () => {
  const { child, ended } = await waiting(await makeWorld());
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
});

test('a second Ctrl-C ends it at once', async () => {
  const { child, ended } = await waiting(await makeWorld());
  child.kill('SIGINT');
  await sleep(300);
  const startedAt = performance.now();
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  expect(performance.now() - startedAt).toBeLessThan(3000);
});
