import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { makeWorld, type Trap, treeOf, type World } from '../support/cli.ts';
import { placeProgramFiles } from '../support/program-folder.ts';
import { placeStoredProgram } from '../support/stored-program.ts';

/** kill -9 while a whole e-Faktur folder is made; the short and the long run differ in the steps. */

/** A PC with an e-Faktur that is stored, its program and its db. */
export async function office(): Promise<World> {
  const world = await makeWorld({ backups: [] });
  await placeProgramFiles(world.app, '4.0.0.0');
  await world.json(['push', '--source', 'live']);
  await placeStoredProgram([world.store], world.app, { at: '2023-07-09T02:00:00Z' });
  return world;
}

/** Each rename, removal and new folder beside the target; what lies deeper is extracted, file after file alike. */
const path = /(pc baru \d+|\.(restoring|restored|listed|discard)-[\w-]+(\/app|\/db|\/app\/[^/]+)?)$/;

/**
 * Kills a restore into a new folder at that step: the next command finds nothing or all of it, and clears the rest.
 * `isWhole` says which, `isKilled` whether it came to that step.
 */
export async function killedAt(
  world: World,
  at: number,
  isFolderThere: boolean,
): Promise<{ isKilled: boolean; isWhole: boolean }> {
  const whole = Object.fromEntries(
    Object.entries(await treeOf(world.app)).filter(([path]) => !/^(backup|log)(\/|$)/.test(path)),
  );
  const target = join(world.folder, `pc baru ${at}`);
  if (isFolderThere) await mkdir(target);
  const trap: Trap = { call: 'any', at, path, action: 'SIGKILL' };
  const outcome = await world.runBuilt(['pull', '--whole-app', '--to', target], { trap });
  const what = `step ${at}: ${outcome.stderr}`;
  const before = await treeOf(target).catch(() => ({}));
  const canStart = Object.keys(before).includes('ETaxInvoiceMain.exe');
  // The next command, here one that fails for another reason.
  await world.run(['pull', '--whole-app', '--to', target, '--id', '20000101T000000Z-000000000000']);
  const after = await treeOf(target).catch(() => ({}));
  expect(
    (await readdir(world.folder)).filter((found) => /\.(restor|list|discard)/.test(found)),
    what,
  ).toEqual([]);
  const isWhole = Object.keys(after).some((path) => path !== '');
  expect(after, what).toEqual(isWhole ? whole : expect.anything());
  if (canStart) expect(isWhole, what).toBe(true);
  const isKilled = outcome.signal === 'SIGKILL';
  if (!isKilled) expect([outcome.code, isWhole], what).toEqual([0, true]);
  return { isKilled, isWhole };
}
