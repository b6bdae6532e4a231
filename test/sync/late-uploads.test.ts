import { cp, mkdir, readdir, stat, utimes } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { encodeCopied } from '../../src/catalog/copied.ts';
import { copiedKey } from '../../src/catalog/names.ts';
import { defaultPolicy } from '../../src/catalog/prune-defaults.ts';
import { noRules, type RetentionPolicy } from '../../src/catalog/retention.ts';
import { openFolderStore } from '../../src/store/folder.ts';
import { bytesBody } from '../../src/store/small-object.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { type PruneDocument, prune } from '../../src/sync/prune.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { type ListJson, makeWorld, type PushJson } from '../support/cli.ts';
import type { LoginBackup } from '../support/efaktur-folder.ts';
import { inEnglish } from '../support/english.ts';
import { keysIn, putBackup, putProof, tagOf } from '../support/stored-backups.ts';
import { verbContext } from '../support/verb-context.ts';

/** What a thief with the push key does to an honest prune, and what looks like it but is honest. */

const dayMs = 24 * 3600_000;
const hourMs = 3600_000;
const midnight = Math.floor(Date.now() / dayMs) * dayMs;
const ago = (days: number, hours = 0): Date => new Date(midnight - days * dayMs + hours * hourMs);

interface Filled {
  readonly folder: string;
  readonly store: ObjectStore;
}

async function emptyStore(): Promise<Filled> {
  const folder = join(await tempFolder(), 'store');
  return { folder, store: openFolderStore({ root: folder, url: folder }) };
}

/** Paths of all files. */
const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));

/** Stores something as if it had been uploaded at that time. */
async function uploading<T>({ folder }: Filled, at: Date, step: () => Promise<T>): Promise<T> {
  const before = new Set(await namesIn(folder));
  const result = await step();
  for (const name of await namesIn(folder)) if (!before.has(name)) await utimes(join(folder, name), at, at);
  return result;
}

const putOrigin = (filled: Filled, at: Date): Promise<void> =>
  uploading(filled, at, async () => {
    await filled.store.put('origin/20200101T000000Z-pc.json', bytesBody(Buffer.from('{"format":1}')));
  });

async function run(
  store: ObjectStore,
  policy: RetentionPolicy = defaultPolicy,
  inDays = 0,
): Promise<PruneDocument> {
  const { document, failure } = await prune({
    ...verbContext(),
    stores: [store],
    policy,
    maxDelete: { percent: 100 },
    yes: true,
    lock: null,
    now: () => new Date(Date.now() + inDays * dayMs),
  });
  expect(failure).toBeNull();
  return document;
}

const told = (document: PruneDocument): readonly string[] =>
  document.warnings.map(({ code }) => code).filter((code) => code === 'late-uploads');

/** Two years of month-ends, each pushed on its day, and what the policy keeps of it if nobody does anything. */
async function honestStore(): Promise<Filled & { readonly ids: readonly string[] }> {
  const filled = await emptyStore();
  await putOrigin(filled, ago(735));
  const ids: string[] = [];
  for (let month = 24; month >= 1; month--) {
    const at = ago(month * 30, 3);
    ids.push(
      await uploading(filled, new Date(at.getTime() + hourMs), () =>
        putBackup(filled.store, at, tagOf(month)),
      ),
    );
    if (month % 5 === 0) await putProof(filled.store, tagOf(month));
  }
  return { ...filled, ids };
}

const idsIn = async (store: ObjectStore): Promise<string[]> =>
  (await keysIn(store)).flatMap((key) => /^\d.*\/(.*)\.json$/.exec(key)?.[1] ?? []);

test.each([
  ['never proven', false],
  ['well-formed, and proven by an honest verify', true],
])('forged backups beside each true one, %s, cost no true one', async (_, proven) => {
  const office = await honestStore();
  expect((await run(office.store)).deleted).toEqual([]);
  // All in one night, each some hours after a true one; the newest true one is older than a week.
  await uploading(office, ago(3), async () => {
    for (let month = 24; month >= 1; month--) {
      await putBackup(office.store, ago(month * 30, 9), tagOf(1000 + month));
      if (proven) await putProof(office.store, tagOf(1000 + month));
    }
  });
  const pruned = await run(office.store);
  for (const inDays of [2, 40, 400]) await run(office.store, defaultPolicy, inDays);
  expect(await idsIn(office.store)).toEqual(expect.arrayContaining([...office.ids]));
  expect(inEnglish(pruned.warnings.find(({ code }) => code === 'late-uploads')?.message)).toContain(
    '24 backups',
  );
  expect(pruned.decisions.some(({ reason }) => reason.en.includes('came late after it'))).toBe(true);
});

test('nor do forged ones that come a few at a time, for months, between honest pushes', async () => {
  const office = await emptyStore();
  const lone = await emptyStore();
  await putOrigin(office, ago(400));
  for (let day = 200; day >= 1; day -= 4) {
    for (const filled of [office, lone])
      await uploading(filled, ago(day, 4), () => putBackup(filled.store, ago(day, 3), tagOf(day)));
    await uploading(office, ago(day, 5), async () => {
      const forged = ago(day + 10 + (day % 90), 15);
      await putBackup(office.store, forged, tagOf(5000 + day));
      await putProof(office.store, tagOf(5000 + day));
    });
  }
  await run(office.store);
  await run(lone.store);
  expect(await idsIn(office.store)).toEqual(expect.arrayContaining(await idsIn(lone.store)));
});

test('of a first push --all of three years all year-ends stay, the rest goes, and nothing is told', async () => {
  const backups = Array.from({ length: 36 }, (_, i): LoginBackup => {
    const [year, month] = [2021 + Math.floor(i / 12), String((i % 12) + 1).padStart(2, '0')];
    const day = month === '12' ? '31' : '15';
    return {
      name: `${year}-${month}-${day} 09.00.zip`,
      from: i % 2 === 0 ? 'seed-6-july' : 'seed-8-july',
      time: new Date(`${year}-${month}-${day}T09:00:00+07:00`),
    };
  });
  const world = await makeWorld({ live: null, backups });
  const pushed = await world.json<PushJson>(['push', '--all', '--full']);
  expect(pushed.backups).toHaveLength(36);
  const flags = ['--keep-yearly', '11', '--max-delete', '100%', '--yes'];
  const pruned = await world.json<PruneDocument>(['prune', ...flags]);
  expect(told(pruned)).toEqual([]);
  const { backups: left } = await world.json<ListJson>(['list']);
  expect(left.map((b) => b.date)).toEqual(['2021-12-31', '2022-12-31', '2023-12-31']);
});

test('old backups that are stored a month after a store began are told, and let go nothing that was there', async () => {
  const office = await honestStore();
  await uploading(office, ago(700), () => putBackup(office.store, ago(800), tagOf(700)));
  await uploading(office, ago(729), () => putBackup(office.store, ago(801), tagOf(701)));
  const pruned = await run(office.store, { ...noRules, yearly: 9 });
  expect(inEnglish(pruned.warnings.find(({ code }) => code === 'late-uploads')?.message)).toMatch(
    /: 1 backup was uploaded more than a week after .*, on \d{1,2} \w+ \d{4};/,
  );
});

/** Copies what is new byte for byte, as a later store gets it, and notes it as `copy` does. */
async function copyNew(from: Filled, to: Filled, at: Date, noted: boolean): Promise<void> {
  const uploads = new Map<string, Date>();
  await uploading(to, at, async () => {
    const there = new Set(await keysIn(to.store).catch(() => []));
    for (const key of await keysIn(from.store)) {
      const { mtime } = await stat(join(from.folder, key));
      if (there.has(key) || mtime > at || /^(proofs|pruned)\//.test(key)) continue;
      await mkdir(join(to.folder, key, '..'), { recursive: true });
      await cp(join(from.folder, key), join(to.folder, key));
      if (/^\d.*\.json$/.test(key)) uploads.set(key, mtime);
    }
    if (noted) await to.store.put(copiedKey(at), bytesBody(encodeCopied(at, 'test', uploads)));
  });
}

test('a store that is copied once a month is pruned as the one it is copied from, and nothing is told', async () => {
  const [from, to] = [await emptyStore(), await emptyStore()];
  await putOrigin(from, ago(400));
  for (let day = 390; day >= 1; day -= 6)
    await uploading(from, ago(day, 4), () => putBackup(from.store, ago(day, 3), tagOf(day)));
  for (let day = 360; day >= 0; day -= 30) await copyNew(from, to, ago(day, 8), true);
  expect(await idsIn(to.store)).toEqual(await idsIn(from.store));
  const policy = { ...noRules, last: 3, daily: 10, monthly: 6 };
  const [source, copy] = [await run(from.store, policy), await run(to.store, policy)];
  expect(copy.decisions.map(({ store: _, ...d }) => d)).toEqual(
    source.decisions.map(({ store: _, ...d }) => d),
  );
  expect(copy.decisions.filter((d) => !d.keep).length).toBeGreaterThan(30);
  expect([told(source), told(copy)]).toEqual([[], []]);

  // What somebody adds to the copy by another way is no copy.
  const left = await idsIn(to.store);
  await uploading(to, ago(0), () => putBackup(to.store, ago(100, 9), tagOf(9000)));
  const again = await run(to.store, policy);
  expect(told(again)).toHaveLength(1);
  expect(await idsIn(to.store)).toEqual(expect.arrayContaining(left));
});

test('a store copied as a whole by other means is pruned as before', async () => {
  const from = await honestStore();
  const folder = join(await tempFolder(), 'copy');
  await cp(from.folder, folder, { recursive: true });
  for (const name of await readdir(join(folder, 'origin')))
    await utimes(join(folder, 'origin', name), ago(0), ago(0));
  const policy = { ...noRules, monthly: 7 };
  const copy = await run(openFolderStore({ root: folder, url: folder }), policy);
  expect(told(copy)).toEqual([]);
  const source = await run(from.store, policy);
  expect(copy.decisions.map((d) => [d.id, d.keep])).toEqual(source.decisions.map((d) => [d.id, d.keep]));
});

test('a note of a copy that is none is passed over, one of a later version stops the prune', async () => {
  const office = await honestStore();
  const key = copiedKey(ago(1));
  await office.store.put(key, bytesBody(Buffer.from('{"format":1,"uploaded":[]')));
  expect((await run(office.store)).warnings.map(({ code }) => code)).toEqual(['note-unreadable']);
  await office.store.delete(key);
  await office.store.put(key, bytesBody(Buffer.from('{"format":2,"uploaded":{}}')));
  await expect(run(office.store)).rejects.toMatchObject({ code: 'newer-format' });
});
