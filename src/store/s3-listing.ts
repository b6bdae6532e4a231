import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import { byUtf8 } from '../base/file-set.ts';
import type { HttpAnswer } from './http-transport.ts';
import { type ListingEntries, takeEntries } from './listing-xml.ts';
import { unexpectedAnswer } from './s3-errors.ts';
import type { S3Service } from './s3-service.ts';
import type { ListOptions, ListPage, ObjectStore, StoredObject } from './store.ts';

/** S3's listings, page by page. */

/** `prefix` is what all keys of the store begin with, its slash included. */
export function openListing(service: S3Service, prefix: string): ObjectStore['list'] {
  const { client } = service;

  async function* objects(keyPrefix: string, from: ListOptions): AsyncGenerator<ListPage> {
    const StartAfter = from.startAfter === undefined ? undefined : prefix + from.startAfter;
    let ContinuationToken: string | undefined;
    do {
      const input = { ...listing(service, prefix + keyPrefix), StartAfter, ContinuationToken };
      const { output, serverTime } = await page(service, from, () =>
        client.send(new ListObjectsV2Command(input)),
      );
      yield { objects: listedObjects(output, prefix), serverTime };
      ContinuationToken = output.IsTruncated ? output.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
  }

  async function* versions(keyPrefix: string, from: ListOptions): AsyncGenerator<ListPage> {
    let KeyMarker = from.startAfter === undefined ? undefined : prefix + from.startAfter;
    let VersionIdMarker: string | undefined;
    do {
      const input = { ...listing(service, prefix + keyPrefix), KeyMarker, VersionIdMarker };
      const { output, serverTime } = await page(service, from, () =>
        client.send(new ListObjectVersionsCommand(input)),
      );
      const listed = listedVersions(output, prefix);
      // Services differ in whether a marker's own versions come again.
      const { startAfter = '' } = from;
      yield {
        objects: listed.filter(({ key }) => byUtf8(key, startAfter) > 0),
        serverTime,
      };
      const isMore = output.IsTruncated && output.NextKeyMarker !== undefined;
      KeyMarker = isMore ? decodedKey(output.NextKeyMarker, output) : undefined;
      VersionIdMarker = isMore ? output.NextVersionIdMarker : undefined;
    } while (KeyMarker !== undefined);
  }

  return (keyPrefix, from = {}) => (from.versions ? versions : objects)(keyPrefix, from);
}

const cannotList = 'its objects cannot be listed';

const listing = ({ bucket }: S3Service, keyPrefix: string) => ({
  Bucket: bucket,
  Prefix: keyPrefix,
  // XML has no way to write every key a bucket may hold; URL encoding has.
  EncodingType: 'url' as const,
});

/** One page. Its entries, which the SDK takes long to read, are taken out of the answer before. */
async function page<O extends ListObjectsV2CommandOutput | ListObjectVersionsCommandOutput>(
  service: S3Service,
  from: ListOptions,
  send: () => Promise<O>,
): Promise<{ output: O; serverTime: Date | null }> {
  let entries: ListingEntries | undefined;
  const call = service.begin(from, {
    async reshape(answer: HttpAnswer): Promise<HttpAnswer> {
      const xml = await text(answer.body);
      const taken = takeEntries(xml);
      entries = taken?.entries;
      return { ...answer, body: Readable.from([Buffer.from(taken?.rest ?? xml)]) };
    },
  });
  const output = { ...(await service.once(call, cannotList, send)), ...entries };
  if (output.IsTruncated === undefined) throw unexpectedAnswer({ url: service.url, what: cannotList });
  const time = new Date(call.answer?.headers.date ?? '');
  return { output, serverTime: Number.isNaN(time.getTime()) ? null : time };
}

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

function listedObjects(
  page: Page & { readonly Contents?: readonly Listed[] | undefined },
  prefix: string,
): StoredObject[] {
  return (page.Contents ?? []).map((object) => shown(object, page, prefix, false)).filter(isBelowPrefix);
}

/** Versions and delete markers, which the SDK takes apart, in the service's one order: by key, then newest first. */
function listedVersions(
  page: Page & {
    readonly Versions?: readonly Listed[] | undefined;
    readonly DeleteMarkers?: readonly Listed[] | undefined;
  },
  prefix: string,
): StoredObject[] {
  const entry = (object: Listed, isDeleteMarker: boolean) => ({
    object: shown(object, page, prefix, isDeleteMarker),
    isLatest: object.IsLatest === true,
  });
  return [
    ...(page.Versions ?? []).map((version) => entry(version, false)),
    ...(page.DeleteMarkers ?? []).map((marker) => entry(marker, true)),
  ]
    .sort(
      (a, b) =>
        byUtf8(a.object.key, b.object.key) ||
        Number(b.isLatest) - Number(a.isLatest) ||
        timeOf(b.object) - timeOf(a.object),
    )
    .map(({ object }) => object)
    .filter(isBelowPrefix);
}

const decodedKey = (key: string | undefined, { EncodingType }: Page): string =>
  EncodingType === 'url' ? decodeURIComponent((key ?? '').replaceAll('+', ' ')) : (key ?? '');

/** Services differ in whether an ETag stands in quotes. Null when there is none. */
export const bareEtag = (etag: string | undefined): string | null => etag?.replace(/^"(.*)"$/, '$1') || null;

const shown = (object: Listed, page: Page, prefix: string, isDeleteMarker: boolean): StoredObject => ({
  key: decodedKey(object.Key, page).slice(prefix.length),
  sizeBytes: object.Size ?? 0,
  modified: object.LastModified ?? null,
  etag: bareEtag(object.ETag),
  versionId: object.VersionId ?? null,
  isDeleteMarker,
});

/** The prefix itself may be an object: some tools make one to show a folder. */
const isBelowPrefix = ({ key }: StoredObject): boolean => key !== '';

const timeOf = ({ modified }: StoredObject): number => modified?.getTime() ?? 0;
