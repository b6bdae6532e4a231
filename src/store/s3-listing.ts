import { byUtf8 } from '../base/file-set.ts';
import type { StoredObject } from './store.ts';

/** From a page of S3's listings, as the SDK gives it, to objects. */

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

export function listedObjects(
  page: Page & { readonly Contents?: readonly Listed[] | undefined },
  prefix: string,
): StoredObject[] {
  return (page.Contents ?? []).map((object) => shown(object, page, prefix, false)).filter(isBelowPrefix);
}

/** Versions and delete markers, which the SDK takes apart, in the service's one order: by key, then newest first. */
export function listedVersions(
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

export const decodedKey = (key: string | undefined, { EncodingType }: Page): string =>
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
