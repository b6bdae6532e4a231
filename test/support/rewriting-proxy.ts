import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { httpServer, type TestServer } from './servers.ts';

export interface PassingRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** That many came before it. */
  readonly index: number;
}

export interface PassingAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  /** The connection ends after so many bytes of the body. */
  readonly cutAfter?: number;
}

/** Gives the answer: that of the service behind it (`pass`), changed or not, or one of its own. */
export type Rewrite = (
  asked: PassingRequest,
  pass: () => Promise<PassingAnswer>,
) => Promise<PassingAnswer> | PassingAnswer;

export interface RewritingProxy extends TestServer {
  /** Every request so far. */
  readonly seen: readonly PassingRequest[];
  rewrite: Rewrite;
}

/** Passes on what it is asked and says something else: a service, or a line, of some kind. Signatures stay valid. */
export async function rewritingProxy(endpoint: string, rewrite?: Rewrite): Promise<RewritingProxy> {
  const target = new URL(endpoint);
  const seen: PassingRequest[] = [];
  const server = await httpServer(async (from, to) => {
    const { method = '', headers } = from;
    const asked = { method, url: new URL(from.url ?? '/', endpoint), headers, index: seen.length };
    seen.push(asked);
    const pass = (): Promise<PassingAnswer> =>
      new Promise((resolve, reject) => {
        const passed = request(
          { host: target.hostname, port: target.port, method, path: from.url, headers },
          async (answer) => {
            const body = await buffer(answer);
            resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body });
          },
        );
        passed.on('continue', () => to.writeContinue()).on('error', reject);
        from.pipe(passed);
      });
    try {
      const { status, headers: said, body, cutAfter } = await proxy.rewrite(asked, pass);
      if (method === 'HEAD' || status === 204 || status === 304) {
        to.writeHead(status, said).end();
        return;
      }
      to.writeHead(status, { ...said, 'content-length': body.length });
      if (cutAfter === undefined) to.end(body);
      else to.write(body.subarray(0, cutAfter), () => to.destroy());
    } catch {
      to.destroy();
    }
  });
  const proxy: RewritingProxy = Object.assign(server, {
    seen,
    rewrite: rewrite ?? ((_: PassingRequest, pass: () => Promise<PassingAnswer>) => pass()),
  });
  return proxy;
}

/** The same answer with another text. */
export const withText = (answer: PassingAnswer, change: (text: string) => string): PassingAnswer => ({
  ...answer,
  body: Buffer.from(change(answer.body.toString('utf8'))),
});
