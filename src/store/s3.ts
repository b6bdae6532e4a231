import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ObjectLockMode,
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
  PutObjectRetentionCommand,
  type StorageClass,
} from '@aws-sdk/client-s3';
import { EfakturError } from '../base/errors.ts';
import { bodyPart, isPart, isRange, refuseLongWay } from './asked-range.ts';
import { defaultPartSizeBytes, readBody } from './body.ts';
import { errorName, unexpectedAnswer } from './s3-errors.ts';
import { bareEtag } from './s3-listed.ts';
import { openListing } from './s3-listing.ts';
import { openS3Service, type S3ServiceOptions } from './s3-service.ts';
import { s3Traits } from './s3-traits.ts';
import { discardUpload, listUnfinished } from './s3-unfinished.ts';
import { type FoundObject, putInParts } from './s3-upload.ts';
import type { Body, GetOptions, ObjectLock, ObjectStore, PutOptions, Receipt } from './store.ts';

/**
 * An S3 bucket, through the AWS SDK. Every operation but a multipart upload is one request, tried once here and again by
 * `retrying`.
 */

export interface S3StoreOptions extends S3ServiceOptions {
  /** What all keys begin with, without slashes around it; '' for nothing. */
  readonly prefix: string;
  readonly storageClass: string | null;
  /** Bodies up to this size go in one request, longer ones in parts of at least this size; S3 allows no less than 5 MiB. */
  readonly partSizeBytes?: number | undefined;
}

/** Opens a bucket; nothing is asked of the service yet. */
export function openS3Store(options: S3StoreOptions): ObjectStore {
  const { url, bucket: Bucket } = options;
  const minPartBytes = options.partSizeBytes ?? defaultPartSizeBytes;
  const prefix = options.prefix === '' ? '' : `${options.prefix}/`;
  const service = openS3Service(options);
  const { client, traffic, begin, within, once } = service;
  const place = { service, prefix, minPartBytes, storing, receipt, find };

  function storing(key: string, lock: PutOptions['lock']): Omit<PutObjectCommandInput, 'Body'> {
    return {
      Bucket,
      Key: prefix + key,
      ...(options.storageClass === null ? {} : { StorageClass: options.storageClass as StorageClass }),
      ...(lock && {
        ObjectLockMode: modeOf(lock),
        ObjectLockRetainUntilDate: lock.until,
      }),
    };
  }

  async function putWhole(key: string, body: Body, put: PutOptions): Promise<Receipt> {
    const Body = await readBody(url, key, body, put.signal);
    const what = `${key} cannot be stored`;
    return once(begin(put, { onBytes: put.onBytes }), what, async () => {
      const output = await client.send(new PutObjectCommand({ ...storing(key, put.lock), Body }));
      return receipt(key, Body.length, output);
    });
  }

  async function receipt(
    key: string,
    sizeBytes: number,
    output: Pick<PutObjectCommandOutput, 'ETag' | 'VersionId'>,
  ): Promise<Receipt> {
    const versionId = versionOf(output.VersionId);
    const etag = bareEtag(output.ETag);
    if (etag !== null) return { etag, versionId };
    const found = await find(key);
    if (found?.sizeBytes === sizeBytes) return { etag: found.etag, versionId };
    throw unexpectedAnswer({ url, what: `${key} cannot be stored` });
  }

  /**
   * The object as it is listed. Some services leave the ETag out of an answer (Ceph at the end of an upload), and a login page
   * of the network has none either; the listing tells them apart. Part of the operation that asks.
   */
  async function find(key: string, versionId?: string): Promise<FoundObject | null> {
    const Prefix = prefix + key;
    const entries =
      versionId === undefined
        ? (await client.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 }))).Contents
        : (await client.send(new ListObjectVersionsCommand({ Bucket, Prefix }))).Versions?.filter(
            (version) => version.VersionId === versionId,
          );
    const found = entries?.find(({ Key }) => Key === Prefix);
    return found ? { sizeBytes: found.Size ?? 0, etag: bareEtag(found.ETag) } : null;
  }

  async function get(key: string, from: GetOptions = {}): Promise<Readable | null> {
    const what = `${key} cannot be read`;
    const call = begin(from);
    try {
      const output = await within(call, what, async () => {
        try {
          const answer = await client.send(
            new GetObjectCommand({
              Bucket,
              Key: prefix + key,
              ...(from.versionId === undefined ? {} : { VersionId: from.versionId }),
              ...(from.range ? { Range: `bytes=${from.range.first}-${from.range.last}` } : {}),
            }),
          );
          if (bareEtag(answer.ETag) === null) await mustBeAsListed(key, answer, what, from.versionId);
          return answer;
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
      const { Body: body, ContentRange, ContentLength } = output;
      if (!(body instanceof Readable)) throw unexpectedAnswer({ url, what });
      body.once('close', call.end);
      const { range, ...whole } = from;
      if (range ? isRange(ContentRange, range) : !isPart(ContentRange)) return body;
      if (!range) {
        body.destroy();
        throw unexpectedAnswer({ url, what });
      }
      const isWhole = ContentRange === undefined && output.$metadata.httpStatusCode === 200;
      // A range of all that there is may be answered so.
      if (isWhole && ContentLength !== undefined && range.first === 0 && ContentLength <= range.last + 1)
        return body;
      traffic.refusedRanges++;
      if (isWhole) {
        try {
          refuseLongWay(url, key, range);
        } catch (error) {
          body.destroy();
          throw error;
        }
        return bodyPart(body, range);
      }
      // It is neither the part nor the whole.
      body.destroy();
      refuseLongWay(url, key, range);
      const all = await get(key, whole);
      return all && bodyPart(all, range);
    } catch (error) {
      call.end();
      throw error;
    }
  }

  async function mustBeAsListed(
    key: string,
    { Body, ContentLength, ContentRange }: GetObjectCommandOutput,
    what: string,
    versionId: string | undefined,
  ): Promise<void> {
    const total = ContentRange === undefined ? ContentLength : Number(ContentRange.split('/')[1]);
    try {
      const found = await find(key, versionId);
      if (found === null || (total !== undefined && total !== found.sizeBytes))
        throw unexpectedAnswer({ url, what });
    } catch (error) {
      if (Body instanceof Readable) Body.destroy();
      throw error;
    }
  }

  return {
    url,
    traits: s3Traits,
    traffic,
    put: (key, body, put = {}) =>
      !body.isGrowing && body.sizeBytes <= minPartBytes
        ? putWhole(key, body, put)
        : putInParts(place, key, body, put),
    get,
    list: openListing(service, prefix),
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
    async relock(key, lock, from = {}) {
      const VersionId = from.versionId;
      const Retention = lock ? { Mode: modeOf(lock), RetainUntilDate: lock.until } : {};
      await once(begin(from), `the lock of ${key} cannot be changed`, async () => {
        try {
          await client.send(
            new PutObjectRetentionCommand({
              Bucket,
              Key: prefix + key,
              VersionId,
              Retention,
              BypassGovernanceRetention: true,
            }),
          );
        } catch (error) {
          // Services have several words for what a lock forbids.
          if (/^(InvalidRequest|MalformedXML|InvalidArgument|NotImplemented)$/.test(errorName(error)))
            throw lockStays(url, key, error);
          throw error;
        }
      });
    },
    discardUpload: (key, uploadId, from = {}) => discardUpload(place, key, uploadId, from),
    unfinishedUploads: (below, from) => listUnfinished(place, below, from),
    close: service.close,
  };
}

const modeOf = ({ mode }: ObjectLock): ObjectLockMode =>
  mode === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE';

const stillLocked = (url: string, key: string, cause: unknown): EfakturError =>
  new EfakturError(
    'access-denied',
    `${url}: ${key} cannot be deleted: it is locked`,
    'Wait until the lock ends.',
    cause,
  );

const lockStays = (url: string, key: string, cause: unknown): EfakturError =>
  new EfakturError(
    'access-denied',
    `${url}: the lock of ${key} was not changed: the store refused it`,
    'Wait until the lock ends.',
    cause,
  );

/** `null` is S3's name for the one version of a bucket that keeps no others. */
const versionOf = (versionId: string | undefined): string | null =>
  versionId === undefined || versionId === 'null' ? null : versionId;
