import { EfakturError } from '../base/errors.ts';
import type { Text } from '../base/text.ts';
import { byConnection, type Meaning } from './connection-errors.ts';
import * as texts from './s3-texts.ts';
import { NoAnswerOfS3, RefusedIdentity } from './store-errors.ts';
import { inStore, setClock } from './texts.ts';

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
  /** What did not work: `KEY cannot be stored`. */
  readonly what: Text;
  readonly answer: S3Answer | null;
  /** What was tried to reach the service: `HOST:PORT`, perhaps with a proxy; null before the first request. */
  readonly tried: Text | null;
}

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
      { what: inStore(context.url, context.what), because: meaning.because },
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
    { what: inStore(url, what), because: texts.notS3 },
    texts.checkEndpointOrLogin,
    cause ?? new NoAnswerOfS3(),
  );

/** What a proxy says by itself, and not for the service. */
function byProxy(error: unknown, { answer, endpoint }: S3ErrorContext): Meaning | null {
  if (!isOfAnswer(error) || !answer?.proxy) return null;
  const { proxy, statusCode } = answer;
  if (statusCode === 407) {
    return {
      code: 'usage',
      because: texts.proxyWantsLogin(proxy),
      hint: texts.putLoginIntoProxy,
    };
  }
  const host = endpoint === null ? texts.amazon : new URL(endpoint).host;
  if (statusCode >= 400 && statusCode < 500 && statusCode !== 408 && statusCode !== 429) {
    return {
      code: 'access-denied',
      because: texts.proxyForbids(proxy, host, statusCode),
      hint: texts.askProxyKeeper(host),
    };
  }
  return {
    code: 'store-unavailable',
    because: texts.proxyCannotReach(proxy, host, statusCode),
    hint: texts.checkEndpointOrProxy,
  };
}

/** What is wrong with the address that was asked. */
function byAddress(error: unknown, { answer, endpoint, bucket }: S3ErrorContext): Meaning | null {
  if (isPathRefusal(error)) {
    return {
      code: 'usage',
      because: texts.bucketInHostName(bucket, errorName(error)),
      hint: texts.leaveStyleOut,
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
    because: texts.wantsHttps,
    hint: texts.writeAs(`https://${asked.hostname}${port}`),
  };
}

function byName(name: string, error: unknown, context: S3ErrorContext): Meaning | null {
  const { bucket, endpoint } = context;
  if (changedOnItsWay.includes(name)) {
    return {
      code: 'store-unavailable',
      because: texts.changedOnItsWay(name),
      hint: texts.somethingOnTheWay,
    };
  }
  switch (name) {
    case 'NoSuchBucket':
      return {
        code: 'usage',
        because: texts.noSuchBucket(bucket, endpoint),
        hint: texts.checkBucket,
      };
    case 'InvalidBucketName':
    case 'EndpointError':
      return {
        code: 'usage',
        because: texts.noBucketName(bucket),
        hint: texts.checkAddress,
      };
    case 'PermanentRedirect':
    case 'TemporaryRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return wrongRegion(error, context);
    case 'InvalidObjectState':
      return {
        code: 'store-unavailable',
        because: texts.inColdStorage,
        hint: texts.restoreAtProvider,
      };
    case 'ObjectLocked':
      return { code: 'access-denied', because: texts.locked, hint: texts.waitForLock };
    case 'XMinioStorageFull':
    case 'XMinioAdminBucketQuotaExceeded':
    case 'QuotaExceeded':
      return full(name);
    case 'RequestTimeout':
    case 'OperationAborted':
    case 'ConditionalRequestConflict':
      return {
        code: 'store-unavailable',
        because: texts.asksAgain(name),
        hint: texts.tryLater,
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
        because: texts.unknownAccessKey(name),
        hint: texts.checkKeys,
      };
    case 'SignatureDoesNotMatch':
      return {
        code: 'access-denied',
        because: texts.wrongSecretKey(name),
        hint: texts.checkSecretKey,
      };
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'InvalidToken':
    case 'TokenRefreshRequired':
      return {
        code: 'access-denied',
        because: texts.sessionEnded(name),
        hint: texts.logInAgain,
      };
    case 'CredentialsProviderError':
    case 'ProviderError':
    case 'TokenProviderError':
      if (profile !== null) {
        return {
          code: 'access-denied',
          because: texts.profileWithoutKeys(profile),
          hint: texts.checkProfile,
        };
      }
      return {
        code: 'access-denied',
        because: texts.noCredentials,
        hint: texts.setKeysOrProfile,
      };
    case 'RequestTimeTooSkewed':
    case 'RequestExpired':
    case 'RequestInTheFuture':
      return {
        code: 'access-denied',
        because: texts.wrongClock,
        hint: setClock,
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
    because: region ? texts.inRegion(bucket, region) : texts.otherRegion(bucket, endpoint),
    hint: region ? texts.addRegion(region) : texts.setRegion,
  };
}

const full = (name: string | number): Meaning => ({
  code: 'target-not-writable',
  because: texts.full(name),
  hint: texts.makeRoom,
});

function byStatus(error: unknown, context: S3ErrorContext): Meaning | null {
  const { answer } = context;
  const status = statusOf(error) ?? (isOfAnswer(error) ? answer?.statusCode : null) ?? 0;
  const named = errorName(error) || status;
  if (status === 301 || status === 307) return wrongRegion(error, context);
  if (status === 401 || status === 403) {
    return {
      code: 'access-denied',
      because: texts.refuses(named),
      hint: texts.askForRight(context.bucket),
    };
  }
  if (status === 507) return full(status);
  if (status === 501 || status === 405) {
    return {
      code: 'usage',
      because: texts.cannotDo(named),
      hint: texts.otherService,
    };
  }
  if (status === 408 || status === 409 || status === 429 || status >= 500) {
    return {
      code: 'store-unavailable',
      because: texts.cannotAnswerNow(named),
      hint: answer?.headers['retry-after'] ? texts.tryAfter(answer.headers['retry-after']) : texts.tryLater,
    };
  }
  if (status >= 400) {
    return {
      code: 'usage',
      because: texts.rejects(named),
      hint: texts.checkAddress,
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
