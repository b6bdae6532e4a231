import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { type CopyJson, makeWorld, type PullJson, type PushJson, treeOf, type World } from './cli.ts';
import { fillProgramFolder, holdFilesOpen } from './program-folder.ts';

interface ProgramPushJson {
  outcome: string;
  programs: { id: string; archive: string; outcome: string; leftOut: { path: string; why: string }[] }[];
}

const withoutDatabases = (tree: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(tree).filter(([path]) => !/^db\//.test(path)));

/** The built program, with one exit code and one document. */
async function built<T>(
  world: World,
  args: string[],
  env: Record<string, string | undefined>,
  code = 0,
): Promise<T> {
  const outcome = await world.runBuilt([...args, '--json'], { env, timeoutMs: 600_000 });
  expect(outcome.code, `${args.join(' ')}: ${outcome.stdout}${outcome.stderr}`).toBe(code);
  return JSON.parse(code === 0 ? outcome.stdout : outcome.stderr) as T;
}

/**
 * An e-Faktur of a size goes through a store from one PC to another; what is not there afterwards is what was named. `reach`
 * is what both PCs need to reach the store.
 */
export async function moveToNewPc(
  javaMib: number,
  reach: Readonly<Record<string, string>> = {},
): Promise<void> {
  const world = await makeWorld();
  const { kept, leftOut } = await fillProgramFolder(world.app, javaMib);
  const held = ['java/lib/part-0.jar', 'ETaxInvoice.exe', 'lib/derby.jar'].map((path) =>
    join(world.app, path),
  );
  await holdFilesOpen(...held);
  const database = await treeOf(join(world.app, 'db'));

  const old = { ...reach };
  const stored = await built<ProgramPushJson>(world, ['push', '--whole-app'], old);
  expect(stored.programs[0]?.leftOut).toEqual(
    expect.arrayContaining(Object.entries(leftOut).map(([path, why]) => ({ path, why }))),
  );
  expect(stored.programs[0]?.leftOut).toHaveLength(Object.keys(leftOut).length);
  const again = await built<ProgramPushJson>(world, ['push', '--whole-app'], old);
  expect(again.outcome).toBe('unchanged');
  await built<PushJson>(world, ['push', '--source', 'live'], old);
  await built(world, ['verify', '--read-data'], old);

  const home = join(world.folder, 'new-home');
  await mkdir(home);
  const to = join(home, 'e-Faktur');
  const fresh = {
    ...reach,
    HOME: home,
    EFAKTUR_STATE_DIR: join(home, 'state'),
    EFAKTUR_NAME: 'pc-baru',
    EFAKTUR_APP_DIR: undefined,
  };
  const pulled = await built<PullJson>(
    world,
    ['pull', '--whole-app', '--to', to, '--expect', '"Gerbang Semesta" 345000'],
    fresh,
  );
  expect(pulled.outcome).toBe('restored');
  const arrived = await treeOf(to);
  expect(await treeOf(join(to, 'db'))).toEqual(database);
  expect(withoutDatabases(arrived)).toEqual(kept);
  // Nothing goes into a folder that has other things.
  await built(world, ['pull', '--whole-app', '--to', to, '--yes'], fresh, 2);
  expect(await treeOf(to)).toEqual(arrived);

  // The new PC goes on with the same history once it says so.
  await built(world, ['push', '--app', to], fresh, 2);
  await built<PushJson>(world, ['push', '--app', to, '--moved'], fresh);

  await opensWithStockTools(world, stored.programs[0]?.id ?? '', reach, kept);
}

/** By what stands in the manifest, with nothing of ours. */
async function opensWithStockTools(
  world: World,
  id: string,
  reach: Readonly<Record<string, string>>,
  kept: Readonly<Record<string, string>>,
): Promise<void> {
  const auditor = join(world.folder, 'auditor');
  const { programs } = await built<CopyJson>(world, ['copy', '--to', auditor, '--id', id], reach);
  const archive = programs[0]?.archive ?? '';
  const manifest = JSON.parse(await readFile(join(auditor, archive.slice(0, 10), `${id}.app.json`), 'utf8'));
  const hand = join(world.folder, 'by-hand');
  await mkdir(hand);
  await copyFile(join(auditor, archive), join(hand, basename(archive)));
  await promisify(execFile)('/bin/sh', ['-ec', manifest.restore], { cwd: hand });
  expect(await treeOf(join(hand, 'e-Faktur'))).toEqual(kept);
}
