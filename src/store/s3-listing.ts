import { Readable } from 'node:stream';
import {
  ListObjectsCommand,
  type ListObjectsCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import { EfakturError } from '../base/errors.ts';
import { byUtf8 } from '../base/file-set.ts';
import type { HttpAnswer } from './http-transport.ts';
import { isOtherPrefix, readMarker } from './listed-keys.ts';
import { type AnsweredPage, type ListingPlace, type ListingWay, walkPages } from './listing-walk.ts';
import { type ListingEntries, type ListingKind, listingKind, takeEntries } from './listing-xml.ts';
import { unexpectedAnswer } from './s3-errors.ts';
import { listedObjects, listedVersions } from './s3-listed.ts';
import type { S3Service } from './s3-service.ts';
import { otherKeys, otherPrefix, otherService, versionsNotKnown, versionsNotListed } from './s3-texts.ts';
import type { ListOptions, ListPage, ObjectStore } from './store.ts';
import { inStore, objectsNotListed } from './texts.ts';

/**
 * S3's listings, page by page. An answer that is cut, of another kind or of other keys than asked for is none; where a
 * service's markers do not work, the listing goes on from the last key.
 */

/** One listing: which bucket, which keys, where from. */
interface Asking {
  readonly service: S3Service;
  /** What all keys of the store begin with, its slash included. */
  readonly prefix: string;
  /** What the keys of this listing begin with in the bucket, `prefix` before all. */
  readonly asked: string;
  readonly from: ListOptions;
}

/** `prefix` is what all keys of the store begin with, its slash included. */
export const openListing =
  (service: S3Service, prefix: string): ObjectStore['list'] =>
  (keyPrefix, from = {}) => {
    const asking = { service, prefix, asked: prefix + keyPrefix, from };
    return from.versions ? versionPages(asking) : objectPages(asking);
  };

/** What a request goes on after, as it stands in the bucket: the last key seen, or what the whole listing begins after. */
function keyAfter({ prefix, from }: Asking, last: string | null = null): string | undefined {
  const key = last ?? from.startAfter;
  return key === undefined ? undefined : prefix + key;
}

function objectPages(asking: Asking): AsyncGenerator<ListPage> {
  const pages = walkPages<string>(asking.service.url, [
    { isByKey: false, ask: (_, token) => askObjects(asking, keyAfter(asking), token ?? undefined) },
    { isByKey: true, ask: ({ last }) => askObjects(asking, keyAfter(asking, last), undefined) },
    // The first version of this listing has no other marker than a key.
    { isByKey: true, ask: ({ last }) => askObjectsV1(asking, keyAfter(asking, last)) },
  ]);
  return after(asking.from.startAfter, pages);
}

function versionPages(asking: Asking): AsyncGenerator<ListPage> {
  const { service, from } = asking;
  const ways: ListingWay<VersionMarker>[] = [
    {
      isByKey: false,
      ask: (_, marker) => askVersions(asking, marker?.key ?? keyAfter(asking), marker?.versionId),
    },
    // Of the last key some versions may still be to come.
    {
      isByKey: true,
      ask: ({ beforeLast }) => askVersions(asking, keyAfter(asking, beforeLast), undefined),
    },
  ];
  const plainly = ({ last }: ListingPlace): AsyncGenerator<ListPage> =>
    objectPages({ ...asking, from: { ...from, startAfter: last ?? from.startAfter } });
  return after(from.startAfter, walkPages(service.url, ways, plainly));
}

async function askObjects(
  asking: Asking,
  StartAfter: string | undefined,
  ContinuationToken: string | undefined,
): Promise<AnsweredPage<string>> {
  const command = new ListObjectsV2Command({ ...input(asking), StartAfter, ContinuationToken });
  const answer = await page(asking, 'objects', () => asking.service.client.send(command));
  return objectsOf(asking, answer, answer.output.NextContinuationToken || null);
}

async function askObjectsV1(asking: Asking, Marker: string | undefined): Promise<AnsweredPage<string>> {
  const command = new ListObjectsCommand({ ...input(asking), Marker });
  return objectsOf(asking, await page(asking, 'objects', () => asking.service.client.send(command)), null);
}

function objectsOf(
  { service, asked, prefix }: Asking,
  { output, serverTime }: ListAnswer,
  next: string | null,
): AnsweredPage<string> {
  const objects = listedObjects(output, asked, prefix);
  if (!objects) throw refusedKeys(service.url, asked);
  return { objects, serverTime, isMore: output.IsTruncated === true, next };
}

interface VersionMarker {
  readonly key: string;
  readonly versionId: string | undefined;
}

async function askVersions(
  asking: Asking,
  KeyMarker: string | undefined,
  VersionIdMarker: string | undefined,
): Promise<AnsweredPage<VersionMarker>> {
  const { service, asked, prefix } = asking;
  const command = new ListObjectVersionsCommand({ ...input(asking), KeyMarker, VersionIdMarker });
  const { output, serverTime } = await page(asking, 'versions', () => service.client.send(command));
  const objects = listedVersions(output, asked, prefix);
  if (!objects) throw refusedKeys(service.url, asked);
  const lastKey = objects.at(-1)?.key;
  const next = nextVersion(output, lastKey === undefined ? null : prefix + lastKey, asked);
  return { objects, serverTime, isMore: output.IsTruncated === true, next };
}

/** What the service says to go on from; null where it does not say it. */
function nextVersion(
  { NextKeyMarker, NextVersionIdMarker, EncodingType }: ListObjectVersionsCommandOutput,
  lastKey: string | null,
  asked: string,
): VersionMarker | null {
  if (!NextKeyMarker) return null;
  const key = readMarker(NextKeyMarker, lastKey, asked, EncodingType === 'url');
  return { key, versionId: NextVersionIdMarker };
}

/** Services differ in whether what a listing begins after comes again, and some do not know to begin there. */
async function* after(
  startAfter: string | undefined,
  pages: AsyncGenerator<ListPage>,
): AsyncGenerator<ListPage> {
  for await (const { objects, serverTime } of pages) {
    yield {
      objects: startAfter === undefined ? objects : objects.filter(({ key }) => byUtf8(key, startAfter) > 0),
      serverTime,
    };
  }
}

const input = ({ service, asked }: Asking) => ({
  Bucket: service.bucket,
  Prefix: asked,
  // XML has no way to write every key a bucket may hold; URL encoding has.
  EncodingType: 'url' as const,
});

type ListOutput = ListObjectsV2CommandOutput | ListObjectsCommandOutput | ListObjectVersionsCommandOutput;

interface ListAnswer<O extends ListOutput = ListObjectsV2CommandOutput | ListObjectsCommandOutput> {
  readonly output: O;
  readonly serverTime: Date | null;
}

/** One page. Its entries, which the SDK takes long to read, are taken out of the answer before. */
async function page<O extends ListOutput>(
  { service, from, asked }: Asking,
  wanted: ListingKind,
  send: () => Promise<O>,
): Promise<ListAnswer<O>> {
  const { url } = service;
  let entries: ListingEntries | undefined;
  let kind: ListingKind | null = null;
  const call = service.begin(from, {
    async reshape(answer: HttpAnswer): Promise<HttpAnswer> {
      const xml = await textOf(url, answer.body);
      kind = listingKind(xml);
      const taken = takeEntries(xml);
      entries = taken?.entries;
      return { ...answer, body: Readable.from([Buffer.from(taken?.rest ?? xml)]) };
    },
  });
  const output = { ...(await service.once(call, objectsNotListed, send)), ...entries };
  if (kind === 'objects' && wanted === 'versions') throw noVersions(url);
  if (kind !== wanted || output.IsTruncated === undefined)
    throw unexpectedAnswer({ url, what: objectsNotListed });
  // Without keys nothing else shows that it is of something else.
  if (isOtherPrefix(output.Prefix ?? '', asked)) throw refusedKeys(url, asked);
  const time = new Date(call.answer?.headers.date ?? '');
  return { output, serverTime: Number.isNaN(time.getTime()) ? null : time };
}

/** A page has a thousand entries at most. */
const maxPageBytes = 64 << 20;

async function textOf(url: string, body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    sizeBytes += part.length;
    if (sizeBytes > maxPageBytes) throw unexpectedAnswer({ url, what: objectsNotListed });
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const refusedKeys = (url: string, asked: string): EfakturError =>
  new EfakturError(
    'store-unavailable',
    { what: inStore(url, objectsNotListed), because: otherKeys(asked) },
    otherPrefix,
  );

/** Some services take the question for one after the objects. */
const noVersions = (url: string): EfakturError =>
  new EfakturError(
    'usage',
    { what: inStore(url, versionsNotListed), because: versionsNotKnown },
    otherService,
  );
