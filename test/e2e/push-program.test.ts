import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { errorOf, keysOf } from '../support/cli.ts';
import { isDay, killedPush, makeOffice, pushProgram } from './push-program-rounds.ts';

// Every change of the disk is killed in the longer run.
test.each([
  ['its archive', /\.app\.tar\.zst$/, false],
  ['its manifest', /\.app\.json$/, true],
] as const)(
  'kill -9 after %s leaves no program or a whole one, and the next push clears the rest',
  async (what, path, isStored) => {
    const end = await killedPush({ call: 'any', at: 1, path, after: true, action: 'SIGKILL' }, what);
    expect(end).toEqual({ isKilled: true, isStored });
  },
);

test.each([
  ['EBUSY', 'source-unusable'],
  ['EACCES', 'source-unusable'],
  ['ENOENT', 'source-changed'],
] as const)('a folder that cannot be looked into (%s) is named', async (errno, code) => {
  const world = await makeOffice();
  const trap = { call: 'readdir', at: 0, path: /java\/lib$/, action: 'fail', errno } as const;
  const outcome = await pushProgram(world, trap);
  expect(outcome.code).toBe(exitCodes[code]);
  expect(errorOf(outcome).message).toContain(join('java', 'lib'));
  expect((await keysOf(world.store)).filter(isDay)).toEqual([]);
});
