import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BuiltOptions, errorOf, makeWorld, type PushJson, treeOf } from '../support/cli.ts';

/** Steps on the disk that fail in ways Node.js has no name for: told in words, and never as a bug. */

const quota = 'Unknown system error -122';
const failing = (call: string, errno: string, path?: RegExp, at = 1): BuiltOptions => ({
  trap: { call, at, action: 'fail', errno, ...(path && { path }) },
});

test('what fails after everything is stored is a warning in a whole document', async () => {
  // The record is first written with whose prefix it is, then with what was stored.
  for (const [call, path, at] of [
    ['rename', /stores/, 2],
    ['rm', /jobs/, 1],
  ] as const) {
    const world = await makeWorld({ backups: [] });
    const ended = await world.runBuilt(['push', '--json'], failing(call, quota, path, at));
    expect(ended.code, ended.stderr).toBe(0);
    const document = JSON.parse(ended.stdout) as PushJson;
    expect(document.outcome).toBe('created');
    expect(document.warnings.map(({ code }) => code)).toContain('target-not-writable');
    expect((await world.json(['pull', '--to', join(world.folder, 'new')])).outcome).toBe('restored');
    // The next push goes on, and clears away what is left.
    await world.json(['push']);
    expect(await readdir(join(world.stateDir, 'jobs'))).toEqual([]);
  }
});

test('a restore whose steps fail says so with exit 6, and the old db stays', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const before = await treeOf(join(world.app, 'db'));
  for (const errno of [quota, 'Unknown system error -116', 'EIO']) {
    for (let at = 1; at <= 3; at++) {
      const ended = await world.runBuilt(
        ['pull', '--yes', '--json'],
        failing('rename', errno, /db\.|db$/, at),
      );
      expect(ended.code, ended.stderr).toBe(6);
      expect(errorOf(ended).message).toContain(errno);
      expect(await treeOf(join(world.app, 'db'))).toEqual(before);
    }
  }
});

test('every sync and every close of a push that fails is told in words', async () => {
  for (const call of ['handle.sync', 'handle.close']) {
    for (let at = 1; at <= 6; at++) {
      const world = await makeWorld({ backups: [] });
      const ended = await world.runBuilt(['push', '--json'], failing(call, quota, undefined, at));
      expect([0, 3, 6, 10], `${call} ${at}: ${ended.stderr}`).toContain(ended.code);
      if (ended.code !== 0) expect(errorOf(ended).message).toContain(quota);
    }
  }
});
