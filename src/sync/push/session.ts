import { EfakturError, isEfakturError } from '../../base/errors.ts';
import { localDay } from '../../base/local-time.ts';
import type { Warning } from '../../base/progress.ts';
import { encodeManifest, type Manifest } from '../../catalog/manifest.ts';
import { manifestKey, programManifestKey } from '../../catalog/names.ts';
import { encodeProgramManifest, type ProgramManifest } from '../../catalog/program-manifest.ts';
import type { Encryptor } from '../../crypto/age.ts';
import type { Job } from '../../state/job.ts';
import {
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
import type { ObjectStore } from '../../store/store.ts';
import type { KeepingRules, PushingContext } from '../context.ts';
import { type LockedPut, type LockedReceipt, listedWhole, lockedPut } from '../stored/locked-put.ts';
import type { RecordedStore } from './base.ts';
import { lookForEncrypted } from './encryption-seen.ts';
import { type Leaning, leaningBy } from './leaning.ts';
import { type OpenedPrefix, openPrefix, type PrefixUser, writeOrigin } from './origin.ts';
import { type WrittenManifest, writeManifest } from './own-manifest.ts';
import { isShown, lookAtArchive } from './sound-archive.ts';
import type { Spool } from './spool.ts';
import type { PackedArchive } from './spool-writer.ts';
import {
  holdsEncrypted,
  pushAgainOrOtherStore,
  setRecipientsOrAllow,
  storedButNotNoted,
} from './store-texts.ts';

export interface SessionOptions extends PrefixUser, KeepingRules, Pick<PushingContext, 'rereadEveryDays'> {
  /** Null when this push sends in clear. */
  readonly encryptor: Encryptor | null;
  readonly allowPlaintext: boolean;
  /** Null when nothing is written. */
  readonly job: Job | null;
}

/**
 * Opens a store for pushing: lists `origin/` and compares it with this PC and with the local record. `usage` when
 * another name or folder owns the prefix, or it holds encrypted backups and this push is in clear; `store-unavailable` when
 * the record knows the store but it looks empty.
 */
export async function openSession(store: ObjectStore, options: SessionOptions): Promise<StoreSession> {
  const prefix = await openPrefix(store, await readRecord(options.stateDir, store.url), options);
  if (options.encryptor) return new StoreSession(store, prefix, prefix.record, options);
  const record = await lookForEncrypted(store, prefix.record, options.signal);
  if (record.holdsEncrypted && !options.allowPlaintext) {
    throw new EfakturError('usage', holdsEncrypted(store.url), setRecipientsOrAllow);
  }
  return new StoreSession(store, prefix, record, options);
}

/** One store during one push: its origin, what this PC knows of it, and what is put there. The record changes here alone. */
export class StoreSession implements RecordedStore {
  readonly store: ObjectStore;
  /** Nobody has pushed to this prefix yet: it listed no origin. */
  readonly isNew: boolean;
  /** The store's clock minus ours when it was asked; null where it has none. */
  readonly clockOffsetMs: number | null;
  readonly #options: SessionOptions;
  readonly #prefix: OpenedPrefix;
  readonly #leaning: Leaning;
  readonly #put: LockedPut;
  readonly #noticed: Warning[] = [];
  #record: StoreRecord;
  #originKey: string | null;

  constructor(store: ObjectStore, prefix: OpenedPrefix, record: StoreRecord, options: SessionOptions) {
    this.store = store;
    this.isNew = prefix.ownerKey === null;
    this.clockOffsetMs = prefix.clockOffsetMs;
    this.#options = options;
    this.#prefix = prefix;
    this.#record = record;
    this.#originKey = prefix.isOurs ? prefix.ownerKey : null;
    this.#leaning = leaningBy(options, () => this.#serverNow().getTime());
    const { lock, job, signal } = options;
    this.#put = lockedPut(store, { lock, job, signal, now: () => this.#serverNow() });
  }

  get record(): StoreRecord {
    return this.#record;
  }

  /** What was noticed in the store that somebody must know, though the push went on. */
  get noticed(): readonly Warning[] {
    return this.#noticed;
  }

  mayLeanOn(archive: RecordedArchive): boolean {
    return this.#leaning.mayLeanOn(archive);
  }

  /** Writes the origin object if this push must, and README.txt before it where there is none; nothing is sent before them. */
  async ensureOrigin(): Promise<string> {
    const { origin } = this.#options;
    this.#originKey ??= await writeOrigin(this.#there, origin, this.#prefix.ownerKey, this.#serverNow());
    const key = this.#originKey;
    if (this.#record.origin?.key !== key) await this.#save({ ...this.#record, origin: { key, ...origin } });
    return key;
  }

  /** Whether the store lists an archive as it was sent, and a manifest that needs it. */
  isThere(archive: SentArchive): Promise<boolean> {
    return isShown(archive, this.#there);
  }

  /** Whether something may lean on an archive; see {@link lookAtArchive}. The record keeps that its bytes were read. */
  async isSound(archive: SentArchive): Promise<boolean> {
    const { rereadEveryDays } = this.#options;
    const look = await lookAtArchive(archive, this.#there, { rereadEveryDays, now: this.#serverNow() });
    if (look.readAt) this.#record = withReadAt(this.#record, archive.tag, look.readAt.toISOString());
    if (look.noticed) this.#noticed.push(look.noticed);
    return look.isSound;
  }

  /** A recorded archive that holds this content and that the store still shows as it was sent; null when it must be sent. */
  async findUnchanged(holds: (archive: RecordedArchive) => boolean): Promise<RecordedArchive | null> {
    const { outlivesLock } = this.#leaning;
    const baseOf = ({ base }: RecordedArchive): RecordedArchive | null | undefined =>
      base === undefined ? null : this.#record.archives.find(({ tag }) => tag === base);
    for (const archive of this.#record.archives.filter((a) => holds(a) && outlivesLock(a)).reverse()) {
      const base = baseOf(archive);
      const isWhole = base !== undefined && (!base || (outlivesLock(base) && (await this.isSound(base))));
      // It may have been read just now, which the record notes.
      if (isWhole && (await this.isSound(archive)))
        return this.#record.archives.find(({ tag }) => tag === archive.tag) ?? archive;
      this.#record = withoutArchive(this.#record, archive.tag);
    }
    return null;
  }

  /** As `findUnchanged`, of a recorded program folder. */
  async findUnchangedProgram(holds: (program: RecordedProgram) => boolean): Promise<RecordedProgram | null> {
    const { outlivesLock } = this.#leaning;
    for (const program of this.#record.programs.filter((p) => holds(p) && outlivesLock(p)).reverse()) {
      if (await this.isSound(program))
        return this.#record.programs.find(({ tag }) => tag === program.tag) ?? program;
      this.#record = withoutArchive(this.#record, program.tag);
    }
    return null;
  }

  /** Remembers that the user was told that the store has no copy of a program. */
  async noteProposed(appProgram: string): Promise<void> {
    await this.#save({ ...this.#record, proposed: [...(this.#record.proposed ?? []), appProgram] });
  }

  /** Remembers that the live db was found to be what an archive holds, for which no manifest is written. */
  async noteLiveFound({ tag }: RecordedArchive, at: Date): Promise<void> {
    await this.#save({ ...this.#record, liveFound: { tag, at: at.toISOString() } });
  }

  /** Sends an archive, perhaps while it is still being packed; no store lists one that was not packed to its end. */
  async putArchive(
    key: string,
    archive: Spool,
    onBytes: (bytes: number) => void,
  ): Promise<LockedReceipt & PackedArchive & { readonly receivedAt: Date }> {
    const { fullEveryDays: leantOnDays, now, signal } = this.#options;
    const receipt = await this.#put(key, archive.body(), { leantOnDays, onBytes });
    const packed = await archive.whole;
    const listed = await listedWhole(this.store, key, packed.sizeBytes, signal, pushAgainOrOtherStore);
    return { ...receipt, ...packed, etag: listed.etag, receivedAt: listed.modified ?? now() };
  }

  /** Stores a full's block index, locked as long as the full. */
  async putIndex(key: string, bytes: Buffer): Promise<void> {
    await this.#put(key, bytesBody(bytes), { leantOnDays: this.#options.fullEveryDays });
  }

  /**
   * Writes a manifest, sees that it is listed and remembers the backup. A name that is listed already is not written again;
   * `taken` when what lies there is not this PC's: then nothing was stored.
   */
  async putManifest(
    manifest: Manifest,
    archive: RecordedArchive,
    from: Pick<RecordedBackup, 'local' | 'app'>,
  ): Promise<WrittenManifest['outcome']> {
    const { id, capturedAt } = manifest;
    // Another zone since then must not give the same backup a second folder.
    const known = this.#record.backups.find((b) => b.id === id);
    const day = known?.day ?? localDay(capturedAt, this.#options.zone);
    const bytes = encodeManifest(manifest);
    return this.#putNamed(manifestKey(day, id), bytes, known?.manifest, (written) =>
      withBackup(withArchive(this.#record, this.#held(archive)), {
        id,
        tag: archive.tag,
        day,
        manifest: written,
        ...from,
      }),
    );
  }

  /** As `putManifest`, of a program folder. */
  async putProgram(
    manifest: ProgramManifest,
    archive: SentArchive,
    contentHash: string,
  ): Promise<WrittenManifest['outcome']> {
    const { id, capturedAt, appProgram } = manifest;
    const day = localDay(capturedAt, this.#options.zone);
    const bytes = encodeProgramManifest(manifest);
    return this.#putNamed(programManifestKey(day, id), bytes, undefined, (written) =>
      withProgram(
        this.#record,
        this.#held({ ...archive, id, day, manifest: written, contentHash, appProgram }),
      ),
    );
  }

  get #there(): { store: ObjectStore; record: StoreRecord; put: LockedPut; signal: AbortSignal } {
    return { store: this.store, record: this.#record, put: this.#put, signal: this.#options.signal };
  }

  #serverNow(): Date {
    return new Date(this.#options.now().getTime() + (this.clockOffsetMs ?? 0));
  }

  async #save(next: StoreRecord): Promise<void> {
    this.#record = next;
    await writeRecord(this.#options.stateDir, next);
  }

  /** Writes what names an archive and saves that it is stored, which it is whether or not this PC can note it. */
  async #putNamed(
    key: string,
    bytes: Buffer,
    known: RecordedManifest | undefined,
    recorded: (manifest: RecordedManifest) => StoreRecord,
  ): Promise<WrittenManifest['outcome']> {
    const written = await writeManifest(this.#there, key, bytes, known);
    if (written.outcome === 'taken') {
      this.#noticed.push(written.noticed);
      return 'taken';
    }
    try {
      await this.#save(recorded(written.manifest));
    } catch (error) {
      if (!isEfakturError(error, 'target-not-writable')) throw error;
      this.#noticed.push({ code: error.code, message: storedButNotNoted(error.text), hint: error.hint });
    }
    return written.outcome;
  }

  /** What the record does not know was sent by this session, under its lock. */
  #held<T extends SentArchive>(archive: T): T {
    const { lock } = this.#options;
    const isKnown = [...this.#record.archives, ...this.#record.programs].some(
      ({ tag }) => tag === archive.tag,
    );
    return isKnown || !lock ? archive : { ...archive, lockMode: lock.mode };
  }
}
