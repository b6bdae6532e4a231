import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorOf, keysOf, type ListJson, makeWorld, type Trap, treeOf } from '../support/cli.ts';

const pushSteps: Record<string, Trap> = {
  'as the spool begins': { call: 'open', at: 1, after: true, path: /\.spool$/, action: 'SIGINT' },
  'before the origin is put': { call: 'rename', at: 1, path: /\/origin\//, action: 'SIGINT' },
  'before the archive is put': { call: 'rename', at: 1, path: /\.tar\.zst$/, action: 'SIGINT' },
  'before the manifest is put': { call: 'rename', at: 1, path: /\/2023-07-08\/.*\.json$/, action: 'SIGINT' },
};

test('Ctrl-C during a push: exit 130, nothing half listed, no spool and no temp files', async () => {
  for (const [when, trap] of Object.entries(pushSteps)) {
    const world = await makeWorld({ live: null });
    const outcome = await world.runBuilt(['push', '--json'], { trap });
    // What was already on its way into place when the signal came may be finished.
    expect([130, 0], when).toContain(outcome.code);
    const { backups } = await world.json<ListJson>(['list']);
    expect(backups, when).toHaveLength(outcome.code === 0 ? 1 : 0);
    if (outcome.code === 130) {
      expect(outcome.stdout, when).toBe('');
      expect(errorOf(outcome).code, when).toBe('interrupted');
    }
    expect(
      (await keysOf(world.store)).filter((key) => /tmp|\/\./.test(key)),
      when,
    ).toEqual([]);
    expect(
      (await keysOf(world.stateDir)).filter((name) => name.startsWith('jobs/')),
      when,
    ).toEqual([]);
    await world.json(['push']);
    await world.json(['pull', '--to', join(world.folder, 'to')]);
  }
});

test('Ctrl-C is heard while the spool is written, at the latest', async () => {
  const world = await makeWorld({ live: null });
  const outcome = await world.runBuilt(['push'], { trap: pushSteps['as the spool begins'] as Trap });
  expect(outcome).toMatchObject({ code: 130, signal: null, stdout: '' });
  expect(outcome.stderr).toContain('SIGINT');
});

test('Ctrl-C during a restore: exit 130, the old db as it was, no staging left', async () => {
  const world = await makeWorld({ live: 'seed-6-july' });
  await world.json(['push', '--source', 'backup']);
  const before = await treeOf(world.app, true);
  for (const at of [1, 20, 60]) {
    const outcome = await world.runBuilt(['pull', '--yes', '--json'], {
      trap: { call: 'open', at, path: /db\.restoring/, action: 'SIGINT' },
    });
    expect(outcome.code).toBe(130);
    expect(errorOf(outcome).code).toBe('interrupted');
    expect(await treeOf(world.app, true)).toEqual(before);
  }
  expect((await world.runBuilt(['pull', '--yes'])).code).toBe(0);
});

test('SIGTERM, as of a shutdown, counts as Ctrl-C', async () => {
  const world = await makeWorld({ live: null });
  let pid = 0;
  const outcome = await world.runBuilt(['push'], {
    trap: { call: 'open', at: 1, path: /\.spool$/, action: 'slow' },
    onStart: (started) => {
      pid = started;
    },
    onStderr: (text) => {
      if (text.endsWith('trap: open 1\n')) process.kill(pid, 'SIGTERM');
    },
  });
  expect(outcome.code).toBe(130);
  await rm(world.stateDir, { recursive: true });
  expect((await world.json<ListJson>(['list'])).backups).toEqual([]);
});
