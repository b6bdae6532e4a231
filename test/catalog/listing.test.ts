import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { byUtf8 } from '../../src/base/file-set.ts';
import { findObject, listBackups } from '../../src/catalog/listing.ts';
import {
  archiveKey,
  backupId,
  manifestKey,
  programArchiveKey,
  programManifestKey,
} from '../../src/catalog/names.ts';
import { openFolderStore } from '../../src/store/folder.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { tempFolder } from '../base/temp-folder.ts';

/** A folder store that holds these keys, each with its length in bytes. */
async function storeWith(keys: Readonly<Record<string, number>>): Promise<ObjectStore> {
  return fillStore(await tempFolder(), keys);
}

async function fillStore(root: string, keys: Readonly<Record<string, number>>): Promise<ObjectStore> {
  const folders = new Set(Object.keys(keys).map((key) => dirname(join(root, key))));
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  // At once and in line: thousands of small files are much slower through the thread pool.
  for (const [key, sizeBytes] of Object.entries(keys))
    writeFileSync(join(root, key), Buffer.alloc(sizeBytes));
  return openFolderStore({ root, url: root });
}

const tagOf = (n: number): string => n.toString(16).padStart(12, '0');
const at = (n: number): Date => new Date(Date.parse('2021-01-01T02:00:00Z') + n * 8_640_000);
const idOf = (n: number): string => backupId(at(n), tagOf(n));
const dayOf = (n: number): string => at(n).toISOString().slice(0, 10);

/** 1500 backups over 150 days: 3000 keys. */
const many = 1500;
function manyKeys(): Record<string, number> {
  const keys: Record<string, number> = {};
  for (let n = 0; n < many; n++) {
    keys[manifestKey(dayOf(n), idOf(n))] = 2;
    keys[archiveKey(dayOf(n), idOf(n), 'full', n % 2 === 1)] = n % 100;
  }
  return keys;
}

const id = '20230708T023000Z-3f9a1c2e77d0';
const others = {
  'origin/20230706T022000Z-pc.json': 1,
  'index/3f9a1c2e77d0.json': 1,
  'proofs/3f9a1c2e77d0-data-clean-20230709T030000Z.json': 1,
  'pruned/20230710T000000Z.json': 1,
};

let large: ObjectStore;
beforeAll(async () => {
  large = await fillStore(realpathSync(mkdtempSync(join(tmpdir(), 'efaktur-cloud-'))), {
    ...manyKeys(),
    ...others,
  });
});
afterAll(() => rmSync(large.url, { recursive: true, force: true }));

test('thousands of names are listed oldest first, each with its archive', async () => {
  const { backups, archives, foreignKeys, serverTime } = await listBackups(large);
  expect(backups.map((b) => b.id)).toEqual(Array.from({ length: many }, (_, n) => idOf(n)));
  expect(archives.size).toBe(many);
  expect(foreignKeys).toBe(0);
  expect(serverTime).toBeNull();
  for (const [n, backup] of backups.entries()) {
    expect(backup).toMatchObject({
      capturedAt: at(n),
      day: dayOf(n),
      tag: tagOf(n),
      manifestKey: manifestKey(dayOf(n), idOf(n)),
      archive: {
        key: archiveKey(dayOf(n), idOf(n), 'full', n % 2 === 1),
        encrypted: n % 2 === 1,
        kind: 'full',
        sizeBytes: n % 100,
      },
    });
  }
}, 20_000);

test('foreign keys are counted and never an error', async () => {
  const listing = await listBackups(
    await storeWith({
      ...others,
      '.DS_Store': 1,
      '0-read-me.txt': 1,
      '2023-07-08/notes.txt': 1,
      [`2023-07-08/${id} (1).json`]: 1,
      [`2023-07-08/${id}.tar.zst.part`]: 1,
      [`2023-07-08/sub/${id}.json`]: 1,
      [`2023-02-30/${id}.json`]: 1,
      [`2023-07-05/${id}.json`]: 1,
      [`2023-07-10/${id}.tar.zst`]: 1,
      [`2023-07-08/${id}.json`]: 1,
      [`2023-07-08/${id}.tar.zst`]: 9,
      'photos/holiday.jpg': 1,
      'Thumbs.db': 1,
    }),
  );
  expect(listing.backups.map((b) => b.id)).toEqual([id]);
  // What sorts after the days is never read, so it is not counted.
  expect(listing.foreignKeys).toBe(9);
});

test('reading stops before origin, index, proofs and pruned', async () => {
  const store = large;
  const asked: string[] = [];
  let pages = 0;
  const watched: ObjectStore = {
    ...store,
    async *list(prefix, options) {
      for await (const page of store.list(prefix, options)) {
        pages++;
        asked.push(...page.objects.map((object) => object.key));
        yield page;
      }
    },
  };
  const { backups } = await listBackups(watched);
  expect(backups).toHaveLength(many);
  // Each further slice of a long history may end in a page of its own.
  expect(pages).toBeLessThanOrEqual(Math.ceil((2 * many + 5) / 1000) + 3);
  // At the end of each slice one page may show what lies behind, and that is left.
  expect(asked.filter((key) => key > ':').length).toBeLessThanOrEqual(4 * Object.keys(others).length);
  const stopped = openFolderStore({ root: join(store.url, 'proofs'), url: 'x' });
  expect((await listBackups(stopped)).backups).toEqual([]);
}, 20_000);

test('a manifest without its archive is listed with none, an archive without a manifest is no backup', async () => {
  const { backups, archives } = await listBackups(
    await storeWith({
      '2023-07-06/20230706T021500Z-9c1d4e0b7a25.json': 5,
      [`2023-07-08/${id}.tar.zst`]: 9,
    }),
  );
  expect(backups).toMatchObject([{ id: '20230706T021500Z-9c1d4e0b7a25', archive: null }]);
  expect([...archives.keys()]).toEqual([`2023-07-08/${id}.tar.zst`]);
});

test('a later manifest of the same tag shares the archive, in the order of time', async () => {
  const again = '20230709T021000Z-3f9a1c2e77d0';
  const { backups } = await listBackups(
    await storeWith({
      [`2023-07-09/${again}.json`]: 5,
      [`2023-07-08/${id}.json`]: 5,
      [`2023-07-08/${id}.tar.zst`]: 9,
    }),
  );
  expect(backups.map((b) => [b.id, b.archive?.key])).toEqual([
    [id, `2023-07-08/${id}.tar.zst`],
    [again, `2023-07-08/${id}.tar.zst`],
  ]);
});

test('of several archives of one tag, and manifests of one id, the first uploaded counts', async () => {
  const trueKeys = [`2023-07-08/${id}.tar.zst`, `2023-07-08/${id}.json`];
  const forged = {
    '2023-07-06/20230706T021500Z-3f9a1c2e77d0.tar.zst': 7,
    [`2023-07-08/${id}.diff.tar.zst.age`]: 7,
    '2023-07-09/20230709T021500Z-3f9a1c2e77d0.tar.zst': 7,
    [`2023-07-07/${id}.json`]: 7,
  };
  const store = await storeWith({ ...forged, ...Object.fromEntries(trueKeys.map((key) => [key, 9])) });
  for (const key of trueKeys) await utimes(join(store.url, key), 5, 5);
  const { backups, archives, foreignKeys } = await listBackups(store);
  expect(backups).toMatchObject([{ id, day: '2023-07-08', archive: { key: trueKeys[0], sizeBytes: 9 } }]);
  expect(backups[0]?.archives.map((a) => a.sizeBytes)).toEqual([9, 7, 7, 7]);
  expect(archives.size).toBe(4);
  expect(foreignKeys).toBe(1);
});

test('backups are ordered by time even where folders are not', async () => {
  // Pushed under another zone: the later instant lies in the earlier folder.
  const late = '20230708T200000Z-000000000002';
  const early = '20230708T190000Z-000000000001';
  const { backups } = await listBackups(
    await storeWith({ [`2023-07-08/${late}.json`]: 1, [`2023-07-09/${early}.json`]: 1 }),
  );
  expect(backups.map((b) => b.id)).toEqual([early, late]);
});

test('a day alone can be listed, and an empty or absent store is empty', async () => {
  const store = large;
  const { backups } = await listBackups(store, { prefix: `${dayOf(20)}/` });
  expect(backups.length).toBeGreaterThan(5);
  expect(new Set(backups.map((b) => b.day))).toEqual(new Set([dayOf(20)]));
  const empty = await listBackups(await storeWith({}));
  expect(empty).toMatchObject({ backups: [], foreignKeys: 0 });
}, 20_000);

test('one object is found by exactly its key', async () => {
  const store = await storeWith({ 'a/b.json': 3, 'a/b.json.tmp': 4, 'a/bb': 5 });
  expect(await findObject(store, 'a/b.json')).toMatchObject({ key: 'a/b.json', sizeBytes: 3 });
  expect(await findObject(store, 'a/b')).toBeNull();
  expect(await findObject(store, 'a/c')).toBeNull();
  await utimes(join(store.url, 'a/bb'), 5, 5);
  expect((await findObject(store, 'a/bb'))?.modified).toEqual(new Date(5000));
});

/** A store of names alone, in pages as S3 gives them; `serverTime` is that of the first day of 2026. */
function storeOfNames(
  names: readonly string[],
  begin = (mine: readonly string[], startAfter: string): readonly string[] =>
    mine.filter((key) => byUtf8(key, startAfter) > 0),
) {
  const keys = [...names].sort(byUtf8);
  const asked = { pages: 0, atOnce: 0, mostAtOnce: 0 };
  const none = (): never => {
    throw new Error('only listed');
  };
  const store: ObjectStore = {
    url: 'names',
    traits: { versions: false, locks: false, etags: false, parts: false, clock: false },
    traffic: { requests: 0, sentBytes: 0, receivedBytes: 0, refusedRanges: 0, unsynced: 0 },
    put: none,
    get: none,
    delete: none,
    lockOf: none,
    relock: none,
    discardUpload: none,
    unfinishedUploads: none,
    close: () => {},
    async *list(prefix, { startAfter = '' } = {}) {
      const below = keys.filter((key) => key.startsWith(prefix));
      const mine = startAfter === '' ? below : begin(below, startAfter);
      for (let from = 0; from === 0 || from < mine.length; from += 1000) {
        asked.pages++;
        asked.mostAtOnce = Math.max(asked.mostAtOnce, ++asked.atOnce);
        await sleep(1);
        asked.atOnce--;
        const objects = mine.slice(from, from + 1000).map((key) => ({
          key,
          sizeBytes: key.length,
          modified: null,
          etag: null,
          versionId: null,
          isDeleteMarker: false,
        }));
        yield { objects, serverTime: new Date('2026-01-01T00:00:00Z') };
      }
    },
  };
  return { store, asked };
}

const spread = (count: number, firstMs: number, lastMs: number): string[] =>
  Array.from({ length: count }, (_, n) => {
    const time = new Date(firstMs + (n * (lastMs - firstMs)) / count);
    return [time.toISOString().slice(0, 10), backupId(time, tagOf(n))] as const;
  }).flatMap(([day, backup]) => [manifestKey(day, backup), archiveKey(day, backup, 'full', false)]);

test('20,000 backups are listed by at most 45 requests, several at once', async () => {
  const names = spread(20_000, Date.parse('2016-01-01T00:00:00Z'), Date.parse('2025-12-31T00:00:00Z'));
  const { store, asked } = storeOfNames([...names, ...Object.keys(others)]);
  const { backups } = await listBackups(store);
  expect(backups).toHaveLength(20_000);
  expect(backups.every(({ archive }) => archive !== null)).toBe(true);
  expect(backups.map(({ id }) => id)).toEqual(backups.map(({ id }) => id).sort());
  expect(asked.pages).toBeLessThanOrEqual(45);
  expect(asked.mostAtOnce).toBeGreaterThan(2);
});

test.each([
  ['that ended long ago', '2012-01-01', '2013-01-01'],
  ['of one day', '2025-12-30', '2025-12-31'],
  ['of the future', '2027-01-01', '2031-01-01'],
  ['of all times', '2001-01-01', '2039-01-01'],
])('a long history %s is listed whole, foreign names counted', async (_, first, last) => {
  const names = spread(2100, Date.parse(first), Date.parse(last));
  const foreign = [...names.slice(0, 4000).filter((_, n) => n % 97 === 0)].flatMap((name) => [
    name.slice(0, 10),
    `${name}x`,
  ]);
  const { store } = storeOfNames([...new Set([...names, ...foreign, ...Object.keys(others)])]);
  const { backups, foreignKeys } = await listBackups(store);
  expect(backups).toHaveLength(2100);
  expect(backups.every(({ archive }) => archive !== null)).toBe(true);
  expect(foreignKeys).toBe(new Set(foreign).size);
});

test.each<[string, (mine: readonly string[], startAfter: string) => readonly string[]]>([
  ['gives nothing', () => []],
  ['leaves out the next key', (mine, after) => mine.filter((key) => byUtf8(key, after) > 0).slice(1)],
  ['begins anew', (mine) => mine],
])('a service that %s after what is no key: a long history is listed whole', async (_, begin) => {
  const names = spread(3000, Date.parse('2016-01-01T00:00:00Z'), Date.parse('2025-12-31T00:00:00Z'));
  const { store } = storeOfNames([...names, ...Object.keys(others)], (mine, startAfter) =>
    mine.includes(startAfter) ? mine.slice(mine.indexOf(startAfter) + 1) : begin(mine, startAfter),
  );
  const { backups } = await listBackups(store);
  expect(backups.map(({ manifestKey }) => manifestKey)).toEqual(
    names.filter((name) => name.endsWith('.json')),
  );
});

test('a listing that ends although more is there is an error, not a short history', async () => {
  const names = spread(3000, Date.parse('2016-01-01T00:00:00Z'), Date.parse('2025-12-31T00:00:00Z'));
  const { store } = storeOfNames(names);
  const list: ObjectStore['list'] = async function* (prefix, options = {}) {
    // What begins at the beginning, or at a key, comes to its end too early.
    const isAtDay = options.startAfter?.length === 10;
    let pages = 0;
    for await (const page of store.list(prefix, options)) if (isAtDay || pages++ < 1) yield page;
  };
  await expect(listBackups({ ...store, list })).rejects.toMatchObject({ code: 'store-unavailable' });
});

test('programs are listed beside the backups, and neither is taken for the other', async () => {
  const day = '2023-07-08';
  const [older, newer] = ['20230708T020000Z-aaaaaaaaaaaa', '20230708T023000Z-bbbbbbbbbbbb'];
  const store = await storeWith({
    [manifestKey(day, id)]: 1,
    [archiveKey(day, id, 'full', false)]: 7,
    [programManifestKey(day, newer)]: 2,
    [programArchiveKey(day, newer, true)]: 9,
    [programManifestKey(day, older)]: 2,
    // What an interrupted push left.
    [programArchiveKey(day, '20230708T030000Z-cccccccccccc', false)]: 5,
    ...others,
  });
  const { backups, programs, archives, foreignKeys } = await listBackups(store);
  expect(backups.map((b) => b.id)).toEqual([id]);
  expect([...archives.keys()]).toEqual([archiveKey(day, id, 'full', false)]);
  expect(foreignKeys).toBe(0);
  expect(programs).toMatchObject([
    { id: older, day, tag: 'aaaaaaaaaaaa', manifestKey: programManifestKey(day, older), archive: null },
    {
      id: newer,
      archive: { key: programArchiveKey(day, newer, true), encrypted: true, sizeBytes: 9 },
      archives: [{ sizeBytes: 9 }],
    },
  ]);
});

test('a second manifest of a program in another folder is a foreign key, and the first counts', async () => {
  const program = '20230708T120000Z-aaaaaaaaaaaa';
  const root = await tempFolder();
  const [first, forged] = [
    programManifestKey('2023-07-09', program),
    programManifestKey('2023-07-08', program),
  ];
  const store = await fillStore(root, { [first]: 1, [forged]: 1 });
  await utimes(join(root, first), new Date('2023-07-08T12:00:00Z'), new Date('2023-07-08T12:00:00Z'));
  const { programs, foreignKeys } = await listBackups(store);
  expect(programs.map((p) => p.manifestKey)).toEqual([first]);
  expect(foreignKeys).toBe(1);
});
