import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { isProcessAlive } from '../../src/base/process-alive.ts';

async function child(...args: string[]): Promise<ChildProcess & { pid: number }> {
  const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => {
    started.kill('SIGKILL');
  });
  await once(started, 'spawn');
  if (started.pid === undefined) throw new Error('the child has no number');
  return Object.assign(started, { pid: started.pid });
}

const waiting = ['-e', 'setInterval(() => {}, 1000)'];
const hourAgo = (): Date => new Date(Date.now() - 3_600_000);

test('a process that runs is alive, and no longer when it has ended', async () => {
  const running = await child(...waiting);
  const startedAt = new Date();
  expect(isProcessAlive(running.pid, startedAt)).toBe(true);
  expect(isProcessAlive(running.pid, new Date(Math.floor(startedAt.getTime() / 1000) * 1000))).toBe(true);
  running.kill('SIGKILL');
  await once(running, 'exit');
  expect(isProcessAlive(running.pid, startedAt)).toBe(false);
});

test('a process that began after the name was written has only inherited the number', async () => {
  const running = await child(...waiting);
  expect(isProcessAlive(running.pid, hourAgo())).toBe(false);
});

test('this process is alive in a name of its own, and is not the one of an older name', () => {
  expect(isProcessAlive(process.pid, new Date())).toBe(true);
  expect(isProcessAlive(process.pid, new Date(Date.now() - process.uptime() * 1000 - 60_000))).toBe(false);
});

test("another user's process is alive", () => {
  // Process 1 is the system's: it began before any name of ours.
  expect(isProcessAlive(1, new Date())).toBe(true);
});

test('a process that has ended but was not fetched by its parent is dead', async () => {
  // The shell leaves its child unfetched: exec keeps the number and node never waits for it.
  const parent = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 30'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => {
    parent.kill('SIGKILL');
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  const state = (): string => /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? '';
  for (let i = 0; state() !== 'Z' && i < 200; i++) await sleep(10);
  expect(state()).toBe('Z');
  expect(isProcessAlive(pid, new Date())).toBe(false);
});

test('a number that no process has is dead', () => {
  expect(isProcessAlive(2 ** 22 + 1, new Date())).toBe(false);
});
