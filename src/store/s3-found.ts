import {
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type PutObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { unexpectedAnswer } from './s3-errors.ts';
import { bareEtag } from './s3-listed.ts';
import type { S3Place } from './s3-service.ts';
import type { Receipt } from './store.ts';
import { cannotBeStored } from './texts.ts';

/**
 * A single object as it is listed. Some services leave the ETag out of an answer (Ceph at the end of an upload), and a login
 * page of the network has none either; the listing tells them apart.
 */
export interface FoundObject {
  readonly sizeBytes: number;
  readonly etag: string | null;
}

/** Null when it is not listed. Part of the operation that asks. */
export async function findObject(
  { service: { client, bucket: Bucket }, prefix }: S3Place,
  key: string,
  versionId?: string,
): Promise<FoundObject | null> {
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

/** What an answer says of an object just stored; throws when neither it nor the listing confirms that the object is there. */
export async function receiptOf(
  place: S3Place,
  key: string,
  sizeBytes: number,
  output: Pick<PutObjectCommandOutput, 'ETag' | 'VersionId'>,
): Promise<Receipt> {
  const versionId = versionOf(output.VersionId);
  const etag = bareEtag(output.ETag);
  if (etag !== null) return { etag, versionId };
  const found = await findObject(place, key);
  if (found?.sizeBytes === sizeBytes) return { etag: found.etag, versionId };
  throw unexpectedAnswer({ url: place.service.url, what: cannotBeStored(key) });
}

/** `null` is S3's name for the one version of a bucket that keeps no others. */
const versionOf = (versionId: string | undefined): string | null =>
  versionId === undefined || versionId === 'null' ? null : versionId;
