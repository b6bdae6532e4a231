import { appendFile, cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keysOf, type ListJson, makeWorld, treeOf, type World } from '../support/cli.ts';

/**
 * Killed before every change of the disk on a folder store: nothing is lost, nothing is called damaged, and the next command
 * goes on. Each change of a name is one; of a restore's hundreds of writes and syncs, which are all alike, every n-th.
 */

const maxAlike = 60;

const touch = (world: World, text: string): Promise<void> =>
  appendFile(join(world.app, 'db', 'ETaxInvoice', 'README_DO_NOT_TOUCH_FILES.txt'), text);

const commands: Record<string, readonly string[]> = {
  'push of a full': ['push', '--source', 'live', '--full'],
  'push of a differential': ['push', '--source', 'live'],
  pull: ['pull', '--yes'],
  verify: ['verify', '--read-data'],
  prune: ['prune', '--keep-last', '1', '--yes', '--max-delete', '100%'],
};

test.each(Object.entries(commands))('%s: killed before each change of the disk', async (name, args) => {
  const world = await makeWorld({ backups: [] });
  const ids: string[] = [];
  for (const text of ['a', 'b', 'c']) {
    await touch(world, text);
    ids.push((await world.json(['push', '--source', 'live'])).backups[0]?.id ?? '');
  }
  const newest = await treeOf(join(world.app, 'db'));
  await touch(world, 'd');
  const live = await treeOf(join(world.app, 'db'));
  const kept = ['store', 'state', 'e-Faktur'];
  for (const part of kept)
    await cp(join(world.folder, part), join(world.folder, `${part}-before`), {
      recursive: true,
      preserveTimestamps: true,
    });
  const reset = async (): Promise<void> => {
    for (const part of kept) {
      await rm(join(world.folder, part), { recursive: true, force: true });
      await cp(join(world.folder, `${part}-before`), join(world.folder, part), {
        recursive: true,
        preserveTimestamps: true,
      });
    }
    await rm(join(world.folder, 'out'), { recursive: true, force: true });
  };
  const idsNow = async (): Promise<string[]> =>
    (await world.json<ListJson>(['list'])).backups.map(({ id }) => id);

  // What the command does when nothing kills it is what it may do.
  expect((await world.run([...args])).code).toBe(0);
  const mayGo = new Set(ids);
  for (const id of await idsNow()) mayGo.delete(id);

  let kills = 0;
  for (const at of await changesOf(world, args, reset)) {
    await reset();
    const outcome = await world.runBuilt([...args], { trap: { call: 'change', at, action: 'SIGKILL' } });
    const what = `${name}, change ${at}: ${outcome.stderr}`;
    // One run may make a change less than another.
    if (outcome.signal !== 'SIGKILL') {
      expect(outcome.code, what).toBe(0);
      continue;
    }
    kills++;
    const left = await idsNow();
    for (const id of ids) if (!mayGo.has(id)) expect(left, what).toContain(id);
    const checked = await world.run(['verify', '--read-data']);
    expect([what, checked.code, checked.stderr]).toMatchObject([
      what,
      0,
      expect.not.stringContaining('damaged'),
    ]);
    expect(
      (await keysOf(world.store)).filter((key) => key.includes('-damaged-')),
      what,
    ).toEqual([]);
    // Once more: it goes on, and a push clears away what was left.
    const again = await world.run([...args]);
    expect([what, again.code, again.stderr]).toMatchObject([what, 0, expect.anything()]);
    const db = await treeOf(join(world.app, 'db'));
    expect(db, what).toEqual(args[0] === 'pull' ? newest : live);
    if (args[0] === 'push') {
      await world.json(['pull', '--to', 'out']);
      expect(await treeOf(join(world.folder, 'out', 'db')), what).toEqual(live);
      expect(
        (await keysOf(world.store)).filter((key) => key.includes('.put-')),
        what,
      ).toEqual([]);
      expect(await readdir(join(world.stateDir, 'jobs')), what).toEqual([]);
    }
  }
  console.log(`${name}: killed before each of ${kills} changes`);
  expect(kills).toBeGreaterThan(args[0] === 'verify' ? 3 : 10);
});

/** Which changes a command makes, by their numbers: those to be killed before. */
async function changesOf(
  world: World,
  args: readonly string[],
  reset: () => Promise<void>,
): Promise<number[]> {
  await reset();
  const trace = join(world.folder, 'trace');
  await rm(trace, { force: true });
  const trap = { call: 'change', at: 1e9, action: 'SIGKILL' } as const;
  expect((await world.runBuilt([...args], { trap, env: { KILL_TRACE: trace } })).code).toBe(0);
  const changes = (await readFile(trace, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const isAlike = (name = ''): boolean => name.startsWith('handle.') || name === 'open' || name === 'utimes';
  expect(changes.map(([at]) => at)).toEqual(changes.map((_, i) => `${i + 1}`));
  const alike = changes.filter(([, name]) => isAlike(name));
  const stride = Math.ceil(alike.length / maxAlike);
  const chosen = new Set(alike.filter((_, i) => i % stride === 0).map(([at]) => at));
  return changes.filter(([at, name]) => !isAlike(name) || chosen.has(at)).map(([at]) => Number(at));
}
