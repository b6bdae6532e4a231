import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  keysOf,
  type ListJson,
  makeWorld,
  type PushJson,
  type Trap,
  treeOf,
  type World,
} from '../support/cli.ts';
import { seeds } from '../support/efaktur-folder.ts';
import { unzip } from '../support/unzip.ts';

/** A push or a restore that is killed, and what the next command finds; the short and the long run differ in their steps. */

type Tree = Record<string, string>;

async function seedTree(seed: keyof typeof seeds): Promise<Tree> {
  const folder = await mkdtemp(join(tmpdir(), 'efaktur-seed-'));
  await unzip(seeds[seed].path, folder);
  const tree = await treeOf(join(folder, 'db'));
  await rm(folder, { recursive: true });
  return tree;
}
export const july6 = await seedTree('seed-6-july');
export const july8 = await seedTree('seed-8-july');

/** What a restore has beside `db` while it works. */
export const staging = async (app: string): Promise<string[]> =>
  (await readdir(app)).filter((name) => /^db\.(?!before-restore-)/.test(name));

/** Every key of a store is one of the format's; temp files of a put are none. */
export async function expectNoDebris(world: World): Promise<void> {
  for (const key of await keysOf(world.store))
    expect(key).toMatch(
      /^(README\.txt|origin\/\S+\.json|index\/\S+|proofs\/\S+|\d{4}-\d\d-\d\d\/\S+\.(json|tar\.zst))$/,
    );
  expect(await readdir(join(world.stateDir, 'jobs'))).toEqual([]);
  for (const name of await keysOf(world.stateDir))
    expect(name).toMatch(/^(stores\/[0-9a-f]+\.json|indexes\/[0-9a-f]{12}\.idx\.zst)$/);
}

/** A db of 6 July, and a backup of 8 July stored. */
export async function restorable(): Promise<World> {
  const world = await makeWorld({ live: 'seed-6-july' });
  await world.json(['push', '--source', 'backup']);
  return world;
}

/** Kills a pull at that step; false when the pull ended before it. */
export async function killedPull(world: World, trap: Trap): Promise<boolean> {
  const outcome = await world.runBuilt(['pull', '--yes'], { trap });
  if (outcome.signal === 'SIGKILL') return true;
  expect(outcome).toMatchObject({ code: 0, signal: null });
  return false;
}

/** After a killed restore over the db of 6 July the next command, a push or a pull, settles the folder. */
export async function expectSettled(world: World, by: 'push' | 'pull', what: string): Promise<void> {
  if (by === 'push') {
    const next = await world.json<PushJson>(['push', '--source', 'live']);
    expect(next.backups, what).toHaveLength(1);
  } else {
    // It settles the folder first, and then finds no such backup.
    expect((await world.run(['pull', '--id', '20000101T000000Z-000000000000'])).code).toBe(4);
  }
  expect(await staging(world.app), what).toEqual([]);
  const now = await treeOf(join(world.app, 'db'));
  const kept = (await readdir(world.app)).find((name) => name.startsWith('db.before-restore-'));
  if (kept === undefined) expect(now, what).toEqual(july6);
  else {
    expect(now, what).toEqual(july8);
    expect(await treeOf(join(world.app, kept)), what).toEqual(july6);
  }
}

/** As {@link expectSettled}, of a restore into a folder without db. */
export async function expectNoneOrWhole(world: World): Promise<void> {
  await world.run(['push', '--source', 'backup']);
  expect(await staging(world.app)).toEqual([]);
  expect([{}, july8]).toContainEqual(await treeOf(join(world.app, 'db')));
}

/** The `db` that a pull of that backup into a new folder makes. */
export async function restoresFrom(world: World, id: string): Promise<Tree> {
  const to = join(world.folder, `to-${id}`);
  await rm(to, { recursive: true, force: true });
  await world.json(['pull', '--id', id, '--to', to]);
  return treeOf(join(to, 'db'));
}

/**
 * After a killed push of 8 July nothing or a whole backup is listed, and the next push leaves one that restores. Resolves
 * with the number that the killed one left.
 */
export async function expectPushedOn(world: World): Promise<number> {
  const listed = (await world.json<ListJson>(['list'])).backups;
  expect(listed.length).toBeLessThanOrEqual(1);
  for (const { id } of listed) expect(await restoresFrom(world, id)).toEqual(july8);
  await world.json(['push']);
  const { backups } = await world.json<ListJson>(['list']);
  // With the manifest written and the record not, the state is sent once more under a tag of its own.
  expect(backups.length).toBeGreaterThanOrEqual(1);
  expect(backups.length).toBeLessThanOrEqual(1 + listed.length);
  for (const { id } of backups) expect(await restoresFrom(world, id)).toEqual(july8);
  await expectNoDebris(world);
  expect((await world.json(['push'])).outcome).toBe('unchanged');
  return listed.length;
}
