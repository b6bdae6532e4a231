import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFolderStore } from '../../../src/store/folder.ts';
import { type ListJson, makeWorld, treeOf, type WarningJson, type World } from '../../support/cli.ts';
import { putArchive, putBackup, putManifest, tagOf } from '../../support/stored-backups.ts';
import { storeProgram } from '../../support/stored-program.ts';

/** What killed runs leave in a folder store: who removes it, and that doctor tells of it. */

const hourMs = 3600_000;
const day = '2023-07-08';

const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * hourMs);

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

async function leaveTemp(store: string, folder: string, pid: number, hours: number): Promise<string> {
  const name = `${folder}.put-${pid}-${tagOf(hours)}.tmp`;
  await mkdir(join(store, folder), { recursive: true });
  await writeFile(join(store, name), 'half an archive');
  await utimes(join(store, name), hoursAgo(hours), hoursAgo(hours));
  return name;
}

const tempsIn = async (store: string): Promise<string[]> =>
  Object.keys(await treeOf(store))
    .filter((name) => name.endsWith('.tmp'))
    .sort();

const debrisOf = ({ warnings }: { warnings: WarningJson[] }): string[] =>
  warnings.filter(({ code }) => code === 'debris').map(({ message }) => message);

const doctor = (world: World) =>
  world.json<{ outcome: string; warnings: WarningJson[] }>(['doctor'], { code: 0 });

test.each(['push', 'prune'] as const)(
  'a %s removes temp files that have not grown for a day, but none of a put that lives',
  async (verb) => {
    const world = await makeWorld();
    const { store } = world;
    if (verb === 'prune') await world.json(['push']);
    const living = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 600000)']);
    try {
      const pid = await deadPid();
      await leaveTemp(store, '', pid, 25);
      await leaveTemp(store, `${day}/`, pid, 26);
      await leaveTemp(store, 'proofs/', pid, 24 * 30);
      const young = await leaveTemp(store, `${day}/`, pid, 23);
      const kept = [
        await leaveTemp(store, `${day}/`, living.pid ?? 0, 0),
        await leaveTemp(store, 'Foto/', pid, 48),
      ];
      const before = await tempsIn(store);
      expect(before).toHaveLength(6);
      for (const args of [['list'], ['verify'], ['status'], ['prune'], ['push', '--dry-run']])
        await world.run(args);
      expect(await tempsIn(store)).toEqual(before);
      await world.json(verb === 'push' ? ['push'] : ['prune', '--yes']);
      expect(await tempsIn(store)).toEqual([young, ...kept].sort());
      // This PC slept for two days in the middle of that put.
      await world.json(['prune', '--yes'], { now: hoursAgo(-48) });
      expect(await tempsIn(store)).toEqual(kept.sort());
      expect((await world.json<ListJson>(['list'])).backups).toHaveLength(1);
    } finally {
      living.kill();
    }
  },
);

test('no empty day folders are left after a prune, by it or by what came before', async () => {
  const world = await makeWorld(null);
  const store = openFolderStore({ root: world.store, url: world.store });
  for (const n of [40, 41, 42]) await putBackup(store, hoursAgo(n * 24), tagOf(n));
  await mkdir(join(world.store, day));
  await mkdir(join(world.store, 'Kosong'));
  await world.json(['prune', '--keep-last', '1', '--max-delete', '100%']);
  expect(await readdir(world.store)).toContain(day);
  const options = ['prune', '--yes', '--keep-last', '1', '--max-delete', '100%'];
  await world.json(options, { now: hoursAgo(-1) });
  // The archives go a day after the manifests, and a week after they came.
  await world.json(options, { now: hoursAgo(-9 * 24) });
  const [kept] = (await world.json<ListJson>(['list'])).backups;
  const folders = (await readdir(world.store)).filter((name) => /^\d|^Kosong/.test(name));
  expect(folders).toEqual([kept?.date, 'Kosong']);
});

test('doctor tells of all debris with what removes it, changes none of it, and fails for none', async () => {
  const world = await makeWorld(null);
  const store = openFolderStore({ root: world.store, url: world.store });
  await putBackup(store, hoursAgo(24 * 20), tagOf(1));
  expect(debrisOf(await doctor(world))).toEqual([]);
  const pid = await deadPid();
  const temp = await leaveTemp(world.store, `${day}/`, pid, 49);
  await leaveTemp(world.store, `${day}/`, pid, 2);
  await mkdir(join(world.store, '2023-07-09'));
  const orphan = await putArchive(store, hoursAgo(24 * 30), tagOf(2));
  const fresh = await putArchive(store, hoursAgo(24 * 31), tagOf(3));
  // No manifest of its own, but a differential leans on it.
  const leant = await putArchive(store, hoursAgo(24 * 32), tagOf(4));
  const differential = await putArchive(store, hoursAgo(24 * 29), tagOf(5), undefined, 'differential');
  await putManifest(store, hoursAgo(24 * 29), differential, undefined, [leant]);
  await storeProgram(world.store, { at: hoursAgo(24 * 20), main: 'whole' });
  const half = await storeProgram(world.store, { at: hoursAgo(24 * 20), main: 'killed before its manifest' });
  await rm(join(world.store, half.manifestKey));
  for (const { key } of [orphan, leant, differential])
    await utimes(join(world.store, key), hoursAgo(24 * 8), hoursAgo(24 * 8));
  const before = await treeOf(world.store);
  const found = await doctor(world);
  expect(found.outcome).toBe('ok');
  const [temps = '', folders = '', archives = '', ...others] = debrisOf(found);
  expect(temps).toContain('1 temp file of runs that were cut off since ');
  expect(temps).toContain(`(${temp}): a push that sends something and "efaktur-cloud prune --yes" remove it`);
  expect(folders).toContain('1 empty day folder (2023-07-09/): ');
  expect(archives).toContain('2 archives of ');
  expect(archives).toContain(
    `(${orphan.key}, ${half.archiveKey}) that no manifest names: two runs of "efaktur-cloud prune`,
  );
  expect(archives).not.toContain(fresh.key);
  expect(others).toEqual([]);
  expect(await treeOf(world.store)).toEqual(before);

  // Without what this manifest says, nothing is said of what it may need.
  const manifest = join(world.store, differential.key.replace('.diff.tar.zst', '.json'));
  await writeFile(manifest, '{');
  const [, , unknown = '', ...rest] = debrisOf(await doctor(world));
  expect(unknown).toContain('3 archives of ');
  expect(unknown).toContain('whether another backup needs them is not known');
  expect(rest).toEqual([]);
});
