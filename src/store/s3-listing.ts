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
import { isOtherPrefix, readKeys, readMarker } from './listed-keys.ts';
import { type AnsweredPage, type ListingPlace, type ListingWay, walkPages } from './listing-walk.ts';
import { type ListingEntries, type ListingKind, listingKind, takeEntries } from './listing-xml.ts';
import { unexpectedAnswer } from './s3-errors.ts';
import type { S3Service } from './s3-service.ts';
import type { CallOptions, ListOptions, ListPage, ObjectStore, StoredObject } from './store.ts';

/**
 * S3's listings, page by page. An answer that is cut, of another kind or of other keys than asked for is none; where a
 * service's markers do not work, the listing goes on from the last key.
 */

/** `prefix` is what all keys of the store begin with, its slash included. */
export function openListing(service: S3Service, prefix: string): ObjectStore['list'] {
  const { client, url } = service;
  const full = (key: string | null | undefined): string | undefined =>
    key === null || key === undefined ? undefined : prefix + key;

  function objects(keyPrefix: string, from: ListOptions): AsyncGenerator<ListPage> {
    const asked = prefix + keyPrefix;
    const input = listing(service, asked);
    const read = (answer: ListAnswer, next: string | undefined): AnsweredPage<string> => {
      const { output, serverTime } = answer;
      const listed = listedObjects(output, asked, prefix);
      if (!listed) throw otherKeys(url, asked);
      return { objects: listed, serverTime, isMore: output.IsTruncated === true, next: next || null };
    };
    const second = async (StartAfter: string | undefined, ContinuationToken: string | undefined) => {
      const command = new ListObjectsV2Command({ ...input, StartAfter, ContinuationToken });
      const answer = await page(service, from, 'objects', asked, () => client.send(command));
      return read(answer, answer.output.NextContinuationToken);
    };
    const ways: ListingWay<string>[] = [
      { isByKey: false, ask: (_, token) => second(full(from.startAfter), token ?? undefined) },
      { isByKey: true, ask: ({ last }) => second(full(last ?? from.startAfter), undefined) },
      {
        // The first version of this listing has no other marker than a key.
        isByKey: true,
        async ask({ last }) {
          const Marker = full(last ?? from.startAfter);
          const command = new ListObjectsCommand({ ...input, Marker });
          return read(await page(service, from, 'objects', asked, () => client.send(command)), undefined);
        },
      },
    ];
    return after(from.startAfter, walkPages(url, ways));
  }

  function versions(keyPrefix: string, from: ListOptions): AsyncGenerator<ListPage> {
    const asked = prefix + keyPrefix;
    const ask = async (
      KeyMarker: string | undefined,
      VersionIdMarker: string | undefined,
    ): Promise<AnsweredPage<VersionMarker>> => {
      const command = new ListObjectVersionsCommand({
        ...listing(service, asked),
        KeyMarker,
        VersionIdMarker,
      });
      const { output, serverTime } = await page(service, from, 'versions', asked, () => client.send(command));
      const listed = listedVersions(output, asked, prefix);
      if (!listed) throw otherKeys(url, asked);
      const { NextKeyMarker, NextVersionIdMarker, EncodingType } = output;
      const last = full(listed.at(-1)?.key) ?? null;
      return {
        objects: listed,
        serverTime,
        isMore: output.IsTruncated === true,
        next: NextKeyMarker
          ? {
              key: readMarker(NextKeyMarker, last, asked, EncodingType === 'url'),
              versionId: NextVersionIdMarker,
            }
          : null,
      };
    };
    const ways: ListingWay<VersionMarker>[] = [
      {
        isByKey: false,
        ask: (_, marker) => ask(marker?.key ?? full(from.startAfter), marker?.versionId),
      },
      // Of the last key some versions may still be to come.
      { isByKey: true, ask: ({ beforeLast }) => ask(full(beforeLast ?? from.startAfter), undefined) },
    ];
    const plainly = ({ last }: ListingPlace): AsyncGenerator<ListPage> =>
      objects(keyPrefix, { ...from, startAfter: last ?? from.startAfter });
    return after(from.startAfter, walkPages(url, ways, plainly));
  }

  return (keyPrefix, from = {}) => (from.versions ? versions : objects)(keyPrefix, from);
}

interface VersionMarker {
  readonly key: string;
  readonly versionId: string | undefined;
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

const cannotList = 'its objects cannot be listed';

const listing = ({ bucket }: S3Service, asked: string) => ({
  Bucket: bucket,
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
  service: S3Service,
  from: CallOptions,
  wanted: ListingKind,
  asked: string,
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
  const output = { ...(await service.once(call, cannotList, send)), ...entries };
  if (kind === 'objects' && wanted === 'versions') throw noVersions(url);
  if (kind !== wanted || output.IsTruncated === undefined) throw unexpectedAnswer({ url, what: cannotList });
  // Without keys nothing else shows that it is of something else.
  if (isOtherPrefix(output.Prefix ?? '', asked)) throw otherKeys(url, asked);
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
    if (sizeBytes > maxPageBytes) throw unexpectedAnswer({ url, what: cannotList });
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const otherKeys = (url: string, asked: string): EfakturError =>
  new EfakturError(
    'store-unavailable',
    `${url}: ${cannotList}: the service shows other keys than those that begin with "${asked}"`,
    'Try another prefix of plain letters, or ask the provider.',
  );

/** Some services take the question for one after the objects. */
const noVersions = (url: string): EfakturError =>
  new EfakturError(
    'usage',
    `${url}: its versions cannot be listed: the service does not know them`,
    'Choose another service or feature.',
  );

interface Listed {
  readonly Key?: string | undefined;
  readonly Size?: number | undefined;
  readonly LastModified?: Date | undefined;
  readonly ETag?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly IsLatest?: boolean | undefined;
}

interface Page {
  /** `url` when the keys in it are URL-encoded; services that do not know that leave it out. */
  readonly EncodingType?: string | undefined;
}

/** In the order of their keys; null when they are not those below the prefix asked for. */
function listedObjects(
  page: Page & { readonly Contents?: readonly Listed[] | undefined },
  asked: string,
  prefix: string,
): StoredObject[] | null {
  const entries = (page.Contents ?? []).map((object) => ({ ...object, isDeleteMarker: false }));
  return shown(entries, page, asked, prefix)?.sort((a, b) => byUtf8(a.key, b.key)) ?? null;
}

/** Versions and delete markers, which the SDK takes apart, in the service's one order: by key, then newest first. */
function listedVersions(
  page: Page & {
    readonly Versions?: readonly Listed[] | undefined;
    readonly DeleteMarkers?: readonly Listed[] | undefined;
  },
  asked: string,
  prefix: string,
): StoredObject[] | null {
  const entries = [
    ...(page.Versions ?? []).map((version) => ({ ...version, isDeleteMarker: false })),
    ...(page.DeleteMarkers ?? []).map((marker) => ({ ...marker, isDeleteMarker: true })),
  ];
  const latest = new Set<StoredObject>();
  const objects = shown(entries, page, asked, prefix, (object, { IsLatest }) => {
    if (IsLatest) latest.add(object);
  });
  return (
    objects?.sort(
      (a, b) =>
        byUtf8(a.key, b.key) || Number(latest.has(b)) - Number(latest.has(a)) || timeOf(b) - timeOf(a),
    ) ?? null
  );
}

/** Services differ in whether an ETag stands in quotes. Null when there is none. */
export const bareEtag = (etag: string | undefined): string | null => etag?.replace(/^"(.*)"$/, '$1') || null;

function shown<L extends Listed & { readonly isDeleteMarker: boolean }>(
  entries: readonly L[],
  { EncodingType }: Page,
  asked: string,
  prefix: string,
  each: (object: StoredObject, entry: L) => void = () => {},
): StoredObject[] | null {
  const keys = readKeys(
    entries.map(({ Key = '' }) => Key),
    asked,
    EncodingType === 'url',
  );
  return (
    keys?.flatMap((key, i) => {
      const entry = entries[i];
      // The prefix itself may be an object: some tools make one to show a folder.
      if (!entry || key === prefix) return [];
      const object = {
        key: key.slice(prefix.length),
        sizeBytes: entry.Size ?? 0,
        modified: entry.LastModified ?? null,
        etag: bareEtag(entry.ETag),
        versionId: entry.VersionId ?? null,
        isDeleteMarker: entry.isDeleteMarker,
      };
      each(object, entry);
      return [object];
    }) ?? null
  );
}

const timeOf = ({ modified }: StoredObject): number => modified?.getTime() ?? 0;
