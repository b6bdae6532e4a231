import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { errorOf, type ListJson, makeWorld, type PullJson, type PushJson, treeOf } from '../support/cli.ts';
import { seedBackups } from '../support/efaktur-folder.ts';
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

test('a forged backup that stands before the true one of a day: the error names the true one', async () => {
  const world = await makeWorld({ live: null, backups: seedBackups });
  await world.json(['push', '--all']);
  const { backups } = await world.json<ListJson>(['list']);
  const truly = backups.at(-1);
  if (!truly) throw new Error('nothing was pushed');
  const manifest = await readFile(join(world.store, truly.date, `${truly.id}.json`), 'utf8');
  const archive = await readFile(join(world.store, truly.archive ?? ''));
  const second = truly.id.slice(0, 16);
  const later = second.replace(/T(\d{4})/, (_, hhmm) => `T${String(Number(hhmm) + 1).padStart(4, '0')}`);
  // With an archive of its own that holds nothing: a minute later, in the same second, and of a format that nobody knows.
  const forgeries: [string, string, string][] = [
    [
      'damaged',
      `${second}-ffffffffffff`,
      manifest.replace(/("contentHash":\s*")\w{64}/, `$1${'0'.repeat(64)}`),
    ],
    ['damaged', `${later}-0123456789ab`, manifest],
    ['newer-format', `${later}-0123456789ab`, manifest.replace(/"format":\s*1/, '"format": 99')],
  ];
  for (const [code, id, text] of forgeries) {
    for (const name of await readdir(join(world.store, truly.date)))
      if (/-(f{12}|0123456789ab)\./.test(name)) await rm(join(world.store, truly.date, name));
    await writeFile(join(world.store, truly.date, `${id}.json`), text.replaceAll(truly.id, id));
    await writeFile(
      join(world.store, (truly.archive ?? '').replace(truly.id, id)),
      Buffer.alloc(archive.length),
    );
    for (const wish of [[], ['--date', truly.date], ['--as-of', '2090-01-01']]) {
      for (const [command, to] of [
        ['pull', 'pulled'],
        ['export', 'exported'],
      ] as const) {
        const refused = await world.run([command, ...wish, '--to', join(world.folder, to), '--json']);
        expect(errorOf(refused)).toMatchObject({
          code,
          hint: expect.stringContaining(`The backup before it is ${truly.id}`),
        });
      }
      const refused = await world.run(['tables', ...wish, '--json']);
      expect(errorOf(refused).hint).toContain(`--id ${truly.id}`);
    }
  }
  const named = await world.run([
    'pull',
    '--id',
    forgeries.at(-1)?.[1] ?? '',
    '--to',
    join(world.folder, 'pulled'),
    '--json',
  ]);
  expect(errorOf(named).hint).not.toContain('The backup before it');
  const to = join(world.folder, 'pulled');
  expect((await world.json<PullJson>(['pull', '--id', truly.id, '--to', to])).backup.id).toBe(truly.id);
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
