import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { programArchiveKey, programManifestKey } from '../../src/catalog/names.ts';
import { noRules } from '../../src/catalog/retention.ts';
import { openFolderStore } from '../../src/store/folder.ts';
import { openStore } from '../../src/store/open.ts';
import { bytesBody } from '../../src/store/small-object.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { type PruneDocument, prune } from '../../src/sync/prune.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { errorOf, makeWorld } from '../support/cli.ts';
import { makeBucket } from '../support/minio.ts';
import { daysLater, dyingStore, keysIn, putBackup, tagOf } from '../support/stored-backups.ts';
import { makeProgram, putProgram, type StoredProgram, storeProgram } from '../support/stored-program.ts';
import { verbContext } from '../support/verb-context.ts';

const dayMs = 24 * 3600_000;
const ago = (days: number): Date => new Date(Math.floor(Date.now() / 1000) * 1000 - days * dayMs);

async function run(
  store: ObjectStore,
  inDays: number,
  maxDelete: { readonly backups: number } | { readonly percent: number } = { percent: 100 },
): Promise<PruneDocument & { readonly code: string | null }> {
  const { document, failure } = await prune({
    ...verbContext(),
    stores: [daysLater(store, inDays)],
    policy: { ...noRules, last: 2 },
    maxDelete,
    yes: true,
    lock: null,
    now: () => new Date(Date.now() + inDays * dayMs),
  });
  return { ...document, code: failure?.code ?? null };
}

/** Five programs of the last days, the first of which made a backup that stays, the second one that goes. */
async function fill(store: ObjectStore): Promise<StoredProgram[]> {
  const programs: StoredProgram[] = [];
  for (const n of [1, 2, 3, 4, 5]) programs.push(await putProgram(store, { at: ago(7 - n), main: `v${n}` }));
  const [first, second] = programs;
  await putBackup(store, ago(6), tagOf(1), undefined, second?.appProgram);
  await putBackup(store, ago(5), tagOf(2), undefined, first?.appProgram);
  await putBackup(store, ago(4), tagOf(3));
  return programs;
}

/** The same store that has had some of its objects for so many days more. */
const agedStore = (store: ObjectStore, keys: ReadonlySet<string>, days: number): ObjectStore => ({
  ...store,
  async *list(prefix, options) {
    for await (const page of store.list(prefix, options)) {
      const objects = page.objects.map((object) =>
        keys.has(object.key) && object.modified
          ? { ...object, modified: new Date(object.modified.getTime() - days * dayMs) }
          : object,
      );
      yield { ...page, objects };
    }
  },
});

const keysOf = (programs: readonly (StoredProgram | undefined)[]): string[] =>
  programs.flatMap((p) => (p ? [p.archiveKey, p.manifestKey] : [])).sort();

const programsIn = async (store: ObjectStore): Promise<string[]> =>
  (await keysIn(store)).filter((key) => key.includes('.app.')).sort();

const folderStore = async (): Promise<ObjectStore> => {
  const root = await tempFolder();
  return openFolderStore({ root, url: root });
};
const bucketStore = async (versioning: boolean): Promise<ObjectStore> => {
  const { bucket, endpoint, env } = await makeBucket({ versioning });
  return openStore(`s3://${bucket}/kantor?endpoint=${endpoint}`, { env, currentFolder: '/' });
};

describe.each([
  ['a folder', folderStore],
  ['a plain bucket', () => bucketStore(false)],
  ['a versioned bucket', () => bucketStore(true)],
])('%s', (kind, open) => {
  test('a program goes in two steps when three newer ones are there and no kept backup was made with it', async () => {
    const store = await open();
    const programs = await fill(store);
    // In the first month nothing goes because of what is new.
    const early = await run(store, 20);
    expect(early).toMatchObject({ code: null, warnings: [] });
    expect(await programsIn(store)).toEqual(keysOf(programs));
    await putBackup(store, ago(6), tagOf(1), undefined, programs[1]?.appProgram);

    const first = await run(store, 40, { backups: 1 });
    expect(first).toMatchObject({ code: null, warnings: [] });
    expect(first.decisions.map((d) => d.keep)).toEqual([false, true, true]);
    expect(first.programs.map((d) => [d.id, d.keep])).toEqual(programs.map((p, i) => [p.id, i !== 1]));
    const gone = programs[1];
    expect(first.deleted).toContain(gone?.manifestKey);
    expect(first.stores[0]?.letGo).toContain(gone?.archiveKey);
    expect(first.stores[0]).toMatchObject({ backups: 3, programs: 5 });
    expect(await programsIn(store)).toEqual(keysOf(programs).filter((key) => key !== gone?.manifestKey));
    const second = await run(store, 41.2);
    expect(second.deleted).toContain(gone?.archiveKey);
    const left = keysOf(programs.filter((p) => p !== gone));
    expect(await programsIn(store)).toEqual(left);
    if (kind === 'a versioned bucket') expect(await keysIn(store, true)).not.toContain(gone?.archiveKey);
    expect((await run(store, 80)).programs.every((d) => d.keep)).toBe(true);
    expect(await programsIn(store)).toEqual(left);
  });

  test('forged programs neither stop a prune nor push a true one out', async () => {
    const store = await open();
    const programs = (await fill(store)).slice(2);
    await run(store, 40);
    await run(store, 42);
    const kept = await programsIn(store);
    expect(kept).toEqual(expect.arrayContaining(keysOf(programs)));
    // What follows comes two months after all the others.
    const before = new Set(await keysIn(store));
    const old = await makeProgram({ at: ago(3), main: 'of a newer format' });
    const newer = JSON.stringify({ format: 7, kind: 'program' });
    await store.put(old.manifestKey, bytesBody(Buffer.from(newer)));
    const torn = await makeProgram({ at: ago(2), main: 'torn' });
    await store.put(torn.manifestKey, bytesBody(Buffer.from('{')));
    for (const n of [1, 2, 3, 4]) await putProgram(store, { at: ago(0), main: `forged ${n}` });
    // Of a true version, in its place.
    for (const { appProgram } of programs) {
      const fake = await makeProgram({ at: ago(0), main: 'fake' });
      const manifest = fake.manifest.toString().replaceAll(fake.appProgram, appProgram);
      await store.put(fake.archiveKey, bytesBody(fake.archive));
      await store.put(fake.manifestKey, bytesBody(Buffer.from(manifest)));
    }
    const since = agedStore(store, before, 60);
    const pruned = await run(since, 29);
    expect(pruned.code).toBeNull();
    expect(pruned.warnings.map((w) => w.code).sort()).toEqual(['damaged', 'newer-format']);
    await run(since, 29.9);
    expect(await programsIn(store)).toEqual(expect.arrayContaining(kept));
  });
});

test('of one version the first stays too, so a forged newer one costs nothing however long it lies', async () => {
  const root = await tempFolder();
  const store = openFolderStore({ root, url: root });
  const [first, second, forged] = [
    await storeProgram(root, { at: ago(400), main: 'v', config: '-Xmx512m' }),
    await storeProgram(root, { at: ago(300), main: 'v', config: '-Xmx1g' }),
    await storeProgram(root, { at: ago(200), main: 'v', config: 'evil' }),
  ];
  const { programs } = await run(store, 0);
  expect(programs.map((d) => [d.id, d.keep])).toEqual([
    [first.id, true],
    [second.id, false],
    [forged.id, true],
  ]);
  await run(store, 2);
  expect(await programsIn(store)).toEqual(keysOf([first, forged]));
});

test('what an interrupted push of a program left goes as other archives do', async () => {
  const root = await tempFolder();
  const store = openFolderStore({ root, url: root });
  const left = programArchiveKey('2024-01-10', '20240110T030000Z-0123456789ab', false);
  await mkdir(dirname(join(root, left)), { recursive: true });
  await writeFile(join(root, left), 'half');
  await putBackup(store, ago(1), tagOf(3));
  expect((await run(store, 6.9)).stores[0]?.letGo).toEqual([]);
  expect((await run(store, 7.1)).stores[0]?.letGo).toEqual([left]);
  expect((await run(store, 8.2)).deleted).toContain(left);
});

test('killed before any change, whatever manifest is there has its archive, and the next runs finish', async () => {
  let deaths = 0;
  for (let n = 0; n < 30; n++) {
    const store = await folderStore();
    const programs = await fill(store);
    const dying = dyingStore(store, n);
    const died = await run(dying, 40).catch((error: unknown) => error);
    if (isEfakturError(died)) throw died;
    const keys = await programsIn(store);
    for (const p of programs) if (keys.includes(p.manifestKey)) expect(keys).toContain(p.archiveKey);
    for (const days of [41, 43]) await run(store, days);
    expect(await programsIn(store)).toEqual(keysOf(programs.filter((_, i) => i !== 1)));
    if (!dying.isDead()) break;
    deaths++;
  }
  // A note and two manifests.
  expect(deaths).toBe(3);
});

test('the command shows programs apart from backups', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const programs: StoredProgram[] = [];
  for (const n of [1, 2, 3, 4])
    programs.push(await storeProgram(world.store, { at: ago(500 - 90 * n), main: `v${n}` }));
  const text = (await world.run(['prune'])).stdout;
  expect(text).toMatch(new RegExp(`Program backups:\\nDELETE .*${programs[0]?.id}`));
  expect(text).toContain('0 of 1 backup would be deleted, 1 of 4 program backups, and 0 archives');
  const shown = (await world.run(['prune', '--lang', 'id'])).stdout;
  expect(shown).toMatch(new RegExp(`Cadangan program:\\nHAPUS .*${programs[0]?.id}`));
  expect(shown).toContain('0 dari 1 cadangan, 1 dari 4 cadangan program akan dihapus, serta 0 arsip');
  const unknown = programManifestKey('2024-01-10', '20240110T030000Z-0123456789ab').replace('.app.', '.new.');
  await mkdir(join(world.store, '2024-01-10'), { recursive: true });
  await writeFile(join(world.store, unknown), '{}');
  expect(errorOf(await world.run(['prune', '--json'])).code).toBe('newer-format');
});
