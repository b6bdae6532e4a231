import { readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { partsOfAll } from '../../src/round/parts.ts';
import { newKey } from '../crypto/age-files.ts';
import { keysOf } from '../support/cli.ts';
import { seeds } from '../support/efaktur-folder.ts';
import { type RunWorld, runWorld } from '../support/run-world.ts';
import { unzip } from '../support/unzip.ts';

/** What a run proves and deletes, day by day. */

/** The archives of a folder store. */
const archivesOf = async ({ store }: RunWorld): Promise<string[]> =>
  (await keysOf(store)).filter((key) => /^\d{4}-.*\.tar\.zst(\.age)?$/.test(key));
const proofsOf = async ({ store }: RunWorld): Promise<string[]> =>
  (await keysOf(store)).filter((key) => key.startsWith('proofs/'));

async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 0xff, bytes.length >> 1);
  await writeFile(path, bytes);
}

/** On one day a week as much is read as on seven days, so this many runs read everything. */
const runsOfMonth = 5;

/** Runs so many times, as many days apart, and collects what the proofs read. */
async function runs(world: RunWorld, count: number, apart: number, env = {}) {
  const read: { parts: readonly number[]; checked: number; level: string }[] = [];
  for (let i = 0; i < count; i++) {
    const { profiles } = await world.runs([], env);
    const verify = profiles[0]?.verify;
    if (verify) read.push(verify);
    world.clock.pass({ days: apart });
  }
  return read;
}

describe('the rotating proof', () => {
  test('reads every archive within the month', async () => {
    const world = await runWorld({ backups: [] });
    await world.runs();
    const [archive = ''] = await archivesOf(world);
    const read = await runs(world, runsOfMonth, 7);
    expect(new Set(read.flatMap(({ parts }) => parts)).size).toBe(partsOfAll);
    expect(read.some(({ checked, level }) => checked > 0 && level === 'data')).toBe(true);
    const tag = /-([0-9a-f]{12})\./.exec(archive)?.[1] ?? 'none';
    expect((await proofsOf(world)).filter((key) => key.includes(tag))).not.toEqual([]);
  });

  test('judges a changes-only backup once, and after that reads its own bytes alone', async () => {
    const world = await runWorld({ backups: [] });
    const dated = datesAs(world);
    await world.runs();
    await dated();
    await rm(join(world.app, 'db'), { recursive: true });
    await unzip(seeds['seed-6-july'].path, world.app);
    await world.runs();
    await dated();
    // The newest is judged more often, and that is the full again.
    await rm(join(world.app, 'db'), { recursive: true });
    await unzip(seeds['seed-8-july'].path, world.app);
    world.clock.pass({ days: 1 });
    await world.runs();
    await dated();
    const archives = await archivesOf(world);
    const full = archives.find((key) => !key.includes('.diff.')) ?? '';
    const diff = archives.find((key) => key.includes('.diff.')) ?? '';
    const tagIn = (key: string): string => /-([0-9a-f]{12})\./.exec(key)?.[1] ?? 'none';
    expect(tagIn(diff)).not.toBe('none');
    await runs(world, runsOfMonth, 7);
    expect((await proofsOf(world)).filter((key) => key.includes(tagIn(diff)))).toHaveLength(1);
    // Had the full been read for it, its damage would be that of both.
    const [sound, whole] = [await readFile(join(world.store, diff)), await readFile(join(world.store, full))];
    await flipByte(join(world.store, full));
    const damaged = new Set<string>();
    const month = async (): Promise<void> => {
      for (let run = 0; run < runsOfMonth; run++) {
        const { profiles } = await world.runs();
        for (const { id } of profiles[0]?.verify?.damaged ?? []) damaged.add(id.slice(-12));
        world.clock.pass({ days: 7 });
      }
    };
    await month();
    expect([...damaged]).toEqual([tagIn(full)]);
    await writeFile(join(world.store, full), whole);
    await flipByte(join(world.store, diff));
    damaged.clear();
    await month();
    expect([...damaged]).toEqual([tagIn(diff)]);
    await writeFile(join(world.store, diff), sound);
  });

  test('keeps saying what it found until that is mended, and nothing is pruned meanwhile', async () => {
    const world = await runWorld({ backups: [] });
    const env = { EFAKTUR_PRUNE: 'keep-last=1,max-delete=100%' };
    await world.runs();
    const [archive = ''] = await archivesOf(world);
    const whole = await readFile(join(world.store, archive));
    await flipByte(join(world.store, archive));
    let found = null;
    for (let run = 0; run <= runsOfMonth && found === null; run++) {
      const { code, profiles } = await world.runs([], env);
      if (profiles[0]?.verify?.outcome === 'damaged') found = { code, profile: profiles[0] };
      else world.clock.pass({ days: 7 });
    }
    expect(found).toMatchObject({
      code: 13,
      profile: { outcome: 'attention', error: { code: 'damaged' }, prune: null },
    });
    // The next run of the day has no part to prove, and the damage stands.
    const next = await world.runs([], env);
    expect(next).toMatchObject({ code: 13, outcome: 'attention' });
    expect(next.profiles[0]).toMatchObject({ prune: null, error: { code: 'damaged' } });
    // All is read, so that what is still in db is stored anew.
    expect(next.profiles[0]?.push).toMatchObject({ inFull: true });
    // Told once.
    expect(await world.scheduled(env)).toMatchObject({ code: 13, stdout: '', stderr: '' });
    world.clock.pass({ days: 1 });
    expect(await world.runs([], env)).toMatchObject({ code: 13 });
    await writeFile(join(world.store, archive), whole);
    world.clock.pass({ days: 1 });
    const mended = await world.runs([], env);
    expect(mended.profiles[0]).toMatchObject({ outcome: 'ok', error: null });
    expect(mended.profiles[0]?.prune).not.toBeNull();
  });

  test('looks whether backups are there where no secret key is, and says once where the full one is made', async () => {
    const key = await newKey();
    const env = { EFAKTUR_RECIPIENTS: key.recipient };
    const world = await runWorld({ backups: [] }, env);
    const first = await world.runs();
    expect(first.profiles[0]).toMatchObject({ outcome: 'ok', verify: { level: 'present' } });
    const notes = first.profiles[0]?.warnings.filter(({ code }) => code === 'proof-elsewhere');
    expect(notes).toHaveLength(1);
    const read = await runs(world, runsOfMonth, 7);
    expect(read.some(({ checked }) => checked > 0)).toBe(true);
    expect(await proofsOf(world)).toEqual([]);
    expect((await world.log()).match(/\tproof-elsewhere\t/g)).toHaveLength(1);
    // With the key at hand everything is read.
    await writeFile(join(world.folder, 'key.txt'), key.fileText);
    const readable = { EFAKTUR_IDENTITY_FILE: join(world.folder, 'key.txt') };
    const proven = await runs(world, runsOfMonth, 7, readable);
    expect(proven.some(({ checked, level }) => checked > 0 && level === 'data')).toBe(true);
    expect(await proofsOf(world)).not.toEqual([]);
  });

  test('fails where the secret key that is set cannot be had', async () => {
    const key = await newKey();
    const world = await runWorld(
      { backups: [] },
      { EFAKTUR_RECIPIENTS: key.recipient, EFAKTUR_IDENTITY_FILE: 'gone.txt' },
    );
    const { code, profiles } = await world.runs();
    expect(code).toBe(12);
    expect(profiles[0]).toMatchObject({
      outcome: 'attention',
      push: { outcome: 'created' },
      error: { code: 'wrong-key' },
    });
  });
});

describe('EFAKTUR_PRUNE', () => {
  test('deletes once a day what its rules do not keep', async () => {
    const world = await runWorld({ backups: [] });
    await runs(world, 4, 1);
    const manifests = async (): Promise<number> =>
      (await keysOf(world.store)).filter((key) => /^\d{4}-.*\.json$/.test(key)).length;
    expect(await manifests()).toBe(4);
    const env = { EFAKTUR_PRUNE: 'keep-last=2,max-delete=100%' };
    const { profiles } = await world.runs([], env);
    expect(profiles[0]?.prune?.stores[0]?.deleted.length).toBeGreaterThan(0);
    const left = await manifests();
    expect(left).toBeLessThan(5);
    expect((await world.runs([], env)).profiles[0]?.prune).toBeNull();
    expect(await manifests()).toBe(left);
  });

  test('deletes nothing by rules that cannot be, nor more than the limit, and says so each time', async () => {
    const world = await runWorld({ backups: [] });
    await runs(world, 4, 1);
    const before = await keysOf(world.store);
    const bad = await world.scheduled({ EFAKTUR_PRUNE: 'keep-lasst=1' });
    expect(bad).toMatchObject({ code: 2, stdout: '' });
    expect(await world.log()).toMatch(/\t-\terror\tusage\tEFAKTUR_PRUNE: /);
    expect(await keysOf(world.store)).toEqual(before);
    const limited = { EFAKTUR_PRUNE: 'keep-last=1,max-delete=1' };
    for (let run = 0; run < 2; run++)
      expect(await world.runs([], limited)).toMatchObject({ code: 2, profiles: [{ outcome: 'attention' }] });
    for (const key of before) expect(await keysOf(world.store)).toContain(key);
  });
});

describe('what was just set up', () => {
  test('is proven by the run that stores it first, and by no second run', async () => {
    const world = await runWorld({ backups: [] });
    const first = await world.runs();
    expect(first.profiles[0]?.verify).toMatchObject({ outcome: 'ok', level: 'data', checked: 1 });
    expect(await proofsOf(world)).toHaveLength(1);
    expect((await world.run(['status'], { now: world.clock.now })).code).toBe(0);
    expect((await world.runs()).profiles[0]?.verify).toBeNull();
  });

  test('is proven in a second store, too, on the day that it comes to it', async () => {
    const world = await runWorld({ backups: [] });
    await world.runs();
    const second = join(world.folder, 'second');
    const { profiles } = await world.runs(['--store', world.store, '--store', second]);
    expect(profiles[0]?.verify).toMatchObject({ outcome: 'ok', level: 'data', checked: 1 });
    expect((await keysOf(second)).filter((key) => key.startsWith('proofs/'))).toHaveLength(1);
  });

  test('is proven on the day, also where an earlier run found nothing to store', async () => {
    const world = await runWorld({ backups: [] });
    await rename(join(world.app, 'db'), join(world.folder, 'db'));
    expect((await world.runs()).profiles[0]).toMatchObject({ push: null, outcome: 'failed' });
    await rename(join(world.folder, 'db'), join(world.app, 'db'));
    const { code, profiles } = await world.runs();
    expect(profiles[0]).toMatchObject({ error: null, verify: { level: 'data', checked: 1 } });
    expect(code).toBe(0);
    // Its part is read for today; another store without a proof is seen when something is stored.
    for (const key of await proofsOf(world)) await rm(join(world.store, key));
    await rm(join(world.app, 'db'), { recursive: true });
    await unzip(seeds['seed-6-july'].path, world.app);
    expect((await world.runs()).profiles[0]?.verify).toMatchObject({ level: 'data', parts: [], checked: 1 });
    expect(await world.log()).toMatch(/verification of the newest: 1 backup/);
  });

  test('stays a fault until it is sound, though its part is not due', async () => {
    const world = await runWorld({ backups: [] });
    await world.runs();
    const [archive = ''] = await archivesOf(world);
    for (const key of await proofsOf(world)) await rm(join(world.store, key));
    const whole = await readFile(join(world.store, archive));
    await flipByte(join(world.store, archive));
    await rm(join(world.stateDir, 'runs.json'));
    expect(await world.runs()).toMatchObject({ code: 13, profiles: [{ error: { code: 'damaged' } }] });
    // What is stored in its place does not wait for the next day, and the damage stands.
    expect(await world.runs()).toMatchObject({
      code: 13,
      profiles: [{ push: { outcome: 'created' }, verify: { outcome: 'ok', parts: [] } }],
    });
    await writeFile(join(world.store, archive), whole);
    world.clock.pass({ days: 1 });
    const mended = await world.runs();
    expect(mended.profiles[0]).toMatchObject({ outcome: 'ok', error: null });
    expect(mended.profiles[0]?.verify?.checked).toBeGreaterThan(0);
  });
});

describe('a store that is away', () => {
  test('costs the other one no second reading, and catches up when it is back', async () => {
    const world = await runWorld({ backups: [] });
    const usb = join(world.folder, 'usb');
    const stores = ['--store', world.store, '--store', usb];
    expect((await world.runs(stores)).code).toBe(0);
    await rename(usb, `${usb}-away`);
    const read: (readonly number[])[] = [];
    for (let day = 0; day < 9; day++) {
      world.clock.pass({ days: 1 });
      for (let run = 0; run < 3; run++) {
        const { code, profiles } = await world.runs(stores);
        expect(code).toBe(10);
        if (profiles[0]?.verify) read.push(profiles[0].verify.parts);
      }
    }
    expect(read).toHaveLength(9);
    for (const parts of read) expect(parts).toHaveLength(1);
    await rename(`${usb}-away`, usb);
    expect((await world.runs(stores)).profiles[0]?.verify?.parts).toHaveLength(9);
    expect((await world.runs(stores)).profiles[0]).toMatchObject({ outcome: 'ok', verify: null });
  });
});

describe('a history that stays as it is', () => {
  test.each([
    [1, 40],
    [7, 9],
  ])(
    'is never unproven where a run comes every %i days',
    async (apart, count) => {
      const world = await runWorld({ backups: [] });
      const dated = datesAs(world);
      await world.runs();
      await rm(join(world.app, 'db'), { recursive: true });
      await unzip(seeds['seed-6-july'].path, world.app);
      await world.runs();
      await dated();
      for (let run = 0; run < count; run++) {
        world.clock.pass({ days: apart });
        expect((await world.runs()).code).toBe(0);
        await dated();
        const { code, stdout } = await world.run(['status'], { now: world.clock.now });
        expect(code, `run ${run}: ${stdout}`).toBe(0);
      }
    },
    120_000,
  );
});

/** Gives what a run stored the time of the world's clock, as a store would that lives by it. */
function datesAs(world: RunWorld): () => Promise<void> {
  const seen = new Set<string>();
  return async () => {
    for (const key of await keysOf(world.store)) {
      if (!seen.has(key)) await utimes(join(world.store, key), world.clock.now, world.clock.now);
      seen.add(key);
    }
  };
}
