import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import type { S3StoreOptions } from '../../src/store/s3.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { makeBucket, openS3With, type TestBucket, useKeys } from '../support/minio.ts';
import { bodyOf, listed, readAll } from './contract.ts';

/** What S3 has beyond the contract, against MinIO. */

const MiB = 1 << 20;
let plain: TestBucket;
let versioned: TestBucket;
const stores: ObjectStore[] = [];

beforeAll(async () => {
  versioned = await makeBucket({ objectLock: true });
  plain = await makeBucket();
});

afterEach(() => {
  vi.useRealTimers();
  useKeys(plain);
  for (const store of stores.splice(0)) store.close();
});

afterAll(() => {
  plain?.client.destroy();
  versioned?.client.destroy();
});

function openIn(bucket: TestBucket, more: Partial<S3StoreOptions> = {}): ObjectStore {
  const store = openS3With({
    bucket: bucket.bucket,
    endpoint: bucket.endpoint,
    partSizeBytes: 5 * MiB,
    ...more,
  });
  stores.push(store);
  return store;
}

describe('refusals', () => {
  test.each([
    ['an unknown access key', { accessKeyId: 'nobody', secretAccessKey: 'x'.repeat(40) }],
    ['a wrong secret key', { secretAccessKey: 'x'.repeat(40) }],
  ])('%s is access-denied for everything', async (_, wrong) => {
    useKeys({ ...plain, ...wrong });
    const store = openIn(plain);
    const denied = { name: 'EfakturError', code: 'access-denied' };
    await expect(listed(store)).rejects.toMatchObject(denied);
    await expect(store.get('k')).rejects.toMatchObject(denied);
    await expect(store.put('k', bodyOf(Buffer.from('x')))).rejects.toMatchObject(denied);
    // Large enough that the service answers before it has all of it.
    await expect(store.put('k', bodyOf(Buffer.alloc(4 * MiB)))).rejects.toMatchObject(denied);
    await expect(store.put('k', bodyOf(Buffer.alloc(6 * MiB)))).rejects.toMatchObject(denied);
    await expect(store.delete('k')).rejects.toMatchObject(denied);
  });

  test('a bucket that does not exist is a usage error naming bucket and endpoint', async () => {
    const store = openIn(plain, { bucket: 'no-such-bucket-here' });
    const gone = {
      code: 'usage',
      message: expect.stringContaining('no-such-bucket-here does not exist at http://'),
    };
    await expect(listed(store)).rejects.toMatchObject(gone);
    await expect(store.get('k')).rejects.toMatchObject(gone);
    await expect(store.put('k', bodyOf(Buffer.from('x')))).rejects.toMatchObject(gone);
    await expect(store.put('k', bodyOf(Buffer.alloc(6 * MiB)))).rejects.toMatchObject(gone);
  });

  test('no message shows a key', async () => {
    useKeys({ accessKeyId: plain.accessKeyId, secretAccessKey: 'do-not-show-this-one-to-anybody' });
    const error = await listed(openIn(plain)).catch((thrown) => thrown);
    expect(JSON.stringify([error.message, error.hint])).not.toContain('do-not-show');
  });
});

test('keys are relative to the prefix, and nothing beside it is seen', async () => {
  const store = openIn(plain, { prefix: 'a/b' });
  for (const Key of ['a/b0/x', 'a/b/', 'a/c', 'a/b/y/z']) {
    await plain.client.send(new PutObjectCommand({ Bucket: plain.bucket, Key, Body: 'foreign' }));
  }
  await store.put('y/k', bodyOf(Buffer.from('mine')));
  expect((await listed(store)).map(({ key }) => key)).toEqual(['y/k', 'y/z']);
  expect((await listed(store, 'y/', { startAfter: 'y/k' })).map(({ key }) => key)).toEqual(['y/z']);
  expect(String(await readAll(store, 'y/z'))).toBe('foreign');
});

test('a listing tells the time of the service', async () => {
  for await (const { serverTime } of openIn(plain).list('')) {
    expect(Math.abs((serverTime?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  }
});

test('one request each, and no other than needed', async () => {
  const store = openIn(plain);
  const counted = async (work: Promise<unknown>): Promise<number> => {
    const before = store.traffic.requests;
    await work;
    return store.traffic.requests - before;
  };
  expect(await counted(store.put('n/k', bodyOf(Buffer.from('x'))))).toBe(1);
  expect(await counted(store.put('n/big', bodyOf(Buffer.alloc(11 * MiB))))).toBe(5);
  expect(await counted(readAll(store, 'n/k'))).toBe(1);
  expect(await counted(readAll(store, 'n/absent'))).toBe(1);
  expect(await counted(listed(store, 'n/'))).toBe(1);
  expect(await counted(store.delete('n/k'))).toBe(1);
});

test('the storage class reaches the service', async () => {
  const store = openIn(plain, { storageClass: 'REDUCED_REDUNDANCY' });
  await store.put('class/small', bodyOf(Buffer.from('x')));
  await store.put('class/big', bodyOf(Buffer.alloc(6 * MiB)));
  for (const Key of ['class/small', 'class/big']) {
    const head = await plain.client.send(new HeadObjectCommand({ Bucket: plain.bucket, Key }));
    expect(head.StorageClass).toBe('REDUCED_REDUNDANCY');
  }
});

describe('versions', () => {
  test('come newest first for each key, with delete markers', async () => {
    const store = openIn(versioned, { prefix: 'v' });
    for (const key of ['a', 'b', 'c']) {
      for (const text of ['one', 'two', 'three']) await store.put(key, bodyOf(Buffer.from(text)));
    }
    await store.delete('b');
    await store.put('b', bodyOf(Buffer.from('again')));
    await store.delete('c');
    expect((await listed(store)).map(({ key }) => key)).toEqual(['a', 'b']);
    const versions = await listed(store, '', { versions: true });
    expect(
      versions.map(({ key, sizeBytes, isDeleteMarker }) => [key, isDeleteMarker ? 'deleted' : sizeBytes]),
    ).toEqual([
      ['a', 5],
      ['a', 3],
      ['a', 3],
      ['b', 5],
      ['b', 'deleted'],
      ['b', 5],
      ['b', 3],
      ['b', 3],
      ['c', 'deleted'],
      ['c', 5],
      ['c', 3],
      ['c', 3],
    ]);
    expect(
      (await listed(store, '', { versions: true, startAfter: 'b' })).every(({ key }) => key === 'c'),
    ).toBe(true);

    const [newest, second] = versions;
    const old = await store.get('a', { versionId: second?.versionId ?? '' });
    expect(old && String(await old.toArray())).toBe('two');
    await store.delete('a', { versionId: newest?.versionId ?? '' });
    expect(String(await readAll(store, 'a'))).toBe('two');
    const marker = versions.find(({ isDeleteMarker }) => isDeleteMarker);
    expect(await store.get('b', { versionId: marker?.versionId ?? '' })).toBeNull();
    expect(await store.get('c')).toBeNull();
  });
});

describe('object lock', () => {
  test.each([
    ['one piece', 1000, 'governance'],
    ['parts', 6 * MiB, 'governance'],
  ] as const)('in %s: kept until its time, and no deletion of the version', async (name, sizeBytes, mode) => {
    const store = openIn(versioned, { prefix: `lock-${name.replace(' ', '-')}` });
    const until = new Date(Date.now() + 3_600_000);
    await store.put('k', bodyOf(Buffer.alloc(sizeBytes, 'x')), { lock: { mode, until } });
    const Key = `lock-${name.replace(' ', '-')}/k`;
    const { Retention } = await versioned.client.send(
      new GetObjectRetentionCommand({ Bucket: versioned.bucket, Key }),
    );
    expect(Retention?.Mode).toBe(mode.toUpperCase());
    expect(Math.abs((Retention?.RetainUntilDate?.getTime() ?? 0) - until.getTime())).toBeLessThan(2000);
    expect((await readAll(store, 'k'))?.length).toBe(sizeBytes);
    expect(Math.abs(((await store.lockOf('k'))?.until?.getTime() ?? 0) - until.getTime())).toBeLessThan(2000);
    expect(await store.lockOf('absent')).toBeNull();
    const { Versions } = await versioned.client.send(
      new ListObjectVersionsCommand({ Bucket: versioned.bucket, Prefix: Key }),
    );
    const versionId = Versions?.[0]?.VersionId ?? '';
    const deleting = store.delete('k', { versionId });
    await expect(deleting).rejects.toMatchObject({ name: 'EfakturError', code: 'access-denied' });
    expect((await readAll(store, 'k'))?.length).toBe(sizeBytes);
  });

  test('a bucket without it refuses a locked object', async () => {
    const lock = { mode: 'governance', until: new Date(Date.now() + 3_600_000) } as const;
    const putting = openIn(plain).put('locked', bodyOf(Buffer.from('x')), { lock });
    await expect(putting).rejects.toMatchObject({ name: 'EfakturError', code: 'usage' });
  });
});

test('works though the clock of this PC is an hour wrong', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  const store = openIn(plain);
  await store.put('clock/small', bodyOf(Buffer.from('x')));
  expect(await listed(store, 'clock/')).toHaveLength(1);
  const other = openIn(plain);
  await other.put('clock/big', bodyOf(Buffer.alloc(6 * MiB)));
  expect(await listed(other, 'clock/')).toHaveLength(2);
});

test('a process that drops the rest of an object ends at once', async () => {
  const key = 'exit/big';
  await openIn(plain).put(key, bodyOf(Buffer.alloc(32 * MiB), MiB));
  const script = fileURLToPath(new URL('quick-exit.ts', import.meta.url));
  const from = performance.now();
  await promisify(execFile)(process.execPath, [script, plain.url, key], {
    env: { PATH: process.env.PATH, ...plain.env },
    timeout: 20_000,
  });
  expect(performance.now() - from).toBeLessThan(8_000);
});

test('the address and the environment make a store', async () => {
  const env = {
    ...plain.env,
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_S3: plain.endpoint,
  };
  const store = await openStore(`s3://${plain.bucket}/from/url/`, { env, currentFolder: '/' });
  stores.push(store);
  await store.put('k', bodyOf(Buffer.from('x')));
  expect(store.url).toBe(`s3://${plain.bucket}/from/url/`);
  expect((await listed(openIn(plain), 'from/')).map(({ key }) => key)).toEqual(['from/url/k']);
});
