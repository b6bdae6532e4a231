import { byUtf8 } from '../base/file-set.ts';
import { readKeys } from './listed-keys.ts';
import type { StoredObject } from './store.ts';

/** The entries of one page of a listing as objects of the store. */

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
export function listedObjects(
  page: Page & { readonly Contents?: readonly Listed[] | undefined },
  asked: string,
  prefix: string,
): StoredObject[] | null {
  const entries = (page.Contents ?? []).map((object) => ({ ...object, isDeleteMarker: false }));
  return shown(entries, page, asked, prefix)?.sort((a, b) => byUtf8(a.key, b.key)) ?? null;
}

/** Versions and delete markers, which the SDK takes apart, in the service's one order: by key, then newest first. */
export function listedVersions(
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
