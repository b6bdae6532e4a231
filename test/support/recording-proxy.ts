import { type IncomingHttpHeaders, request } from 'node:http';
import { onTestFinished } from 'vitest';
import { httpServer } from './servers.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
}

/** Stands before an S3 service and notes every request; signatures stay whole, as the Host header passes on. */
export async function recordingProxy(endpoint: string): Promise<{ endpoint: string; seen: SeenRequest[] }> {
  const seen: SeenRequest[] = [];
  const target = new URL(endpoint);
  const server = await httpServer((from, to) => {
    const { method = '', headers } = from;
    seen.push({ method, url: new URL(from.url ?? '/', endpoint), headers });
    const passed = request(
      { host: target.hostname, port: target.port, method, path: from.url, headers },
      (answer) => {
        to.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(to);
      },
    );
    passed.on('continue', () => to.writeContinue()).on('error', () => to.destroy());
    from.pipe(passed);
  });
  onTestFinished(() => server.close());
  return { endpoint: server.endpoint, seen };
}
