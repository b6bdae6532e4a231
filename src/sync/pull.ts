import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asTargetError } from '../base/atomic-file.ts';
import { entryKind } from '../base/entry-kind.ts';
import { EfakturError, type ErrorReport, reportOf } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { type Text, verbatim } from '../base/text.ts';
import type { Wanted } from '../catalog/choose.ts';
import type { SetVerdict } from '../derby/judge.ts';
import type { Verdict } from '../derby/verdict.ts';
import {
  comparePrograms,
  comparisonText,
  comparisonWarnings,
  type ProgramComparison,
} from '../efaktur/compare-programs.ts';
import { keepRights } from '../efaktur/db-rights.ts';
import { findRunning, isRunning } from '../efaktur/running.ts';
import { refuseTaken } from '../efaktur/still-there.ts';
import { beginStaging, hasDb } from '../efaktur/swap.ts';
import type { ObjectStore } from '../store/store.ts';
import type { ReadingContext } from './context.ts';
import { findProgramIn, type OfferedProgram } from './program/finder.ts';
import { databaseWarnings, programIn, programOf } from './program/version.ts';
import {
  appIsRunning,
  belongsToThisUser,
  calledOff,
  checkDiskAndCopy,
  closeAndRestoreAgain,
  damagedAndHasDb,
  damagedNotRestored,
  databaseIsOpen,
  giveToUser,
  itsDbIsReplaced,
  moveElsewhere,
  nameNewFolder,
  nothingChanged,
  notInBackup,
  notOfTheBackup,
  notSynced,
  restoreIntoNewer,
  restoreOther,
  restoring,
  rightsNotSet,
  runsFrom,
  runsSomewhere,
  runWhenReady,
  storeHoldsProgram,
} from './pull-texts.ts';
import { extractInto, warmExtraction } from './restore/extract.ts';
import { checkSpace } from './restore/free-space.ts';
import { settle } from './restore/settled.ts';
import type { StoredBackup } from './stored/all-stores.ts';
import { type LocatedArchive, locateArchives, missingKey } from './stored/archives.ts';
import {
  type BackupInfo,
  type ChosenInfo,
  chosenInfo,
  type OtherBackupInfo,
  othersInfo,
} from './stored/backup-info.ts';
import { type ConfirmState, findCopies, firstSound } from './stored/choose-copy.ts';
import { judgedFacts } from './stored/judged-facts.ts';
import { byManifest, readManifest } from './stored/manifest.ts';
import { theBackup } from './stored/texts.ts';
import { problemText, verdictWarnings } from './stored/verdict-words.ts';

export interface PullRequest extends ReadingContext {
  readonly wanted: Wanted;
  /** The e-Faktur folder to restore into; made if absent. */
  readonly target: string;
  readonly dryRun: boolean;
  /** Restores a damaged backup too, into a folder without a `db`. */
  readonly forceDamaged: boolean;
  /** Restores into the folder of an older e-Faktur too. */
  readonly otherVersion: boolean;
  /** Asked once before anything is downloaded when the target has a `db`; false stops with `interrupted`. */
  readonly confirmReplace: (question: ReplaceQuestion) => Promise<boolean>;
  /**
   * Looks at the extracted databases before they take the place of the old ones; what it throws stops the restore with
   * nothing changed.
   */
  readonly inspect?: (folder: string) => Promise<RestoredContents>;
}

/** What was restored, as far as somebody looked. */
export interface RestoredContents {
  readonly tables: readonly {
    readonly database: string;
    /** `SCHEMA.TABLE`. */
    readonly table: string;
    readonly rows: number;
    /** The newest date in it (ISO 8601); null without one. */
    readonly newest: string | null;
    /** Only of a database that was not closed: recovery may change the rows. */
    readonly asOfLastCheckpoint?: true;
  }[];
  readonly warnings: readonly Warning[];
}

export interface ReplaceQuestion {
  readonly db: string;
  readonly backup: BackupInfo;
  /** Databases that are in `db` now and not in the backup. */
  readonly missingDatabases: readonly string[];
  /** What was noticed so far, that may make somebody wait. */
  readonly notes: readonly Text[];
}

export interface PullDocument {
  readonly outcome: 'restored' | 'planned';
  readonly backup: ChosenInfo;
  readonly store: string;
  readonly target: string;
  readonly files: number;
  readonly bytes: number;
  readonly databases: readonly string[];
  /** What the restored databases were found to be; null when nothing was extracted. */
  readonly verdict: Verdict | null;
  /** What the databases hold; empty when nothing was extracted or nobody looked. */
  readonly tables: RestoredContents['tables'];
  /** Where a day was asked for: the other backups of it, oldest first. */
  readonly others: readonly OtherBackupInfo[];
  /** Where the db that was there before lies now. */
  readonly previousDb: string | null;
  /** Whether the e-Faktur in the target fits the backup. */
  readonly appProgram: TargetProgram;
  /** Only where nothing was to be done: what a restore would be refused with. */
  readonly refused?: ErrorReport;
  readonly warnings: readonly Warning[];
}

/** A comparison, and where the e-Faktur that made the backup is stored. */
export type TargetProgram = ProgramComparison & {
  /** Looked for where the one in the target is not the same; null without one. */
  readonly stored: OfferedProgram | null;
};

/**
 * Restores one backup into an e-Faktur folder. Until the last rename the old `db` is untouched; after a failure nothing
 * else is left, after a kill the next command settles it. `no-such-backup`, `app-running`, `damaged`, `wrong-key`,
 * `newer-format`, `target-not-writable`, `usage` when an older e-Faktur is there, or what the store or `inspect` threw.
 */
export async function pull(request: PullRequest): Promise<PullDocument> {
  const { target, signal, zone } = request;
  const warnings = request.dryRun ? [] : await settle(target, itsDbIsReplaced);
  if (!request.dryRun) await refuseWhileRunning(target);
  const { copies, others, next } = await findCopies(request, warnings);
  const there = await programIn(target, warnings);
  let agreed = false;
  // Before that, what a copy says of its size is only what it says.
  let fits = false;
  if (!request.dryRun) warmExtraction(copies[0]?.archive?.sizeBytes ?? 0);
  const attempt = async (copy: StoredBackup, confirmState: ConfirmState): Promise<PullDocument> => {
    fits = false;
    const at = { key: copy.manifestKey, versionId: copy.manifestVersionId };
    const manifest = await readManifest(copy.store, at, request.decryptor, signal);
    const { facts } = manifest;
    confirmState(facts);
    // What cannot be opened must not look as if it held nothing, nor be agreed to.
    if (!facts) throw missingKey(manifest.archive);
    const appProgram = await targetProgram(comparePrograms(programOf(manifest, facts), there), request);
    const older =
      appProgram.result === 'older' && !request.otherVersion
        ? olderProgram(appProgram, target, appProgram.stored)
        : null;
    if (older && !request.dryRun) throw older;
    // What it is refused with says the same.
    if (!older) warnOnce(warnings, comparisonWarnings(appProgram, verbatim(target)));
    // Where the manifest tells nothing of the databases, they are compared when they are here.
    const isHinted = appProgram.result === 'unknown' && facts.judged !== undefined;
    if (isHinted) warnOnce(warnings, await databaseWarnings(target, facts.judged ?? []));
    const document = {
      backup: chosenInfo(copy, manifest, copies, zone),
      store: copy.store.url,
      target,
      databases: facts.databases,
      tables: [],
      others: othersInfo(others, zone),
      appProgram,
      warnings,
    };
    const hasOldDb = await hasDb(target);
    if (request.dryRun) {
      return {
        ...document,
        outcome: 'planned',
        files: facts.files,
        bytes: facts.totalBytes,
        verdict: null,
        previousDb: null,
        ...(older && { refused: reportOf(older) }),
      };
    }
    await checkSpace(target, facts.totalBytes);
    fits = true;
    const notes = warnings.map(({ message }) => message);
    const unknown = appProgram.result === 'unknown' ? comparisonText(appProgram, verbatim(target)) : null;
    if (unknown !== null) notes.push(unknown);
    const missingDatabases = await databasesBeside(target, facts.databases);
    for (const name of missingDatabases) {
      warnings.push({
        code: 'database-not-in-backup',
        message: notInBackup(name),
      });
    }
    if (!agreed && hasOldDb) {
      agreed = await request.confirmReplace({
        db: join(target, 'db'),
        backup: document.backup,
        missingDatabases,
        notes,
      });
      if (!agreed) throw new EfakturError('interrupted', calledOff, runWhenReady);
    }
    const archives = await locateArchives(copy.store, manifest, copy.archives, signal);
    const restored = await byManifest(copy.store, at, manifest, request.decryptor, signal, () =>
      restoreInto(target, copy.store, archives, warnings, {
        ...request,
        compareDatabases: appProgram.result === 'unknown' && !isHinted,
      }),
    );
    return { ...document, ...restored, outcome: 'restored' };
  };
  return firstSound(
    { copies, next },
    warnings,
    attempt,
    ({ code }) => code === 'target-not-writable' && !fits,
  );
}

/** Another copy of a backup gives the same ones. */
function warnOnce(warnings: Warning[], more: readonly Warning[]): void {
  const said = new Set(warnings.map(({ message }) => message.en));
  warnings.push(...more.filter(({ message }) => !said.has(message.en)));
}

async function targetProgram(
  comparison: ProgramComparison,
  { stores, ...context }: PullRequest,
): Promise<TargetProgram> {
  const { result, backup } = comparison;
  const stored = backup && result !== 'same' ? await findProgramIn(stores, backup.sha256, context) : null;
  return { ...comparison, stored };
}

async function refuseWhileRunning(target: string): Promise<void> {
  const running = await findRunning(target);
  if (!isRunning(running)) return;
  const what =
    running.openDatabases.length > 0
      ? databaseIsOpen(running.openDatabases, running.folder)
      : running.processes.length > 0
        ? runsFrom(running.processes, running.folder)
        : runsSomewhere(running.unplaced, running.folder);
  throw new EfakturError('app-running', { what, because: appIsRunning }, closeAndRestoreAgain);
}

async function databasesBeside(target: string, restored: readonly string[]): Promise<string[]> {
  const beside: string[] = [];
  for (const entry of await readdir(join(target, 'db'), { withFileTypes: true }).catch(() => [])) {
    const isFolder = (await entryKind(entry, join(target, 'db', entry.name))) === 'folder';
    if (isFolder && !restored.includes(entry.name)) beside.push(entry.name);
  }
  return beside;
}

async function restoreInto(
  target: string,
  store: ObjectStore,
  archives: readonly LocatedArchive[],
  warnings: Warning[],
  request: PullRequest & { readonly compareDatabases: boolean },
): Promise<Pick<PullDocument, 'files' | 'bytes' | 'verdict' | 'tables' | 'previousDb'>> {
  const staging = await beginStaging(target, request.now());
  try {
    request.progress.begin(
      restoring,
      archives.reduce((sum, a) => sum + a.sizeBytes, 0),
    );
    const { files, bytes, judged, list } = await extractInto(staging.path, store, archives, request);
    await refuseDamaged(target, judged, request);
    warnings.push(...verdictWarnings(theBackup, judged));
    if (request.compareDatabases) warnings.push(...(await databaseWarnings(target, judgedFacts(judged))));
    const contents = await request.inspect?.(staging.path);
    warnings.push(...(contents?.warnings ?? []));
    const isKept = await keepRights(staging.path, join(target, 'db'), target).catch((error) =>
      Promise.reject(asTargetError(error, rightsNotSet(target))),
    );
    if (!isKept) {
      warnings.push({
        code: 'rights-not-kept',
        message: belongsToThisUser(target),
        hint: giveToUser,
      });
    }
    const restored = await staging.complete(list);
    await refuseWhileRunning(target);
    request.signal.throwIfAborted();
    for (const path of await refuseTaken(restored, list)) {
      warnings.push({
        code: 'not-of-the-backup',
        message: notOfTheBackup(path),
        hint: moveElsewhere,
      });
    }
    const { previousDb, isOnDisk } = await staging.swapIn();
    if (!isOnDisk) {
      warnings.push({
        code: 'not-synced',
        message: notSynced(target),
        hint: checkDiskAndCopy,
      });
    }
    return { files, bytes, verdict: judged.verdict, tables: contents?.tables ?? [], previousDb };
  } catch (error) {
    // What cannot be removed now is settled by the next command; the first error is what the user must know.
    await staging.discard().catch(() => {});
    throw error;
  }
}

async function refuseDamaged(target: string, judged: SetVerdict, request: PullRequest): Promise<void> {
  if (judged.verdict !== 'damaged') return;
  const problems = problemText(judged, 'damaged');
  if (!request.forceDamaged) throw new EfakturError('damaged', damagedNotRestored(problems), restoreOther);
  if (await hasDb(target)) throw new EfakturError('usage', damagedAndHasDb(problems, target), nameNewFolder);
}

/** How to get a stored program, to be put into a hint. */
export const offerText = ({ id, store }: OfferedProgram): Text => storeHoldsProgram(store, id);

/** A restore into the folder of an older e-Faktur is refused with this. */
function olderProgram(
  comparison: ProgramComparison,
  folder: string,
  stored: OfferedProgram | null,
): EfakturError {
  const said = comparisonText(comparison, verbatim(folder));
  if (!said) throw new TypeError('the same program is no older one');
  return new EfakturError('usage', nothingChanged(said), restoreIntoNewer(stored && offerText(stored)));
}
