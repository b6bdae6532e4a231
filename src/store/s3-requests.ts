import { setTimeout as sleep } from 'node:timers/promises';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { HttpAnswer, HttpCall, HttpTransport } from './http-transport.ts';
import type { S3Call } from './s3-call.ts';
import type { StoreTraffic } from './store.ts';

/**
 * The single requests that the SDK makes of an operation: each is sent as the operation wishes, its bytes are told, and none
 * is sent before the service wants to be asked again.
 */

export type SdkHandler = Extract<NonNullable<S3ClientConfig['requestHandler']>, { handle: unknown }>;
type SdkRequest = Parameters<SdkHandler['handle']>[0];

export interface RequestsOptions {
  readonly transport: HttpTransport;
  readonly traffic: StoreTraffic;
  /** A longer pause than this is nobody's to wait for. */
  readonly idleTimeoutMs: number;
  /** The operation whose request is at hand. */
  readonly current: () => S3Call | undefined;
  /** What a reader of a body gets for the error of a cut connection. */
  readonly asBodyError: (call: S3Call, error: unknown) => Error;
}

/** What the SDK sends its requests by. */
export function openRequests(options: RequestsOptions): SdkHandler {
  const { transport, traffic, current } = options;
  const pauses = openPauses(options.idleTimeoutMs);

  async function handle(request: SdkRequest): Promise<{ response: HttpAnswer }> {
    const call = current();
    if (!call) throw new Error('a request that belongs to no operation');
    await pauses.over(call.signal);
    const told = bytesTold(request, call, traffic);
    traffic.requests++;
    try {
      const asBodyError = (error: unknown): Error => options.asBodyError(call, error);
      const response = await transport.send(
        { ...asHttpCall(request, call), ...told.events, asBodyError },
        call,
      );
      call.answer = response;
      if (response.statusCode === 503 || response.statusCode === 429)
        pauses.ask(response.headers['retry-after']);
      if (response.statusCode >= 300) told.takeBack();
      else if (call.reshape) return { response: await call.reshape(response) };
      return { response };
    } catch (error) {
      told.takeBack();
      throw error;
    }
  }

  return { handle, destroy: transport.close } as SdkHandler;
}

/** The request as the transport knows it. */
function asHttpCall(
  request: SdkRequest,
  call: S3Call,
): Omit<HttpCall, 'onSent' | 'onReceived' | 'asBodyError'> {
  const isUploadBegin = request.method === 'POST' && 'uploads' in (request.query ?? {});
  return {
    method: request.method,
    protocol: request.protocol,
    hostname: request.hostname,
    port: request.port,
    path: request.path,
    query: request.query ?? {},
    headers: request.headers,
    body: bytesOf(request.body),
    // An upload whose beginning was cut would stay in the bucket, its id known to nobody.
    signal: isUploadBegin && call.cut ? call.cut : call.signal,
  };
}

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string') return Buffer.from(body);
  throw new TypeError('a request body that cannot be sent twice');
}

/** Counts the bytes of one request. Those of an object are told to its operation, and taken back when they were refused. */
function bytesTold(request: SdkRequest, call: S3Call, traffic: StoreTraffic) {
  const isObject = request.method === 'PUT';
  let sentBytes = 0;
  return {
    events: {
      onSent(bytes: number): void {
        sentBytes += bytes;
        traffic.sentBytes += bytes;
        if (isObject) call.onBytes?.(bytes);
      },
      onReceived(bytes: number): void {
        traffic.receivedBytes += bytes;
      },
    },
    takeBack(): void {
      if (isObject && sentBytes > 0) call.onBytes?.(-sentBytes);
    },
  };
}

/** How long the service asked to be left alone. */
function openPauses(longestMs: number) {
  /** By `performance.now()`. */
  let pausedUntilMs = 0;
  return {
    ask(retryAfter: string | undefined): void {
      const untilMs = performance.now() + retryAfterMs(retryAfter ?? '');
      if (untilMs < performance.now() + longestMs) pausedUntilMs = Math.max(pausedUntilMs, untilMs);
    },
    async over(signal: AbortSignal): Promise<void> {
      const pauseMs = pausedUntilMs - performance.now();
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal });
    },
  };
}

/** Seconds, or a date of HTTP (RFC 9110, 10.2.3); 0 when it is neither. */
function retryAfterMs(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return ms > 0 ? ms : 0;
}
