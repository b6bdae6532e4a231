import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client, type S3ClientConfig, type ServiceOutputTypes } from '@aws-sdk/client-s3';
import { EfakturError, isEfakturError } from '../base/errors.ts';
import { type HttpAnswer, openTransport } from './http-transport.ts';
import { defaultIdleTimeoutMs, type Operation, watchOperation } from './idle-watch.ts';
import type { Proxies } from './proxies.ts';
import { addChecksums } from './s3-checksums.ts';
import { isChangedOnItsWay, type S3Answer, translateS3Error } from './s3-errors.ts';
import { followStyle, serviceEndpoint, styleAt } from './s3-style.ts';
import { type CallOptions, type IdleClock, noTraffic, type StoreTraffic } from './store.ts';

/**
 * The AWS SDK's client, and the operations its requests belong to: what stops them, how often they are tried, who hears
 * of their bytes, and which of our errors theirs become. The SDK retries only the requests of a multipart upload, where
 * beginning again is dear. A request refused because this PC's clock is wrong is sent once more with the server's time,
 * which the SDK then keeps.
 */

export interface S3ServiceOptions {
  /** Label for messages and records; must hold no secrets. */
  readonly url: string;
  readonly bucket: string;
  /** Null for Amazon's own. */
  readonly endpoint: string | null;
  /** Where a profile sends what is meant for Amazon's own. */
  readonly profileEndpoint?: string | null | undefined;
  /** Null: us-east-1 with an endpoint, else none, which is an error of the first operation. */
  readonly region: string | null;
  /** In the AWS files, for messages; null where none was named. */
  readonly profile: string | null;
  readonly credentials: NonNullable<S3ClientConfig['credentials']>;
  /** Where the bucket's name goes; null: as {@link styleAt} says, and into the host name once the path is refused. */
  readonly style: 'path' | 'virtual' | null;
  readonly proxies: Proxies;
  readonly caBundle: string | null;
  readonly idleTimeoutMs?: number | undefined;
  /** The pause before the second try of a request of a multipart upload; the next ones double it. */
  readonly partRetryDelayMs?: number | undefined;
  /** Counts what is done; of its own without. */
  readonly traffic?: StoreTraffic | undefined;
}

/** With 0.5, 1, 2, 4 and 8 s between them, six tries outlast a router that dials in again. */
export const partTries = 6;
/** From this size on the server is asked before the body is sent, so that a refusal is read, not lost in a cut connection. */
const expectContinueBytes = 256 << 10;

interface CallTraits {
  readonly tries: number;
  readonly onBytes: ((bytes: number) => void) | undefined;
  /** Stops a request that begins a multipart upload, in place of the operation's own signal. */
  readonly cut: AbortSignal | null;
  /** What the SDK gets to read in place of an answer. */
  readonly reshape: ((answer: HttpAnswer) => Promise<HttpAnswer>) | null;
  /** Takes each command of the operation, with all tries of its request, by the name of its class. */
  readonly around: ((command: string, send: () => Promise<CommandOutput>) => Promise<CommandOutput>) | null;
}

export interface CommandOutput {
  readonly response: unknown;
  output: ServiceOutputTypes;
}

/** One operation, and what its requests must know and tell. */
export interface S3Call extends Operation, CallTraits {
  /** The last answer of the service. */
  answer: S3Answer | null;
}

export interface S3Service {
  readonly url: string;
  readonly bucket: string;
  readonly client: S3Client;
  readonly traffic: StoreTraffic;
  begin(from: CallOptions, more?: Partial<CallTraits>): S3Call;
  /** Runs a step of the SDK as part of an operation. `what` begins the message when it fails. */
  within<T>(call: S3Call, what: string, step: () => Promise<T>): Promise<T>;
  /** The same for an operation that is over when its request is answered. */
  once<T>(call: S3Call, what: string, step: () => Promise<T>): Promise<T>;
  /** What to throw for an error of an operation: what stopped it comes first. */
  failure(call: S3Call, error: unknown, what: string): Error;
  /** A clock by which an operation ends after at most this long without a moving byte. */
  idleClock(leftMs: number): IdleClock;
  close(): void;
}

const silent = (): void => {};
/** Without a logger the SDK warns on the console, where only our own output belongs. */
const silentLogger = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

type SdkHandler = Extract<NonNullable<S3ClientConfig['requestHandler']>, { handle: unknown }>;
type SdkRequest = Parameters<SdkHandler['handle']>[0];

/** Opens a service; nothing is asked of it yet. */
export function openS3Service(options: S3ServiceOptions): S3Service {
  const { url, bucket, profile } = options;
  const endpoint = serviceEndpoint(options.endpoint, bucket);
  const asked = endpoint ?? options.profileEndpoint ?? null;
  const idleTimeoutMs = options.idleTimeoutMs ?? defaultIdleTimeoutMs;
  const region = options.region ?? (endpoint === null ? null : 'us-east-1');
  const traffic = options.traffic ?? noTraffic();
  const transport = openTransport(options);
  const calls = new AsyncLocalStorage<S3Call>();
  /** The service asked to be left alone until then, by `performance.now()`. */
  let pausedUntilMs = 0;

  const client = new S3Client({
    ...(asked === null ? {} : { endpoint: asked }),
    ignoreConfiguredEndpointUrls: true,
    region: region ?? (() => Promise.reject(new Error('no region'))),
    credentials: options.credentials,
    // Left out, the SDK would take that of the environment.
    profile: profile ?? 'default',
    logger: silentLogger,
    forcePathStyle: (options.style ?? styleAt(endpoint)) === 'path',
    // What `addChecksums` asks for.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: expectContinueBytes,
    maxAttempts: partTries,
    retryStrategy: retryStrategy(() => calls.getStore(), options.partRetryDelayMs ?? 500),
    requestHandler: { handle, destroy: transport.close },
  } as S3ClientConfig);
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        const around = calls.getStore()?.around;
        return around ? around(commandName, () => next(args)) : next(args);
      },
    { step: 'initialize', name: 'around' },
  );
  addChecksums(client, endpoint === null);
  if (options.style === null) followStyle(client);

  async function handle(request: SdkRequest): Promise<{ response: HttpAnswer }> {
    const call = calls.getStore();
    if (!call) throw new Error('a request that belongs to no operation');
    const pauseMs = pausedUntilMs - performance.now();
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: call.signal });
    const isObject = request.method === 'PUT';
    const isUploadBegin = request.method === 'POST' && 'uploads' in (request.query ?? {});
    let sentBytes = 0;
    const takeBack = (): void => {
      if (isObject && sentBytes > 0) call.onBytes?.(-sentBytes);
    };
    traffic.requests++;
    try {
      const response = await transport.send(
        {
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
          onSent(bytes) {
            sentBytes += bytes;
            traffic.sentBytes += bytes;
            if (isObject) call.onBytes?.(bytes);
          },
          onReceived(bytes) {
            traffic.receivedBytes += bytes;
          },
          asBodyError: (error) => failure(call, error, 'the answer was cut short'),
        },
        call,
      );
      call.answer = response;
      if (response.statusCode === 503 || response.statusCode === 429) pause(response.headers['retry-after']);
      if (response.statusCode >= 300) takeBack();
      else if (call.reshape) return { response: await call.reshape(response) };
      return { response };
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  /** A longer pause than the idle time is nobody's to wait for. */
  function pause(retryAfter: string | undefined): void {
    const untilMs = performance.now() + retryAfterMs(retryAfter ?? '');
    if (untilMs < performance.now() + idleTimeoutMs) pausedUntilMs = Math.max(pausedUntilMs, untilMs);
  }

  function failure(call: S3Call, error: unknown, what: string): Error {
    if (call.signal.aborted) return call.signal.reason;
    return translateS3Error(error, {
      url,
      bucket,
      endpoint,
      profile,
      what,
      answer: call.answer,
      tried: call.tried,
    });
  }

  function begin(from: CallOptions, more: Partial<CallTraits> = {}): S3Call {
    const operation = watchOperation(url, idleTimeoutMs, from);
    const traits: CallTraits = {
      tries: 1,
      onBytes: undefined,
      cut: null,
      reshape: null,
      around: null,
      ...more,
    };
    return Object.assign(operation, traits, { answer: null });
  }

  async function within<T>(call: S3Call, what: string, step: () => Promise<T>): Promise<T> {
    try {
      return await call.orStopped(
        calls.run(call, async () => {
          await client.config.region().catch((cause) => Promise.reject(noRegion(url, cause)));
          return step();
        }),
      );
    } catch (error) {
      throw failure(call, error, what);
    }
  }

  async function once<T>(call: S3Call, what: string, step: () => Promise<T>): Promise<T> {
    try {
      return await within(call, what, step);
    } finally {
      call.end();
    }
  }

  return {
    url,
    bucket,
    client,
    traffic,
    begin,
    within,
    once,
    failure,
    idleClock: (leftMs) => ({
      movedAtMs: performance.now() - idleTimeoutMs + Math.min(leftMs, idleTimeoutMs),
    }),
    close: () => client.destroy(),
  };
}

/** Tries again as often as the operation allows; never once it has stopped. */
function retryStrategy(
  current: () => S3Call | undefined,
  firstDelayMs: number,
): S3ClientConfig['retryStrategy'] {
  const token = (count: number) => ({ getRetryCount: () => count, getRetryDelay: () => 0 });
  return {
    acquireInitialRetryToken: async () => token(0),
    async refreshRetryTokenForRetry(last, { error, errorType }) {
      const call = current();
      const tried = last.getRetryCount() + 1;
      if (!call || call.signal.aborted) throw error;
      const metadata: { clockSkewCorrected?: boolean } | undefined = error?.$metadata;
      if (tried === 1 && metadata?.clockSkewCorrected) return token(tried);
      const mayHelp =
        errorType === 'TRANSIENT' ||
        errorType === 'THROTTLING' ||
        isEfakturError(error, 'store-unavailable') ||
        isChangedOnItsWay(error);
      if (!mayHelp || tried >= call.tries) throw error;
      await sleep(firstDelayMs * 2 ** (tried - 1), undefined, { signal: call.signal });
      return token(tried);
    },
    recordSuccess() {},
  };
}

/** Seconds, or a date of HTTP (RFC 9110, 10.2.3); 0 when it is neither. */
function retryAfterMs(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return ms > 0 ? ms : 0;
}

const noRegion = (url: string, cause: unknown): EfakturError =>
  new EfakturError(
    'usage',
    `${url}: no region is set, or that of the profile cannot be one`,
    'Add ?region=NAME to the store address, or set AWS_REGION.',
    cause,
  );

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string') return Buffer.from(body);
  throw new TypeError('a request body that cannot be sent twice');
}
