import { dayMs } from '../../base/durations.ts';
import { EfakturError, isEfakturError } from '../../base/errors.ts';
import { localDay } from '../../base/local-time.ts';
import type { Warning } from '../../base/progress.ts';
import { findObject } from '../../catalog/listing.ts';
import { encodeManifest, encodeOrigin, type Manifest, type Origin } from '../../catalog/manifest.ts';
import {
  manifestKey,
  originKey,
  originPrefix,
  parseOriginKey,
  programManifestKey,
  readmeKey,
} from '../../catalog/names.ts';
import { prefixReadme } from '../../catalog/prefix-readme.ts';
import { encodeProgramManifest, type ProgramManifest } from '../../catalog/program-manifest.ts';
import { listProofs, standingDamage } from '../../catalog/proofs.ts';
import type { Encryptor } from '../../crypto/age.ts';
import {
  emptyRecord,
  type RecordedArchive,
  type RecordedBackup,
  type RecordedManifest,
  type RecordedProgram,
  type SentArchive,
  type StoreRecord,
  withArchive,
  withBackup,
  withoutArchive,
  withProgram,
  withReadAt,
} from '../../state/record.ts';
import { readRecord, writeRecord } from '../../state/record-file.ts';
import { bytesBody } from '../../store/small-object.ts';
import type { Body, ObjectStore, Receipt } from '../../store/store.ts';
import type { KeepingRules, Local, PushingContext } from '../context.ts';
import { lockFor } from '../stored/object-lock.ts';
import { isAsSentOrUnread, isUnvouched, lastReadMs } from './as-sent.ts';
import type { RecordedStore } from './base.ts';
import { lookForEncrypted } from './encryption-seen.ts';
import { leaningBy } from './leaning.ts';
import {
  confirmWritten,
  isOwnManifest,
  isSameManifest,
  looksWritten,
  manifestFacts,
} from './own-manifest.ts';
import { otherOwner, ownsPrefix } from './prefix-owner.ts';
import type { Spool } from './spool.ts';
import type { PackedArchive } from './spool-writer.ts';

/** Notes durably what a put leaves behind when this process dies, before its first byte; see {@link NotedUpload}. */
export type NoteUpload = (key: string, uploadId: string | null) => Promise<void>;

/** One store during one push: its origin, its record and what it already has. */
export interface StoreSession extends RecordedStore {
  readonly store: ObjectStore;
  /** What was noticed in the store that somebody must know, though the push went on. */
  readonly noticed: readonly Warning[];
  /** Nobody has pushed to this prefix yet: it listed no origin. */
  readonly isNew: boolean;
  /** The store's clock minus ours when it was asked; null where it has none. */
  readonly clockOffsetMs: number | null;
  /** Writes the origin object if this push must, and README.txt before it where there is none; nothing is sent before them. */
  ensureOrigin(note: NoteUpload): Promise<string>;
  /** Whether the store lists an archive as it was sent, and a manifest that needs it. */
  isThere(archive: SentArchive): Promise<boolean>;
  /**
   * As `isThere`, no proof says that it is damaged and, where nothing but its size vouches for it, its bytes were read
   * within the days set or are read now.
   */
  isSound(archive: SentArchive): Promise<boolean>;
  /** A recorded archive that holds this content and that the store still shows as it was sent; null when it must be sent. */
  findUnchanged(holds: (archive: RecordedArchive) => boolean): Promise<RecordedArchive | null>;
  /** As `findUnchanged`, of a recorded program folder. */
  findUnchangedProgram(holds: (program: RecordedProgram) => boolean): Promise<RecordedProgram | null>;
  /** Remembers that the user was told that the store has no copy of a program. */
  noteProposed(appProgram: string): Promise<void>;
  /** Remembers that the live db was found to be what an archive holds, for which no manifest is written. */
  noteLiveFound(archive: RecordedArchive, at: Date): Promise<void>;
  /** Sends an archive, perhaps while it is still being packed; no store lists one that was not packed to its end. */
  putArchive(
    key: string,
    archive: Spool,
    note: NoteUpload,
    onBytes: (bytes: number) => void,
  ): Promise<Receipt & PackedArchive & { readonly receivedAt: Date; readonly lockedUntil: Date | null }>;
  /** Stores a full's block index, locked as long as the full. */
  putIndex(key: string, bytes: Buffer, note: NoteUpload): Promise<void>;
  /**
   * Writes a manifest, sees that it is listed and remembers the backup. A name that is listed already is not written again;
   * `taken` when what lies there is not this PC's: then nothing was stored.
   */
  putManifest(
    manifest: Manifest,
    archive: RecordedArchive,
    from: Pick<RecordedBackup, 'local' | 'app'>,
    note: NoteUpload,
  ): Promise<'written' | 'already there' | 'taken'>;
  /** As `putManifest`, of a program folder. */
  putProgram(
    manifest: ProgramManifest,
    archive: SentArchive,
    contentHash: string,
    note: NoteUpload,
  ): Promise<'written' | 'already there' | 'taken'>;
}

/** Folders have no locks, whatever the rules say. */
export interface SessionOptions
  extends Local,
    KeepingRules,
    Pick<PushingContext, 'rereadEveryDays' | 'samePath'> {
  readonly origin: Origin;
  readonly moved: boolean;
  readonly newStore: boolean;
  /** Null when this push sends in clear. */
  readonly encryptor: Encryptor | null;
  readonly allowPlaintext: boolean;
}

async function holdsAnything(store: ObjectStore, signal: AbortSignal): Promise<boolean> {
  for await (const { objects } of store.list('', { signal })) if (objects.length > 0) return true;
  return false;
}

/**
 * Opens a store for pushing: lists `origin/` and compares it with this PC and with the local record. `usage` when
 * another name or folder owns the prefix, `store-unavailable` when the record knows the store but it looks empty.
 */
export async function openSession(store: ObjectStore, options: SessionOptions): Promise<StoreSession> {
  const { signal } = options;
  let record = await readRecord(options.stateDir, store.url);
  const origins: string[] = [];
  let clockOffsetMs: number | null = null;
  for await (const page of store.list(originPrefix, { signal })) {
    if (page.serverTime && clockOffsetMs === null)
      clockOffsetMs = page.serverTime.getTime() - options.now().getTime();
    for (const object of page.objects) if (parseOriginKey(object.key) !== null) origins.push(object.key);
  }
  const owner = origins.at(-1) ?? null;
  if (owner === null && record.archives.length + record.programs.length > 0) {
    if (!options.newStore) {
      if (await holdsAnything(store, signal)) {
        throw new EfakturError(
          'store-unavailable',
          `${store.url} was pushed to before, but nothing below ${originPrefix} says any more whose it is`,
          'Somebody deleted that, or another store has this address now: look into it; if that is known, push with --new-store.',
        );
      }
      throw new EfakturError(
        'store-unavailable',
        `${store.url} was pushed to before but holds nothing now: a wrong address, or a drive that is not mounted`,
        'Check the address or connect the drive; if it was emptied on purpose, push with --new-store.',
      );
    }
    record = emptyRecord(store.url);
  }
  const isOwner = owner !== null && (await ownsPrefix(store, owner, record, options));
  if (owner !== null && !isOwner && !options.moved) throw otherOwner(store, owner, options.origin);

  if (!options.encryptor) {
    record = await lookForEncrypted(store, record, signal);
    if (record.holdsEncrypted && !options.allowPlaintext) {
      throw new EfakturError(
        'usage',
        `${store.url} holds encrypted backups, and this push would send in clear`,
        'Set EFAKTUR_RECIPIENTS to your public key; to push in clear all the same, add --allow-plaintext.',
      );
    }
  }

  const serverNow = (): number => options.now().getTime() + (clockOffsetMs ?? 0);
  const lockDays = options.lock?.days ?? 0;
  const put = async (
    key: string,
    body: Body,
    lockedDays: number,
    note: NoteUpload,
    onBytes?: (bytes: number) => void,
  ): Promise<Receipt & { readonly lockedUntil: Date | null }> => {
    const lock = options.lock ? lockFor(options.lock, lockedDays, serverNow()) : undefined;
    const onUpload = (uploadId: string): Promise<void> => note(key, uploadId);
    const onPlanned = (): Promise<void> => note(key, null);
    try {
      const receipt = await store.put(key, body, { signal, onPlanned, onUpload, onBytes, lock });
      return { ...receipt, lockedUntil: lock?.until ?? null };
    } catch (error) {
      throw lock && isEfakturError(error, 'usage', 'access-denied') ? lockRefused(error) : error;
    }
  };
  const noticed: Warning[] = [];
  const { outlivesLock, mayLeanOn } = leaningBy(options, serverNow);
  const isThere = async (archive: SentArchive): Promise<boolean> => {
    const [listed, named] = await Promise.all([findObject(store, archive.key, signal), isNamed(archive)]);
    const asSent =
      listed?.sizeBytes === archive.sizeBytes && (archive.etag === null || listed.etag === archive.etag);
    return asSent && named;
  };
  const isSound = async (archive: SentArchive): Promise<boolean> => {
    const [there, listedProofs] = await Promise.all([
      isThere(archive),
      listProofs(store, signal, archive.tag),
    ]);
    const proofs = [...listedProofs.values()].flat();
    if (!there || standingDamage(proofs).length > 0) return false;
    const isFresh = lastReadMs(archive, proofs) >= serverNow() - options.rereadEveryDays * dayMs;
    if (!isUnvouched(store, archive) || isFresh) return true;
    if (await isAsSentOrUnread(store, archive, signal)) {
      record = withReadAt(record, archive.tag, new Date(serverNow()).toISOString());
      return true;
    }
    noticed.push({
      code: 'damaged',
      message: `${store.url}: the archive ${archive.key} is no longer what was sent, so nothing leans on it any more; "efaktur-cloud verify --read-data" says which backups it took with it`,
    });
    return false;
  };
  /** A prune lets go of archives that no manifest needs, so nothing may lean on one of those. */
  const isNamed = async ({ tag }: SentArchive): Promise<boolean> => {
    for (const { key, manifest } of manifestsNaming(record, tag)) {
      const listed = await findObject(store, key, signal);
      if (listed && (!manifest || looksWritten(listed, manifest))) return true;
    }
    return false;
  };

  let currentOrigin = isOwner ? owner : null;
  const save = async (next: StoreRecord): Promise<void> => {
    record = next;
    await writeRecord(options.stateDir, record);
  };

  /** Saves what tells of something stored, which is there whether or not this PC can note it. */
  const saveStored = async (next: StoreRecord): Promise<void> => {
    try {
      await save(next);
    } catch (error) {
      if (!isEfakturError(error, 'target-not-writable')) throw error;
      noticed.push({
        code: error.code,
        message: `${error.message}; the backup is stored, but the next push may send again what it holds`,
        hint: error.hint,
      });
    }
  };
  /** Null when a manifest that is not this PC's lies there. */
  const writeManifest = async (
    key: string,
    bytes: Buffer,
    known: RecordedManifest | undefined,
    note: NoteUpload,
  ): Promise<{ readonly manifest: RecordedManifest; readonly wasThere: boolean } | null> => {
    const listed = await findObject(store, key, signal);
    if (!listed) {
      const receipt = await put(key, bytesBody(bytes), lockDays, note);
      return { manifest: await confirmWritten(store, key, bytes, receipt), wasThere: false };
    }
    const isOwn = known
      ? await isOwnManifest(store, listed, known, signal)
      : await isSameManifest(store, listed, bytes, signal);
    if (isOwn) return { manifest: known ?? manifestFacts(bytes, listed.etag), wasThere: true };
    noticed.push({
      code: 'name-taken',
      message: `${store.url}: ${key} is there already and is not what this PC wrote, so the state was sent again under another name`,
      hint: 'If no other PC pushes there, somebody has its access key: replace the key.',
    });
    return null;
  };
  /** What the record does not know was sent by this session, under its lock. */
  const held = <T extends SentArchive>(archive: T): T =>
    [...record.archives, ...record.programs].some(({ tag }) => tag === archive.tag) || !options.lock
      ? archive
      : { ...archive, lockMode: options.lock.mode };

  return {
    store,
    noticed,
    record: () => record,
    isNew: owner === null,
    clockOffsetMs,
    async ensureOrigin(note) {
      if (currentOrigin === null) {
        // Never over one that is there: a push may have been killed before its origin.
        if ((await findObject(store, readmeKey, signal)) === null)
          await put(readmeKey, bytesBody(prefixReadme), lockDays, note);
        // The last one by name is the owner, so a move within its second, or by a clock that is behind, comes after it.
        const lastMs = (owner !== null && parseOriginKey(owner)?.at.getTime()) || 0;
        const at = new Date(Math.max(serverNow(), lastMs + 1000));
        const key = originKey(at, options.origin.name);
        await put(key, bytesBody(encodeOrigin(options.origin)), lockDays, note);
        currentOrigin = key;
      }
      if (record.origin?.key !== currentOrigin)
        await save({ ...record, origin: { key: currentOrigin, ...options.origin } });
      return currentOrigin;
    },
    mayLeanOn,
    isThere,
    isSound,
    async findUnchanged(holds) {
      for (const archive of record.archives.filter((a) => holds(a) && outlivesLock(a)).reverse()) {
        const base = archive.base === undefined ? null : record.archives.find((a) => a.tag === archive.base);
        const isWhole = base !== undefined && (!base || (outlivesLock(base) && (await isSound(base))));
        // It may have been read just now, which the record notes.
        if (isWhole && (await isSound(archive)))
          return record.archives.find(({ tag }) => tag === archive.tag) ?? archive;
        record = withoutArchive(record, archive.tag);
      }
      return null;
    },
    async findUnchangedProgram(holds) {
      for (const program of record.programs.filter((p) => holds(p) && outlivesLock(p)).reverse()) {
        if (await isSound(program)) return record.programs.find(({ tag }) => tag === program.tag) ?? program;
        record = withoutArchive(record, program.tag);
      }
      return null;
    },
    noteProposed: (appProgram) => save({ ...record, proposed: [...(record.proposed ?? []), appProgram] }),
    noteLiveFound: ({ tag }, at) => save({ ...record, liveFound: { tag, at: at.toISOString() } }),
    async putArchive(key, archive, note, onBytes) {
      const receipt = await put(key, archive.body(), lockDays + options.fullEveryDays, note, onBytes);
      const packed = await archive.whole;
      const listed = await findObject(store, key, signal);
      if (listed?.sizeBytes !== packed.sizeBytes) {
        throw new EfakturError(
          'store-unavailable',
          `${store.url}: ${key} was sent with ${packed.sizeBytes} bytes but is listed with ${listed ? `${listed.sizeBytes}` : 'none'}`,
          'Push again; if it stays so, ask the provider or choose another store.',
        );
      }
      return { ...receipt, ...packed, etag: listed.etag, receivedAt: listed.modified ?? options.now() };
    },
    async putIndex(key, bytes, note) {
      await put(key, bytesBody(bytes), lockDays + options.fullEveryDays, note);
    },
    async putManifest(manifest, archive, from, note) {
      const { id, capturedAt } = manifest;
      // Another zone since then must not give the same backup a second folder.
      const known = record.backups.find((b) => b.id === id);
      const day = known?.day ?? localDay(capturedAt, options.zone);
      const written = await writeManifest(
        manifestKey(day, id),
        encodeManifest(manifest),
        known?.manifest,
        note,
      );
      if (!written) return 'taken';
      const backup = { id, tag: archive.tag, day, manifest: written.manifest, ...from };
      await saveStored(withBackup(withArchive(record, held(archive)), backup));
      return written.wasThere ? 'already there' : 'written';
    },
    async putProgram(manifest, archive, contentHash, note) {
      const { id, capturedAt, appProgram } = manifest;
      const day = localDay(capturedAt, options.zone);
      const key = programManifestKey(day, id);
      const written = await writeManifest(key, encodeProgramManifest(manifest), undefined, note);
      if (!written) return 'taken';
      const program = { ...archive, id, day, manifest: written.manifest, contentHash, appProgram };
      await saveStored(withProgram(record, held(program)));
      return written.wasThere ? 'already there' : 'written';
    },
  };
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

const lockRefused = (error: EfakturError): EfakturError =>
  new EfakturError(
    error.code,
    error.message,
    error.code === 'usage'
      ? 'EFAKTUR_LOCK_DAYS is set, and this bucket may take no locks: "efaktur-cloud doctor" tells. Make a bucket with object lock, or leave EFAKTUR_LOCK_DAYS out.'
      : `${error.hint} As EFAKTUR_LOCK_DAYS is set, the right s3:PutObjectRetention is needed, too.`,
    error,
  );
