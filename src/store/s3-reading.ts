import { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Text } from '../base/text.ts';
import { type ByteRange, bodyPart, isPart, isRange, refuseLongWay } from './asked-range.ts';
import { errorName, unexpectedAnswer } from './s3-errors.ts';
import { findObject } from './s3-found.ts';
import { bareEtag } from './s3-listed.ts';
import type { S3Place, S3Service } from './s3-service.ts';
import type { GetOptions } from './store.ts';
import { cannotBeRead } from './texts.ts';

/** Reading an object or a part of it, from services that may answer with something else. */

/** See {@link ObjectStore.get}. */
export async function readObject(
  place: S3Place,
  key: string,
  from: GetOptions = {},
): Promise<Readable | null> {
  const { service } = place;
  const what = cannotBeRead(key);
  const call = service.begin(from);
  try {
    const answer = await service.within(call, what, () => askFor(place, key, from, what));
    if (answer === null || answer === 'beyond-the-end') {
      call.end();
      return answer && Readable.from([]);
    }
    const { Body: body, ContentRange } = answer;
    if (!(body instanceof Readable)) throw unexpectedAnswer({ url: service.url, what });
    body.once('close', call.end);
    const { range, ...whole } = from;
    if (!range) {
      if (!isPart(ContentRange)) return body;
      body.destroy();
      throw unexpectedAnswer({ url: service.url, what });
    }
    const part = partIn(service, key, answer, body, range);
    if (part) return part;
    const all = await readObject(place, key, whole);
    return all && bodyPart(all, range);
  } catch (error) {
    call.end();
    throw error;
  }
}

/** Null when there is no such object. */
async function askFor(
  place: S3Place,
  key: string,
  { versionId, range }: GetOptions,
  what: Text,
): Promise<GetObjectCommandOutput | 'beyond-the-end' | null> {
  const { client, bucket } = place.service;
  try {
    const answer = await client.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: place.prefix + key,
        ...(versionId === undefined ? {} : { VersionId: versionId }),
        ...(range ? { Range: `bytes=${range.first}-${range.last}` } : {}),
      }),
    );
    if (bareEtag(answer.ETag) === null) await mustBeAsListed(place, key, answer, what, versionId);
    return answer;
  } catch (error) {
    const name = errorName(error);
    if (name === 'InvalidRange') return 'beyond-the-end';
    // Asking for the version that is a delete marker is "method not allowed".
    const isMarker = name === 'MethodNotAllowed' && versionId !== undefined;
    if (isMarker || name === 'NoSuchKey' || name === 'NoSuchVersion') return null;
    throw error;
  }
}

/** An answer without an ETag may be no service's. */
async function mustBeAsListed(
  place: S3Place,
  key: string,
  { Body, ContentLength, ContentRange }: GetObjectCommandOutput,
  what: Text,
  versionId: string | undefined,
): Promise<void> {
  const total = ContentRange === undefined ? ContentLength : Number(ContentRange.split('/')[1]);
  try {
    const found = await findObject(place, key, versionId);
    if (found === null || (total !== undefined && total !== found.sizeBytes))
      throw unexpectedAnswer({ url: place.service.url, what });
  } catch (error) {
    if (Body instanceof Readable) Body.destroy();
    throw error;
  }
}

/** The part asked for, from an answer that is it or the whole; null when it is neither. */
function partIn(
  { url, traffic }: S3Service,
  key: string,
  { ContentRange, ContentLength, $metadata }: GetObjectCommandOutput,
  body: Readable,
  range: ByteRange,
): Readable | null {
  if (isRange(ContentRange, range)) return body;
  const isWhole = ContentRange === undefined && $metadata.httpStatusCode === 200;
  // A range of all that there is may be answered so.
  if (isWhole && ContentLength !== undefined && range.first === 0 && ContentLength <= range.last + 1)
    return body;
  traffic.refusedRanges++;
  try {
    refuseLongWay(url, key, range);
  } catch (error) {
    body.destroy();
    throw error;
  }
  if (isWhole) return bodyPart(body, range);
  body.destroy();
  return null;
}
