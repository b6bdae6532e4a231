import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { compactUtc } from '../../src/base/local-time.ts';
import { noRules, type RetentionPolicy } from '../../src/catalog/retention.ts';
import { openFolderStore } from '../../src/store/folder.ts';
import { bytesBody } from '../../src/store/small-object.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { type PruneDocument, type PruneRequest, prune } from '../../src/sync/prune.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { errorOf, type ListJson, makeWorld, type PullJson, treeOf, type World } from '../support/cli.ts';
import type { LoginBackup } from '../support/efaktur-folder.ts';
import { inEnglish } from '../support/english.ts';
import {
  dyingStore,
  keysIn,
  putArchive,
  putBackup,
  putManifest,
  putNote,
  putProof,
  tagOf,
} from '../support/stored-backups.ts';
import { verbContext } from '../support/verb-context.ts';

const dayMs = 24 * 3600_000;
const later = (days: number): Date => new Date(Date.now() + days * dayMs);
/** Captured so many days ago, at noon. */
const ago = (days: number): Date => new Date(Math.floor(Date.now() / dayMs) * dayMs - days * dayMs);

/** Makes everything in a folder store as old as if it was uploaded so many days ago. */
async function age(folder: string, days: number, only = /./): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && only.test(path)) await utimes(path, later(-days), later(-days));
  }
}

async function run(
  store: ObjectStore | readonly ObjectStore[],
  policy: Partial<RetentionPolicy>,
  options: Partial<PruneRequest> & { inDays?: number } = {},
): Promise<{ document: PruneDocument; code: string | null }> {
  const { document, failure } = await prune({
    ...verbContext(),
    stores: 'url' in store ? [store] : store,
    policy: { ...noRules, ...policy },
    maxDelete: { percent: 100 },
    yes: true,
    lock: null,
    now: () => later(options.inDays ?? 0),
    ...options,
  });
  return { document, code: failure?.code ?? null };
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (isEfakturError(error) ? error.code : String(error)),
  );

const byStem = (keys: readonly string[], pattern: RegExp): string[] =>
  keys.filter((key) => pattern.test(key));

describe('the command line, with real backups', () => {
  let world: World;
  const names = [0, 1, 2, 3, 4].map(
    (i): LoginBackup => ({
      name: `2023-07-0${i + 1} 09.00.zip`,
      from: i % 2 === 0 ? 'seed-6-july' : 'seed-8-july',
      time: new Date(`2023-07-0${i + 1}T09:00:00+07:00`),
    }),
  );
  const keep2 = ['prune', '--keep-last', '2', '--max-delete', '3'];

  beforeEach(async () => {
    world = await makeWorld({ live: null, backups: names });
    await world.json(['push', '--all', '--full']);
    await age(world.store, 9);
  });

  test('a dry run with a reason for each until --yes', async () => {
    const before = await treeOf(world.store, true);
    const plan = await world.json<PruneDocument>(keep2);
    expect(await treeOf(world.store, true)).toEqual(before);
    expect(plan).toMatchObject({ outcome: 'planned', deleted: [], warnings: [] });
    expect(plan.decisions.map((d) => [d.date, d.keep])).toEqual([
      ['2023-07-01', false],
      ['2023-07-02', false],
      ['2023-07-03', false],
      ['2023-07-04', true],
      ['2023-07-05', true],
    ]);
    for (const decision of plan.decisions) expect(decision.reason).not.toBe('');
    expect(plan.stores[0]?.planned).toHaveLength(3);
    expect(plan.stores[0]?.letGo).toHaveLength(3);
    const { stdout } = await world.run(keep2);
    expect(stdout).toMatch(/DELETE .*2023-07-01 09:00/);
    expect(stdout).toMatch(/keep .*2023-07-05 09:00, uploaded 20\d\d-.* .*the newest/);
    expect(stdout).toContain('--yes');
  });

  test('manifests go first and leave a note, archives a day later; what is kept restores', async () => {
    const first = await world.json<PruneDocument>([...keep2, '--yes']);
    expect(first.outcome).toBe('pruned');
    expect(first.deleted).toHaveLength(3);
    for (const key of first.deleted) expect(key).toMatch(/^2023-07-0[123]\/.*\.json$/);
    expect((await world.json<ListJson>(['list'])).backups.map((b) => b.date)).toEqual([
      '2023-07-04',
      '2023-07-05',
    ]);
    expect(await readdir(join(world.store, 'pruned'))).toEqual([
      expect.stringMatching(/^\d{8}T\d{6}Z\.json$/),
    ]);
    const archives = async (): Promise<string[]> =>
      byStem(Object.keys(await treeOf(world.store)), /tar\.zst$/).map((key) => key.slice(0, 10));
    expect(await archives()).toHaveLength(5);

    for (const [days, left] of [
      [0.9, 5],
      [1.1, 2],
    ] as const) {
      const next = await world.json<PruneDocument>([...keep2, '--yes'], { now: later(days) });
      expect(next.decisions.every((d) => d.keep)).toBe(true);
      expect(await archives()).toHaveLength(left);
    }
    expect(await archives()).toEqual(['2023-07-04', '2023-07-05']);
    // The index of each archive, if there is one, goes with it; so does the note that has nothing left to do.
    expect(await readdir(join(world.store, 'pruned'))).toEqual([]);
    const again = await world.json<PruneDocument>([...keep2, '--yes'], { now: later(3) });
    expect(again.deleted).toEqual([]);
    for (const date of ['2023-07-04', '2023-07-05']) {
      const to = join(world.folder, date);
      expect((await world.json<PullJson>(['pull', '--date', date, '--to', to])).outcome).toBe('restored');
    }
    expect(await world.json(['verify', '--read-data'])).toMatchObject({ outcome: 'ok' });
  });

  test('the brake: more than half, or than the number given, is refused, and the plan is shown all the same', async () => {
    for (const flags of [[], ['--max-delete', '2'], ['--max-delete', '59%']]) {
      const args = ['prune', '--keep-last', '2', '--yes', '--json', ...flags];
      const outcome = await world.run(args);
      expect(outcome.code, flags.join(' ')).toBe(2);
      expect(errorOf(outcome).message).toContain('3 of 5');
      const document = JSON.parse(outcome.stdout) as PruneDocument;
      expect(document.deleted).toEqual([]);
      expect(document.decisions).toHaveLength(5);
      expect((await world.json<ListJson>(['list'])).backups).toHaveLength(5);
    }
    const plan = await world.json<PruneDocument>(['prune', '--keep-last', '2']);
    expect(plan.warnings).toEqual([
      {
        code: 'over-the-limit',
        message: expect.stringMatching(/3 of 5 backups would be deleted, more than --max-delete 50% allows$/),
        hint: expect.stringMatching(/^Where that is what you want, allow it with --max-delete/),
      },
    ]);
    const one = await world.json<PruneDocument>(['prune', '--keep-last', '1']);
    expect(one.decisions.at(-1)?.reason).toBe('the newest; the last one');
    const outcome = await world.run(['prune', '--keep-last', '2', '--yes', '--max-delete', '60%']);
    expect(outcome.code).toBe(0);
  });

  test('without rules the default policy counts; rules that keep nothing and bad values are usage', async () => {
    const plan = await world.json<PruneDocument>(['prune']);
    expect(plan.decisions.every((d) => d.keep)).toBe(true);
    for (const flags of [
      ['--keep-last', '0'],
      ['--keep-last', 'x'],
      ['--keep-within', '3w'],
      ['--max-delete', '101%'],
      ['--max-delete', 'half'],
      ['--keep-hourly', '3'],
    ])
      expect((await world.run(['prune', ...flags])).code, flags.join(' ')).toBe(2);
    expect((await world.json<PruneDocument>(['prune', '--keep-within', '100y'])).outcome).toBe('planned');
  });

  test('never the newest proven one', async () => {
    await world.json(['verify', '--date', '2023-07-02', '--read-data']);
    const plan = await world.json<PruneDocument>(['prune', '--keep-last', '1']);
    expect(plan.decisions.filter((d) => d.keep).map((d) => d.date)).toEqual(['2023-07-02', '2023-07-05']);
  });
});

describe('one folder store', () => {
  let folder: string;
  let store: ObjectStore;

  beforeEach(async () => {
    folder = join(await tempFolder(), 'store');
    store = openFolderStore({ root: folder, url: folder });
  });

  test('an archive that a kept manifest needs stays, whoever made it', async () => {
    const old = await putArchive(store, ago(40), tagOf(1));
    await putManifest(store, ago(40), old);
    await putManifest(store, ago(20), old);
    await putBackup(store, ago(10), tagOf(2));
    await age(folder, 9);
    const first = await run(store, { last: 2 });
    expect(first.document.stores[0]).toMatchObject({ letGo: [] });
    expect(first.document.deleted).toHaveLength(1);
    await run(store, { last: 2 }, { inDays: 30 });
    expect(byStem(await keysIn(store), /tar\.zst$/)).toHaveLength(2);
  });

  test('an archive needed again after it was let go counts from the last time it was let go', async () => {
    const archive = await putArchive(store, ago(40), tagOf(1));
    await putManifest(store, ago(40), archive);
    await putBackup(store, ago(31), tagOf(2));
    await age(folder, 30);
    await run(store, { last: 1 });
    // A push that had begun before leans on it again.
    await putManifest(store, ago(35), archive);
    const second = await run(store, { last: 1 }, { inDays: 5 });
    expect(second.document.stores[0]?.letGo).toEqual([archive.key]);
    expect((await run(store, { last: 1 }, { inDays: 5.9 })).document.deleted).toEqual([]);
    expect(await keysIn(store)).toContain(archive.key);
    await run(store, { last: 1 }, { inDays: 6.1 });
    expect(await keysIn(store)).not.toContain(archive.key);
  });

  test('a manifest written while the archives are deleted keeps its archive', async () => {
    const archive = await putArchive(store, ago(40), tagOf(1));
    await putBackup(store, ago(10), tagOf(2));
    await age(folder, 30);
    await putNote(store, ago(20), [archive.key]);
    await age(folder, 20, /pruned/);
    let lists = 0;
    const busy: ObjectStore = {
      ...store,
      async *list(prefix, options) {
        // The second listing is the look before the first deletion.
        if (++lists === 2) await putManifest(store, ago(2), archive);
        yield* store.list(prefix, options);
      },
    };
    const { document } = await run(busy, { last: 5 });
    expect(lists).toBe(2);
    expect(document.deleted.filter((key) => key.includes(tagOf(1)))).toEqual([]);
    expect(await keysIn(store)).toContain(archive.key);
  });

  test('what killed pushes left: noted when a week old, deleted by a later run, with index and proofs', async () => {
    await putBackup(store, ago(3), tagOf(1));
    const orphan = await putArchive(store, ago(5), tagOf(2));
    await putProof(store, tagOf(2));
    await putProof(store, tagOf(1));
    const all = await keysIn(store);
    await age(folder, 6.9);
    expect((await run(store, { last: 9 })).document.stores[0]?.letGo).toEqual([]);
    expect(await keysIn(store)).toEqual(all);
    await age(folder, 7.1);
    const noting = await run(store, { last: 9 });
    expect(noting.document.stores[0]).toMatchObject({ letGo: [orphan.key], deleted: [] });
    expect((await run(store, { last: 9 })).document.stores[0]).toMatchObject({ letGo: [], deleted: [] });
    const { document } = await run(store, { last: 9 }, { inDays: 1.1 });
    expect(document.stores[0]?.freedBytes).toBe(orphan.sizeBytes);
    expect(await keysIn(store)).toEqual(all.filter((key) => !key.includes(tagOf(2))));
  });

  test('ids later than now stay and fill nothing', async () => {
    await putBackup(store, ago(3), tagOf(1));
    await putBackup(store, ago(2), tagOf(2));
    await putBackup(store, ago(-400), tagOf(3));
    const { document } = await run(store, { yearly: 1 });
    expect(document.decisions.map((d) => d.keep)).toEqual([false, true, true]);
    expect(inEnglish(document.decisions[2]?.reason)).toContain('after the time now');
  });

  test('what was stored before its own time still fills nothing when that time has come', async () => {
    await putBackup(store, ago(30), tagOf(1));
    await putBackup(store, ago(20), tagOf(2));
    await putBackup(store, ago(10), tagOf(3));
    await age(folder, 15);
    const { document } = await run(store, { yearly: 1 });
    expect(document.decisions.map((d) => d.keep)).toEqual([false, true, true]);
    expect(inEnglish(document.decisions[2]?.reason)).toContain('after it was uploaded');
  });

  test('a manifest that lies about a proven archive takes the place of nothing', async () => {
    const archive = await putArchive(store, ago(30), tagOf(1));
    await putManifest(store, ago(30), archive);
    await putProof(store, tagOf(1));
    await putManifest(store, ago(20), { ...archive, sha256: '0'.repeat(64) });
    await putBackup(store, ago(25), tagOf(2));
    await putBackup(store, ago(24), tagOf(3));
    const { document } = await run(store, { last: 1 });
    expect(document.decisions.map((d) => d.keep)).toEqual([true, false, true, true]);
    expect(inEnglish(document.decisions[0]?.reason)).toContain('other bytes');
  });

  test('what is not understood stops it: nothing is deleted', async () => {
    await putBackup(store, ago(3), tagOf(1));
    await putBackup(store, ago(2), tagOf(2));
    const id = `20230708T023000Z-${tagOf(7)}`;
    const manifest = (format: number, kind: string): string => JSON.stringify({ format, kind, id });
    const cases: [string, string, string, RegExp][] = [
      [`2023-07-08/${id}.json`, manifest(2, 'full'), 'newer-format', /format version 2/],
      [`2023-07-08/${id}.json`, manifest(1, 'incremental'), 'newer-format', /kind "incremental"/],
      [`2023-07-08/${id}.json`, 'not JSON', 'damaged', /nothing was deleted/],
      [`2023-07-08/${id}.delta.tar.zst`, 'x', 'newer-format', /does not know/],
      ['pruned/20230708T023000Z.json', '{"format":2,"archives":[]}', 'newer-format', /does not know/],
    ];
    const before = await keysIn(store);
    for (const [key, content, code, message] of cases) {
      await store.put(key, bytesBody(Buffer.from(content)));
      await expect(run(store, { last: 1 }), key).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
      await expect(run(store, { last: 1 }, { yes: false }), key).rejects.toMatchObject({ code });
      await store.delete(key);
    }
    expect(await keysIn(store)).toEqual(before);
  });

  test('foreign files and notes that are none are passed over with a warning', async () => {
    await putBackup(store, ago(3), tagOf(1));
    await putBackup(store, ago(2), tagOf(2));
    await mkdir(join(folder, 'pruned'));
    await writeFile(join(folder, 'pruned', '20230708T023000Z.json'), 'not JSON');
    await writeFile(join(folder, '0 catatan.txt'), 'mine');
    const { document } = await run(store, { last: 1 });
    expect(document.warnings.map((w) => w.code).sort()).toEqual(['foreign-keys', 'note-unreadable']);
    expect(document.deleted).toHaveLength(1);
    expect(await keysIn(store)).toContain('0 catatan.txt');
  });

  test('a second run in the same second writes a note of another name', async () => {
    for (const n of [1, 2, 3]) await putBackup(store, ago(9 - n), tagOf(n));
    const at = later(0);
    const now = (): Date => at;
    await run(store, { last: 2 }, { now });
    await run(store, { last: 1 }, { now });
    expect(byStem(await keysIn(store), /^pruned/)).toEqual([
      `pruned/${compactUtc(at)}.json`,
      `pruned/${compactUtc(new Date(at.getTime() + 1000))}.json`,
    ]);
  });

  test('killed before any change, and run again: whatever is listed is whole, and it gets done', async () => {
    const keptTags = [5, 6].map(tagOf);
    const fill = async (into: ObjectStore): Promise<void> => {
      for (const n of [1, 2, 5, 6]) await putBackup(into, ago(20 - n), tagOf(n));
      const gone = await putArchive(into, ago(30), tagOf(9));
      await putProof(into, tagOf(9));
      await putNote(into, ago(20), [gone.key]);
    };
    let deaths = 0;
    for (let n = 0; ; n++) {
      const root = join(await tempFolder(), 'store');
      const whole = openFolderStore({ root, url: root });
      await fill(whole);
      await age(root, 10);
      const dying = dyingStore(whole, n);
      const died = await codeOf(run(dying, { last: 2 }));
      const keys = await keysIn(whole);
      for (const key of byStem(keys, /^2.*\.json$/))
        expect(keys, `killed at ${n}`).toContain(key.replace('.json', '.tar.zst'));
      for (const days of [0, 1.1]) await run(whole, { last: 2 }, { inDays: days });
      const left = await keysIn(whole);
      expect(
        left
          .filter((key) => !key.startsWith('pruned/'))
          .every((key) => keptTags.some((tag) => key.includes(tag))),
      ).toBe(true);
      expect(byStem(left, /tar\.zst$/)).toHaveLength(2);
      expect(byStem(left, /^index/)).toHaveLength(2);
      if (!dying.isDead()) break;
      expect(died).toBe('Error: killed');
      deaths++;
    }
    // A note, two manifests, an index, a proof, an archive and the old note.
    expect(deaths).toBe(7);
  });
});

test('several stores: each has its own plan; one that fails does not stop the other', async () => {
  const base = await tempFolder();
  const [a, b] = ['a', 'b'].map((name) => openFolderStore({ root: join(base, name), url: name })) as [
    ObjectStore,
    ObjectStore,
  ];
  for (const n of [1, 2, 3]) await putBackup(a, ago(9 - n), tagOf(n));
  for (const n of [2, 3]) await putBackup(b, ago(9 - n), tagOf(n));
  const both = await run([a, b], { last: 2 });
  expect(both.code).toBeNull();
  expect(both.document.stores.map((s) => [s.store, s.backups, s.deleted.length])).toEqual([
    ['a', 3, 1],
    ['b', 2, 0],
  ]);
  await a.put('2023-07-08/20230708T023000Z-00000000000a.json', bytesBody(Buffer.from('broken')));
  const one = await run([a, b], { last: 1 });
  expect(one.code).toBe('damaged');
  expect(one.document.stores.map((s) => [s.store, s.error?.code ?? null, s.deleted.length])).toEqual([
    ['a', 'damaged', 0],
    ['b', null, 1],
  ]);
});
