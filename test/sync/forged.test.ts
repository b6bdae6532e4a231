import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type ListJson, makeWorld, type PullJson, type PushJson, treeOf } from '../support/cli.ts';
import { proofsIn } from './golden-world.ts';

/** Objects that somebody without a right to read or delete put among the backups. */

interface Checked {
  outcome: string;
  checked: { id: string; ok: boolean }[];
}
interface Pruned {
  deleted: string[];
  decisions: { id: string; date: string; keep: boolean }[];
  warnings: { code: string }[];
}

/** Three proven backups, pushed ten days ago, with a forged archive and a forged manifest of the second. */
async function forgedWorld() {
  const world = await makeWorld();
  const { backups } = await world.json<PushJson>(['push', '--all']);
  await world.json(['verify', '--read-data']);
  const past = new Date(Date.now() - 10 * 24 * 3600_000);
  for (const name of await readdir(world.store, { recursive: true })) {
    await utimes(join(world.store, name), past, past);
  }
  const listed = await world.json<ListJson>(['list']);
  expect(listed.backups.map((b) => b.id)).toEqual(backups.map((b) => b.id));
  const [first, second] = listed.backups;
  if (!first || !second) throw new Error('nothing was pushed');
  const forge = async (key: string): Promise<string> => {
    await writeFile(join(world.store, key), 'garbage');
    return key;
  };
  const tag = first.id.slice(-12);
  const archive = await forge(`${second.date}/${second.id.slice(0, 16)}-${tag}.tar.zst`);
  // That day in the west, before this one.
  const dayBefore = new Date(Date.parse(first.date) - 24 * 3600_000).toISOString().slice(0, 10);
  await mkdir(join(world.store, dayBefore));
  const manifest = await forge(`${dayBefore}/${first.id}.json`);
  return { world, listed, first, forged: { archive, manifest }, tag };
}

test('a forged archive or manifest changes nothing of what is listed, proven and restored', async () => {
  const { world, listed, first } = await forgedWorld();
  const original = await treeOf(world.store, true);
  expect((await world.json<ListJson>(['list'])).backups).toEqual(listed.backups);
  const long = await world.json<ListJson>(['list', '--long']);
  expect(long.backups).toMatchObject(listed.backups);
  const verified = await world.json<Checked>(['verify']);
  expect(verified).toMatchObject({
    outcome: 'ok',
    checked: listed.backups.map(({ id }) => ({ id, ok: true })),
  });
  await world.json(['pull', '--id', first.id, '--to', join(world.folder, 'to')]);
  const pulled = await world.json<PullJson>([
    'pull',
    '--date',
    first.date,
    '--to',
    join(world.folder, 'to2'),
  ]);
  expect(pulled.backup.id).toBe(first.id);
  expect(await treeOf(world.store, true)).toEqual(original);
});

test('where the forged archive is the first by time, the one that the manifest names counts', async () => {
  const { world, listed, forged } = await forgedWorld();
  await utimes(join(world.store, forged.archive), 5, 5);
  expect((await world.json<ListJson>(['list', '--long'])).backups).toMatchObject(listed.backups);
  expect(await world.json<Checked>(['verify', '--read-data'])).toMatchObject({ outcome: 'ok' });
});

test('a prune that deletes a forged archive leaves the proofs of the true one', async () => {
  const { world, forged, tag } = await forgedWorld();
  const before = await treeOf(world.store);
  const run = (days: number): Promise<Pruned> =>
    world.json<Pruned>(['prune', '--yes', '--keep-last', '9'], {
      now: new Date(Date.now() + days * 24 * 3600_000),
    });
  const noting = await run(8);
  expect(noting.decisions.map((d) => d.keep)).toEqual([true, true, true]);
  expect(noting.warnings.map((w) => w.code)).toEqual(['foreign-keys']);
  expect((await run(10)).deleted).toContain(forged.archive);
  expect((await run(12)).deleted).not.toContain(forged.manifest);
  const { [forged.archive]: _, ...others } = before;
  expect(await treeOf(world.store)).toMatchObject(others);
  expect((await proofsIn(world.store)).filter((key) => key.includes(tag))).toHaveLength(1);
});

test('a forged manifest of the same id never takes the place of the true one in a prune', async () => {
  const { world, first, forged } = await forgedWorld();
  const trueOne = join(world.store, `${first.date}/${first.id}.json`);
  await writeFile(join(world.store, forged.manifest), await readFile(trueOne));
  const { decisions, deleted } = await world.json<Pruned>(['prune', '--yes', '--keep-last', '9']);
  expect(decisions).toHaveLength(3);
  expect(decisions[0]).toMatchObject({ id: first.id, date: first.date, keep: true });
  expect(deleted).toEqual([]);
});

test('a manifest that lies about the archive of another backup is damaged alone, and leaves no proof of it', async () => {
  const { world, listed, first, forged, tag } = await forgedWorld();
  const path = join(world.store, forged.archive.replace('.tar.zst', '.json'));
  const manifest = JSON.parse(await readFile(join(world.store, `${first.date}/${first.id}.json`), 'utf8'));
  const id = `${listed.backups[1]?.id.slice(0, 16)}-${tag}`;
  const capturedAt = id.replace(/(....)(..)(..T..)(..)(..Z).*/, '$1-$2-$3:$4:$5');
  // Dated before the true one, so that it is read first.
  const early = '20230701T020000Z';
  for (const [time, at, file] of [
    [id.slice(0, 16), capturedAt, path],
    [early, '2023-07-01T02:00:00Z', join(world.store, '2023-07-01', `${early}-${tag}.json`)],
  ] as const) {
    await mkdir(dirname(file), { recursive: true });
    const needs = [{ ...manifest.needs[0], sha256: '0'.repeat(64) }];
    await writeFile(file, JSON.stringify({ ...manifest, id: `${time}-${tag}`, capturedAt: at, needs }));
  }
  const before = await proofsIn(world.store);
  for (const args of [[], ['--id', `${early}-${tag}`]]) {
    const outcome = await world.run(['verify', '--read-data', '--json', ...args]);
    expect(outcome.code).toBe(13);
    for (const { id, ok } of (JSON.parse(outcome.stdout) as Checked).checked)
      expect(ok, id).toBe(listed.backups.some((b) => b.id === id));
  }
  const results = (keys: readonly string[]): Set<string> =>
    new Set(keys.map((key) => key.replace(/-[^-]*$/, '')));
  expect(results(await proofsIn(world.store))).toEqual(results(before));
});
