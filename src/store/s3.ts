import {
  DeleteObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type StorageClass,
} from '@aws-sdk/client-s3';
import { EfakturError } from '../base/errors.ts';
import { defaultPartSizeBytes, readBody } from './body.ts';
import { errorName } from './s3-errors.ts';
import { receiptOf } from './s3-found.ts';
import { openListing } from './s3-listing.ts';
import { lockMode, lockOf, relock } from './s3-locks.ts';
import { readObject } from './s3-reading.ts';
import { openS3Service, type S3Place, type S3ServiceOptions } from './s3-service.ts';
import { locked, waitForLock } from './s3-texts.ts';
import { s3Traits } from './s3-traits.ts';
import { discardUpload, listUnfinished } from './s3-unfinished.ts';
import { putInParts, type UploadPlace } from './s3-upload.ts';
import type { Body, DeleteOptions, ObjectStore, PutOptions, Receipt } from './store.ts';
import { cannotBeDeleted, cannotBeStored, inStore } from './texts.ts';

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
  const minPartBytes = options.partSizeBytes ?? defaultPartSizeBytes;
  const prefix = options.prefix === '' ? '' : `${options.prefix}/`;
  const service = openS3Service(options);
  const storing = (key: string, lock: PutOptions['lock']): Omit<PutObjectCommandInput, 'Body'> => ({
    Bucket: options.bucket,
    Key: prefix + key,
    ...(options.storageClass === null ? {} : { StorageClass: options.storageClass as StorageClass }),
    ...(lock && {
      ObjectLockMode: lockMode(lock),
      ObjectLockRetainUntilDate: lock.until,
    }),
  });
  const place: UploadPlace = { service, prefix, minPartBytes, storing };
  return {
    url: options.url,
    traits: s3Traits,
    traffic: service.traffic,
    put: (key, body, put = {}) =>
      !body.isGrowing && body.sizeBytes <= minPartBytes
        ? putWhole(place, key, body, put)
        : putInParts(place, key, body, put),
    get: (key, from) => readObject(place, key, from),
    list: openListing(service, prefix),
    delete: (key, from = {}) => deleteObject(place, key, from),
    lockOf: (key, from = {}) => lockOf(place, key, from),
    relock: (key, lock, from = {}) => relock(place, key, lock, from),
    discardUpload: (key, uploadId, from = {}) => discardUpload(place, key, uploadId, from),
    unfinishedUploads: (below, from) => listUnfinished(place, below, from),
    close: service.close,
  };
}

async function putWhole(place: UploadPlace, key: string, body: Body, put: PutOptions): Promise<Receipt> {
  const { service, storing } = place;
  const Body = await readBody(service.url, key, body, put.signal);
  const call = service.begin(put, { onBytes: put.onBytes });
  return service.once(call, cannotBeStored(key), async () => {
    const output = await service.client.send(new PutObjectCommand({ ...storing(key, put.lock), Body }));
    return receiptOf(place, key, Body.length, output);
  });
}

async function deleteObject({ service, prefix }: S3Place, key: string, from: DeleteOptions): Promise<void> {
  const VersionId = from.versionId;
  await service.once(service.begin(from), cannotBeDeleted(key), async () => {
    try {
      await service.client.send(
        new DeleteObjectCommand({ Bucket: service.bucket, Key: prefix + key, VersionId }),
      );
    } catch (error) {
      // MinIO's word for a locked version; Amazon denies access.
      if (VersionId !== undefined && errorName(error) === 'InvalidRequest')
        throw stillLocked(service.url, key, error);
      if (errorName(error) !== 'NoSuchKey' && errorName(error) !== 'NoSuchVersion') throw error;
    }
  });
}

const stillLocked = (url: string, key: string, cause: unknown): EfakturError =>
  new EfakturError(
    'access-denied',
    { what: inStore(url, cannotBeDeleted(key)), because: locked },
    waitForLock,
    cause,
  );
