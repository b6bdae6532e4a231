import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Manners } from '../../src/store/manners.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { changingProxy } from '../support/changing-proxy.ts';
import { makeBucket, openS3With, type TestBucket } from '../support/minio.ts';
import { bodyOf, listed, readAll } from './contract.ts';

let bucket: TestBucket;

beforeAll(async () => {
  bucket = await makeBucket();
});

afterAll(() => bucket?.client.destroy());

function storeIn(manners: Manners, endpoint = bucket.endpoint): ObjectStore {
  const store = openS3With({
    bucket: bucket.bucket,
    prefix: randomBytes(6).toString('hex'),
    endpoint,
    manners,
  });
  onTestFinished(() => store.close());
  return store;
}

const data = randomBytes(1000);

test.each(['none', 'md5', 'crc32'] as const)(
  'a put with the checksum %s, right and wrong',
  async (checksum) => {
    const { endpoint, seen } = await changingProxy(bucket.endpoint, {});
    const store = storeIn({ checksum }, endpoint);
    await store.put('k', bodyOf(data));
    expect((await readAll(store, 'k'))?.equals(data)).toBe(true);
    const names = Object.keys(seen[0]?.headers ?? {}).filter((name) => /md5|checksum/.test(name));
    const expected = { none: [], md5: ['content-md5'], crc32: ['x-amz-checksum-crc32'] };
    expect(names).toEqual(expect.arrayContaining(expected[checksum]));
    if (checksum === 'none') expect(names).toEqual([]);
    else {
      const wrong = storeIn({ checksum, fault: 'checksum' });
      await expect(wrong.put('k', bodyOf(data))).rejects.toMatchObject({ code: 'store-unavailable' });
      expect(await listed(wrong)).toEqual([]);
    }
    const changed = storeIn({ checksum, fault: 'bytes' });
    await expect(changed.put('k', bodyOf(data))).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await listed(changed)).toEqual([]);
  },
);

test('a checksum that is refused is not sent in another form', async () => {
  const { endpoint, seen } = await changingProxy(bucket.endpoint, {
    instead: ({ headers }) =>
      headers['x-amz-checksum-crc32']
        ? { status: 501, headers: {}, body: '<Error><Code>NotImplemented</Code></Error>' }
        : null,
  });
  await expect(storeIn({ checksum: 'crc32' }, endpoint).put('k', bodyOf(data))).rejects.toMatchObject({
    code: 'usage',
  });
  expect(seen).toHaveLength(1);
});

test('a bucket that cannot stand in the host name is not looked for in the path', async () => {
  const { endpoint, seen } = await changingProxy(bucket.endpoint, {});
  await expect(listed(storeIn({ style: 'virtual' }, endpoint))).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('cannot stand before 127.0.0.1'),
  });
  expect(seen).toEqual([]);
  await storeIn({ style: 'path' }, endpoint).put('k', bodyOf(data));
  expect(seen.map(({ url }) => url.pathname.split('/')[1])).toEqual([bucket.bucket]);
});
