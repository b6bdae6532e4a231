import { setMaxListeners } from 'node:events';
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { systemCertificates } from '../base/trusted-certificates.ts';
import type { Operation } from './idle-watch.ts';
import { type Proxies, proxyFor, triedAddress } from './proxies.ts';

/**
 * HTTP/1.1 with one thing that a ready-made handler does not give: every byte that moves is told to the operation it
 * belongs to, so that a dead connection is noticed and a slow one is left alone.
 */

export interface TransportOptions {
  readonly proxies: Proxies;
  /** PEM certificates trusted beside the usual ones. */
  readonly caBundle: string | null;
  /** Of Windows the system's certificates are trusted as well. */
  readonly platform?: NodeJS.Platform | undefined;
}

export interface HttpCall {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port: number | undefined;
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  /** When this is aborted, the request and its answer are cut. */
  readonly signal: AbortSignal;
  readonly onSent: (bytes: number) => void;
  readonly onReceived: (bytes: number) => void;
  /** What a reader of the answer gets instead of the error of a cut connection. */
  readonly asBodyError: (error: unknown) => Error;
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly reason: string;
  readonly headers: Record<string, string>;
  /** Fails when the connection ends before the answer does. Destroying it closes the connection. */
  readonly body: Readable;
  /** `HOST:PORT` of the proxy, when it answered by itself. Of one that is asked for http:// that is a guess. */
  readonly proxy: string | undefined;
}

export interface HttpTransport {
  send(call: HttpCall, operation: Operation): Promise<HttpAnswer>;
  close(): void;
}

/** How long a server may take to allow a body by `100 Continue` before it is sent all the same (RFC 9110, 10.1.1). */
const continueTimeoutMs = 1000;
/**
 * A slow line tells of its movement in small pieces; on a quick one large pieces wake fewer sleepers. Where the system does
 * not tell of movement within a piece, a line that becomes slow must not look dead.
 */
const pieceBytes = { least: 64 << 10, most: process.platform === 'linux' ? 512 << 10 : 64 << 10 };
const quickMs = 50;

export function openTransport(options: TransportOptions): HttpTransport {
  const agents = openAgents(options);
  let mayExpect = true;

  function exchange(call: HttpCall, operation: Operation): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const isTls = call.protocol === 'https:';
      const agent = agents.for(call);
      // This agent writes the head itself, later than it would have to be sent to be allowed the body.
      const { Expect: expect, ...headers } = call.headers;
      const mayAsk = mayExpect && expect !== undefined && !(agent instanceof HttpProxyAgent);
      const request = (isTls ? httpsRequest : httpRequest)({
        method: call.method,
        host: call.hostname.replace(/^\[(.*)\]$/, '$1'),
        port: call.port,
        path: call.path + queryString(call.query),
        headers: mayAsk ? call.headers : headers,
        agent,
        ...(isTls ? agents.tls() : {}),
      });
      const cut = (): void => void request.destroy(call.signal.reason);
      if (call.signal.aborted) cut();
      call.signal.addEventListener('abort', cut, { once: true });
      request.once('close', () => call.signal.removeEventListener('abort', cut));
      request.once('socket', (socket) => {
        operation.sockets.add(socket);
        socket.once('secureConnect', operation.moved);
        request.once('close', () => {
          operation.sockets.delete(socket);
          socket.off('secureConnect', operation.moved);
        });
      });
      let isTunnelRefused = false;
      request.once('proxyConnect', ({ statusCode }: { statusCode?: number }) => {
        operation.moved();
        isTunnelRefused = isTls && statusCode !== 200;
      });
      request.on('error', reject);
      request.once('response', (response) => {
        operation.moved();
        const isProxys = isTunnelRefused || (agent instanceof HttpProxyAgent && !isOfS3(response));
        resolve({
          statusCode: response.statusCode ?? 0,
          reason: response.statusMessage ?? '',
          headers: Object.fromEntries(
            Object.entries(response.headersDistinct).map(([k, v]) => [k, (v ?? []).join(', ')]),
          ),
          body: answerBody(request, response, call, operation),
          proxy: isProxys ? proxyFor(call, options.proxies)?.host : undefined,
        });
      });
      // Written before, the head would be there a second time, in the body.
      const ready =
        agent instanceof HttpProxyAgent ? firstOf(request, ['socket', 'close']) : Promise.resolve();
      ready.then(() => sendBody(request, mayAsk, call, operation)).catch(reject);
    });
  }

  return {
    async send(call, operation) {
      operation.tried = triedAddress(call, options.proxies);
      const answer = await exchange(call, operation);
      if (answer.statusCode !== 417 || !mayExpect) return answer;
      // RFC 9110, 10.1.1: what stands between does not know `Expect`, and will not the next time.
      mayExpect = false;
      answer.body.destroy();
      return exchange(call, operation);
    },
    close: agents.close,
  };
}

/** What a service answers has an id of its own, or is XML. */
const isOfS3 = ({ headers }: IncomingMessage): boolean =>
  Object.keys(headers).some((name) => name.startsWith('x-amz-')) ||
  /xml/i.test(headers['content-type'] ?? '');

/**
 * Hands the body to the kernel piece by piece: a piece is sent when the socket's queue is empty again. Asks first if it
 * may (`Expect: 100-continue`).
 */
async function sendBody(
  request: ClientRequest,
  mayAsk: boolean,
  call: HttpCall,
  operation: Operation,
): Promise<void> {
  const { body } = call;
  if (!body || body.length === 0) {
    request.end();
    return;
  }
  let isAnswered = false;
  request.once('response', () => {
    isAnswered = true;
  });
  if (mayAsk) {
    request.flushHeaders();
    await firstOf(request, ['continue', 'response', 'close'], continueTimeoutMs);
  }
  let size = pieceBytes.least;
  for (let at = 0; at < body.length; ) {
    // An answer before the end of the body is a refusal; the rest is not worth sending.
    if (isAnswered || request.destroyed) return;
    const piece = body.subarray(at, at + size);
    const begunAt = performance.now();
    if (!request.write(piece)) await firstOf(request, ['drain', 'response', 'close']);
    operation.moved();
    call.onSent(piece.length);
    at += piece.length;
    size = performance.now() - begunAt < quickMs ? Math.min(2 * size, pieceBytes.most) : pieceBytes.least;
  }
  request.end();
}

function firstOf(request: ClientRequest, events: readonly string[], timeoutMs?: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) request.off(event, done);
      clearTimeout(timer);
      resolve();
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(done, timeoutMs);
    for (const event of events) request.on(event, done);
  });
}

function answerBody(
  request: ClientRequest,
  response: IncomingMessage,
  call: HttpCall,
  operation: Operation,
): Readable {
  let isFull = false;
  const isReaderBusy = (): boolean => isFull;
  const body = new Readable({
    read() {
      if (isFull) operation.moved();
      isFull = false;
      response.resume();
    },
    destroy(error, done) {
      operation.excuses.delete(isReaderBusy);
      if (!response.complete) response.destroy();
      done(error);
    },
  });
  operation.excuses.add(isReaderBusy);
  response.on('data', (bytes: Buffer) => {
    operation.moved();
    call.onReceived(bytes.length);
    if (body.push(bytes)) return;
    isFull = true;
    response.pause();
  });
  response.on('error', (error) => body.destroy(call.asBodyError(error)));
  response.once('close', () => {
    if (!response.complete) body.destroy(call.asBodyError(cutConnection()));
  });
  response.once('end', () => {
    // What is cut while it waits for its reader ends as if it were whole.
    if (call.signal.aborted) body.destroy(call.asBodyError(call.signal.reason));
    else body.push(null);
    if (!request.writableFinished) request.destroy();
  });
  return body;
}

/** Node.js says nothing where a connection ends before the answer does. */
const cutConnection = (): Error => Object.assign(new Error('the connection was cut'), { code: 'ECONNRESET' });

/** RFC 3986 encoding, as the signature was made over it. */
function queryString(query: HttpCall['query']): string {
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) => (one === null ? encode(name) : `${encode(name)}=${encode(one)}`)),
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

interface Agents {
  for(call: HttpCall): HttpAgent;
  /** Trust for https requests; made once, because reading all root certificates takes time. */
  tls(): { secureContext?: SecureContext };
  close(): void;
}

function openAgents({ proxies, caBundle, platform = process.platform }: TransportOptions): Agents {
  const closed = new AbortController();
  setMaxListeners(0, closed.signal);
  // The family attempt time is for slow links, where a good address must not be given up after a quarter of a second.
  const common = { keepAlive: true, autoSelectFamilyAttemptTimeout: 1500, signal: closed.signal };
  const open = new Map<string, HttpAgent>();
  let secureContext: SecureContext | undefined;
  const tls = (): { secureContext?: SecureContext } => {
    if (caBundle === null && platform !== 'win32') return {};
    secureContext ??= createSecureContext({
      ca: [
        ...new Set([...getCACertificates('default'), ...systemCertificates(platform)]),
        ...(caBundle === null ? [] : [caBundle]),
      ],
    });
    return { secureContext };
  };
  return {
    tls,
    for(call) {
      const proxy = proxyFor(call, proxies);
      const name = `${call.protocol} ${proxy?.href}`;
      let agent = open.get(name);
      if (!agent) {
        // The line to a proxy may be https as well.
        const toProxy = proxy?.protocol === 'https:' ? { ...common, ...tls() } : common;
        if (call.protocol === 'https:')
          agent = proxy ? new HttpsProxyAgent(proxy, toProxy) : new HttpsAgent(common);
        else agent = proxy ? new HttpProxyAgent(proxy, toProxy) : new HttpAgent(common);
        open.set(name, agent);
      }
      return agent;
    },
    close() {
      for (const agent of open.values()) agent.destroy();
      // A tunnel still being dug belongs to no agent yet.
      closed.abort();
    },
  };
}
