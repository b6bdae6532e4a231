import { createServer, request } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export interface RelayOptions {
  /** Added to the server's clock in every answer. */
  readonly shiftDateMs?: number;
  /** How fast bodies travel upwards. */
  readonly uploadBytesPerSecond?: number;
  /** Requests with such a query are refused, as a service with finer rights than MinIO's would. */
  readonly denied?: (query: URLSearchParams) => boolean;
  /** Such requests are answered as if they had been carried out, and go no further. */
  readonly swallowed?: (method: string, path: string) => boolean;
}

export interface Relay {
  readonly endpoint: string;
  /** Bytes of request bodies that came by so far. */
  uploadedBytes(): number;
  /** `METHOD path` of every request so far. */
  readonly requests: string[];
}

/** Stands in front of an HTTP service, for this test; signatures stay valid, as the host header is passed on. */
export async function startRelay(endpoint: string, options: RelayOptions = {}): Promise<Relay> {
  const { hostname, port } = new URL(endpoint);
  const requests: string[] = [];
  let uploadedBytes = 0;
  const server = createServer(async (incoming, answer) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    if (options.denied?.(new URL(incoming.url ?? '/', endpoint).searchParams)) {
      answer.writeHead(403, { 'Content-Type': 'application/xml' });
      answer.end('<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>no</Message></Error>');
      return;
    }
    if (options.swallowed?.(incoming.method ?? '', new URL(incoming.url ?? '/', endpoint).pathname)) {
      incoming.resume().on('end', () => {
        answer.writeHead(200, { ETag: '"0123456789abcdef0123456789abcdef"' });
        answer.end();
      });
      return;
    }
    const upward = request({
      hostname,
      port,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.headers,
    });
    const slowed = new Transform({
      async transform(chunk: Buffer, _encoding, done) {
        uploadedBytes += chunk.length;
        const rate = options.uploadBytesPerSecond;
        if (rate !== undefined) await sleep((chunk.length / rate) * 1000);
        done(null, chunk);
      },
    });
    upward.on('response', (received) => {
      const headers = { ...received.headers };
      if (headers.date !== undefined && options.shiftDateMs !== undefined)
        headers.date = new Date(Date.parse(headers.date) + options.shiftDateMs).toUTCString();
      answer.writeHead(received.statusCode ?? 502, headers);
      pipeline(received, answer).catch(() => answer.destroy());
    });
    upward.on('error', () => answer.destroy());
    // A client that goes away takes its request with it.
    pipeline(incoming, slowed, upward).catch(() => upward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the relay has no address');
  return { endpoint: `http://127.0.0.1:${address.port}`, uploadedBytes: () => uploadedBytes, requests };
}
