import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectLegalHoldCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { noRules, type RetentionPolicy } from '../../src/catalog/retention.ts';
import { openStore } from '../../src/store/open.ts';
import { bytesBody } from '../../src/store/small-object.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { policyFor } from '../../src/sync/policies.ts';
import { type PruneDocument, prune } from '../../src/sync/prune.ts';
import { english } from '../support/english.ts';
import { makeBucket, type TestBucket } from '../support/minio.ts';
import { keysFor, withKeys } from '../support/s3-rights.ts';
import {
  daysLater,
  keysIn,
  putArchive,
  putBackup,
  putManifest,
  putProof,
  tagOf,
} from '../support/stored-backups.ts';
import { verbContext } from '../support/verb-context.ts';

/** On a real service: versions, delete markers, locks and rights. Only the clock is told to be later. */

const prefix = 'kantor';
const ago = (days: number): Date => new Date(Math.floor(Date.now() / 1000) * 1000 - days * 24 * 3600_000);

const open = (bucket: TestBucket): Promise<ObjectStore> =>
  openStore(`s3://${bucket.bucket}/${prefix}?endpoint=${bucket.endpoint}`, {
    env: process.env,
    currentFolder: '/',
  });

async function run(
  store: ObjectStore,
  policy: Partial<RetentionPolicy>,
): Promise<PruneDocument & { code: string | null }> {
  const { document, failure } = await prune({
    ...verbContext(),
    stores: [store],
    policy: { ...noRules, ...policy },
    maxDelete: { percent: 100 },
    yes: true,
    lock: null,
    // The service's own clock counts.
    now: () => new Date(0),
  });
  return { ...document, code: failure?.code ?? null };
}

const withTag = (keys: readonly string[], n: number): string[] =>
  keys.filter((key) => key.includes(tagOf(n)));

test.each([
  ['a plain bucket', {}],
  ['a versioned bucket', { versioning: true }],
])(
  '%s, with the printed prune policy: nothing is left of what went, no version and no marker',
  async (_, kind) => {
    const bucket = await makeBucket(kind);
    const store = await open(bucket);
    for (const n of [1, 2, 3]) await putBackup(store, ago(9 - n), tagOf(n));
    await putProof(store, tagOf(1));
    await putProof(store, tagOf(3));
    await putArchive(store, ago(20), tagOf(4));
    const policy = policyFor('prune', { bucket: bucket.bucket, prefix, locks: false });
    await withKeys(await keysFor(policy), async () => {
      const mine = await open(bucket);
      const first = await run(mine, { last: 1 });
      // Proven, so it stays; the archive of a killed push is too young to go.
      expect(first.decisions.map((d) => d.keep)).toEqual([false, false, true]);
      expect(first.deleted).toHaveLength(2);
      expect(first.stores[0]?.letGo).toHaveLength(2);
      expect((await run(daysLater(mine, 6.9), { last: 1 })).deleted).toEqual([]);
      expect(withTag(await keysIn(store), 1)).toHaveLength(3);
      const second = await run(daysLater(mine, 7.1), { last: 1 });
      expect(second).toMatchObject({ code: null, warnings: [] });
      expect(second.stores[0]?.letGo).toEqual([expect.stringContaining(tagOf(4))]);
      await run(daysLater(mine, 9), { last: 1 });
    });
    expect((await keysIn(store, true)).filter((key) => !key.includes(tagOf(3)))).toEqual([]);
    expect(withTag(await keysIn(store, true), 3)).toHaveLength(4);
  },
);

test('on a versioned bucket the first version of each object counts, and deletion takes them all', async () => {
  const bucket = await makeBucket({ versioning: true });
  const store = await open(bucket);
  const archive = await putArchive(store, ago(9), tagOf(1));
  const other = await putArchive(store, ago(8), tagOf(2));
  await putManifest(store, ago(9), archive);
  await putManifest(store, ago(8), other);
  await putBackup(store, ago(7), tagOf(3));
  const [first, second] = (await keysIn(store)).filter((key) => /^2.*json$/.test(key)) as [string, string];
  // Somebody with the push key hides one manifest and makes another one name nothing.
  await store.delete(first);
  await store.put(second, bytesBody(Buffer.from('{"format":1}')));
  const plan = await run(daysLater(store, 30), { last: 3 });
  expect(plan.decisions).toHaveLength(3);
  expect(plan).toMatchObject({ code: null, deleted: [] });
  expect(plan.stores[0]?.letGo).toEqual([]);
  expect(english(plan.warnings)).toEqual([
    { code: 'tampering', message: expect.stringContaining('2 objects') },
  ]);

  const pruned = await run(daysLater(store, 30), { last: 1 });
  expect(pruned.deleted.toSorted()).toEqual([first, second]);
  await run(daysLater(store, 40), { last: 1 });
  const left = (await keysIn(store, true)).filter((key) => !key.startsWith('pruned/'));
  expect(left.every((key) => key.includes(tagOf(3)))).toBe(true);
  expect(left).toHaveLength(3);
});

test('what is locked stays, is named with its end, and does not stop the rest; it goes when the lock is over', async () => {
  const bucket = await makeBucket({ objectLock: true });
  const store = await open(bucket);
  const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + 4000);
  const lock = { mode: 'governance', until } as const;
  await putBackup(store, ago(9), tagOf(1), lock);
  await putBackup(store, ago(8), tagOf(2));
  const held = await putBackup(store, ago(7), tagOf(3));
  await putBackup(store, ago(6), tagOf(4));
  const heldKey = (await keysIn(store)).find((key) => key.endsWith(`${held}.json`)) ?? '';
  await bucket.client.send(
    new PutObjectLegalHoldCommand({
      Bucket: bucket.bucket,
      Key: `${prefix}/${heldKey}`,
      LegalHold: { Status: 'ON' },
    }),
  );
  const first = await run(store, { last: 1 });
  expect(first.code).toBeNull();
  expect(first.deleted).toEqual([expect.stringContaining(tagOf(2))]);
  expect(first.stores[0]?.letGo).toEqual([expect.stringContaining(tagOf(2))]);
  const [locked, onHold] = first.stores[0]?.locked ?? [];
  expect(locked?.key).toContain(tagOf(1));
  expect(new Date(locked?.until ?? 0)).toEqual(until);
  expect(onHold).toEqual({ key: heldKey, until: null });

  await sleep(Math.max(0, until.getTime() - Date.now()) + 500);
  const second = await run(store, { last: 1 });
  expect(second.deleted).toEqual([expect.stringContaining(tagOf(1))]);
  expect(second.stores[0]?.locked).toEqual([onHold]);
  await run(daysLater(store, 9), { last: 1 });
  const left = await keysIn(store, true);
  for (const n of [1, 2]) expect(withTag(left, n)).toEqual([]);
  for (const n of [3, 4]) expect(withTag(left, n)).toHaveLength(3);
});

test('a locked archive stays with its end named, and goes with a later run', async () => {
  const bucket = await makeBucket({ objectLock: true });
  const store = await open(bucket);
  const until = new Date(Date.now() + 20 * 24 * 3600_000);
  const archive = await putArchive(store, ago(9), tagOf(1), { mode: 'compliance', until });
  await putBackup(store, ago(6), tagOf(4));
  await run(daysLater(store, 8), { last: 1 });
  const later = await run(daysLater(store, 10), { last: 1 });
  expect(later.code).toBeNull();
  expect(later.stores[0]?.locked.map((l) => l.key)).toContain(archive.key);
  expect(await keysIn(store)).toContain(archive.key);
});

test('a key without the right to delete: access-denied, and nothing has gone', async () => {
  const bucket = await makeBucket({ versioning: true });
  const store = await open(bucket);
  for (const n of [1, 2]) await putBackup(store, ago(9 - n), tagOf(n));
  const before = await keysIn(store, true);
  for (const role of ['push', 'pull'] as const) {
    const keys = await keysFor(policyFor(role, { bucket: bucket.bucket, prefix, locks: false }));
    await withKeys(keys, async () => {
      const outcome = await run(await open(bucket), { last: 1 }).then(
        ({ code }) => code,
        (error: { code: string }) => error.code,
      );
      expect(outcome, role).toBe('access-denied');
    });
  }
  expect(await keysIn(store, true)).toEqual(before);
});
