import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { PutObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { retrying } from '../../src/store/retrying.ts';
import type { S3StoreOptions } from '../../src/store/s3.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import {
  changingProxy,
  type PassingAnswer,
  type PassingRequest,
  refusal,
} from '../support/changing-proxy.ts';
import { makeBucket, openS3With, type TestBucket, useKeys } from '../support/minio.ts';
import { httpServer, tcpServer } from '../support/servers.ts';
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
  const store = openS3With({
    bucket: plain.bucket,
    prefix: randomBytes(6).toString('hex'),
    endpoint,
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

describe('where the bucket goes', () => {
  const listing = (bucket: string): string =>
    `<?xml version="1.0"?><ListBucketResult><Name>${bucket}</Name><IsTruncated>false</IsTruncated><Contents><Key>k</Key><Size>1</Size></Contents></ListBucketResult>`;

  /** Reached as a proxy, so that any host name will do. */
  async function anyHost(answer: (host: string, path: string) => PassingAnswer) {
    const asked: string[] = [];
    const server = await httpServer((request, response) => {
      const url = new URL(request.url ?? '');
      asked.push(`${url.host}${url.pathname}`);
      const { status, headers, body } = answer(url.host, url.pathname);
      response.writeHead(status, headers).end(body);
    });
    onTestFinished(() => server.close());
    return { asked, proxies: { httpProxy: server.endpoint } };
  }

  test.each([
    ['http://oss-ap-southeast-5.aliyuncs.com', 'office.oss-ap-southeast-5.aliyuncs.com/'],
    ['http://cos.ap-jakarta.myqcloud.com', 'office.cos.ap-jakarta.myqcloud.com/'],
    ['http://obs.ap-southeast-4.myhuaweicloud.com', 'office.obs.ap-southeast-4.myhuaweicloud.com/'],
    ['http://office.oss-ap-southeast-5.aliyuncs.com/', 'office.oss-ap-southeast-5.aliyuncs.com/'],
    ['http://s3.ap-southeast-3.amazonaws.com', 'office.s3.ap-southeast-3.amazonaws.com/'],
    ['http://id-cgk-1.linodeobjects.com', 'id-cgk-1.linodeobjects.com/office/'],
    ['http://office.sgp1.digitaloceanspaces.com', 'sgp1.digitaloceanspaces.com/office/'],
    [
      'http://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com/office',
      '0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com/office/',
    ],
    ['http://minio.example.com/office', 'minio.example.com/office/office/'],
    ['http://office.example.com', 'office.example.com/office/'],
    ['http://minio.example.com', 'minio.example.com/office/'],
    ['http://notaliyuncs.com', 'notaliyuncs.com/office/'],
  ])('at %s', async (endpoint, expected) => {
    const { asked, proxies } = await anyHost(() => ({ status: 200, headers: {}, body: listing('office') }));
    await listed(openAt(endpoint, { bucket: 'office', prefix: '', proxies }));
    expect(asked).toEqual([expected]);
  });

  const signedFor = ({ headers }: IncomingMessage): string =>
    /Credential=[^/]+\/\d+\/([^/]+)/.exec(headers.authorization ?? '')?.[1] ?? '';

  test.each([
    ['http://s3.oss-ap-southeast-5.aliyuncs.com', null, 'ap-southeast-5'],
    ['http://nos.jkt-1.neo.id', null, 'jkt-1'],
    ['http://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com', null, 'auto'],
    ['http://s3.us-west-004.backblazeb2.com', null, 'us-west-004'],
    ['http://nos.jkt-1.neo.id', 'id-of-mine-1', 'id-of-mine-1'],
    ['http://minio.example.com', null, 'us-east-1'],
  ])('what is asked of %s (region %s) is signed for %s', async (endpoint, region, expected) => {
    const regions: string[] = [];
    const server = await httpServer((request, response) => {
      regions.push(signedFor(request));
      response.writeHead(200).end(listing('office'));
    });
    onTestFinished(() => server.close());
    const proxies = { httpProxy: server.endpoint };
    await listed(openAt(endpoint, { bucket: 'office', prefix: '', proxies, region }));
    expect(regions).toEqual([expected]);
  });

  test.each([
    ['http://s3.ap-southeast-3.amazonaws.com', 'x-amz-checksum-crc32'],
    ['http://s3.us-west-004.backblazeb2.com', 'content-md5'],
    ['http://storage.googleapis.com', 'content-md5'],
    ['http://id-cgk-1.linodeobjects.com', 'content-md5'],
    ['http://sgp1.digitaloceanspaces.com', null],
  ])('what is stored at %s carries %s', async (endpoint, expected) => {
    const sums: string[][] = [];
    const server = await httpServer((request, response) => {
      sums.push(Object.keys(request.headers).filter((name) => /^content-md5$|^x-amz-checksum-/.test(name)));
      request.resume().on('end', () => response.writeHead(200, { etag: '"e"' }).end());
    });
    onTestFinished(() => server.close());
    const store = openAt(endpoint, { bucket: 'office', proxies: { httpProxy: server.endpoint } });
    await store.put('k', bodyOf(Buffer.from('x')));
    expect(sums).toEqual([expected === null ? [] : [expected]]);
  });

  test.each(['SecondLevelDomainForbidden', 'PathStyleDomainForbidden', 'VirtualHostDomainRequired'])(
    'where the path is refused (%s), into the host name from then on',
    async (code) => {
      const { asked, proxies } = await anyHost((host) =>
        host.startsWith('office.')
          ? { status: 200, headers: { etag: '"e"' }, body: listing('office') }
          : refusal(403, code),
      );
      const store = openAt('http://s3.example.co.id', { bucket: 'office', prefix: '', proxies });
      expect(await listed(store)).toMatchObject([{ key: 'k' }]);
      await store.put('k', bodyOf(Buffer.from('x')));
      expect(asked).toEqual([
        's3.example.co.id/office/',
        'office.s3.example.co.id/',
        'office.s3.example.co.id/k',
      ]);
      const stated = openAt('http://s3.example.co.id', {
        bucket: 'office',
        prefix: '',
        proxies,
        style: 'path',
      });
      await expect(listed(stated)).rejects.toMatchObject({
        code: 'usage',
        hint: expect.objectContaining({ en: expect.stringContaining('style=path') }),
      });
    },
  );
});

describe('answers that are about the address', () => {
  test.each([301, 302, 307, 308])('a redirect (%d) of http to https', async (status) => {
    const server = await httpServer((request, response) =>
      response
        .writeHead(status, { location: `https://127.0.0.1:9443${request.url}` })
        .end('<html>moved</html>'),
    );
    onTestFinished(() => server.close());
    const error = { code: 'usage', message: expect.stringContaining('the endpoint wants https://') };
    await expect(listed(openAt(server.endpoint))).rejects.toMatchObject(error);
    await expect(openAt(server.endpoint).put('k', bodyOf(Buffer.from('x')))).rejects.toMatchObject({
      ...error,
      hint: expect.objectContaining({ en: expect.stringContaining('https://127.0.0.1:9443') }),
    });
  });

  test('a redirect to the login page of a network is none of them', async () => {
    const server = await httpServer((_, response) =>
      response.writeHead(302, { location: 'https://login.hotel.example/' }).end(),
    );
    onTestFinished(() => server.close());
    await expect(listed(openAt(server.endpoint))).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  test('an unknown key, in the word of versitygw', async () => {
    const { endpoint } = await changingProxy(plain.endpoint, {
      instead: () => refusal(404, 'XAdminUserNotFound'),
    });
    await expect(listed(openAt(endpoint))).rejects.toMatchObject({
      code: 'access-denied',
      hint: expect.objectContaining({ en: expect.stringContaining('AWS_ACCESS_KEY_ID') }),
    });
  });
});

test('417 to the question whether a body may be sent: it is sent without asking, then and later', async () => {
  const { endpoint, seen } = await changingProxy(plain.endpoint, {
    instead: ({ headers }) => (headers.expect ? { status: 417, headers: {}, body: '' } : null),
  });
  const store = openAt(endpoint);
  const data = randomBytes(MiB);
  await store.put('a', bodyOf(data));
  await store.put('b', bodyOf(data));
  await store.put('big', bodyOf(randomBytes(6 * MiB)));
  expect(await listed(store)).toHaveLength(3);
  expect(seen.filter(({ headers }) => headers.expect)).toHaveLength(1);
});

describe('a service that asks to be left alone (Retry-After)', () => {
  test.each([
    ['in seconds', () => '2'],
    ['until a time', () => new Date(Date.now() + 3000).toUTCString()],
  ])('%s is, by every request', async (_, retryAfter) => {
    let refused = 0;
    const { endpoint, seen } = await changingProxy(plain.endpoint, {
      instead: () => (refused++ < 1 ? refusal(503, 'SlowDown', { 'retry-after': retryAfter() }) : null),
    });
    const store = retrying(openAt(endpoint), {
      idleTimeoutMs: 60_000,
      maxPutBytes: 5 * MiB,
      firstDelayMs: 1,
    });
    const from = performance.now();
    await Promise.all([store.put('k', bodyOf(Buffer.from('x'))), listed(store)]);
    expect(performance.now() - from).toBeGreaterThan(1900);
    await store.put('big', bodyOf(Buffer.alloc(11 * MiB)));
    expect(await listed(store)).toHaveLength(2);
    expect(seen.length).toBeLessThan(12);
  });

  test('for longer than the idle time is not waited for', async () => {
    const { endpoint } = await changingProxy(plain.endpoint, {
      instead: () => refusal(503, 'SlowDown', { 'retry-after': '3600' }),
    });
    const limits = { idleTimeoutMs: 2000, maxPutBytes: 5 * MiB, firstDelayMs: 1 };
    const store = retrying(openAt(endpoint, { idleTimeoutMs: 2000 }), limits);
    const from = performance.now();
    await expect(listed(store)).rejects.toMatchObject({
      code: 'store-unavailable',
      hint: expect.objectContaining({ en: expect.stringContaining('3600') }),
    });
    expect(performance.now() - from).toBeLessThan(1900);
  });

  test('for ever ends', async () => {
    const { endpoint, seen } = await changingProxy(plain.endpoint, {
      instead: () => refusal(503, 'SlowDown', { 'retry-after': '1' }),
    });
    const limits = { idleTimeoutMs: 10_000, maxPutBytes: 5 * MiB, firstDelayMs: 1 };
    await expect(listed(retrying(openAt(endpoint), limits))).rejects.toMatchObject({
      code: 'store-unavailable',
    });
    expect(seen).toHaveLength(4);
  });
});

test('through a proxy to an http:// endpoint: bodies of every size arrive as they are, one request after the other', async () => {
  const proxy = await changingProxy(plain.endpoint, {});
  const store = openAt('http://store.example', { style: 'path', proxies: { httpProxy: proxy.endpoint } });
  for (const sizeBytes of [0, 1000, 70_000, 300_000, 6 * MiB, 11 * MiB]) {
    const data = randomBytes(sizeBytes);
    await store.put(`k${sizeBytes}`, bodyOf(data));
    expect((await readAll(store, `k${sizeBytes}`))?.equals(data)).toBe(true);
  }
});

describe('a proxy that answers by itself', () => {
  const answering = async (head: string): Promise<{ endpoint: string; host: string }> => {
    const server = await tcpServer((socket) => {
      socket.once('data', () =>
        socket.end(`HTTP/1.1 ${head}\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno`),
      );
    });
    onTestFinished(() => server.close());
    return { endpoint: server.endpoint, host: new URL(server.endpoint).host };
  };

  test.each([
    ['403 Forbidden', 'access-denied', 'does not let this PC reach'],
    ['451 Unavailable For Legal Reasons', 'access-denied', 'does not let this PC reach'],
    ['407 Proxy Authentication Required', 'usage', 'asks for a login'],
    ['502 Bad Gateway', 'store-unavailable', 'cannot reach'],
    ['504 Gateway Timeout', 'store-unavailable', 'cannot reach'],
  ])(
    '%s',
    async (head, code, words) => {
      for (const endpoint of ['https://store.example:9000', 'http://store.example:9000']) {
        const proxy = await answering(head);
        const proxies = { httpsProxy: proxy.endpoint, httpProxy: proxy.endpoint };
        const message = expect.stringMatching(new RegExp(`the proxy ${proxy.host} ${words}`));
        await expect(listed(openAt(endpoint, { proxies }))).rejects.toMatchObject({ code, message });
        await expect(
          openAt(endpoint, { proxies }).put('k', bodyOf(Buffer.alloc(6 * MiB))),
        ).rejects.toMatchObject({ code, message });
      }
    },
    60_000,
  );

  test("a refusal of the service behind it stays the service's", async () => {
    const proxy = await httpServer((_, response) => {
      const { status, headers, body } = refusal(403, 'AccessDenied');
      response.writeHead(status, headers).end(body);
    });
    onTestFinished(() => proxy.close());
    const listing = listed(openAt('http://store.example:9000', { proxies: { httpProxy: proxy.endpoint } }));
    await expect(listing).rejects.toMatchObject({
      code: 'access-denied',
      message: expect.stringContaining('the service refuses it (AccessDenied)'),
    });
  });
});

describe('an upload that is corrupted on its way', () => {
  const flipped = (body: Buffer): Buffer => {
    const changed = Buffer.from(body);
    changed[100] = (changed[100] ?? 0) ^ 1;
    return changed;
  };

  test.each([undefined, { mode: 'governance', until } as const])('is sent again (lock: %o)', async (lock) => {
    const broken = new Set<string>();
    const { endpoint } = await changingProxy(locking.endpoint, {
      body({ method, url, body }) {
        const name = `${url.pathname} ${url.searchParams.get('partNumber')}`;
        if (method !== 'PUT' || broken.has(name)) return body;
        broken.add(name);
        return flipped(body);
      },
    });
    const limits = { idleTimeoutMs: 60_000, maxPutBytes: 5 * MiB, firstDelayMs: 1 };
    const store = retrying(openAt(endpoint, { bucket: locking.bucket }), limits);
    const data = randomBytes(11 * MiB);
    await store.put('small', bodyOf(data.subarray(0, 1000)), { lock });
    await store.put('big', bodyOf(data), { lock });
    expect(broken.size).toBe(4);
    expect((await readAll(store, 'small'))?.equals(data.subarray(0, 1000))).toBe(true);
    expect((await readAll(store, 'big'))?.equals(data)).toBe(true);
  });

  test('each time is a fault of the line', async () => {
    const { endpoint } = await changingProxy(plain.endpoint, {
      body: ({ method, body }) => (method === 'PUT' ? flipped(body) : body),
    });
    const failing = { code: 'store-unavailable', message: expect.stringContaining('not what was sent') };
    await expect(openAt(endpoint).put('k', bodyOf(randomBytes(1000)))).rejects.toMatchObject(failing);
    await expect(openAt(endpoint).put('k', bodyOf(randomBytes(6 * MiB)))).rejects.toMatchObject(failing);
    expect(await listed(openAt(plain.endpoint, { prefix: '' }), 'k')).toEqual([]);
  });
});

describe('the answer to the beginning of an upload is lost', () => {
  const isBegin = ({ method, url }: PassingRequest): boolean =>
    method === 'POST' && url.searchParams.has('uploads');

  test.each([
    ['once', 1],
    ['each time', 100],
  ])('%s: what began is found by its key and removed', async (_, times) => {
    let lost = 0;
    const { endpoint, seen } = await changingProxy(plain.endpoint, {
      answer: (request, answer) => (isBegin(request) && lost++ < times ? 'cut' : answer),
    });
    const prefix = randomBytes(6).toString('hex');
    const store = openAt(endpoint, { prefix });
    const order: string[] = [];
    const onPlanned = async (): Promise<void> => {
      expect(seen).toEqual([]);
      order.push('planned');
    };
    const onUpload = async (id: string): Promise<void> => void order.push(id);
    const putting = store.put('k', bodyOf(randomBytes(6 * MiB)), { onPlanned, onUpload });
    if (times > 1) await expect(putting).rejects.toMatchObject({ code: 'store-unavailable' });
    else await putting;
    expect(lost).toBe(times > 1 ? 6 : 2);
    expect(order).toEqual(['planned', ...(times > 1 ? [] : [expect.any(String)])]);
    expect(await store.unfinishedUploads('k')).toEqual([]);
    expect(await plain.unfinishedUploads(`${prefix}/k`)).toEqual([]);
  });
});

test('unfinished uploads are listed page by page, and a listing that repeats itself ends', async () => {
  const page = (marker: string | null): string =>
    `<?xml version="1.0"?><ListMultipartUploadsResult><IsTruncated>${marker !== 'u2'}</IsTruncated>${[1, 2, 3]
      .filter((n) => (marker === null ? n < 3 : n > 2))
      .map(
        (n) =>
          `<Upload><Key>p/k${n}</Key><UploadId>u${n}</UploadId><Initiated>2026-01-0${n}T00:00:00.000Z</Initiated></Upload>`,
      )
      .join(
        '',
      )}<NextKeyMarker>p/k2</NextKeyMarker><NextUploadIdMarker>u2</NextUploadIdMarker></ListMultipartUploadsResult>`;
  for (const isRepeating of [false, true]) {
    const { endpoint, seen } = await changingProxy(plain.endpoint, {
      instead: ({ url }) => ({
        status: 200,
        headers: { 'content-type': 'application/xml' },
        body: page(isRepeating ? null : url.searchParams.get('upload-id-marker')),
      }),
    });
    const found = await openAt(endpoint, { prefix: 'p' }).unfinishedUploads('');
    expect(found.map(({ key, uploadId }) => [key, uploadId])).toEqual(
      [1, 2, ...(isRepeating ? [] : [3])].map((n) => [`k${n}`, `u${n}`]),
    );
    expect(found[0]?.begunAt).toEqual(new Date('2026-01-01T00:00:00Z'));
    expect(seen).toHaveLength(2);
  }
});
