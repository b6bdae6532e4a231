import { isKept } from '../base/errors.ts';
import { findObject } from '../catalog/listing.ts';
import { manifestKey, originPrefix, parseBackupId, parseOriginKey } from '../catalog/names.ts';
import { findRunning, isRunning } from '../efaktur/running.ts';
import { lookAtFiles } from '../efaktur/seen-files.ts';
import type { RecordedBackup, SentArchive, StoreRecord } from '../state/record.ts';
import { readRecord } from '../state/record-file.ts';
import type { ObjectStore } from '../store/store.ts';
import type { StoresContext } from './context.ts';
import { looksWritten } from './push/own-manifest.ts';

/** Whether a push has anything to do, told without reading a database. A push in full stays the judge: this one only spares it. */

export interface SeenApp {
  /** Of the files as they are listed; null where that says nothing of what is in them. */
  readonly digest: string | null;
}

/** Looks at an e-Faktur folder; null while it is open, as its files may change unseen, and just after it was written. */
export async function lookAtApp(appFolder: string, now: () => Date): Promise<SeenApp> {
  if (isRunning(await findRunning(appFolder))) return { digest: null };
  const seen = await lookAtFiles(appFolder, now());
  return { digest: seen?.isSettled ? seen.digest : null };
}

/**
 * Whether every store shows what this PC pushed last, as it was sent: who owns the prefix, the manifest of the newest backup, its
 * archive and what that leans on. Throws what the first store fails with where none answers; one of several that fails is a no.
 */
export async function storesHoldNewest({
  stores,
  stateDir,
  now,
  signal,
}: Pick<StoresContext, 'stores' | 'stateDir' | 'now' | 'signal'>): Promise<boolean> {
  const looks = await Promise.allSettled(
    stores.map(async (store) =>
      holdsNewest(store, await readRecord(stateDir, store.url), { now: now(), signal }),
    ),
  );
  const failed = looks.flatMap((look): unknown[] => (look.status === 'rejected' ? [look.reason] : []));
  const fault = failed.find((error) => !isKept(error)) ?? (failed.length === looks.length ? failed[0] : null);
  if (fault) throw fault;
  return looks.every((look) => look.status === 'fulfilled' && look.value);
}

async function holdsNewest(
  store: ObjectStore,
  record: StoreRecord,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<boolean> {
  const newest = newestOf(record, now);
  const archive = record.archives.find(({ tag }) => tag === newest?.tag);
  const base = archive?.base === undefined ? null : record.archives.find(({ tag }) => tag === archive.base);
  if (!newest?.manifest || !archive || base === undefined) return false;
  const isListed = async (key: string, sent: Pick<SentArchive, 'sizeBytes' | 'etag'>): Promise<boolean> => {
    const listed = await findObject(store, key, signal);
    return listed !== null && looksWritten(listed, sent);
  };
  const held = await Promise.all([
    isOwnerAsNoted(store, record, signal),
    isListed(manifestKey(newest.day, newest.id), newest.manifest),
    isListed(archive.key, archive),
    base === null || isListed(base.key, base),
  ]);
  return held.every((one) => one);
}

/** Of what was pushed up to now: a clock that ran ahead says nothing of what a prune kept. */
function newestOf({ backups }: StoreRecord, now: Date): RecordedBackup | null {
  const capturedMs = ({ id }: RecordedBackup): number => parseBackupId(id)?.capturedAt.getTime() ?? 0;
  return backups
    .filter((backup) => capturedMs(backup) <= now.getTime())
    .reduce<RecordedBackup | null>(
      (newest, one) => (newest && capturedMs(newest) >= capturedMs(one) ? newest : one),
      null,
    );
}

async function isOwnerAsNoted(
  store: ObjectStore,
  record: StoreRecord,
  signal: AbortSignal,
): Promise<boolean> {
  let owner: string | null = null;
  for await (const { objects } of store.list(originPrefix, { signal }))
    owner = objects.findLast(({ key }) => parseOriginKey(key) !== null)?.key ?? owner;
  return owner !== null && owner === record.origin?.key;
}
