import {
  type EfakturError,
  type ErrorReport,
  isEfakturError,
  keepOrThrow,
  reportOf,
} from '../base/errors.ts';
import { byUtf8 } from '../base/file-set.ts';
import type { Warning } from '../base/progress.ts';
import { encodeCopied, isSecondsBefore } from '../catalog/copied.ts';
import { type CountedBackup, countedAt } from '../catalog/counted-time.ts';
import { parseManifest } from '../catalog/manifest.ts';
import type { NeededArchive } from '../catalog/manifest-parts.ts';
import {
  copiedKey,
  copiedPrefix,
  isCopiedKey,
  manifestKey,
  parseBackupKey,
  parseProgramKey,
  programManifestKey,
  readmeKey,
} from '../catalog/names.ts';
import { parseProgramManifest } from '../catalog/program-manifest.ts';
import { beginJob } from '../state/job.ts';
import { bytesBody } from '../store/small-object.ts';
import type { ObjectStore } from '../store/store.ts';
import type { KeepingRules, VerbContext } from './context.ts';
import {
  type CopyChoice,
  chooseManifests,
  copiedInfo,
  copiedProgramInfo,
  programsMadeWith,
} from './copy/choice.ts';
import { type HeldStore, historyOf, listHeldStore, refuseOtherHistory } from './copy/held-stores.ts';
import { beginTransfer, type Transfer } from './copy/transfer.ts';
import { lengthenLock, lockEndsBefore } from './copy-texts.ts';
import { tamperingWarnings } from './stored/all-stores.ts';
import type { BackupInfo, ProgramInfo } from './stored/backup-info.ts';
import { type CopiedNotes, readCopiedNotes } from './stored/copied-uploads.ts';
import { removeLeft } from './stored/cut-off-uploads.ts';
import { newestMissing } from './stored/newest-pushed.ts';

export interface CopyRequest extends VerbContext, KeepingRules {
  readonly from: ObjectStore;
  readonly to: ObjectStore;
  readonly choice: CopyChoice;
  readonly dryRun: boolean;
}

interface Outcome {
  /** `there`: the target has had all of it before. */
  readonly outcome: 'copied' | 'there' | 'planned' | 'failed';
  readonly error?: ErrorReport;
}

export type CopiedBackup = BackupInfo & Outcome;

export type CopiedProgram = ProgramInfo & Outcome;

export interface CopyDocument {
  readonly outcome: 'copied' | 'unchanged' | 'planned';
  readonly from: string;
  readonly to: string;
  readonly backups: readonly CopiedBackup[];
  /** Program folders; with a part of the backups, those that they were made with. */
  readonly programs: readonly CopiedProgram[];
  /** Objects and bytes that were sent, or would be. */
  readonly objects: number;
  readonly bytes: number;
  /** Keys under which the target has other bytes; they were left as they are. */
  readonly differing: readonly string[];
  readonly warnings: readonly Warning[];
}

/**
 * Copies backups from one store to another byte for byte, under the same keys and without opening them: first what lies
 * there and whose it is, then of each backup every archive it needs (the base of a differential first), the block index, and
 * its manifest last; and then program folders in the same way. Each archive is held against the SHA-256 in the manifest while it passes, and must be listed in the
 * target with its size before a manifest names it. Nothing in the target is ever overwritten. A kill at any point leaves
 * whole backups and archives that no manifest names yet; the next run goes on. Proofs and notes of prunes are not copied, as
 * nobody read those bytes there. The document is whole even when something failed; `failure` is the first thing that did:
 * `attention` where the target has other bytes under a key, `damaged`, `newer-format`, or what a store threw. Throws
 * `usage` when the target holds another history, `no-such-backup` when the source has nothing of what is meant.
 */
export async function copyBackups(
  request: CopyRequest,
): Promise<{ document: CopyDocument; failure: EfakturError | null }> {
  const { from, to, dryRun, signal } = request;
  const [source, target] = await Promise.all([
    listHeldStore(from, request.now, signal),
    listHeldStore(to, request.now, signal),
  ]);
  const missing = await newestMissing(from, { backups: listedIn(source), prefixes: [''] }, request);
  const chosen = chooseManifests(request.choice, source, missing);
  refuseOtherHistory(source, target);
  const left: Warning[] = dryRun ? [] : await removeLeft([to], request.stateDir, null);
  const job = dryRun ? null : await beginJob(request.stateDir, request.now());
  const transfer = beginTransfer({ ...request, source, target, job });
  const backups: CopiedBackup[] = [];
  const programs: CopiedProgram[] = [];
  let failure: EfakturError | null = null;
  /** What one of them is at fault for does not keep the others from being copied; false when the rest must wait. */
  async function each<T extends object>(
    keys: readonly string[],
    infoOf: (key: string, held: HeldStore, zone: string) => T,
    copied: (T & Outcome)[],
    copyOne: (key: string) => Promise<Outcome['outcome']>,
  ): Promise<boolean> {
    for (const key of keys) {
      const info = infoOf(key, source, request.zone);
      try {
        copied.push({ ...info, outcome: await copyOne(key) });
      } catch (error) {
        keepOrThrow(error);
        failure ??= error;
        copied.push({ ...info, outcome: 'failed', error: reportOf(error) });
        if (!isEfakturError(error, ...ownFaults)) return false;
      }
    }
    return true;
  }
  try {
    for (const key of historyOf(source)) {
      // Of other bytes, one says that this is not the same history; but the README is the same for everybody.
      await transfer.ensure(key, true).catch((error: unknown) => {
        if (key !== readmeKey || !isEfakturError(error, 'attention')) throw error;
        failure = error;
      });
    }
    const madeWith = new Set<string>();
    const leantOn = new Set<string>();
    const goesOn = await each(chosen.backups, copiedInfo, backups, async (key) => {
      const { outcome, manifest } = await copyNamed(key, parseManifest, source, target, transfer, request);
      if (manifest?.appProgram !== undefined) madeWith.add(manifest.appProgram);
      if (outcome === 'copied') for (const { key: need } of manifest?.needs ?? []) leantOn.add(need);
      return outcome;
    });
    if (goesOn) {
      for (const key of leantOn) if (await transfer.isLockShort(key)) left.push(shortLock(to, key));
      const meant = isPart(request.choice) ? await programsMadeWith(madeWith, source, transfer) : [];
      const keys = [...new Set([...chosen.programs, ...meant])].sort(byUtf8);
      await each(keys, copiedProgramInfo, programs, async (key) => {
        const one = await copyNamed(key, parseProgramManifest, source, target, transfer, request);
        return one.outcome;
      });
    }
    if (!dryRun) {
      await noteUploads([...backups, ...programs], source, target, transfer, request).catch(
        (error: unknown) => {
          keepOrThrow(error);
          failure ??= error;
        },
      );
    }
  } finally {
    await job?.end();
  }
  const { objects, bytes, differing } = transfer.done();
  return {
    document: {
      outcome: dryRun ? 'planned' : objects > 0 ? 'copied' : 'unchanged',
      from: from.url,
      to: to.url,
      backups,
      programs,
      objects,
      bytes,
      differing,
      warnings: [
        ...tamperingWarnings(from, source.tampered),
        ...tamperingWarnings(to, target.tampered),
        ...(missing ? [missing] : []),
        ...left,
      ],
    },
    failure,
  };
}

/** The manifests as a listing of backups has them. */
const listedIn = (source: HeldStore): CountedBackup[] =>
  source.manifests.flatMap((key) => {
    const parsed = parseBackupKey(key);
    if (parsed === null) return [];
    return [{ id: parsed.id, countedAt: countedAt({ ...parsed, uploadedAt: source.modifiedOf(key) }) }];
  });

const shortLock = (to: ObjectStore, key: string): Warning => ({
  code: 'lock-short',
  message: lockEndsBefore(to.url, key),
  hint: lengthenLock,
});

/** Faults of one backup, not of the stores. */
const ownFaults = ['damaged', 'newer-format', 'attention'] as const;

const isPart = ({ by }: CopyChoice): boolean => by === 'since' || by === 'id';

/** Copies what a manifest names, and the manifest last. It is read only where it must be. */
async function copyNamed<T extends { readonly needs: readonly NeededArchive[] }>(
  manifestKey: string,
  parse: (bytes: Buffer, key: string) => T,
  source: HeldStore,
  target: HeldStore,
  transfer: Transfer,
  { choice, dryRun }: CopyRequest,
): Promise<{ readonly outcome: 'copied' | 'there' | 'planned'; readonly manifest: T | null }> {
  if (choice.by === 'missing' && isThere(manifestKey, source, target))
    return { outcome: 'there', manifest: null };
  const { bytes, manifest } = await transfer.readManifest(manifestKey, parse);
  let sent = false;
  for (const need of manifest.needs) {
    const wasSent = await transfer.ensureArchive(need);
    const tag = parseBackupKey(need.key)?.tag;
    for (const key of tag === undefined ? [] : source.indexes(tag))
      if (await transfer.ensure(key, choice.by === 'all')) sent = true;
    sent ||= wasSent;
  }
  if (await transfer.ensureBytes(manifestKey, bytes)) sent = true;
  return { outcome: !sent ? 'there' : dryRun ? 'planned' : 'copied', manifest };
}

/** By the listings alone: the manifest with its size, and every archive of its tag. */
function isThere(manifestKey: string, source: HeldStore, target: HeldStore): boolean {
  const tag = (parseBackupKey(manifestKey) ?? parseProgramKey(manifestKey))?.tag ?? '';
  return [manifestKey, ...source.archives(tag)].every(
    (key) => target.sizeOf(key) !== null && target.sizeOf(key) === source.sizeOf(key),
  );
}

/**
 * In the target all came late; when the first store had got them tells them from somebody's forgeries (FORMAT.md "Copied").
 * That store may be another one than the source, whose own notes then say so.
 */
async function noteUploads(
  copied: readonly (CopiedBackup | CopiedProgram)[],
  source: HeldStore,
  target: HeldStore,
  transfer: Transfer,
  { program, now, signal }: CopyRequest,
): Promise<void> {
  const manifests = copied.flatMap(({ id, date, outcome, kind }) =>
    outcome === 'copied' || outcome === 'there'
      ? [kind === 'program' ? programManifestKey(date, id) : manifestKey(date, id)]
      : [],
  );
  if (manifests.length === 0) return;
  const [earlier, noted] = await Promise.all([notesOf(source, signal), notesOf(target, signal)]);
  const uploads = new Map<string, Date>();
  for (const key of manifests) {
    const modified = source.modifiedOf(key);
    const before = earlier.uploads.get(key);
    const at = before && !(modified && isSecondsBefore(modified, before)) ? before : modified;
    const known = noted.uploads.get(key);
    if (at && (!known || isSecondsBefore(at, known))) uploads.set(key, at);
  }
  if (uploads.size === 0) return;
  const at = new Date(now().getTime() + target.clockAheadMs);
  await transfer.put(copiedKey(at), bytesBody(encodeCopied(at, program, uploads)));
}

function notesOf(held: HeldStore, signal: AbortSignal): Promise<CopiedNotes> {
  const objects = held
    .below(copiedPrefix)
    .filter(isCopiedKey)
    .map((key) => ({ key, readVersion: held.objects.get(key)?.versionId ?? null }));
  return readCopiedNotes(held.store, objects, signal);
}
