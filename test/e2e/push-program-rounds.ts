import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { keysOf, makeWorld, type Trap, type World } from '../support/cli.ts';
import { peFile } from '../support/pe-file.ts';

/** Pushes of a program folder that end in the middle; the short and the long run differ in where. */

export async function makeOffice(): Promise<World> {
  const world = await makeWorld({ live: null, backups: [] });
  await writeFile(join(world.app, 'ETaxInvoiceMain.exe'), peFile('4.0.0.0'));
  await mkdir(join(world.app, 'java/lib'), { recursive: true });
  await writeFile(join(world.app, 'java/lib/rt.jar'), Buffer.alloc(2 << 20, 'rt'));
  return world;
}

export const pushProgram = (world: World, trap?: Trap) =>
  world.runBuilt(['push', '--whole-app', '--json'], trap ? { trap } : {});

export const isDay = (key: string): boolean => key.startsWith('2');

/** Kills a push there: no program or a whole one is stored, and the next push clears the rest. */
export async function killedPush(
  trap: Trap,
  what: string,
): Promise<{ isKilled: boolean; isStored: boolean }> {
  const world = await makeOffice();
  const outcome = await pushProgram(world, trap);
  const left = (await keysOf(world.store)).filter(isDay);
  const manifest = left.find((key) => /^[^.]+\.app\.json$/.test(key));
  if (manifest !== undefined) expect(left, what).toContain(manifest.replace('.json', '.tar.zst'));
  const next = await world.run(['push', '--whole-app', '--json']);
  expect(next.code, `${what}: ${next.stderr}`).toBe(0);
  const keys = await keysOf(world.store);
  expect(
    keys.filter((key) => !isDay(key)).every((key) => /^(README\.txt|origin\/\S+)$/.test(key)),
    what,
  ).toBe(true);
  const manifests = keys.filter((key) => key.endsWith('.app.json'));
  expect(manifests.length, what).toBeGreaterThan(0);
  for (const one of manifests) expect(keys, what).toContain(one.replace('.json', '.tar.zst'));
  expect(await readdir(join(world.stateDir, 'jobs')), what).toEqual([]);
  return { isKilled: outcome.signal === 'SIGKILL', isStored: manifest !== undefined };
}
