import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startThread, warmThreads } from '../../src/base/threads.ts';

const start = (task: string) => startThread('answering-thread', import.meta.url, task);

test('a thread that has nothing more to do stays until it is ended', async () => {
  const thread = start('work');
  const failures: unknown[] = [];
  thread.onFailure((error) => failures.push(error));
  expect(await once(thread.port, 'message')).toEqual(['work is done']);
  await sleep(300);
  expect(failures).toEqual([]);
  await thread.end();
  await sleep(50);
  expect(failures).toEqual([]);
});

test('threads that were booted before are used, and others when there are none left', async () => {
  warmThreads('answering-thread', import.meta.url, 2);
  await sleep(200);
  const threads = ['a', 'b', 'c'].map(start);
  const answers = await Promise.all(threads.map(({ port }) => once(port, 'message')));
  expect(answers.flat()).toEqual(['a is done', 'b is done', 'c is done']);
  await Promise.all(threads.map((thread) => thread.end()));
});

test('what a thread fails of is told, also to who asks later', async () => {
  const thread = start('fail');
  const failure = await new Promise((resolve) => thread.onFailure(resolve));
  expect(String(failure)).toContain('it failed');
  const again = await new Promise((resolve) => thread.onFailure(resolve));
  expect(String(again)).toContain('it failed');
  await thread.end();
});

test('the end of a thread is heard by a process that waits for nothing else', async () => {
  const program = join(import.meta.dirname, 'waits-for-thread.ts');
  for (let i = 0; i < 3; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    expect(stdout).toBe('Error: answering-thread ended');
  }
});
