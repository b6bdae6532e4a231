import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
} from '@aws-sdk/client-s3';
import type { S3Call } from './s3-call.ts';
import { errorName } from './s3-errors.ts';
import type { S3Place } from './s3-service.ts';
import { uploadsNotListed } from './s3-texts.ts';
import type { CallOptions, UnfinishedUpload } from './store.ts';
import { unfinishedStays } from './texts.ts';

/** Multipart uploads that are neither ended nor removed: listing them, and removing them with and without patience. */

/** How long Ctrl-C may take to remove what an upload left. */
export const cleanupTimeoutMs = 10_000;

type Markers = Pick<ListMultipartUploadsCommandInput, 'KeyMarker' | 'UploadIdMarker'>;

/** See {@link ObjectStore.unfinishedUploads}. */
export async function listUnfinished(
  place: S3Place,
  below: string,
  from: CallOptions = {},
): Promise<UnfinishedUpload[]> {
  const { prefix } = place;
  const found: UnfinishedUpload[] = [];
  const shown = new Set<string>();
  for (let markers: Markers | null = {}; markers; ) {
    const page = await pageAfter(place, below, markers, from);
    const shownBefore = shown.size;
    for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? []) {
      const name = `${UploadId} ${Key}`;
      if (shown.has(name)) continue;
      shown.add(name);
      if (UploadId === '' || !Key.startsWith(prefix + below)) continue;
      const key = Key.slice(prefix.length);
      found.push({ key, uploadId: UploadId, kind: 'parts', begunAt: Initiated ?? null });
    }
    // A page that shows nothing new is the end, whatever it says: what is missed is found another day.
    markers = shown.size > shownBefore ? markersOf(page) : null;
  }
  return found;
}

function pageAfter(
  { service, prefix }: S3Place,
  below: string,
  markers: Markers,
  from: CallOptions,
): Promise<ListMultipartUploadsCommandOutput> {
  const input = { Bucket: service.bucket, Prefix: prefix + below, ...markers };
  return service.once(service.begin(from), uploadsNotListed, () =>
    service.client.send(new ListMultipartUploadsCommand(input)),
  );
}

/** What the next page begins after; null after the last one. */
function markersOf(page: ListMultipartUploadsCommandOutput): Markers | null {
  if (!page.IsTruncated || !page.NextKeyMarker) return null;
  return { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
}

/** An upload that is no longer there is success. */
export const discardUpload = (
  place: S3Place,
  key: string,
  uploadId: string,
  from: CallOptions,
): Promise<void> => discard(place, place.service.begin(from), key, uploadId);

async function discard(
  { service, prefix }: S3Place,
  call: S3Call,
  key: string,
  uploadId: string,
): Promise<void> {
  const input = { Bucket: service.bucket, Key: prefix + key, UploadId: uploadId };
  await service.once(call, unfinishedStays(key), async () => {
    try {
      await service.client.send(new AbortMultipartUploadCommand(input));
    } catch (error) {
      if (errorName(error) !== 'NoSuchUpload') throw error;
    }
  });
}

/** Why the put failed matters more than why this did; whoever noted the id discards it later. */
export async function discardQuietly(place: S3Place, key: string, uploadId: string): Promise<void> {
  const idle = place.service.idleClock(cleanupTimeoutMs);
  await discard(place, place.service.begin({ idle }, { tries: 2 }), key, uploadId).catch(() => {});
}

/** All of one key: a put has the key for itself, as every key is new. */
export async function discardAllQuietly(place: S3Place, key: string): Promise<void> {
  const idle = place.service.idleClock(cleanupTimeoutMs);
  const left = await listUnfinished(place, key, { idle }).catch(() => []);
  for (const upload of left) if (upload.key === key) await discardQuietly(place, key, upload.uploadId);
}
