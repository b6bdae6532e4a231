import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killedAt, office } from './kill-program-rounds.ts';

// Each step of both is killed in the longer run.
test('into a new or an empty folder, killed on the way: there is nothing or all of it, and no rest', async () => {
  const world = await office();
  expect(await killedAt(world, 4, false)).toEqual({ isKilled: true, isWhole: false });
  expect(await killedAt(world, 11, true)).toMatchObject({ isKilled: true });
});

test('a second one into the same folder says so while the first is running', async () => {
  const world = await office();
  let pid = 0;
  const target = join(world.folder, 'baru');
  await new Promise<void>((resolve) => {
    const running = world.runBuilt(['pull', '--whole-app', '--to', target], {
      trap: { call: 'rename', at: 1, path: /restoring/, action: 'hang' },
      onStart: (started) => {
        pid = started;
      },
      onStderr: (text) => {
        if (text.includes('trap:')) resolve();
      },
    });
    running.then(() => resolve());
  });
  const second = await world.run(['pull', '--whole-app', '--to', target]);
  process.kill(pid, 'SIGKILL');
  expect(second.code).toBe(11);
}, 60_000);
