import { randomBytes } from 'node:crypto';
import { PutObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openS3Store, type S3StoreOptions } from '../../src/store/s3.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { changingProxy, type PassingRequest, refusal } from '../support/changing-proxy.ts';
import { makeBucket, type TestBucket, useKeys } from '../support/minio.ts';
import { bodyOf, listed, readAll } from './contract.ts';

/** Services that are not MinIO: a proxy makes one of them out of it. */

const MiB = 1 << 20;
let plain: TestBucket;
let locking: TestBucket;
const stores: ObjectStore[] = [];
const until = new Date(Date.now() + 3_600_000);

beforeAll(async () => {
  locking = await makeBucket({ objectLock: true });
  plain = await makeBucket();
});

beforeEach(() => useKeys(plain));

afterEach(() => {
  for (const store of stores.splice(0)) store.close();
});

afterAll(() => {
  plain?.client.destroy();
  locking?.client.destroy();
});

function openAt(endpoint: string, more: Partial<S3StoreOptions> = {}): ObjectStore {
  const store = openS3Store({
    url: 's3://label',
    bucket: plain.bucket,
    prefix: randomBytes(6).toString('hex'),
    endpoint,
    region: null,
    profile: null,
    style: null,
    storageClass: null,
    proxies: {},
    caBundle: null,
    partSizeBytes: 5 * MiB,
    partRetryDelayMs: 1,
    ...more,
  });
  stores.push(store);
  return store;
}

const isComplete = ({ method, url }: PassingRequest): boolean =>
  method === 'POST' && url.searchParams.has('uploadId');

describe('answers without an ETag', () => {
  test.each(['<ETag></ETag>', '<ETag>""</ETag>', ''])(
    'at the end of an upload (%s): the listing says what was stored',
    async (etag) => {
      const { endpoint, seen } = await changingProxy(plain.endpoint, {
        answer: (request, answer) =>
          isComplete(request)
            ? { ...answer, body: String(answer.body).replace(/<ETag>.*<\/ETag>/, etag) }
            : answer,
      });
      const store = openAt(endpoint);
      const data = randomBytes(11 * MiB);
      const receipt = await store.put('k', bodyOf(data));
      expect(receipt.etag).toMatch(/^[0-9a-f]{32}-3$/);
      expect(await listed(store)).toMatchObject([{ key: 'k', sizeBytes: data.length, etag: receipt.etag }]);
      expect(seen.filter(isComplete)).toHaveLength(1);
      expect(await plain.unfinishedUploads('k')).toEqual([]);
    },
  );

  test('of a small put and of reads, whole and in part', async () => {
    const { endpoint } = await changingProxy(plain.endpoint, {
      answer: (_, { headers: { etag, ...headers }, ...answer }) => ({ ...answer, headers }),
    });
    const store = openAt(endpoint);
    const data = randomBytes(1000);
    expect((await store.put('k', bodyOf(data))).etag).toMatch(/^[0-9a-f]{32}$/);
    expect((await readAll(store, 'k'))?.equals(data)).toBe(true);
    expect((await readAll(store, 'k', { first: 10, last: 19 }))?.equals(data.subarray(10, 20))).toBe(true);
    expect(await readAll(store, 'other')).toBeNull();
    await store.put('empty', bodyOf(Buffer.alloc(0)));
    expect((await readAll(store, 'empty'))?.length).toBe(0);
  });

  test('of a version', async () => {
    const { endpoint } = await changingProxy(locking.endpoint, {
      answer: (_, { headers: { etag, ...headers }, ...answer }) => ({ ...answer, headers }),
    });
    const store = openAt(endpoint, { bucket: locking.bucket });
    const { versionId } = await store.put('k', bodyOf(Buffer.from('one')));
    await store.put('k', bodyOf(Buffer.from('later')));
    const body = await store.get('k', { versionId: versionId ?? '' });
    expect(String(await body?.toArray())).toBe('one');
  });

  test('what was answered but not stored counts as nothing', async () => {
    const { endpoint } = await changingProxy(plain.endpoint, {
      instead: ({ method, url }) =>
        method === 'PUT' || (method === 'GET' && !url.searchParams.has('list-type'))
          ? { status: 200, headers: {}, body: '' }
          : null,
    });
    const store = openAt(endpoint);
    const unavailable = { name: 'EfakturError', code: 'store-unavailable' };
    await expect(store.put('k', bodyOf(Buffer.from('x')))).rejects.toMatchObject(unavailable);
    await expect(store.put('k', bodyOf(Buffer.alloc(6 * MiB)))).rejects.toMatchObject(unavailable);
    await expect(store.get('k')).rejects.toMatchObject(unavailable);
  });
});

describe('checksums', () => {
  const newer = ({ headers }: PassingRequest): boolean =>
    Object.keys(headers).some((name) => /^x-amz-(checksum-|sdk-checksum)/.test(name));
  const carriesBytes = (request: PassingRequest): boolean => request.method === 'PUT';

  const services: [string, (request: PassingRequest) => boolean, string][] = [
    [
      'wants one of them (a default retention)',
      (r) => !r.headers['content-md5'] && !newer(r),
      'InvalidRequest',
    ],
    [
      'knows only Content-MD5, and wants it (B2)',
      (r) => newer(r) || !r.headers['content-md5'],
      'InvalidArgument',
    ],
    ['knows only the newer ones, and wants one', (r) => !newer(r), 'InvalidRequest'],
    ['knows none of the newer ones', newer, 'NotImplemented'],
  ];
  const statusOf = (code: string): number => (code === 'NotImplemented' ? 501 : 400);

  test.each(services)('a service that %s', async (_, isRefused, code) => {
    const { endpoint, seen } = await changingProxy(locking.endpoint, {
      instead: (request) =>
        (carriesBytes(request) && isRefused(request)) || (code !== 'InvalidRequest' && newer(request))
          ? refusal(statusOf(code), code)
          : null,
    });
    const store = openAt(endpoint, { bucket: locking.bucket });
    const data = randomBytes(11 * MiB);
    for (const lock of [undefined, { mode: 'governance', until } as const]) {
      const name = lock ? 'locked' : 'plain';
      await store.put(`${name}/big`, bodyOf(data), { lock });
      await store.put(`${name}/small`, bodyOf(data.subarray(0, 1000)), { lock });
      expect((await readAll(store, `${name}/big`))?.equals(data)).toBe(true);
      const until = (await store.lockOf(`${name}/big`))?.until ?? null;
      expect(until === null).toBe(lock === undefined);
      // What was found out once is known: no further request is refused.
      const before = seen.length;
      await store.put(`${name}/again`, bodyOf(data), { lock });
      await store.put(`${name}/small-again`, bodyOf(Buffer.from('x')), { lock });
      expect(seen.length - before).toBe(6);
    }
  });

  test('a bucket that locks by itself', async () => {
    const bucket = await makeBucket({ objectLock: true });
    await bucket.client.send(
      new PutObjectLockConfigurationCommand({
        Bucket: bucket.bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } },
        },
      }),
    );
    const store = openAt(bucket.endpoint, { bucket: bucket.bucket });
    await store.put('small', bodyOf(Buffer.from('x')));
    await store.put('big', bodyOf(Buffer.alloc(6 * MiB)));
    expect((await store.lockOf('big'))?.until?.getTime()).toBeGreaterThan(Date.now());
    bucket.client.destroy();
  });

  test('what no form helps against is told by the first answer, and costs no more than one try of each', async () => {
    const { endpoint, seen } = await changingProxy(plain.endpoint, {
      instead: (request) =>
        carriesBytes(request)
          ? refusal(400, request.headers['content-md5'] ? 'InvalidArgument' : 'InvalidRequest')
          : null,
    });
    const putting = openAt(endpoint).put('k', bodyOf(Buffer.from('x')));
    await expect(putting).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('InvalidRequest'),
    });
    expect(seen).toHaveLength(3);
  });
});
