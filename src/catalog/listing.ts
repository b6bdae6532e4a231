import { dayMs } from '../base/durations.ts';
import { EfakturError } from '../base/errors.ts';
import { byUtf8 } from '../base/file-set.ts';
import type { ObjectStore, StoredObject } from '../store/store.ts';
import { byCountedTime, countedAt } from './counted-time.ts';
import {
  afterLastDay,
  type BackupId,
  type BackupKind,
  parseBackupKey,
  parseProgramKey,
  readmeKey,
} from './names.ts';
import { askProvider, cannotBeListed, shownOnlySome } from './texts.ts';
import { byUpload, listTrueObjects, type Tampering, type TrueObject, type TruePage } from './true-objects.ts';

/** What a manifest makes exist, as the names of one store show it. */
interface StoredEntry<Archive extends StoredArchive> {
  readonly id: string;
  readonly capturedAt: Date;
  /** When the store got its manifest, by the store's clock; null where it does not say. */
  readonly uploadedAt: Date | null;
  /** What it is ordered by: see `counted-time.ts`. */
  readonly countedAt: Date;
  /** The folder: the local day of the capture where it was pushed. */
  readonly day: string;
  readonly tag: string;
  readonly manifestKey: string;
  /** See {@link TrueObject}. */
  readonly manifestVersionId: string | null;
  /** The first uploaded of `archives`; null when the archive that the tag promises is not listed. */
  readonly archive: Archive | null;
  /** Whatever has the tag, in the order of upload: more than one when somebody forged some. The manifest names the true one. */
  readonly archives: readonly Archive[];
}

export interface BackupEntry extends StoredEntry<ArchiveEntry> {}

/** A stored program folder; its `archives` are those of programs. */
export interface ProgramEntry extends StoredEntry<StoredArchive> {}

export interface ArchiveEntry extends StoredArchive {
  readonly kind: BackupKind;
}

export interface StoredArchive {
  readonly key: string;
  readonly encrypted: boolean;
  readonly sizeBytes: number;
  readonly versionId: string | null;
  readonly etag: string | null;
  readonly modified: Date | null;
}

export interface Listing {
  /** Oldest first, by `countedAt`. */
  readonly backups: readonly BackupEntry[];
  /** Stored program folders, in the same order; nothing of them is among the backups. */
  readonly programs: readonly ProgramEntry[];
  /** Those of backups, by key. */
  readonly archives: ReadonlyMap<string, ArchiveEntry>;
  /** Those of program folders, by key. */
  readonly programArchives: ReadonlyMap<string, StoredArchive>;
  /** Keys before and among the days that are not of this format, or name a backup that an earlier upload has named. */
  readonly foreignKeys: number;
  /** The true versions are listed all the same. */
  readonly tampered: readonly Tampering[];
  readonly serverTime: Date | null;
}

export interface ListRange {
  /** Only keys that begin with this: `''` or a day folder. */
  readonly prefix?: string;
  readonly signal?: AbortSignal | undefined;
}

type ListedManifest = BackupId &
  Pick<BackupEntry, 'day'> &
  Pick<StoredArchive, 'key' | 'modified' | 'versionId'>;

/** Manifests and archives as they are listed, and what follows from them once all are. */
function collectEntries<Archive extends StoredArchive>() {
  const manifests = new Map<string, ListedManifest>();
  const byTag = new Map<string, Archive[]>();
  return {
    /** False for a manifest of an id that is known: the one that was uploaded first counts. */
    addManifest(manifest: ListedManifest): boolean {
      const known = manifests.get(manifest.id);
      if (!known || byUpload(manifest, known) < 0) manifests.set(manifest.id, manifest);
      return known === undefined;
    },
    addArchive(tag: string, archive: Archive): void {
      const others = byTag.get(tag);
      if (others) others.push(archive);
      else byTag.set(tag, [archive]);
    },
    entries(): StoredEntry<Archive>[] {
      for (const claiming of byTag.values()) if (claiming.length > 1) claiming.sort(byUpload);
      return [...manifests.values()]
        .map(({ key, versionId, modified: uploadedAt, day, id, capturedAt, tag }) => {
          const mine = byTag.get(tag) ?? [];
          return {
            id,
            capturedAt,
            uploadedAt,
            countedAt: countedAt({ id, capturedAt, uploadedAt }),
            day,
            tag,
            manifestKey: key,
            manifestVersionId: versionId,
            archive: mine[0] ?? null,
            archives: mine,
          };
        })
        .sort(byCountedTime);
    },
  };
}

/** What the objects of one prefix come to, as they are listed one after the other. */
export function collectListing() {
  const tampered: Tampering[] = [];
  const backups = collectEntries<ArchiveEntry>();
  const programs = collectEntries<StoredArchive>();
  const archives = new Map<string, ArchiveEntry>();
  const programArchives = new Map<string, StoredArchive>();
  let foreignKeys = 0;
  return {
    /** Takes an object, with its key below the prefix; false for what neither README.txt nor a day's backup is. */
    add({ object, versionId, tampering }: TrueObject): boolean {
      const { key, modified } = object;
      if (key === readmeKey && tampering) tampered.push({ key, how: tampering });
      if (key >= afterLastDay) return key === readmeKey;
      const backup = parseBackupKey(key);
      const program = backup ? null : parseProgramKey(key);
      const parsed = backup ?? program;
      if (parsed && tampering) tampered.push({ key, how: tampering });
      if (!parsed) foreignKeys++;
      else if (parsed.type === 'manifest') {
        const { addManifest } = program ? programs : backups;
        if (!addManifest({ ...parsed, key, modified, versionId })) foreignKeys++;
      } else {
        const { sizeBytes, etag } = object;
        const archive = { key, encrypted: parsed.encrypted, sizeBytes, versionId, etag, modified };
        if (backup?.type === 'archive') {
          const ofBackup = { ...archive, kind: backup.kind };
          archives.set(key, ofBackup);
          backups.addArchive(parsed.tag, ofBackup);
        } else {
          programArchives.set(key, archive);
          programs.addArchive(parsed.tag, archive);
        }
      }
      return parsed !== null;
    },
    listing: (serverTime: Date | null): Listing => ({
      backups: backups.entries(),
      programs: programs.entries(),
      archives,
      programArchives,
      foreignKeys,
      tampered,
      serverTime,
    }),
  };
}

/** Reads what is stored from key names alone, up to the last day folder and README.txt after it; no object is opened. */
export async function listBackups(store: ObjectStore, range: ListRange = {}): Promise<Listing> {
  const collected = collectListing();
  let serverTime: Date | null = null;
  const { prefix = '', signal } = range;
  const listed = prefix === '' ? listDays(store, signal) : listTrueObjects(store, prefix, { signal });
  pages: for await (const page of listed) {
    serverTime ??= page.serverTime;
    for (const object of page.objects) {
      if (object.object.key > readmeKey) break pages;
      collected.add(object);
    }
  }
  return collected.listing(serverTime);
}

/** More objects than this on the first page, and there are many pages. */
const longPage = 900;
const slices = 4;

/**
 * The pages up to the last day folder, in order. A long history is listed in several slices of days at once: a page can
 * only be asked for when the one before is here. The days where slices begin are no keys, and there are services that begin
 * only at keys: so a slice counts if it begins with the key that the slice before it saw next, else that one goes on.
 */
async function* listDays(store: ObjectStore, signal: AbortSignal | undefined): AsyncGenerator<TruePage> {
  const stop = new AbortController();
  const all = { signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal };
  try {
    const beginning = listTrueObjects(store, '', all);
    const first = await beginning.next();
    if (first.done) return;
    yield first.value;
    const bounds = boundsAfter(first.value);
    const [head, ...tail] = [null, ...bounds].map((from, i) => {
      const pages = from === null ? beginning : listTrueObjects(store, '', { ...all, startAfter: from });
      const slice = collectUpTo({ pages, held: null }, bounds[i] ?? null);
      // Met at its turn, or nobody waits for it any more.
      slice.catch(() => {});
      return slice;
    });
    let slice = await head;
    if (!slice) return;
    yield* slice.kept;
    let lastKey = lastKeyOf(slice.kept) ?? lastKeyOf([first.value]);
    for (const [i, next] of tail.entries()) {
      let following = await next;
      const begins = firstKeyOf(following.kept) ?? firstKeyOf(following.rest.held);
      if (begins !== firstKeyOf(slice.rest.held)) {
        // What ended before this one began may have been pushed meanwhile.
        const rest = slice.rest.held
          ? slice.rest
          : {
              pages: listTrueObjects(store, '', { ...all, ...(lastKey !== null && { startAfter: lastKey }) }),
              held: null,
            };
        const shownTo = lastKeyOf(following.kept);
        following = await collectUpTo(rest, bounds[i + 1] ?? null);
        const gotTo = lastKeyOf(following.kept);
        if (shownTo !== null && (gotTo === null || byUtf8(gotTo, shownTo) < 0)) throw contradicting(store);
      }
      slice = following;
      yield* slice.kept;
      lastKey = lastKeyOf(slice.kept) ?? lastKey;
    }
  } finally {
    stop.abort();
  }
}

const contradicting = (store: ObjectStore): EfakturError =>
  new EfakturError(
    'store-unavailable',
    { what: cannotBeListed(store.url), because: shownOnlySome },
    askProvider,
  );

/** The days at which the rest of the listing is divided, none where it cannot be long. */
function boundsAfter({ objects, serverTime }: TruePage): string[] {
  const last = objects.at(-1)?.object.key ?? '';
  const fromMs = Date.parse(`${last.slice(0, 10)}T00:00:00Z`);
  const toMs = (serverTime ?? new Date()).getTime();
  if (objects.length < longPage || Number.isNaN(fromMs) || toMs - fromMs < slices * dayMs) return [];
  return Array.from({ length: slices - 1 }, (_, i) =>
    new Date(fromMs + ((i + 1) * (toMs - fromMs)) / slices).toISOString().slice(0, 10),
  );
}

/** What of a listing is still to come: first what was seen of it already. */
interface RestOfListing {
  readonly pages: AsyncGenerator<TruePage>;
  readonly held: readonly TruePage[] | null;
}

/** What is listed up to a key, itself included, and what comes after it. */
async function collectUpTo(
  { pages, held }: RestOfListing,
  lastKey: string | null,
): Promise<{ readonly kept: readonly TruePage[]; readonly rest: RestOfListing }> {
  const kept: TruePage[] = [];
  const isKept = (key: string): boolean => lastKey === null || byUtf8(key, lastKey) <= 0;
  /** What lies beyond, once something does. */
  const take = (page: TruePage): TruePage | null => {
    const objects = page.objects.filter(({ object }) => isKept(object.key));
    kept.push({ ...page, objects });
    if (objects.length === page.objects.length) return null;
    return { ...page, objects: page.objects.slice(objects.length) };
  };
  for (const [i, page] of (held ?? []).entries()) {
    const beyond = take(page);
    if (beyond) return { kept, rest: { pages, held: [beyond, ...(held ?? []).slice(i + 1)] } };
  }
  for (let next = await pages.next(); !next.done; next = await pages.next()) {
    const beyond = take(next.value);
    if (beyond) return { kept, rest: { pages, held: [beyond] } };
    if ((lastKeyOf([next.value]) ?? '') >= readmeKey) break;
  }
  return { kept, rest: { pages, held: null } };
}

const firstKeyOf = (pages: readonly TruePage[] | null): string | null =>
  pages?.find(({ objects }) => objects.length > 0)?.objects[0]?.object.key ?? null;

const lastKeyOf = (pages: readonly TruePage[]): string | null =>
  pages.findLast(({ objects }) => objects.length > 0)?.objects.at(-1)?.object.key ?? null;

/** The one object with exactly this key as a listing shows it, or null; asks no more than a listing right. */
export async function findObject(
  store: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<StoredObject | null> {
  for await (const page of store.list(key, { signal })) {
    const first = page.objects[0];
    if (first) return first.key === key ? first : null;
  }
  return null;
}
