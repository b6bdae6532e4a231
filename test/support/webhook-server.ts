import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { httpServer, httpsServer } from './servers.ts';

/** A service that takes messages, and remembers all that was sent to it. */

export interface Received {
  readonly method: string;
  /** Path and query, as they came. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface WebhookServer {
  readonly url: string;
  readonly received: Received[];
  /** What it answers from now on; a function answers by itself, or not at all. */
  answer:
    | { status?: number; body?: string; headers?: Record<string, string> }
    | ((response: ServerResponse) => void);
}

export async function webhookServer(scheme: 'http' | 'https' = 'http'): Promise<WebhookServer> {
  const received: Received[] = [];
  const onRequest: RequestListener = (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      received.push({ method, path: url, headers, body: Buffer.concat(pieces).toString('utf8') });
      if (typeof webhook.answer === 'function') return webhook.answer(response);
      response
        .writeHead(webhook.answer.status ?? 200, webhook.answer.headers)
        .end(webhook.answer.body ?? 'OK');
    });
  };
  const server = await (scheme === 'https' ? httpsServer : httpServer)(onRequest);
  onTestFinished(() => server.close());
  const webhook: WebhookServer = { url: server.endpoint, received, answer: {} };
  return webhook;
}
