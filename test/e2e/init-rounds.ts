import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { keysOf, type ListJson, makeWorld, type Trap, treeOf, type World } from '../support/cli.ts';
import { noteSecret } from '../support/printed.ts';

/** A set-up that is broken off, and what is left of it. */

/** What a wizard finds on a PC where nothing is set up. */
export const bare = { EFAKTUR_STORE: undefined, EFAKTUR_APP_DIR: undefined };
export const configOf = (world: World): string => join(world.folder, 'home', '.config', 'efaktur-cloud');
export const filesIn = (folder: string): Promise<string[]> =>
  readdir(folder).then(
    (names) => names.sort(),
    () => [],
  );

/** The secret key on a sheet or in a key file. */
export const secretOn = async (sheet: string): Promise<string> => {
  const key = /AGE-SECRET-KEY-1[A-Z0-9]{58}/.exec(await readFile(sheet, 'utf8'))?.[0] ?? '';
  await noteSecret(key);
  return key;
};

/** A set-up by flags of the world's folder and store, without a schedule. */
export const setUpOf = (world: World): string[] => [
  ...['init', '--yes', '--app', world.app, '--store', world.store],
  ...['--name', 'e-faktur', '--schedule', 'off'],
];

/** A set-up by flags with all that it can leave: a sheet, a key, a profile. */
export async function brokenOff(trap: Trap) {
  const world = await makeWorld({ backups: [] });
  const sheet = join(world.folder, 'sheet.html');
  const more = ['--sheet', sheet, '--keep-key', '--quiet'];
  return { world, sheet, outcome: await world.runBuilt([...setUpOf(world), ...more], { env: bare, trap }) };
}

/** Whether all of it is there or nothing, once any command has taken away what a kill left. */
export async function whatIsLeft(world: World, sheet: string, when: string): Promise<'all' | 'nothing'> {
  const listed = await world.run(['list', '--json']);
  const backups = listed.stdout === '' ? [] : (JSON.parse(listed.stdout) as ListJson).backups;
  const tree = Object.keys(await treeOf(world.stateDir));
  expect(
    tree.filter((name) => /sheet|\.html|\.key/.test(name)),
    when,
  ).toEqual([]);
  const keys = await keysOf(world.store);
  for (const { id } of backups)
    expect(keys, when).toContainEqual(expect.stringContaining(`${id.slice(-12)}.tar.zst.age`));
  const files = (await filesIn(configOf(world))).filter((name) => !name.endsWith('.tmp'));
  if (files.length === 0) {
    await expect(stat(sheet), when).rejects.toMatchObject({ code: 'ENOENT' });
    return 'nothing';
  }
  // Once the profile is there, so is all that it names, and the sheet that was asked for.
  expect(files, when).toEqual(['e-faktur.env', 'e-faktur.key']);
  expect(await readFile(join(configOf(world), 'e-faktur.env'), 'utf8'), when).toContain('e-faktur.key');
  expect(await readFile(sheet, 'utf8'), when).toContain(
    await secretOn(join(configOf(world), 'e-faktur.key')),
  );
  return 'all';
}

/** Breaks it off at each n-th change of these files, until it comes through. */
export async function breakOff(
  every: number,
  path: RegExp | undefined,
  action: 'SIGKILL' | 'SIGINT',
): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let at = 1; ; at += every) {
    const { world, sheet, outcome } = await brokenOff({ call: 'change', at, action, ...(path && { path }) });
    const when = `${path ?? 'change'} ${at}`;
    if (outcome.signal === null && outcome.code === 0) return seen;
    if (action === 'SIGKILL') expect(outcome.signal, `${when}: ${outcome.stderr}`).toBe('SIGKILL');
    else {
      expect(outcome.code, `${when}: ${outcome.stderr}`).toBe(130);
      expect(await filesIn(join(world.stateDir, 'jobs')), when).toEqual([]);
      await expect(stat(sheet), when).rejects.toMatchObject({ code: 'ENOENT' });
    }
    seen.add(await whatIsLeft(world, sheet, when));
    await rm(world.folder, { recursive: true, force: true });
  }
}
