import { dayMs } from '../../base/durations.ts';
import type { Warning } from '../../base/progress.ts';
import { findObject } from '../../catalog/listing.ts';
import { manifestKey, programManifestKey } from '../../catalog/names.ts';
import { listProofs, standingDamage } from '../../catalog/proofs.ts';
import type { RecordedManifest, SentArchive, StoreRecord } from '../../state/record.ts';
import type { ObjectStore } from '../../store/store.ts';
import { isAsSentOrUnread, isUnvouched, lastReadMs } from './as-sent.ts';
import { looksWritten } from './own-manifest.ts';
import { noLongerAsSent } from './store-texts.ts';

/** Whether something may lean on an archive that this PC sent, by what the store shows of it now. */

export interface SentTo {
  readonly store: ObjectStore;
  readonly record: StoreRecord;
  readonly signal: AbortSignal;
}

/**
 * Whether the store lists an archive as it was sent, and a manifest that needs it: a prune lets go of archives that no
 * manifest needs, so nothing may lean on one of those.
 */
export async function isShown(archive: SentArchive, { store, record, signal }: SentTo): Promise<boolean> {
  const [listed, named] = await Promise.all([
    findObject(store, archive.key, signal),
    isNamed(archive, { store, record, signal }),
  ]);
  const asSent =
    listed?.sizeBytes === archive.sizeBytes && (archive.etag === null || listed.etag === archive.etag);
  return asSent && named;
}

export interface Soundness {
  readonly isSound: boolean;
  /** When its bytes were read just now and were as sent. */
  readonly readAt?: Date;
  /** What somebody must know of it. */
  readonly noticed?: Warning;
}

/**
 * As {@link isShown}, no proof says that it is damaged and, where nothing but its size vouches for it, its bytes were read
 * within the days set or are read now.
 */
export async function lookAtArchive(
  archive: SentArchive,
  at: SentTo,
  rules: { readonly rereadEveryDays: number; readonly now: Date },
): Promise<Soundness> {
  const { store, signal } = at;
  const [there, listedProofs] = await Promise.all([
    isShown(archive, at),
    listProofs(store, signal, archive.tag),
  ]);
  const proofs = [...listedProofs.values()].flat();
  if (!there || standingDamage(proofs).length > 0) return { isSound: false };
  const isFresh = lastReadMs(archive, proofs) >= rules.now.getTime() - rules.rereadEveryDays * dayMs;
  if (!isUnvouched(store, archive) || isFresh) return { isSound: true };
  if (await isAsSentOrUnread(store, archive, signal)) return { isSound: true, readAt: rules.now };
  return { isSound: false, noticed: { code: 'damaged', message: noLongerAsSent(store.url, archive.key) } };
}

async function isNamed({ tag }: SentArchive, { store, record, signal }: SentTo): Promise<boolean> {
  for (const { key, manifest } of manifestsNaming(record, tag)) {
    const listed = await findObject(store, key, signal);
    if (listed && (!manifest || looksWritten(listed, manifest))) return true;
  }
  return false;
}

/** The manifests of this PC that need an archive, the newest first. */
function manifestsNaming(
  { archives, backups, programs }: StoreRecord,
  tag: string,
): { readonly key: string; readonly manifest: RecordedManifest | undefined }[] {
  const needing = archives.filter((a) => a.tag === tag || a.base === tag).map((a) => a.tag);
  return [
    ...programs
      .filter((p) => p.tag === tag)
      .map(({ day, id, manifest }) => ({ key: programManifestKey(day, id), manifest })),
    ...backups
      .filter((b) => needing.includes(b.tag))
      .reverse()
      .map(({ day, id, manifest }) => ({ key: manifestKey(day, id), manifest })),
  ];
}
