import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectRetentionCommand } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { readRecord, writeRecord } from '../../src/state/record-file.ts';
import { openStore } from '../../src/store/open.ts';
import { bytesBody } from '../../src/store/small-object.ts';
import type { ObjectStore, StoredObject } from '../../src/store/store.ts';
import { policyFor } from '../../src/sync/policies.ts';
import type { StatusDocument } from '../../src/sync/status.ts';
import { changingProxy } from '../support/changing-proxy.ts';
import {
  type ListJson,
  makeWorld,
  type PullJson,
  type PushJson,
  treeOf,
  type World,
} from '../support/cli.ts';
import { makeBucket, type TestBucket } from '../support/minio.ts';
import { recordingProxy } from '../support/recording-proxy.ts';
import { keysFor, withKeys } from '../support/s3-rights.ts';

/** Object lock and versions on a real server, and what an attacker with keys can do to backups there. */

const dayMs = 24 * 3600_000;
const locks = { EFAKTUR_LOCK_DAYS: '20', EFAKTUR_FULL_EVERY: '10' };

interface Office {
  readonly world: World;
  readonly bucket: TestBucket;
  /** With the owner's keys. */
  readonly store: ObjectStore;
}

const open = (url: string): Promise<ObjectStore> => openStore(url, { env: process.env, currentFolder: '/' });

async function makeOffice(
  env: Record<string, string> = {},
  options: { versioning?: boolean; objectLock?: boolean } = { objectLock: true },
): Promise<Office> {
  const bucket = await makeBucket(options);
  const url = `s3://${bucket.bucket}/pc?endpoint=${bucket.endpoint}`;
  const world = await makeWorld({ backups: [] });
  Object.assign(world.env, { EFAKTUR_STORE: url, ...env });
  return { world, bucket, store: await open(url) };
}

async function list(store: ObjectStore, versions = false): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const page of store.list('', { versions })) objects.push(...page.objects);
  return objects;
}

let pushes = 0;

/** Each push is some seconds after the one before, as ids have no more than seconds; none is ahead of the server's clock. */
const push = async (
  { world }: Office,
  env: Record<string, string> = {},
): Promise<PushJson['backups'][number]> => {
  const now = new Date(Date.now() - 280_000 + ++pushes * 5000);
  const { backups } = await world.json<PushJson>(['push'], { env, now });
  if (!backups[0]) throw new Error('nothing was pushed');
  return backups[0];
};

/** As if e-Faktur had worked a little. */
async function changeDb({ world }: Office): Promise<void> {
  const path = join(world.app, 'db', 'ETaxInvoice', 'service.properties');
  await writeFile(path, `${await readFile(path, 'latin1')}#${Math.random()}\n`, 'latin1');
}

const tamperings = ({ warnings }: { warnings: { code: string; message: string }[] }): string[] =>
  warnings.filter((w) => w.code === 'tampering').map((w) => w.message);

/** Restores in three ways, each of which must give back what was pushed and tell of the tampering. */
async function expectRestorable({ world }: Office, day: string): Promise<void> {
  const original = await treeOf(join(world.app, 'db'));
  for (const how of [[], ['--date', day], ['--as-of', day]]) {
    const to = join(world.folder, `to${how.join('')}`);
    const pulled = await world.json<PullJson>(['pull', ...how, '--to', to]);
    expect(await treeOf(join(to, 'db'))).toEqual(original);
    expect(tamperings(pulled)).toHaveLength(1);
  }
}

async function expectAttention({ world }: Office, how: string): Promise<void> {
  const outcome = await world.run(['status', '--json']);
  expect(outcome.code).toBe(20);
  const { attention } = JSON.parse(outcome.stdout) as StatusDocument;
  const [item] = attention.filter(({ code }) => code === 'tampering');
  expect(item?.message).toContain(`was ${how}`);
  expect(item?.hint).toContain('key');
}

test('a thief with the push key overwrites and deletes everything; the backup still restores', async () => {
  const office = await makeOffice(locks);
  const { world, bucket, store } = office;
  const pushKey = await keysFor(
    policyFor('push', { bucket: bucket.bucket, prefix: 'pc', locks: { days: 20, fullEveryDays: 10 } }),
  );
  const { date, archive } = await withKeys(pushKey, () => push(office));
  const stored = await list(store);
  const versions = await list(store, true);
  await withKeys(pushKey, async () => {
    const stolen = await open(store.url);
    for (const { key, versionId } of versions) {
      await stolen.put(key, bytesBody(Buffer.from('encrypted; pay 1 BTC')));
      const denied = { code: 'access-denied' };
      await expect(stolen.delete(key)).rejects.toMatchObject(denied);
      await expect(stolen.delete(key, { versionId: versionId ?? '' })).rejects.toMatchObject(denied);
    }
  });
  expect((await list(store)).map((o) => o.sizeBytes)).toEqual(stored.map(() => 20));

  const pullKey = await keysFor(
    policyFor('pull', { bucket: bucket.bucket, prefix: 'pc', locks: { days: 20, fullEveryDays: 10 } }),
  );
  await withKeys(pullKey, async () => {
    await expectRestorable(office, date);
    const listed = await world.json<ListJson>(['list', '--long']);
    expect(listed.backups).toMatchObject([{ archive, storedBytes: expect.any(Number) }]);
    expect(tamperings(listed)[0]).toMatch(/TAMPERED with 3 objects.*README\.txt was overwritten/);
  });
  await expectAttention(office, 'overwritten');
  const verified = await world.json<ListJson>(['verify', '--read-data'], { code: 20 });
  expect(tamperings(verified).join()).toContain(`${archive}: it was overwritten`);
  const quiet = await world.run(['verify', '-q']);
  expect(quiet).toMatchObject({ code: 20, stdout: '', stderr: expect.stringContaining('SOMEBODY TAMPERED') });
  expect(tamperings(await world.json<ListJson>(['keys', 'show']))).toHaveLength(1);

  // The next push does not lean on what was overwritten.
  const again = await withKeys(pushKey, () => push(office));
  expect(again).toMatchObject({ outcome: 'created', kind: 'full' });
});

test('a thief with all rights but to lift locks deletes everything; the backup still restores', async () => {
  const office = await makeOffice(locks);
  const { world, store } = office;
  await push(office);
  await changeDb(office);
  const { date, archive, kind } = await push(office);
  expect(kind).toBe('differential');
  const stored = await list(store, true);
  for (const { key, versionId } of stored) {
    await expect(store.delete(key, { versionId: versionId ?? '' })).rejects.toMatchObject({
      code: expect.stringMatching(/^(access-denied|usage)$/),
    });
    await store.delete(key);
    await store.put(key, bytesBody(Buffer.from('gone')));
    await store.delete(key);
  }
  expect(await list(store)).toEqual([]);
  await expectRestorable(office, date);
  await expectAttention(office, 'deleted');
  const verified = await world.json<ListJson>(['verify', '--read-data'], { code: 20 });
  expect(tamperings(verified).join()).toContain(`${archive}: it was deleted`);
});

test('a proof that somebody hid by a delete marker still counts, and list and verify tell of it', async () => {
  const office = await makeOffice({}, { versioning: true });
  const { world, store } = office;
  await push(office);
  await world.json(['verify', '--read-data']);
  const proof = (await list(store)).find(({ key }) => key.startsWith('proofs/'))?.key ?? '';
  await store.delete(proof);
  const listed = await world.json<ListJson & { backups: { lastProven: string | null }[] }>([
    'list',
    '--long',
  ]);
  expect(listed.backups[0]?.lastProven).toMatch(/^\d{4}-/);
  expect(tamperings(listed)).toEqual([expect.stringContaining(`${proof} was deleted`)]);
  const verified = await world.json<ListJson>(['verify', '--read-data'], { code: 20 });
  expect(tamperings(verified)).toEqual([expect.stringContaining(`${proof}: it was deleted`)]);
});

test.each(['governance', 'compliance'])(
  'archives and indexes are locked for both spans of days, all else for one, %s',
  async (mode) => {
    const office = await makeOffice({ ...locks, EFAKTUR_LOCK_MODE: mode });
    const { world, bucket, store } = office;
    const before = Date.now();
    await push(office);
    await world.json(['verify', '--read-data']);
    for (const _ of [1, 2]) {
      await changeDb(office);
      await push(office);
    }
    // The newest and the newest proven one stay; the one between is locked.
    const pruned = await world.json<{ deleted: string[]; stores: { locked: object[] }[] }>([
      ...['prune', '--keep-last=1', '--yes'],
    ]);
    expect(pruned).toMatchObject({ deleted: [], stores: [{ locked: [expect.anything()] }] });
    const ends = new Map<string, number>();
    for (const { key, versionId } of await list(store, true)) {
      const { Retention } = await bucket.client.send(
        new GetObjectRetentionCommand({
          Bucket: bucket.bucket,
          Key: `pc/${key}`,
          VersionId: versionId ?? undefined,
        }),
      );
      expect(Retention?.Mode).toBe(mode.toUpperCase());
      const days = ((Retention?.RetainUntilDate?.getTime() ?? 0) - before) / dayMs;
      ends.set(key.replace(/^\d{4}-\d\d-\d\d\/.*?\.|\/.*$/, ''), Math.round(days * 100) / 100);
    }
    const kinds = Object.fromEntries(ends);
    expect(kinds).toEqual({
      ...{ 'tar.zst': 30, 'diff.tar.zst': 30, index: 30 },
      ...{ json: 20, 'README.txt': 20, origin: 20, proofs: 20, pruned: 20 },
    });
  },
);

/** Changes what the local record says of the archives. */
async function editRecord(
  { world, store }: Office,
  edit: (archive: { uploadedAt: string; lockedUntil: string | null; lockMode?: string }) => void,
): Promise<void> {
  const record = await readRecord(world.stateDir, store.url);
  const archives = record.archives.map((archive) => {
    const edited = { ...archive };
    edit(edited);
    return edited;
  });
  await writeRecord(world.stateDir, { ...record, archives });
}

const age = (days: number) => (archive: { uploadedAt: string }) => {
  archive.uploadedAt = new Date(Date.now() - days * dayMs).toISOString();
};

test('nothing leans on an archive that is locked too short or too old', async () => {
  const office = await makeOffice();
  const again = async (env: Record<string, string>): Promise<string> => {
    const { outcome, kind } = await push(office, env);
    return `${outcome} ${kind}`;
  };
  expect(await again({})).toBe('created full');
  expect(await again({})).toBe('unchanged full');
  // Not locked at all, then shorter than this push would lock it.
  expect(await again(locks)).toBe('created full');
  expect(await again(locks)).toBe('unchanged full');
  expect(await again({ ...locks, EFAKTUR_LOCK_DAYS: '60' })).toBe('created full');
  expect(await again({ ...locks, EFAKTUR_LOCK_DAYS: '60' })).toBe('unchanged full');
  expect(await again(locks)).toBe('unchanged full');
  await editRecord(office, age(9));
  await changeDb(office);
  expect(await again(locks)).toBe('created differential');
  await editRecord(office, age(11));
  expect(await again(locks)).toBe('created full');
  expect(await again(locks)).toBe('unchanged full');
  await editRecord(office, age(11));
  await changeDb(office);
  expect(await again(locks)).toBe('created full');
  await editRecord(office, (archive) => {
    archive.lockedUntil = new Date(Date.now() + 19 * dayMs).toISOString();
  });
  expect(await again(locks)).toBe('created full');
});

test('with compliance locks nothing leans on an archive that a governance lock holds', async () => {
  const office = await makeOffice(locks);
  const again = async (mode: 'governance' | 'compliance'): Promise<string> => {
    const { outcome, kind } = await push(office, { EFAKTUR_LOCK_MODE: mode });
    return `${outcome} ${kind}`;
  };
  expect(await again('governance')).toBe('created full');
  expect(await again('governance')).toBe('unchanged full');
  expect(await again('compliance')).toBe('created full');
  expect(await again('compliance')).toBe('unchanged full');
  await changeDb(office);
  expect(await again('governance')).toBe('created differential');
  expect(await again('compliance')).toBe('created differential');
  expect(await again('compliance')).toBe('unchanged differential');
  expect(await again('governance')).toBe('unchanged differential');
  // A record of an older version does not say which lock it was.
  await editRecord(office, (archive) => {
    delete archive.lockMode;
  });
  expect(await again('governance')).toBe('unchanged differential');
  expect(await again('compliance')).toBe('created full');
});

test('on a bucket with versions, whose own locks a push cannot see, nothing leans on an old archive either', async () => {
  const office = await makeOffice({ EFAKTUR_FULL_EVERY: '10' }, { versioning: true });
  await push(office);
  await editRecord(office, age(9));
  expect(await push(office)).toMatchObject({ outcome: 'unchanged' });
  await editRecord(office, age(11));
  expect(await push(office)).toMatchObject({ outcome: 'created', kind: 'full' });

  const plain = await makeOffice({ EFAKTUR_FULL_EVERY: '10' }, {});
  await push(plain);
  await editRecord(plain, age(11));
  expect(await push(plain)).toMatchObject({ outcome: 'unchanged' });
});

test('with locks a checksum is sent with every object, and no request reads one', async () => {
  const { world, bucket } = await makeOffice(locks);
  const { endpoint, seen } = await recordingProxy(bucket.endpoint);
  const url = `s3://${bucket.bucket}/pc?endpoint=${endpoint}`;
  const keys = await keysFor(
    policyFor('push', { bucket: bucket.bucket, prefix: 'pc', locks: { days: 20, fullEveryDays: 10 } }),
  );
  await withKeys(keys, async () => {
    await world.json(['push'], { env: { EFAKTUR_STORE: url } });
    await world.json(['push'], { env: { EFAKTUR_STORE: url } });
    const store = await open(url);
    const lock = { mode: 'governance', until: new Date(Date.now() + dayMs) } as const;
    await store.put('2023-07-08/large', bytesBody(Buffer.alloc((8 << 20) + 1)), { lock });
  });
  const puts = seen.filter((r) => r.method === 'PUT');
  expect(puts.length).toBeGreaterThan(5);
  for (const { url: to, headers } of puts) {
    const sums = Object.keys(headers).filter((name) =>
      /^x-amz-(checksum-|trailer$)|^content-md5$/.test(name),
    );
    expect(sums, to.pathname).not.toEqual([]);
  }
  for (const { method, url: to } of seen) {
    if (method === 'PUT' || method === 'POST') continue;
    // Listings, always below the prefix.
    expect([method, to.pathname.replace(/\/$/, '')]).toEqual(['GET', `/${bucket.bucket}`]);
    expect(to.searchParams.get('prefix')).toMatch(/^pc\//);
  }
});

test("on Amazon's own service a checksum is always sent: its buckets may lock by themselves", async () => {
  const { world, bucket } = await makeOffice({}, {});
  const { endpoint, seen } = await changingProxy(bucket.endpoint, {});
  // Reached as a proxy, so that MinIO stands in for Amazon's own.
  const url = `s3://${bucket.bucket}/pc?style=path&endpoint=http://s3.us-east-1.amazonaws.com`;
  Object.assign(process.env, { HTTP_PROXY: endpoint });
  onTestFinished(() => void delete process.env.HTTP_PROXY);
  await world.json(['push'], { env: { EFAKTUR_STORE: url, HTTP_PROXY: endpoint } });
  await (await open(url)).put('2023-07-08/large', bytesBody(Buffer.alloc((8 << 20) + 1)));
  const puts = seen.filter((r) => r.method === 'PUT');
  expect(puts.filter((r) => r.url.searchParams.has('partNumber'))).toHaveLength(2);
  expect(puts.length).toBeGreaterThan(4);
  for (const { headers } of puts) expect(headers).toHaveProperty('x-amz-checksum-crc32');
});

test('locks on a bucket that takes none are refused with what to do', async () => {
  const { world } = await makeOffice(locks, {});
  const outcome = await world.run(['push']);
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toContain('EFAKTUR_LOCK_DAYS');
});
