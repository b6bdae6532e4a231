import { EfakturError } from '../base/errors.ts';
import { byConnection, type Meaning } from './connection-errors.ts';
import { RefusedIdentity } from './store-errors.ts';

/** What is known of the last answer of the server, whatever became of it. */
export interface S3Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** `HOST:PORT` of the proxy that answered by itself, as far as can be told. */
  readonly proxy?: string | undefined;
}

export interface S3ErrorContext {
  readonly url: string;
  readonly bucket: string;
  readonly endpoint: string | null;
  /** That of the AWS files which was asked for credentials; null where none was named. */
  readonly profile: string | null;
  /** What did not work, to begin the message with: `KEY cannot be stored`. */
  readonly what: string;
  readonly answer: S3Answer | null;
  /** What was tried to reach the service: `HOST:PORT`, perhaps with a proxy; null before the first request. */
  readonly tried: string | null;
}

const laterHint = 'Try again later; if it stays so, ask the provider.';
const keyHint =
  'Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile, and the store address they belong to.';

/** The error code of the service, or of the SDK where it never got that far. */
export const errorName = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return '';
  // An answer without a known shape has its code here and a general name.
  if ('Code' in error && typeof error.Code === 'string') return error.Code;
  return 'name' in error && typeof error.name === 'string' ? error.name : '';
};

/** Checksums, lengths and the hash in the signature that do not fit the bytes that arrived. */
const changedOnItsWay = [
  'BadDigest',
  'InvalidDigest',
  'IncompleteBody',
  'XAmzContentSHA256Mismatch',
  'XAmzContentChecksumMismatch',
];

/** Whether the same request may well arrive whole the next time. */
export const isChangedOnItsWay = (error: unknown): boolean => changedOnItsWay.includes(errorName(error));

/** How Alibaba Cloud OSS, Tencent COS and Huawei OBS refuse a bucket in the path of the address. */
const pathRefusals = ['SecondLevelDomainForbidden', 'PathStyleDomainForbidden', 'VirtualHostDomainRequired'];

export const isPathRefusal = (error: unknown): boolean => pathRefusals.includes(errorName(error));

/**
 * The `EfakturError` for an error of the SDK, of the connection or of the service, told by names, codes and status only.
 * An error of another kind is a bug and comes back as it is.
 */
export function translateS3Error(error: unknown, from: S3ErrorContext): Error {
  if (error instanceof EfakturError) return error;
  // Of several requests at once another one may have been answered last.
  const context = { ...from, answer: ownAnswer(error) ?? from.answer };
  const meaning =
    byProxy(error, context) ??
    byAddress(error, context) ??
    byName(errorName(error), error, context) ??
    byStatus(error, context) ??
    byConnection(error, context);
  if (meaning) {
    return new EfakturError(
      meaning.code,
      `${context.url}: ${context.what}: ${meaning.because}`,
      meaning.hint,
      byIdentity(errorName(error), context) === null
        ? error
        : new RefusedIdentity(errorName(error), { cause: error }),
    );
  }
  if (isOfAnswer(error)) return unexpectedAnswer(context, error);
  return error instanceof Error ? error : new Error(String(error));
}

/** For an answer that no S3 service gives, such as the login page of a hotel's network. */
export const unexpectedAnswer = (
  { url, what }: Pick<S3ErrorContext, 'url' | 'what'>,
  cause?: unknown,
): EfakturError =>
  new EfakturError(
    'store-unavailable',
    `${url}: ${what}: what answered is not an S3 service`,
    'Check the endpoint, and whether this network asks for a login in the browser first.',
    cause,
  );

/** What a proxy says by itself, and not for the service. */
function byProxy(error: unknown, { answer, endpoint }: S3ErrorContext): Meaning | null {
  if (!isOfAnswer(error) || !answer?.proxy) return null;
  const { proxy, statusCode } = answer;
  if (statusCode === 407) {
    return {
      code: 'usage',
      because: `the proxy ${proxy} asks for a login, or does not take the one it was given`,
      hint: 'Put user and password into HTTPS_PROXY (HTTP_PROXY for http:// endpoints): http://USER:PASSWORD@HOST:PORT.',
    };
  }
  const host = endpoint === null ? 'Amazon S3' : new URL(endpoint).host;
  if (statusCode >= 400 && statusCode < 500 && statusCode !== 408 && statusCode !== 429) {
    return {
      code: 'access-denied',
      because: `the proxy ${proxy} does not let this PC reach ${host} (${statusCode})`,
      hint: `Ask whoever keeps the proxy to allow ${host}, or name it in NO_PROXY if it can be reached without.`,
    };
  }
  return {
    code: 'store-unavailable',
    because: `the proxy ${proxy} cannot reach ${host} (${statusCode})`,
    hint: 'Check the endpoint; if it is right, try again later or ask whoever keeps the proxy.',
  };
}

/** What is wrong with the address that was asked. */
function byAddress(error: unknown, { answer, endpoint, bucket }: S3ErrorContext): Meaning | null {
  if (isPathRefusal(error)) {
    return {
      code: 'usage',
      because: `the service wants bucket ${bucket} in the host name (${errorName(error)})`,
      hint: 'Leave style=path out of the store address; the endpoint must be a name and no number, the bucket in small letters.',
    };
  }
  const target = answer && isOfAnswer(error) && URL.parse(answer.headers.location ?? '');
  if (!target || !endpoint || answer.statusCode < 300 || answer.statusCode > 399) return null;
  const asked = new URL(endpoint);
  const isSameHost = target.hostname === asked.hostname || target.hostname === `${bucket}.${asked.hostname}`;
  if (asked.protocol !== 'http:' || target.protocol !== 'https:' || !isSameHost) return null;
  const port = target.port === '' ? '' : `:${target.port}`;
  return {
    code: 'usage',
    because: 'the endpoint wants https://',
    hint: `Write it as https://${asked.hostname}${port}.`,
  };
}

function byName(name: string, error: unknown, context: S3ErrorContext): Meaning | null {
  const { bucket, endpoint } = context;
  if (changedOnItsWay.includes(name)) {
    return {
      code: 'store-unavailable',
      because: `what arrived there was not what was sent (${name})`,
      hint: 'Something on the way changes or cuts uploads, such as a proxy or a virus scanner. Try again, or from another network.',
    };
  }
  switch (name) {
    case 'NoSuchBucket':
      return {
        code: 'usage',
        because: `bucket ${bucket} does not exist at ${endpoint ?? 'Amazon S3'}`,
        hint: 'Check the bucket name and the endpoint, or create the bucket.',
      };
    case 'InvalidBucketName':
    case 'EndpointError':
      return {
        code: 'usage',
        because: `no bucket can be addressed as ${bucket}`,
        hint: 'Check the store address.',
      };
    case 'PermanentRedirect':
    case 'TemporaryRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return wrongRegion(error, context);
    case 'InvalidObjectState':
      return {
        code: 'store-unavailable',
        because: 'it lies in a storage class that must be restored first',
        hint: "Restore it in the provider's console, then try again.",
      };
    case 'ObjectLocked':
      return { code: 'access-denied', because: 'it is locked', hint: 'Wait until the lock ends.' };
    case 'XMinioStorageFull':
    case 'XMinioAdminBucketQuotaExceeded':
    case 'QuotaExceeded':
      return full(name);
    case 'RequestTimeout':
    case 'OperationAborted':
    case 'ConditionalRequestConflict':
      return {
        code: 'store-unavailable',
        because: `the service asks to try again (${name})`,
        hint: laterHint,
      };
    default:
      return byIdentity(name, context);
  }
}

/** Errors about who asks, not about what was asked. */
function byIdentity(name: string, { profile }: Pick<S3ErrorContext, 'profile'>): Meaning | null {
  switch (name) {
    case 'InvalidAccessKeyId':
    // versitygw's word.
    case 'XAdminUserNotFound':
      return {
        code: 'access-denied',
        because: `the service does not know this access key (${name})`,
        hint: keyHint,
      };
    case 'SignatureDoesNotMatch':
      return {
        code: 'access-denied',
        because: `the secret key does not fit the access key (${name})`,
        hint: 'Check AWS_SECRET_ACCESS_KEY, or the profile.',
      };
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'InvalidToken':
    case 'TokenRefreshRequired':
      return {
        code: 'access-denied',
        because: `the session has ended (${name})`,
        hint: 'Log in again, or renew AWS_SESSION_TOKEN.',
      };
    case 'CredentialsProviderError':
    case 'ProviderError':
    case 'TokenProviderError':
      if (profile !== null) {
        return {
          code: 'access-denied',
          because: `the profile "${profile}" is not in the AWS files, or has no keys there`,
          hint: 'Check profile= in the store address, or AWS_PROFILE, and the files ~/.aws/credentials and ~/.aws/config; with single sign-on, log in again.',
        };
      }
      return {
        code: 'access-denied',
        because: 'no credentials were found',
        hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with ?profile=NAME or AWS_PROFILE.',
      };
    case 'RequestTimeTooSkewed':
    case 'RequestExpired':
    case 'RequestInTheFuture':
      return {
        code: 'access-denied',
        because: "this PC's clock is wrong, so the service refuses its signature",
        hint: 'Set date, time and time zone of this PC.',
      };
    default:
      return null;
  }
}

function wrongRegion(error: unknown, { bucket, endpoint, answer }: S3ErrorContext): Meaning {
  const named = typeof error === 'object' && error !== null && 'Region' in error ? error.Region : undefined;
  const region = typeof named === 'string' ? named : answer?.headers['x-amz-bucket-region'];
  return {
    code: 'usage',
    because: region
      ? `bucket ${bucket} is in region ${region}`
      : `bucket ${bucket} is in another region than asked at ${endpoint ?? 'Amazon S3'}`,
    hint: region
      ? `Add ?region=${region} to the store address, or set AWS_REGION=${region}.`
      : 'Set ?region= or AWS_REGION.',
  };
}

const full = (name: string | number): Meaning => ({
  code: 'target-not-writable',
  because: `the store is full (${name})`,
  hint: 'Make room there or raise the quota.',
});

function byStatus(error: unknown, context: S3ErrorContext): Meaning | null {
  const { answer } = context;
  const status = statusOf(error) ?? (isOfAnswer(error) ? answer?.statusCode : null) ?? 0;
  const named = errorName(error) || status;
  if (status === 301 || status === 307) return wrongRegion(error, context);
  if (status === 401 || status === 403) {
    return {
      code: 'access-denied',
      because: `the service refuses it (${named})`,
      hint: `Ask for the right to do this in bucket ${context.bucket}. ${keyHint}`,
    };
  }
  if (status === 507) return full(status);
  if (status === 501 || status === 405) {
    return {
      code: 'usage',
      because: `the service cannot do this (${named})`,
      hint: 'Choose another service or feature.',
    };
  }
  if (status === 408 || status === 409 || status === 429 || status >= 500) {
    return {
      code: 'store-unavailable',
      because: `the service cannot answer now (${named})`,
      hint: answer?.headers['retry-after']
        ? `It asks to be left alone (Retry-After: ${answer.headers['retry-after']}). ${laterHint}`
        : laterHint,
    };
  }
  if (status >= 400) {
    return {
      code: 'usage',
      because: `the service rejects the request (${named})`,
      hint: 'Check the store address.',
    };
  }
  return null;
}

/** Whether the SDK failed at an answer; it notes that in the error. Anything else thrown after one is a bug. */
export const isOfAnswer = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && '$response' in error;

function ownAnswer(error: unknown): S3Answer | null {
  if (typeof error !== 'object' || error === null || !('$response' in error)) return null;
  const response = error.$response;
  if (typeof response !== 'object' || response === null || !('statusCode' in response)) return null;
  return response as S3Answer;
}

export function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return null;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return null;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
}
