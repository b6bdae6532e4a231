import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { isEfakturError } from '../base/errors.ts';
import { knownAt, styleAt } from './known-service.ts';
import type { Manners } from './manners.ts';
import type { Style } from './providers.ts';
import type { S3Call } from './s3-call.ts';
import { addChecksums } from './s3-checksums.ts';
import { isChangedOnItsWay } from './s3-errors.ts';
import { useManners } from './s3-manners.ts';
import type { SdkHandler } from './s3-requests.ts';
import { followStyle } from './s3-style.ts';

/**
 * The AWS SDK's client, set up so that nothing of the environment reaches it and each request belongs to an operation. The
 * SDK retries only the requests of a multipart upload, where beginning again is dear. A request refused because this PC's
 * clock is wrong is sent once more with the server's time, which the SDK then keeps.
 */

/** With 0.5, 1, 2, 4 and 8 s between them, six tries outlast a router that dials in again. */
export const partTries = 6;
/** From this size on the server is asked before the body is sent, so that a refusal is read, not lost in a cut connection. */
const expectContinueBytes = 256 << 10;

const silent = (): void => {};
/** Without a logger the SDK warns on the console, where only our own output belongs. */
const silentLogger = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

export interface S3ClientOptions {
  readonly bucket: string;
  /** Null for Amazon's own. */
  readonly endpoint: string | null;
  /** Null: that of the endpoint, us-east-1 where it is not known; without an endpoint none, an error of the first operation. */
  readonly region: string | null;
  /** In the AWS files, for messages; null where none was named. */
  readonly profile: string | null;
  readonly credentials: NonNullable<S3ClientConfig['credentials']>;
  /** Where the bucket's name goes; null: as {@link styleAt} says, and into the host name once the path is refused. */
  readonly style: Style | null;
  /** Tries one manner of sending, in place of the above. */
  readonly manners?: Manners | undefined;
  /** The pause before the second try of a request of a multipart upload; the next ones double it. */
  readonly partRetryDelayMs?: number | undefined;
}

/** Asks nothing yet. `current` is the operation whose request is at hand. */
export function openClient(
  options: S3ClientOptions,
  requests: SdkHandler,
  current: () => S3Call | undefined,
): S3Client {
  const { endpoint, bucket, manners } = options;
  const style = manners?.style ?? options.style;
  const known = knownAt(endpoint);
  const region = options.region ?? (endpoint === null ? null : (known?.endpoint.region ?? 'us-east-1'));
  const client = new S3Client({
    ...(endpoint === null ? {} : { endpoint }),
    ignoreConfiguredEndpointUrls: true,
    region: region ?? (() => Promise.reject(new Error('no region'))),
    credentials: options.credentials,
    // Left out, the SDK would take that of the environment.
    profile: options.profile ?? 'default',
    logger: silentLogger,
    forcePathStyle: (style ?? styleAt(endpoint)) === 'path',
    // What `addChecksums` asks for.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: expectContinueBytes,
    maxAttempts: partTries,
    retryStrategy: retryStrategy(current, options.partRetryDelayMs ?? 500),
    requestHandler: requests,
  } as S3ClientConfig);
  passAround(client, current);
  if (manners) useManners(client, manners, bucket);
  if (manners?.checksum === undefined) addChecksums(client, known?.provider.checksums ?? null);
  if (style === null) followStyle(client);
  return client;
}

/** Hands each command to the `around` of its operation. */
function passAround(client: S3Client, current: () => S3Call | undefined): void {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        const around = current()?.around;
        return around ? around(commandName, () => next(args)) : next(args);
      },
    { step: 'initialize', name: 'around' },
  );
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
