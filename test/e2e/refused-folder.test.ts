import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorOf, makeWorld, type World } from '../support/cli.ts';
import { runOnSmallDisk } from '../support/small-disk.ts';

interface Refused {
  readonly args: (folder: string) => string[];
  readonly env?: (folder: string) => Record<string, string>;
}

const toFolder: [string, Refused][] = [
  ['restored into', { args: (folder) => ['pull', '--to', folder] }],
  ['exported to', { args: (folder) => ['export', '--to', folder] }],
  ['that tables go to', { args: (folder) => ['export-tables', '--to', join(folder, 'tables')] }],
  ['of the state', { args: () => ['push', '--full'], env: (folder) => ({ EFAKTUR_STATE_DIR: folder }) }],
];

async function worldWithBackup(): Promise<World> {
  const world = await makeWorld({ live: null });
  await world.json(['push']);
  return world;
}

const message = /writing is not allowed there \(EROFS\)$/;

test.each(toFolder)('a folder %s on a read-only disk is exit 6', async (_what, { args, env }) => {
  const world = await worldWithBackup();
  const at = join(world.folder, 'disk');
  const below = join(at, 'a', 'b');
  const disk = { at, sizeKb: 20_000, isReadOnly: true };
  const outcome = await runOnSmallDisk(world, disk, [...args(below), '--json'], env?.(below));
  expect(outcome.code, outcome.stderr).toBe(6);
  expect(errorOf(outcome)).toMatchObject({
    code: 'target-not-writable',
    message: expect.stringMatching(message),
  });
});

test('a folder store on a read-only disk is no drive that is not connected', async () => {
  const world = await worldWithBackup();
  const at = join(world.folder, 'disk');
  for (const store of [at, join(at, 'store')]) {
    const disk = { at, sizeKb: 20_000, isReadOnly: true };
    const outcome = await runOnSmallDisk(world, disk, ['push', '--store', store, '--json']);
    expect(outcome.code, outcome.stderr).toBe(6);
    expect(errorOf(outcome)).toMatchObject({
      code: 'target-not-writable',
      message: expect.stringContaining('EROFS'),
      hint: expect.stringContaining('read-only'),
    });
  }
});

/** Of a folder that is there, but takes no others, Linux says that it is not there. */
test.each(toFolder)('a folder %s where none can be made is exit 6', async (_what, { args, env }) => {
  const world = await worldWithBackup();
  const outcome = await world.runBuilt([...args('/proc/x'), '--json'], {
    env: env?.('/proc/x') ?? {},
    timeoutMs: 20_000,
  });
  expect(outcome.code, outcome.stderr).toBe(6);
  expect(errorOf(outcome).code).toBe('target-not-writable');
});

test.each(['push', 'doctor'])('%s ends when a store cannot be made', async (command) => {
  const world = await worldWithBackup();
  const outcome = await world.runBuilt([command, '--store', '/proc/x', '--json'], { timeoutMs: 20_000 });
  expect(outcome.code, outcome.stderr).toBe(10);
  expect(errorOf(outcome).code).toBe('store-unavailable');
});
