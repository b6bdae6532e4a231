import { AsyncLocalStorage } from 'node:async_hooks';
import type { S3Client } from '@aws-sdk/client-s3';
import { EfakturError } from '../base/errors.ts';
import type { Text } from '../base/text.ts';
import { openTransport } from './http-transport.ts';
import { defaultIdleTimeoutMs } from './idle-watch.ts';
import { serviceEndpoint } from './known-service.ts';
import type { Proxies } from './proxies.ts';
import { beginCall, type CallTraits, type S3Call } from './s3-call.ts';
import { openClient, type S3ClientOptions } from './s3-client.ts';
import { translateS3Error } from './s3-errors.ts';
import { openRequests } from './s3-requests.ts';
import { answerCut, noRegion, setRegionName } from './s3-texts.ts';
import { type CallOptions, type IdleClock, noTraffic, type StoreTraffic } from './store.ts';
import { inStore } from './texts.ts';

/**
 * A bucket's service: the AWS SDK's client, and the operations its requests belong to: what stops them, who hears of their
 * bytes, and which of our errors theirs become.
 */

export interface S3ServiceOptions extends S3ClientOptions {
  /** Label for messages and records; must hold no secrets. */
  readonly url: string;
  readonly proxies: Proxies;
  readonly caBundle: string | null;
  /** See `TransportOptions`. */
  readonly platform?: NodeJS.Platform | undefined;
  readonly idleTimeoutMs?: number | undefined;
  /** Counts what is done; of its own without. */
  readonly traffic?: StoreTraffic | undefined;
}

export interface S3Service {
  readonly url: string;
  readonly bucket: string;
  readonly client: S3Client;
  readonly traffic: StoreTraffic;
  begin(from: CallOptions, more?: Partial<CallTraits>): S3Call;
  /** Runs a step of the SDK as part of an operation. `what` is told when it fails. */
  within<T>(call: S3Call, what: Text, step: () => Promise<T>): Promise<T>;
  /** The same for an operation that is over when its request is answered. */
  once<T>(call: S3Call, what: Text, step: () => Promise<T>): Promise<T>;
  /** What to throw for an error of an operation: what stopped it comes first. */
  failure(call: S3Call, error: unknown, what: Text): Error;
  /** A clock by which an operation ends after at most this long without a moving byte. */
  idleClock(leftMs: number): IdleClock;
  close(): void;
}

/** The part of a bucket that is the store's. */
export interface S3Place {
  readonly service: S3Service;
  /** What all keys begin with, its slash included. */
  readonly prefix: string;
}

/** Opens a service; nothing is asked of it yet. */
export function openS3Service(options: S3ServiceOptions): S3Service {
  const { url, bucket, profile } = options;
  const endpoint = serviceEndpoint(options.endpoint, bucket);
  const idleTimeoutMs = options.idleTimeoutMs ?? defaultIdleTimeoutMs;
  const traffic = options.traffic ?? noTraffic();
  const calls = new AsyncLocalStorage<S3Call>();
  const current = (): S3Call | undefined => calls.getStore();

  function failure(call: S3Call, error: unknown, what: Text): Error {
    if (call.signal.aborted) return call.signal.reason;
    const { answer, tried } = call;
    return translateS3Error(error, { url, bucket, endpoint, profile, what, answer, tried });
  }

  const requests = openRequests({
    transport: openTransport(options),
    traffic,
    idleTimeoutMs,
    current,
    asBodyError: (call, error) => failure(call, error, answerCut),
  });
  const client = openClient({ ...options, endpoint }, requests, current);

  async function within<T>(call: S3Call, what: Text, step: () => Promise<T>): Promise<T> {
    try {
      return await call.orStopped(
        calls.run(call, async () => {
          await client.config.region().catch((cause) => Promise.reject(withoutRegion(url, cause)));
          return step();
        }),
      );
    } catch (error) {
      throw failure(call, error, what);
    }
  }

  async function once<T>(call: S3Call, what: Text, step: () => Promise<T>): Promise<T> {
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
    begin: (from, more = {}) => beginCall(url, idleTimeoutMs, from, more),
    within,
    once,
    failure,
    idleClock: (leftMs) => ({
      movedAtMs: performance.now() - idleTimeoutMs + Math.min(leftMs, idleTimeoutMs),
    }),
    close: () => client.destroy(),
  };
}

const withoutRegion = (url: string, cause: unknown): EfakturError =>
  new EfakturError('usage', inStore(url, noRegion), setRegionName, cause);
