import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { proxyFor } from '../../src/store/proxies.ts';
import { retrying } from '../../src/store/retrying.ts';
import type { S3StoreOptions } from '../../src/store/s3.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { localhostCertificate } from '../support/localhost-certificate.ts';
import { makeBucket, openS3With, useKeys } from '../support/minio.ts';
import { connectProxy, httpServer, httpsServer, type TestServer, tcpServer } from '../support/servers.ts';
import { bodyOf, listed, readAll } from './contract.ts';

/** What only a network can do to a store: servers made to fail in one way each. */

const MiB = 1 << 20;
const idleTimeoutMs = 1500;
const partSizeBytes = 5 * MiB;
const open: { close(): unknown }[] = [];

beforeEach(() => useKeys({ accessKeyId: 'test', secretAccessKey: 'secret-of-the-test' }));

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const closing = <T extends { close(): unknown }>(one: T): T => {
  open.push(one);
  return one;
};

function openAt(endpoint: string, more: Partial<S3StoreOptions> = {}, firstDelayMs = 20): ObjectStore {
  const store = openS3With({
    url: 's3://bucket',
    bucket: 'bucket',
    endpoint,
    idleTimeoutMs,
    partSizeBytes,
    partRetryDelayMs: 1,
    ...more,
  });
  const limits = { idleTimeoutMs: more.idleTimeoutMs ?? idleTimeoutMs, maxPutBytes: partSizeBytes };
  return closing(retrying(store, { ...limits, firstDelayMs }));
}

async function timed(work: Promise<unknown>): Promise<{ error: unknown; tookMs: number; endedAtMs: number }> {
  const from = performance.now();
  const error = await work.then(
    () => null,
    (thrown) => thrown,
  );
  const endedAtMs = performance.now();
  return { error, tookMs: endedAtMs - from, endedAtMs };
}

const unavailable = expect.objectContaining({ name: 'EfakturError', code: 'store-unavailable' });

const xml = (name: string, inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><${name}>${inner}</${name}>`;

/** A listing that ends after `keys`. */
const listingOf = (...keys: string[]): string =>
  xml(
    'ListBucketResult',
    `<Name>bucket</Name><IsTruncated>false</IsTruncated>${keys
      .map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`)
      .join('')}`,
  );

async function server(
  onRequest: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
): Promise<TestServer> {
  const listener: RequestListener = (request, response) =>
    void Promise.resolve(onRequest(request, response)).catch(() => {});
  return closing(await httpServer(listener));
}

describe('a service that does not answer', () => {
  const dead = async (): Promise<TestServer> => closing(await tcpServer((socket) => void socket.resume()));
  const within = (tookMs: number): void => {
    expect(tookMs).toBeGreaterThan(idleTimeoutMs * 0.9);
    expect(tookMs).toBeLessThan(idleTimeoutMs * 2);
  };

  test.each<[string, (store: ObjectStore) => Promise<unknown>]>([
    ['list', (store) => listed(store)],
    ['get', (store) => store.get('k')],
    ['delete', (store) => store.delete('k')],
    ['put in one piece', (store) => store.put('k', bodyOf(Buffer.alloc(3 * MiB)))],
    ['put in parts', (store) => store.put('k', bodyOf(Buffer.alloc(6 * MiB)))],
  ])('ends %s after the idle time', async (_, work) => {
    let receivedAtMs = performance.now();
    const dead = closing(
      await tcpServer((socket) => socket.on('data', () => (receivedAtMs = performance.now()))),
    );
    const { error, tookMs, endedAtMs } = await timed(work(openAt(dead.endpoint)));
    expect(error).toEqual(unavailable);
    expect(tookMs).toBeGreaterThan(idleTimeoutMs * 0.9);
    // A put in one piece waits for "100 Continue" before its bytes move, and these take as long as the machine is busy.
    expect(endedAtMs - receivedAtMs).toBeLessThan(idleTimeoutMs * 2);
    // No other try begins the idle time anew.
    expect(dead.connections()).toBe(1);
  });

  test('its silence adds up over cut connections and tries', async () => {
    const cutting = closing(await tcpServer((socket) => setTimeout(() => socket.destroy(), 1000)));
    const { error, tookMs } = await timed(listed(openAt(cutting.endpoint)));
    expect(error).toEqual(unavailable);
    within(tookMs);
    // The second try has only what the first one left.
    expect(tookMs).toBeLessThan(idleTimeoutMs * 1.25);
    expect(cutting.connections()).toBeGreaterThan(1);
  });

  test('falls silent in the middle of parts: the upload ends, and nothing more is asked', async () => {
    const methods: string[] = [];
    const { endpoint } = await server(async (request, response) => {
      methods.push(request.method ?? '');
      if (request.method === 'POST')
        response.end(xml('InitiateMultipartUploadResult', '<UploadId>u1</UploadId>'));
    });
    const ids: string[] = [];
    const onUpload = async (id: string): Promise<void> => void ids.push(id);
    const { error, tookMs } = await timed(
      openAt(endpoint).put('k', bodyOf(Buffer.alloc(11 * MiB)), { onUpload }),
    );
    expect(error).toEqual(unavailable);
    within(tookMs);
    expect(ids).toEqual(['u1']);
    expect(methods).not.toContain('DELETE');
  });

  test('falls silent in the middle of an object', async () => {
    const { endpoint } = await server((_, response) => {
      response.writeHead(200, { 'content-length': 1000, etag: '"e"' }).write(Buffer.alloc(500));
    });
    const body = await openAt(endpoint).get('k');
    if (!body) throw new Error('there is no object');
    const { error, tookMs } = await timed(buffer(body));
    expect(error).toEqual(unavailable);
    within(tookMs);
  });

  test('a proxy that never digs the tunnel', async () => {
    const proxy = await dead();
    const store = openAt('https://store.invalid', { proxies: { httpsProxy: proxy.endpoint } });
    const { error, tookMs } = await timed(listed(store));
    expect(error).toEqual(unavailable);
    within(tookMs);
    store.close();
    await expect.poll(() => proxy.open.size).toBe(0);
  });

  test('Ctrl-C does not wait for it', async () => {
    const store = openAt((await dead()).endpoint, { idleTimeoutMs: 60_000 });
    const signal = AbortSignal.timeout(200);
    const { error, tookMs } = await timed(listed(store, '', { signal }));
    expect(error).toMatchObject({ code: 'interrupted' });
    expect(tookMs).toBeLessThan(1000);
  });
});

describe('a slow service that moves is never cut off', () => {
  test('it takes an object slowly', async () => {
    const slow = closing(
      await tcpServer(async (socket) => {
        socket.pause();
        for (let takenBytes = 0; takenBytes < 4 * MiB; ) {
          await sleep(70);
          const bytes: Buffer | null = socket.read(64 << 10) ?? socket.read();
          takenBytes += bytes?.length ?? 0;
        }
        socket.end('HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: 0\r\n\r\n');
      }),
    );
    let sentBytes = 0;
    const onBytes = (bytes: number): void => {
      sentBytes += bytes;
    };
    const idle = 1600;
    const store = openAt(slow.endpoint, { idleTimeoutMs: idle });
    const { error, tookMs } = await timed(store.put('k', bodyOf(randomBytes(4 * MiB)), { onBytes }));
    expect(error).toBeNull();
    expect(sentBytes).toBe(4 * MiB);
    expect(slow.connections()).toBe(1);
    expect(tookMs).toBeGreaterThan(idle * 2);
  });

  test.runIf(process.platform === 'linux')(
    'its kernel empties a send buffer in which the whole body lies',
    async () => {
      const body = randomBytes(2 * MiB);
      let allSentAt = 0;
      const slow = closing(
        await tcpServer(async (socket) => {
          socket.pause();
          let takenBytes = 0;
          while (takenBytes < body.length) {
            await sleep(150);
            const bytes: Buffer | null = socket.read(64 << 10) ?? socket.read();
            takenBytes += bytes?.length ?? 0;
          }
          socket.end('HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: 0\r\n\r\n');
        }),
      );
      // Longer than the second in which a server may allow the body.
      const idle = 1600;
      const store = openAt(slow.endpoint, { idleTimeoutMs: idle });
      const onBytes = (): void => {
        allSentAt = performance.now();
      };
      const putting = store.put('k', bodyOf(body), { onBytes });
      const { error } = await timed(putting);
      expect(error).toBeNull();
      expect(slow.connections()).toBe(1);
      // All bytes were with the kernel long before the service had them.
      expect(performance.now() - allSentAt).toBeGreaterThan(idle);
    },
  );

  test('it gives an object slowly', async () => {
    const { endpoint } = await server(async (_, response) => {
      response.writeHead(200, { 'content-length': 30, etag: '"e"' });
      for (let i = 0; i < 30; i++) {
        response.write('x');
        await sleep(100);
      }
      response.end();
    });
    expect(String(await readAll(openAt(endpoint, { idleTimeoutMs: 800 }), 'k'))).toBe('x'.repeat(30));
  });

  test('a reader that pauses is not the service falling silent', async () => {
    const { endpoint } = await server((_, response) => {
      response.writeHead(200, { 'content-length': 8 * MiB, etag: '"e"' }).end(Buffer.alloc(8 * MiB));
    });
    const body = await openAt(endpoint, { idleTimeoutMs: 400 }).get('k');
    if (!body) throw new Error('there is no object');
    await sleep(1500);
    expect((await buffer(body)).length).toBe(8 * MiB);
  });
});

describe('tries', () => {
  const always503 = async (): Promise<{ endpoint: string; requests: string[] }> => {
    const requests: string[] = [];
    const { endpoint } = await server((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      request.resume();
      response.writeHead(503).end(xml('Error', '<Code>SlowDown</Code>'));
    });
    return { endpoint, requests };
  };

  test.each<[string, (store: ObjectStore) => Promise<unknown>, number]>([
    ['list', (store) => listed(store), 4],
    ['get', (store) => store.get('k'), 4],
    ['delete', (store) => store.delete('k'), 4],
    ['a small put', (store) => store.put('k', bodyOf(Buffer.from('x'))), 4],
    ['discarding an upload', (store) => store.discardUpload('k', 'id'), 4],
    ['the beginning of a multipart put', (store) => store.put('k', bodyOf(Buffer.alloc(6 * MiB))), 6],
  ])('%s: exactly as many requests as said, from one place only', async (_, work, expected) => {
    const { endpoint, requests } = await always503();
    const { error, tookMs } = await timed(work(openAt(endpoint)));
    expect(error).toEqual(unavailable);
    expect(requests).toHaveLength(expected);
    expect(new Set(requests).size).toBe(1);
    expect(tookMs).toBeLessThan(6000);
  });

  test('the parts of a multipart put, whose failure stops the others and aborts the upload', async () => {
    const requests: string[] = [];
    const { endpoint } = await server((request, response) => {
      const part = /partNumber=(\d+)/.exec(request.url ?? '')?.[1];
      requests.push(part === undefined ? (request.method ?? '') : `part ${part}`);
      request.resume();
      if (request.method === 'POST')
        response.end(xml('InitiateMultipartUploadResult', '<UploadId>u1</UploadId>'));
      else if (request.method === 'DELETE') response.writeHead(204).end();
      else if (part === '1') response.writeHead(503).end(xml('Error', '<Code>SlowDown</Code>'));
      else request.on('end', () => response.writeHead(200, { etag: '"e"' }).end());
    });
    const { error } = await timed(openAt(endpoint).put('k', bodyOf(Buffer.alloc(64 * MiB))));
    expect(error).toEqual(unavailable);
    expect(requests.filter((one) => one === 'part 1')).toHaveLength(6);
    expect(requests.filter((one) => one === 'POST')).toHaveLength(1);
    expect(requests.at(-1)).toBe('DELETE');
  });

  test('bytes of a failed try are taken back', async () => {
    let tries = 0;
    const { endpoint } = await server((request, response) => {
      tries++;
      request.resume();
      request.on('end', () => response.writeHead(tries < 3 ? 500 : 200, { etag: '"e"' }).end());
    });
    let reported = 0;
    const store = openAt(endpoint);
    await store.put('k', bodyOf(Buffer.alloc(MiB)), {
      onBytes: (bytes) => {
        reported += bytes;
      },
    });
    expect(reported).toBe(MiB);
    expect(store.traffic).toMatchObject({ requests: 3, sentBytes: 3 * MiB });
  });

  test('a listing goes on after the last page it had', async () => {
    const asked: string[] = [];
    const { endpoint } = await server((request, response) => {
      const query = new URL(request.url ?? '', 'http://host').searchParams;
      asked.push(`${query.get('start-after')} ${query.get('continuation-token')}`);
      if (query.get('continuation-token') === 'next') response.writeHead(500).end();
      else if (query.get('start-after') === 'b') response.end(listingOf('c'));
      else {
        const first = listingOf('a', 'b').replace(
          '<IsTruncated>false',
          '<NextContinuationToken>next</NextContinuationToken><IsTruncated>true',
        );
        response.end(first);
      }
    });
    expect((await listed(openAt(endpoint))).map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    expect(asked).toEqual(['null null', 'null next', 'b null']);
  });

  test('when only the answer to the last request of an upload is lost, the object counts as stored', async () => {
    const real = await makeBucket();
    let cuts = 0;
    // Hands everything on to MinIO, but keeps the first answer to "complete" to itself.
    const between = await server((request, response) => {
      const isComplete = request.method === 'POST' && (request.url ?? '').includes('uploadId=');
      const onward = httpRequest(
        `${real.endpoint}${request.url}`,
        { method: request.method, headers: request.headers },
        async (answer) => {
          if (isComplete && cuts++ === 0) {
            await buffer(answer);
            request.socket.destroy();
          } else answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers));
        },
      );
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    });
    const store = openAt(between.endpoint, { bucket: real.bucket });
    const data = randomBytes(6 * MiB);
    const { etag } = await store.put('k', bodyOf(data));
    expect(cuts).toBeGreaterThan(0);
    expect(await listed(store)).toMatchObject([{ key: 'k', sizeBytes: data.length, etag }]);
    real.client.destroy();
  });
});

describe('what goes wrong gets its meaning', () => {
  test('a refused connection is given up within seconds', async () => {
    const gone = await tcpServer(() => {});
    await gone.close();
    const { error, tookMs } = await timed(listed(openAt(gone.endpoint, { idleTimeoutMs: 60_000 }, 300)));
    expect(error).toEqual(unavailable);
    expect(tookMs).toBeLessThan(6000);
  });

  test('a name that does not exist is given up within seconds', async () => {
    const { error, tookMs } = await timed(
      listed(openAt('http://no-such-host.invalid', { idleTimeoutMs: 60_000 })),
    );
    expect(error).toEqual(unavailable);
    expect(tookMs).toBeLessThan(20_000);
  });

  test('an object cut in the middle is an error, never a short object', async () => {
    const { endpoint } = await server((_, response) => {
      response
        .writeHead(200, { 'content-length': 1000, etag: '"e"' })
        .write(Buffer.alloc(500), () => response.destroy());
    });
    const body = await openAt(endpoint).get('k');
    if (!body) throw new Error('there is no object');
    await expect(buffer(body)).rejects.toEqual(unavailable);
  });

  test.each<[string, number, Record<string, string>, string, string, string]>([
    [
      'another region, told in a header',
      301,
      { 'x-amz-bucket-region': 'ap-southeast-3' },
      'PermanentRedirect',
      'usage',
      'ap-southeast-3',
    ],
    [
      'another region, told in the answer',
      400,
      {},
      'AuthorizationHeaderMalformed',
      'usage',
      'ap-southeast-1',
    ],
    ['no right', 403, {}, 'AccessDenied', 'access-denied', 'AccessDenied'],
    ['an ended session', 400, {}, 'ExpiredToken', 'access-denied', 'ExpiredToken'],
    ['a full store', 507, {}, 'XMinioStorageFull', 'target-not-writable', 'full'],
    ['something the service cannot do', 501, {}, 'NotImplemented', 'usage', 'NotImplemented'],
    ['too many requests', 429, {}, 'TooManyRequests', 'store-unavailable', 'TooManyRequests'],
  ])('%s', async (_, status, headers, code, expected, mentioned) => {
    const { endpoint } = await server((_request, response) => {
      response
        .writeHead(status, headers)
        .end(xml('Error', `<Code>${code}</Code>${status === 400 ? '<Region>ap-southeast-1</Region>' : ''}`));
    });
    const { error } = await timed(listed(openAt(endpoint)));
    expect(error).toMatchObject({ name: 'EfakturError', code: expected });
    expect(`${error}`).toContain(mentioned);
  });

  test.each([200, 302, 200])('a login page of the network (%d) is no empty store', async (status) => {
    const { endpoint } = await server((_, response) => {
      response
        .writeHead(status, { 'content-type': 'text/html' })
        .end('<html><body>Please log in<br></body></html>');
    });
    const store = openAt(endpoint);
    expect((await timed(listed(store))).error).toEqual(unavailable);
    expect((await timed(store.get('k'))).error).toEqual(unavailable);
    expect((await timed(store.put('k', bodyOf(Buffer.from('x'))))).error).toEqual(unavailable);
  });

  test('no credentials at all', async () => {
    useKeys({ accessKeyId: '', secretAccessKey: '' });
    const { error } = await timed(listed(openAt('http://127.0.0.1:1')));
    expect(error).toMatchObject({ code: 'access-denied' });
  });

  test('a certificate that is not trusted, and one that a CA file makes trusted', async () => {
    const tls = closing(await httpsServer((_, response) => void response.end(listingOf('a'))));
    expect((await timed(listed(openAt(tls.endpoint)))).error).toMatchObject({ code: 'usage' });
    const store = openAt(tls.endpoint, { caBundle: localhostCertificate.cert });
    expect(await listed(store)).toMatchObject([{ key: 'a' }]);
  });

  test('https asked of an http port', async () => {
    const { port } = await server((_, response) => void response.end());
    expect((await timed(listed(openAt(`https://127.0.0.1:${port}`)))).error).toMatchObject({ code: 'usage' });
  });
});

test('a body that is destroyed early closes its connection, one that is read keeps it', async () => {
  const giving = await server((_, response) => {
    response.writeHead(200, { 'content-length': 8 * MiB, etag: '"e"' }).end(Buffer.alloc(8 * MiB));
  });
  const store = openAt(giving.endpoint);
  await readAll(store, 'k');
  await readAll(store, 'k');
  expect(giving.connections()).toBe(1);
  expect(giving.open.size).toBe(1);
  (await store.get('k'))?.destroy();
  await expect.poll(() => giving.open.size).toBe(0);
});

test('an upload that is stopped while it begins is removed all the same', async () => {
  const seen: string[] = [];
  const { endpoint } = await server(async (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    request.resume();
    if (request.method === 'POST') {
      await sleep(500);
      response.end(xml('InitiateMultipartUploadResult', '<UploadId>u1</UploadId>'));
    } else response.writeHead(204).end();
  });
  const signal = AbortSignal.timeout(200);
  const { error } = await timed(openAt(endpoint).put('k', bodyOf(Buffer.alloc(11 * MiB)), { signal }));
  expect(error).toMatchObject({ code: 'interrupted' });
  expect(seen).toHaveLength(2);
  expect(seen[1]).toMatch(/^DELETE .*uploadId=u1/);
});

describe('proxies', () => {
  test('https goes through a tunnel, and the idle watch still works in it', async () => {
    let isSilent = false;
    const tls = closing(
      await httpsServer((request, response) => {
        if (isSilent) return;
        request.resume().on('end', () => response.writeHead(200, { etag: '"e"' }).end(listingOf('a')));
      }),
    );
    const seen: string[] = [];
    const proxy = closing(await connectProxy(seen, (_, response) => void response.writeHead(500).end()));
    const store = openAt(tls.endpoint, {
      proxies: { httpsProxy: proxy.endpoint },
      caBundle: localhostCertificate.cert,
    });
    expect(await listed(store)).toMatchObject([{ key: 'a' }]);
    await store.put('k', bodyOf(Buffer.alloc(2 * MiB)));
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen)).toEqual(new Set([`127.0.0.1:${tls.port}`]));
    isSilent = true;
    const { error, tookMs } = await timed(listed(store));
    expect(error).toEqual(unavailable);
    expect(tookMs).toBeLessThan(idleTimeoutMs * 2);
  });

  test('http is asked of the proxy itself', async () => {
    const asked: string[] = [];
    const proxy = closing(
      await connectProxy([], (request, response) => {
        asked.push(request.url ?? '');
        request.resume().on('end', () => response.writeHead(200, { etag: '"e"' }).end(listingOf('a')));
      }),
    );
    const store = openAt('http://store.invalid:9000', { proxies: { httpProxy: proxy.endpoint } });
    expect(await listed(store)).toMatchObject([{ key: 'a' }]);
    await store.put('k', bodyOf(Buffer.alloc(MiB)));
    expect(asked[0]).toMatch(/^http:\/\/store\.invalid:9000\/bucket/);
  });

  test.each([
    ['https://minio.example.com', '', true],
    ['https://minio.example.com', 'example.com', false],
    ['https://minio.example.com', '.example.com,localhost', false],
    ['https://minio.example.com', '*.example.com', false],
    ['https://minio.example.com', 'inio.example.com', true],
    ['https://minio.example.com', 'minio.example.com:443', false],
    ['https://minio.example.com', 'minio.example.com:9000', true],
    ['https://Minio.Example.com:9000', 'other minio.example.com:9000', false],
    ['https://minio.example.com', '*', false],
    ['http://127.0.0.1:9000', '127.0.0.1', false],
  ])('%s with NO_PROXY=%s', (address, noProxy, isProxied) => {
    const { protocol, hostname, port } = new URL(address);
    const proxies = { httpsProxy: 'http://proxy:3128', httpProxy: 'proxy:3128', noProxy };
    const proxy = proxyFor({ protocol, hostname, port: port === '' ? undefined : Number(port) }, proxies);
    expect(proxy?.href ?? null).toBe(isProxied ? 'http://proxy:3128/' : null);
  });
});
