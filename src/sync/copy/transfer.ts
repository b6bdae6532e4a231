import { createHash } from 'node:crypto';
import { dayMs } from '../../base/durations.ts';
import { EfakturError, isEfakturError } from '../../base/errors.ts';
import { maxManifestBytes, type NeededArchive } from '../../catalog/manifest-parts.ts';
import { parseBackupKey, parseProgramKey } from '../../catalog/names.ts';
import type { Job } from '../../state/job.ts';
import { bytesBody } from '../../store/small-object.ts';
import type { Body, ObjectStore } from '../../store/store.ts';
import type { KeepingRules, VerbContext } from '../context.ts';
import { listedWhole, lockedPut } from '../stored/locked-put.ts';
import { alters, readSurely } from '../stored/second-reading.ts';
import { damagedInStore, notThere, otherBytes } from '../stored/texts.ts';
import type { HeldStore } from './held-stores.ts';
import { goneSince, OtherBytes, passingBody, type SourceObject, sha256Of } from './object.ts';
import {
  copyFromAnother,
  copyFromHolder,
  copying,
  ofOtherSize,
  otherBytesThere,
  runAgainOrOtherStore,
  verifyBoth,
} from './texts.ts';

export interface TransferOptions extends KeepingRules, Pick<VerbContext, 'now' | 'signal' | 'progress'> {
  readonly from: ObjectStore;
  readonly to: ObjectStore;
  readonly source: HeldStore;
  readonly target: HeldStore;
  /** Null when nothing is written. */
  readonly job: Job | null;
  readonly choice: { readonly by: string };
}

/** Objects on their way from one store to the other. Each `ensure…` resolves with whether it sent one, or would have. */
export interface Transfer {
  /** A manifest of the source: its bytes, and what they say. `damaged`, `newer-format`. */
  readManifest<T>(
    key: string,
    parse: (bytes: Buffer, key: string) => T,
  ): Promise<{ readonly bytes: Buffer; readonly manifest: T }>;
  /**
   * An object with nothing that states its hash. One of another size in the target is `attention`, and one of other bytes where
   * they are compared.
   */
  ensure(key: string, isCompared: boolean): Promise<boolean>;
  /** An archive, held against its size and hash. */
  ensureArchive(need: NeededArchive): Promise<boolean>;
  /** A small object that was read already. */
  ensureBytes(key: string, bytes: Buffer): Promise<boolean>;
  /**
   * Whether a lock on what was there before ends sooner than one of today: what leans on it then outlives it. Only where the key
   * may see locks.
   */
  isLockShort(key: string): Promise<boolean>;
  /** Writes an object of the target's own. */
  put(key: string, body: Body): Promise<void>;
  done(): { readonly objects: number; readonly bytes: number; readonly differing: readonly string[] };
}

export function beginTransfer(options: TransferOptions): Transfer {
  const { from, to, source, target, job, choice, signal, progress } = options;
  const differing: string[] = [];
  /** What was looked at already, once for all backups that need it; null where it is in the target now. */
  const looked = new Map<string, EfakturError | null>();
  const targetNow = (): Date => new Date(options.now().getTime() + target.clockAheadMs);
  const putLocked = lockedPut(to, { lock: options.lock, now: targetNow, job, signal });
  let objects = 0;
  let sentBytes = 0;

  const sourceObject = (key: string, sha256: string | null): SourceObject => {
    const found = source.objects.get(key);
    if (found) return { key, sizeBytes: found.object.sizeBytes, versionId: found.versionId, sha256 };
    throw new EfakturError('damaged', notThere(from.url, key), copyFromHolder);
  };

  const differs = (key: string): EfakturError => {
    differing.push(key);
    return new EfakturError('attention', otherBytesThere(to.url, key, from.url), verifyBoth);
  };

  async function put(key: string, body: Body, leantOnDays = 0): Promise<void> {
    await putLocked(key, body, { leantOnDays });
    await listedWhole(to, key, body.sizeBytes, signal, runAgainOrOtherStore);
  }

  async function send(object: SourceObject): Promise<true> {
    if (!job) return sent(object.sizeBytes);
    progress.begin(copying(object.key), object.sizeBytes);
    const body = passingBody(from, object, signal, (bytes) => progress.advance(bytes));
    try {
      // A later backup may lean on what is copied now.
      await put(object.key, body, options.fullEveryDays);
    } catch (error) {
      if (!(error instanceof OtherBytes)) throw error;
      throw await whoseFault(object, error);
    }
    return sent(object.sizeBytes);
  }

  function sent(bytes: number): true {
    objects++;
    sentBytes += bytes;
    return true;
  }

  /** A line may change bytes as well: only what is read twice says something of the archive. */
  async function whoseFault(object: SourceObject, { sha256 }: OtherBytes): Promise<EfakturError> {
    const again = await sha256Of(from, object, signal);
    if (again !== sha256) return alters(from, object.key);
    return new EfakturError('damaged', damagedInStore(from.url, object.key, otherBytes), copyFromAnother);
  }

  async function sameBytes(key: string, sha256: string | null): Promise<boolean> {
    const theirs = target.objects.get(key);
    if (!theirs) return false;
    const held = { key, sizeBytes: theirs.object.sizeBytes, versionId: theirs.versionId };
    const expected = sha256 ?? (await sha256Of(from, sourceObject(key, null), signal));
    return (await sha256Of(to, held, signal)) === expected;
  }

  /** What the target lists with the right size came whole, if a manifest was written behind it. */
  const tagOf = (key: string): string | undefined => (parseBackupKey(key) ?? parseProgramKey(key))?.tag;
  const namedThere = new Set(
    [...target.manifests, ...target.programs]
      .filter((manifest) => target.sizeOf(manifest) === source.sizeOf(manifest))
      .map(tagOf),
  );
  const isNamedThere = (key: string): boolean => namedThere.has(tagOf(key));

  async function ensureArchive({ key, sizeBytes, sha256 }: NeededArchive): Promise<boolean> {
    const object = sourceObject(key, sha256);
    if (object.sizeBytes !== sizeBytes) {
      throw new EfakturError(
        'damaged',
        ofOtherSize(from.url, key, object.sizeBytes, sizeBytes),
        copyFromAnother,
      );
    }
    const there = target.sizeOf(key);
    if (there === null) return send(object);
    const mustRead = choice.by === 'all' || !isNamedThere(key);
    if (there !== sizeBytes || (mustRead && !(await sameBytes(key, sha256)))) throw differs(key);
    return false;
  }

  /** What is wrong with an object is told of each backup that needs it. */
  async function once(key: string, ensure: () => Promise<boolean>): Promise<boolean> {
    const known = looked.get(key);
    if (known) throw known;
    if (known === null) return false;
    try {
      const wasSent = await ensure();
      looked.set(key, null);
      return wasSent;
    } catch (error) {
      if (isEfakturError(error, 'damaged', 'attention')) looked.set(key, error);
      throw error;
    }
  }

  return {
    readManifest(key, parse) {
      const { versionId } = sourceObject(key, null);
      const version = versionId === null ? {} : { versionId };
      return readSurely(from, key, maxManifestBytes, { signal, ...version }, (bytes) => {
        if (!bytes) throw goneSince(from, key);
        return { bytes, manifest: parse(bytes, key) };
      });
    },
    ensure: (key, isCompared) =>
      once(key, async () => {
        const object = sourceObject(key, null);
        const there = target.sizeOf(key);
        if (there === null) return send(object);
        if (there !== object.sizeBytes || (isCompared && !(await sameBytes(key, null)))) throw differs(key);
        return false;
      }),
    ensureArchive: (need) => once(need.key, () => ensureArchive(need)),
    async ensureBytes(key, bytes) {
      const there = target.sizeOf(key);
      if (there === null) {
        if (job) await put(key, bytesBody(bytes));
        return sent(bytes.length);
      }
      const hash = createHash('sha256').update(bytes).digest('hex');
      if (there !== bytes.length || !(await sameBytes(key, hash))) throw differs(key);
      return false;
    },
    async isLockShort(key) {
      const { lock } = options;
      const versionId = target.objects.get(key)?.versionId ?? null;
      if (!lock || target.sizeOf(key) === null) return false;
      const version = versionId === null ? {} : { versionId };
      const held = await to.lockOf(key, { signal, ...version }).catch((error: unknown) => {
        if (isEfakturError(error, 'access-denied')) return null;
        throw error;
      });
      const until = held?.until ?? null;
      return until !== null && until.getTime() < targetNow().getTime() + lock.days * dayMs;
    },
    put,
    done: () => ({ objects, bytes: sentBytes, differing }),
  };
}
