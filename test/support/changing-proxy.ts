import { type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { httpServer } from './servers.ts';

export interface PassingRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface PassingAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer | string;
}

export interface Changes {
  /** An answer in place of the service's, which then never sees the request; null for none; `cut` to break the connection. */
  readonly instead?: (request: PassingRequest) => PassingAnswer | 'cut' | null;
  /** What reaches the service in place of the body. */
  readonly body?: (request: PassingRequest) => Buffer;
  /** What reaches the client; `cut` to break the connection. */
  readonly answer?: (request: PassingRequest, answer: PassingAnswer) => PassingAnswer | 'cut';
}

/** How S3 refuses something. */
export const refusal = (
  status: number,
  code: string,
  headers: Record<string, string> = {},
): PassingAnswer => ({
  status,
  headers: { 'content-type': 'application/xml', ...headers },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`,
});

/**
 * Stands before an S3 service, notes every request and makes another service of it. Signatures stay whole, as the Host header
 * passes on.
 */
export async function changingProxy(
  endpoint: string,
  changes: Changes,
): Promise<{ endpoint: string; seen: PassingRequest[] }> {
  const seen: PassingRequest[] = [];
  const target = new URL(endpoint);
  const pass = async (from: PassingRequest): Promise<PassingAnswer> => {
    const body = changes.body?.(from) ?? from.body;
    const { promise, resolve, reject } = Promise.withResolvers<PassingAnswer>();
    const { expect: _, ...headers } = from.headers;
    request(
      {
        host: target.hostname,
        port: target.port,
        method: from.method,
        path: from.url.pathname + from.url.search,
        headers,
        agent: false,
      },
      async (answer) =>
        resolve({
          status: answer.statusCode ?? 500,
          headers: answer.headers,
          body: await buffer(answer),
        }),
    )
      .on('error', reject)
      .end(body);
    return promise;
  };
  const server = await httpServer(async (incoming, to) => {
    try {
      const { method = '', headers } = incoming;
      const url = new URL(incoming.url ?? '/', endpoint);
      const from = { method, url, headers, body: await buffer(incoming) };
      seen.push(from);
      let answer = changes.instead?.(from) ?? (await pass(from));
      if (answer !== 'cut' && changes.answer) answer = changes.answer(from, answer);
      if (answer === 'cut') return void incoming.socket.destroy();
      const { 'transfer-encoding': _, ...kept } = answer.headers;
      const hasBody = method !== 'HEAD' && answer.status !== 204;
      to.writeHead(
        answer.status,
        hasBody ? { ...kept, 'content-length': String(Buffer.byteLength(answer.body)) } : kept,
      );
      to.end(hasBody ? answer.body : undefined);
    } catch {
      incoming.socket.destroy();
    }
  });
  onTestFinished(() => server.close());
  return { endpoint: server.endpoint, seen };
}
