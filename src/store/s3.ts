import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  type S3ClientConfig,
  type StorageClass,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { EfakturError, isEfakturError } from '../base/errors.ts';
import { byUtf8 } from '../base/file-set.ts';
import { readBody, sizedPieces } from './body.ts';
import { type HttpAnswer, openTransport, type Proxies } from './http-transport.ts';
import { type Operation, watchOperation } from './idle-watch.ts';
import { type ListingEntries, takeEntries } from './listing-xml.ts';
import { errorName, type S3Answer, translateS3Error, unexpectedAnswer } from './s3-errors.ts';
import { bareEtag, decodedKey, listedObjects, listedVersions } from './s3-listing.ts';
import type {
  Body,
  CallOptions,
  GetOptions,
  ListOptions,
  ListPage,
  ObjectStore,
  PutOptions,
  Receipt,
  StoreTraffic,
} from './store.ts';

/**
 * An S3 bucket, through the AWS SDK. The SDK retries only the requests of a multipart upload, where beginning again is
 * dear; every other operation is one request, tried once here and again by `retrying`. A request refused because this
 * PC's clock is wrong is sent once more with the server's time, which the SDK then keeps.
 */

export interface S3StoreOptions {
  /** Label for messages and records; must hold no secrets. */
  readonly url: string;
  readonly bucket: string;
  /** What all keys begin with, without slashes around it; '' for nothing. */
  readonly prefix: string;
  /** Null for Amazon's own. */
  readonly endpoint: string | null;
  /** Null: us-east-1 with an endpoint, else what the SDK finds. */
  readonly region: string | null;
  readonly profile: string | null;
  /** Where the bucket's name goes; null: into the path with an endpoint, into the host name without. */
  readonly style: 'path' | 'virtual' | null;
  readonly storageClass: string | null;
  readonly proxies: Proxies;
  readonly caBundle: string | null;
  readonly idleTimeoutMs?: number | undefined;
  /** Bodies up to this size go in one request, longer ones in parts of at least this size; S3 allows no less than 5 MiB. */
  readonly partSizeBytes?: number | undefined;
  /** The pause before the second try of a request of a multipart upload; the next ones double it. */
  readonly partRetryDelayMs?: number | undefined;
}

export const defaultIdleTimeoutMs = 60_000;
export const defaultPartSizeBytes = 5 << 20;

const maxParts = 10_000;
const maxQueuedBytes = 16 << 20;
/** With 0.5, 1, 2, 4 and 8 s between them, six tries outlast a router that dials in again. */
const partTries = 6;
/** From this size on the server is asked before the body is sent, so that a refusal is read, not lost in a cut connection. */
const expectContinueBytes = 256 << 10;
/** How long Ctrl-C may take to remove what an upload left. */
const cleanupTimeoutMs = 10_000;

/** One operation, and what its requests must know and tell. */
interface Call extends Operation {
  readonly tries: number;
  readonly onBytes: ((bytes: number) => void) | undefined;
  readonly upload: MultipartUpload | null;
  /** The last answer of the service. */
  answer: S3Answer | null;
  /** Of a listing: what was taken out of the last answer. Null for anything else. */
  entries: ListingEntries | null;
  readonly lists: boolean;
}

interface MultipartUpload {
  readonly key: string;
  readonly partSize: number;
  /** Bytes of the body so far. */
  sizeBytes: number;
  readonly onUpload: PutOptions['onUpload'];
  /** Cuts even the request that begins the upload. */
  readonly cut: AbortSignal;
  id: string | null;
  creation: Promise<unknown>;
}

type SdkHandler = Extract<NonNullable<S3ClientConfig['requestHandler']>, { handle: unknown }>;
type SdkRequest = Parameters<SdkHandler['handle']>[0];

/** Opens a bucket; nothing is asked of the service yet. */
export function openS3Store(options: S3StoreOptions): ObjectStore {
  const { url, bucket: Bucket, endpoint } = options;
  const idleTimeoutMs = options.idleTimeoutMs ?? defaultIdleTimeoutMs;
  const minPartBytes = options.partSizeBytes ?? defaultPartSizeBytes;
  const prefix = options.prefix === '' ? '' : `${options.prefix}/`;
  const region = options.region ?? (endpoint === null ? null : 'us-east-1');
  const traffic: StoreTraffic = { requests: 0, sentBytes: 0, receivedBytes: 0 };
  const transport = openTransport(options);
  // The upload helper sends its requests by itself; this tells which operation they belong to.
  const calls = new AsyncLocalStorage<Call>();

  const client = new S3Client({
    ...(endpoint === null ? {} : { endpoint }),
    ...(region === null ? {} : { region }),
    ...(options.profile === null ? {} : { profile: options.profile }),
    forcePathStyle: options.style === null ? endpoint !== null : options.style === 'path',
    // Amazon asks for a checksum where a bucket locks by itself; services like it may not know the newer ones.
    requestChecksumCalculation: endpoint === null ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: expectContinueBytes,
    maxAttempts: partTries,
    retryStrategy: retryStrategy(() => calls.getStore(), options.partRetryDelayMs ?? 500),
    requestHandler: { handle, destroy: transport.close },
  } as S3ClientConfig);
  followUploads();

  async function handle(request: SdkRequest): Promise<{ response: HttpAnswer }> {
    const call = calls.getStore();
    if (!call) throw new Error('a request that belongs to no operation');
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
          signal: isUploadBegin && call.upload ? call.upload.cut : call.signal,
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
      call.answer = { statusCode: response.statusCode, headers: response.headers };
      if (response.statusCode >= 300) takeBack();
      else if (call.lists) return { response: await withoutEntries(response, call) };
      return { response };
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  /** What to throw for an error of an operation: what stopped it comes first. */
  function failure(call: Call, error: unknown, what: string): Error {
    if (call.signal.aborted) return call.signal.reason;
    return translateS3Error(error, { url, bucket: Bucket, endpoint, what, answer: call.answer });
  }

  function begin(
    from: CallOptions,
    more: Partial<Pick<Call, 'tries' | 'onBytes' | 'upload' | 'lists'>> = {},
  ): Call {
    const operation = watchOperation(url, idleTimeoutMs, from);
    return Object.assign(operation, {
      tries: 1,
      onBytes: undefined,
      upload: null,
      answer: null,
      entries: null,
      lists: false,
      ...more,
    });
  }

  /** Runs a step of the SDK as part of an operation. `what` begins the message when it fails. */
  async function within<T>(call: Call, what: string, step: () => Promise<T>): Promise<T> {
    try {
      return await call.orStopped(
        calls.run(call, async () => {
          if (region === null)
            await client.config.region().catch((cause) => Promise.reject(noRegion(url, cause)));
          return step();
        }),
      );
    } catch (error) {
      throw failure(call, error, what);
    }
  }

  /** An operation that is over when its request is answered. */
  async function once<T>(call: Call, what: string, step: () => Promise<T>): Promise<T> {
    try {
      return await within(call, what, step);
    } finally {
      call.end();
    }
  }

  const storing = (key: string, lock: PutOptions['lock']): Omit<PutObjectCommandInput, 'Body'> => ({
    Bucket,
    Key: prefix + key,
    ...(options.storageClass === null ? {} : { StorageClass: options.storageClass as StorageClass }),
    ...(lock && {
      ObjectLockMode: lock.mode === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE',
      ObjectLockRetainUntilDate: lock.until,
      // S3 takes no locked object without a checksum.
      ChecksumAlgorithm: 'CRC32',
    }),
  });

  async function putWhole(key: string, body: Body, put: PutOptions): Promise<Receipt> {
    const Body = await readBody(url, key, body, put.signal);
    const what = `${key} cannot be stored`;
    const output = await once(begin(put, { onBytes: put.onBytes }), what, () =>
      client.send(new PutObjectCommand({ ...storing(key, put.lock), Body })),
    );
    return { etag: confirmed(output.ETag, what), versionId: versionOf(output.VersionId) };
  }

  async function putParts(key: string, body: Body, put: PutOptions): Promise<Receipt> {
    const what = `${key} cannot be stored`;
    const partSize = Math.max(minPartBytes, Math.ceil(body.maxBytes / maxParts));
    const grace = new AbortController();
    const upload: MultipartUpload = {
      key,
      partSize,
      sizeBytes: 0,
      onUpload: put.onUpload,
      cut: grace.signal,
      id: null,
      creation: Promise.resolve(),
    };
    const source = body.open();
    const call = begin(put, { tries: partTries, onBytes: put.onBytes, upload });
    const uploading = new AbortController();
    let graceTimer: NodeJS.Timeout | undefined;
    const onStop = (): void => {
      uploading.abort();
      source.destroy();
      const cut = (): void => grace.abort(call.signal.reason);
      if (call.silence.aborted) cut();
      else graceTimer = setTimeout(cut, cleanupTimeoutMs);
    };
    try {
      if (call.signal.aborted) throw call.signal.reason;
      call.signal.addEventListener('abort', onStop, { once: true });
      const helper = new Upload({
        client,
        params: {
          ...storing(key, put.lock),
          Body: Readable.from(watchedPieces(upload, source, body, call)),
        },
        partSize,
        queueSize: Math.max(1, Math.min(4, Math.floor(maxQueuedBytes / partSize))),
        abortController: uploading,
        leavePartsOnError: true,
      });
      const output = await within(call, what, () => helper.done());
      return { etag: confirmed(output.ETag, what), versionId: versionOf(output.VersionId) };
    } catch (error) {
      await upload.creation;
      // Of a service that has fallen silent nothing more is asked; the next run discards the upload.
      if (upload.id !== null && !call.silence.aborted) await discardQuietly(key, upload.id);
      throw error;
    } finally {
      clearTimeout(graceTimer);
      source.on('error', () => {}).destroy();
      call.end();
    }
  }

  /** Learns the id of each upload before its first part, and stops an upload as a whole when one of its requests fails. */
  function followUploads(): void {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const call = calls.getStore();
        const upload = call?.upload;
        if (!call || !upload) return next(args);
        try {
          // Begun now, nobody would wait for its id any more.
          if (call.signal.aborted) throw call.signal.reason;
          const sending = next(args);
          if (context.commandName === 'CreateMultipartUploadCommand') {
            upload.creation = sending.then(noteId, () => {});
            await upload.creation;
          }
          return await sending;
        } catch (error) {
          const isRepeated =
            context.commandName === 'CompleteMultipartUploadCommand' && errorName(error) === 'NoSuchUpload';
          const etag = isRepeated ? await completedEtag(upload) : null;
          if (etag !== null) return { response: undefined, output: { $metadata: {}, ETag: etag } };
          call.stop(failure(call, error, `${upload.key} cannot be stored`));
          throw error;
        }

        async function noteId({ output }: { output: object }): Promise<void> {
          if (!upload || !('UploadId' in output) || typeof output.UploadId !== 'string') return;
          upload.id = output.UploadId;
          await upload.onUpload?.(upload.id).catch((error) => call?.stop(error));
        }
      },
      { step: 'initialize', name: 'followUploads' },
    );
  }

  /**
   * When the answer to "complete" is lost, the SDK asks again and hears that there is no such upload. The listing tells
   * whether it was completed: an ETag of N parts ends in `-N`. Null when it was not.
   */
  async function completedEtag({ key, sizeBytes, partSize }: MultipartUpload): Promise<string | null> {
    const output = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix + key, MaxKeys: 1 }));
    const found = output.Contents?.[0];
    const isIt =
      found?.Key === prefix + key &&
      found.Size === sizeBytes &&
      bareEtag(found.ETag)?.endsWith(`-${Math.ceil(sizeBytes / partSize)}`);
    return isIt ? (found.ETag ?? null) : null;
  }

  async function discard(call: Call, key: string, UploadId: string): Promise<void> {
    await once(call, `the unfinished upload of ${key} cannot be removed`, async () => {
      try {
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key: prefix + key, UploadId }));
      } catch (error) {
        if (errorName(error) !== 'NoSuchUpload') throw error;
      }
    });
  }

  /** Why the put failed matters more than why this did; whoever noted the id discards it later. */
  async function discardQuietly(key: string, uploadId: string): Promise<void> {
    const leftMs = Math.min(cleanupTimeoutMs, idleTimeoutMs);
    const idle = { movedAtMs: performance.now() - idleTimeoutMs + leftMs };
    await discard(begin({ idle }, { tries: 2 }), key, uploadId).catch(() => {});
  }

  async function* listObjects(keyPrefix: string, from: ListOptions): AsyncGenerator<ListPage> {
    const StartAfter = from.startAfter === undefined ? undefined : prefix + from.startAfter;
    let ContinuationToken: string | undefined;
    do {
      const call = begin(from, { lists: true });
      const input = { ...listing(keyPrefix), StartAfter, ContinuationToken };
      const page = await once(call, cannotList, () => client.send(new ListObjectsV2Command(input)));
      const output = { ...page, ...call.entries };
      if (output.IsTruncated === undefined) throw unexpectedAnswer({ url, what: cannotList });
      yield { objects: listedObjects(output, prefix), serverTime: serverTime(call) };
      ContinuationToken = output.IsTruncated ? output.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
  }

  async function* listVersions(keyPrefix: string, from: ListOptions): AsyncGenerator<ListPage> {
    let KeyMarker = from.startAfter === undefined ? undefined : prefix + from.startAfter;
    let VersionIdMarker: string | undefined;
    do {
      const call = begin(from, { lists: true });
      const input = { ...listing(keyPrefix), KeyMarker, VersionIdMarker };
      const page = await once(call, cannotList, () => client.send(new ListObjectVersionsCommand(input)));
      const output = { ...page, ...call.entries };
      if (output.IsTruncated === undefined) throw unexpectedAnswer({ url, what: cannotList });
      const objects = listedVersions(output, prefix);
      // Services differ in whether a marker's own versions come again.
      const { startAfter = '' } = from;
      yield {
        objects: objects.filter(({ key }) => byUtf8(key, startAfter) > 0),
        serverTime: serverTime(call),
      };
      const isMore = output.IsTruncated && output.NextKeyMarker !== undefined;
      KeyMarker = isMore ? decodedKey(output.NextKeyMarker, output) : undefined;
      VersionIdMarker = isMore ? output.NextVersionIdMarker : undefined;
    } while (KeyMarker !== undefined);
  }

  const cannotList = 'its objects cannot be listed';
  // XML has no way to write every key a bucket may hold; URL encoding has.
  const listing = (keyPrefix: string) => ({
    Bucket,
    Prefix: prefix + keyPrefix,
    EncodingType: 'url' as const,
  });

  function confirmed(etag: string | undefined, what: string): string {
    const bare = bareEtag(etag);
    if (bare === null) throw unexpectedAnswer({ url, what });
    return bare;
  }

  async function get(key: string, from: GetOptions = {}): Promise<Readable | null> {
    const what = `${key} cannot be read`;
    const call = begin(from);
    try {
      const output = await within(call, what, async () => {
        try {
          return await client.send(
            new GetObjectCommand({
              Bucket,
              Key: prefix + key,
              ...(from.versionId === undefined ? {} : { VersionId: from.versionId }),
              ...(from.range ? { Range: `bytes=${from.range.first}-${from.range.last}` } : {}),
            }),
          );
        } catch (error) {
          const name = errorName(error);
          if (name === 'InvalidRange') return 'beyond the end';
          // Asking for the version that is a delete marker is "method not allowed".
          const isMarker = name === 'MethodNotAllowed' && from.versionId !== undefined;
          if (isMarker || name === 'NoSuchKey' || name === 'NoSuchVersion') return null;
          throw error;
        }
      });
      if (output === null || output === 'beyond the end') {
        call.end();
        return output && Readable.from([]);
      }
      if (!(output.Body instanceof Readable) || output.ETag === undefined)
        throw unexpectedAnswer({ url, what });
      return output.Body.once('close', call.end);
    } catch (error) {
      call.end();
      throw error;
    }
  }

  return {
    url,
    traffic,
    put: (key, body, put = {}) =>
      body.sizeBytes !== null && body.sizeBytes <= minPartBytes
        ? putWhole(key, body, put)
        : putParts(key, body, put),
    get,
    list: (keyPrefix, from = {}) =>
      from.versions ? listVersions(keyPrefix, from) : listObjects(keyPrefix, from),
    async delete(key, from = {}) {
      const VersionId = from.versionId;
      await once(begin(from), `${key} cannot be deleted`, async () => {
        try {
          await client.send(new DeleteObjectCommand({ Bucket, Key: prefix + key, VersionId }));
        } catch (error) {
          // MinIO's word for a locked version; Amazon denies access.
          if (VersionId !== undefined && errorName(error) === 'InvalidRequest')
            throw stillLocked(url, key, error);
          if (errorName(error) !== 'NoSuchKey' && errorName(error) !== 'NoSuchVersion') throw error;
        }
      });
    },
    async lockOf(key, from = {}) {
      const VersionId = from.versionId;
      return once(begin(from), `the lock of ${key} cannot be read`, async () => {
        try {
          // The lock's headers are left out for those who may not see them.
          const output = await client.send(new HeadObjectCommand({ Bucket, Key: prefix + key, VersionId }));
          if (output.ObjectLockLegalHoldStatus === 'ON') return { until: null };
          return output.ObjectLockRetainUntilDate ? { until: output.ObjectLockRetainUntilDate } : null;
        } catch (error) {
          // An answer to HEAD has no body, so no name but that of its status.
          if (['NotFound', 'NoSuchKey', 'NoSuchVersion'].includes(errorName(error))) return null;
          throw error;
        }
      });
    },
    discardUpload: (key, uploadId, from = {}) => discard(begin(from), key, uploadId),
    close: () => client.destroy(),
  };
}

/** Tries again as often as the operation allows; never once it has stopped. */
function retryStrategy(
  current: () => Call | undefined,
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
        errorType === 'TRANSIENT' || errorType === 'THROTTLING' || isEfakturError(error, 'store-unavailable');
      if (!mayHelp || tried >= call.tries) throw error;
      await sleep(firstDelayMs * 2 ** (tried - 1), undefined, { signal: call.signal });
      return token(tried);
    },
    recordSuccess() {},
  };
}

const noRegion = (url: string, cause: unknown): EfakturError =>
  new EfakturError(
    'usage',
    `${url}: no region is set`,
    'Add ?region=NAME to the store address, or set AWS_REGION.',
    cause,
  );

const stillLocked = (url: string, key: string, cause: unknown): EfakturError =>
  new EfakturError(
    'access-denied',
    `${url}: ${key} cannot be deleted: it is locked`,
    'Wait until the lock ends.',
    cause,
  );

/** The body, as movement of its operation, which stops as a whole when the body fails. */
async function* watchedPieces(
  upload: MultipartUpload,
  source: Readable,
  body: Body,
  call: Call,
): AsyncGenerator<Buffer> {
  // While a body is being made, its silence is no silence of the service.
  let isWaiting = body.sizeBytes === null;
  call.excuses.add(() => isWaiting);
  try {
    for await (const piece of sizedPieces(upload.key, source, body, call.signal)) {
      call.moved();
      isWaiting = false;
      upload.sizeBytes += piece.length;
      yield piece;
      // Once as it was read, once as it was gathered into a part.
      isWaiting = body.sizeBytes === null;
    }
    isWaiting = false;
  } catch (error) {
    call.stop(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

/** A listing's answer for the SDK; its entries, which take it long, are left in the call. */
async function withoutEntries(response: HttpAnswer, call: Call): Promise<HttpAnswer> {
  const xml = await text(response.body);
  const taken = takeEntries(xml);
  call.entries = taken?.entries ?? null;
  return { ...response, body: Readable.from([Buffer.from(taken?.rest ?? xml)]) };
}

function serverTime({ answer }: Call): Date | null {
  const time = new Date(answer?.headers.date ?? '');
  return Number.isNaN(time.getTime()) ? null : time;
}

/** `null` is S3's name for the one version of a bucket that keeps no others. */
const versionOf = (versionId: string | undefined): string | null =>
  versionId === undefined || versionId === 'null' ? null : versionId;

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string') return Buffer.from(body);
  throw new TypeError('a request body that cannot be sent twice');
}
