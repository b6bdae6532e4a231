import { cp, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { World } from './cli.ts';

/**
 * For a file whose tests begin with the same pushes: `make` is called once, with the folder of the world to make, and each
 * call of the function given back puts that folder back as it was then, at the same path, as the state folder knows its
 * store and its sources by their paths. So it is one world at a time, without a bucket.
 */
export function keptWorld(make: (folder: string) => Promise<World>): () => Promise<World> {
  let root: string | null = null;
  let making: Promise<World> | null = null;
  const copy = (from: string, to: string): Promise<void> =>
    cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });

  async function makeFirst(): Promise<World> {
    root = await realpath(await mkdtemp(join(tmpdir(), 'efaktur-cloud-kept-')));
    const folder = join(root, 'world');
    await mkdir(folder);
    const world = await make(folder);
    await copy(folder, join(root, 'kept'));
    return world;
  }
  afterAll(async () => {
    if (root !== null) await rm(root, { recursive: true, force: true, maxRetries: 5 });
  });
  return async () => {
    making ??= makeFirst();
    const world = await making;
    await rm(world.folder, { recursive: true, force: true, maxRetries: 5 });
    await copy(join(world.folder, '..', 'kept'), world.folder);
    return world;
  };
}
