import { EfakturError, isEfakturError } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import type { Warning } from '../base/progress.ts';
import type { Text } from '../base/text.ts';
import type { NeededArchive } from '../catalog/manifest-parts.ts';
import { isEncryptedKey } from '../catalog/names.ts';
import type { AppProgram } from '../efaktur/app-program.ts';
import {
  comparePrograms,
  comparisonText,
  comparisonWarnings,
  type ProgramComparison,
} from '../efaktur/compare-programs.ts';
import { allowToRun } from '../efaktur/executables.ts';
import { beginNewApp, type NewApp, refuseFull } from '../efaktur/new-app.ts';
import { refuseTaken, type WrittenFiles } from '../efaktur/still-there.ts';
import { extractProgram, findPrograms, firstSoundProgram, type OpenProgram } from './program/archives.ts';
import { programOf } from './program/version.ts';
import {
  andBefore,
  appNotSynced,
  appOfThisUser,
  chooseFitting,
  lookBeforeAnother,
  nothingWritten,
  notOfWhatWasStored,
  restoreOtherOrDbAlone,
  takeOtherProgram,
  theStoredFolder,
} from './program-texts.ts';
import type { PullDocument, PullRequest, RestoredContents } from './pull.ts';
import { checkDiskAndCopy, damagedNotWritten, giveToUser, moveElsewhere, restoring } from './pull-texts.ts';
import { type Extracted, extractInto, warmExtraction } from './restore/extract.ts';
import { checkSpace } from './restore/free-space.ts';
import { settle } from './restore/settled.ts';
import type { StoredBackup } from './stored/all-stores.ts';
import { locateArchives, missingKey } from './stored/archives.ts';
import { chosenInfo, othersInfo } from './stored/backup-info.ts';
import { type ConfirmState, findCopies, firstSound } from './stored/choose-copy.ts';
import { byManifest, type OpenManifest, readManifest } from './stored/manifest.ts';
import { theBackup } from './stored/texts.ts';
import { problemText, verdictWarnings } from './stored/verdict-words.ts';

export interface PullProgramRequest extends Omit<PullRequest, 'forceDamaged' | 'confirmReplace'> {
  /** Id of the stored program folder to take; null for the one that the backup was made with. */
  readonly programId: string | null;
}

/** Where a program folder came from, and what it is. */
export interface PulledProgram {
  readonly id: string;
  /** When it was read, RFC 3339 in the configured zone. */
  readonly capturedAt: string;
  readonly store: string;
  readonly encrypted: boolean;
  readonly storedBytes: number;
  readonly files: number;
  readonly bytes: number;
  /** SHA-256 of its main program, and the version that it states. */
  readonly sha256: string;
  readonly version: string | null;
  /** What its `.config` files say of memory, such as `ETaxInvoiceMain.config: -Xmx500m`. */
  readonly memory: readonly string[];
  /** How many files and folders were not stored with it, by the reason. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** `files` and `bytes` are those of program and db together. */
export interface PullProgramDocument extends Omit<PullDocument, 'appProgram' | 'refused'> {
  readonly program: PulledProgram;
  /** Whether it fits the backup. */
  readonly appProgram: ProgramComparison;
}

/**
 * Makes a working e-Faktur folder of a stored program and the `db` of a backup, in a folder that is not there or empty.
 * Until all of it is whole, checked and on disk nothing of it is in its place; after a failure nothing is left, after a kill
 * the next command settles it. `usage` when anything lies in the target or the program is older than the backup,
 * `no-such-backup` also where no program fits, else as `pull`.
 */
export async function pullWithProgram(request: PullProgramRequest): Promise<PullProgramDocument> {
  const { target, signal, zone } = request;
  const warnings = request.dryRun ? [] : await settle(target, lookBeforeAnother);
  await refuseFull(target).catch((error) => Promise.reject(withSettled(error, warnings)));
  const { copies, others, next } = await findCopies(request, warnings);
  // Before that, what a copy says of its size is only what it says.
  let fits = false;
  // No fault of the backup, so neither another copy of it nor an older one helps.
  let programFault: unknown = null;
  if (!request.dryRun) warmExtraction(copies[0]?.archive?.sizeBytes ?? 0);

  const attempt = async (copy: StoredBackup, confirmState: ConfirmState): Promise<ProgramRestore | null> => {
    fits = false;
    const at = { key: copy.manifestKey, versionId: copy.manifestVersionId };
    const manifest = await readManifest(copy.store, at, request.decryptor, signal);
    const { facts } = manifest;
    confirmState(facts);
    if (!facts) throw missingKey(manifest.archive);
    const programs = await choosePrograms(manifest, request, warnings).catch((error: unknown) => {
      programFault = error;
      return null;
    });
    if (programs === null) return null;
    const plan = { copy, manifest, programs, databases: facts.databases, staging: null, db: null };
    if (request.dryRun) return { ...plan, files: facts.files, bytes: facts.totalBytes };
    const programBytes = Math.max(...programs.map((program) => program.manifest.facts?.totalBytes ?? 0));
    await checkSpace(target, facts.totalBytes + programBytes);
    fits = true;
    const archives = await locateArchives(copy.store, manifest, copy.archives, signal);
    request.progress.begin(
      restoring,
      [...archives, ...neededBy(programs[0])].reduce((sum, a) => sum + a.sizeBytes, 0),
    );
    const staging = await beginNewApp(target, request.now());
    try {
      const db = await byManifest(copy.store, at, manifest, request.decryptor, signal, () =>
        extractInto(staging.db, copy.store, archives, request),
      );
      refuseDamaged(db);
      return { ...plan, staging, db, files: db.files, bytes: db.bytes };
    } catch (error) {
      await staging.discard().catch(() => {});
      throw error;
    }
  };
  const plan = await firstSound(
    { copies, next },
    warnings,
    attempt,
    ({ code }) => code === 'target-not-writable' && !fits,
  );
  if (plan === null) throw asProgramError(programFault);
  const { copy, manifest, staging, db, programs } = plan;
  const document = {
    backup: chosenInfo(copy, manifest, copies, zone),
    store: copy.store.url,
    target,
    databases: plan.databases,
    others: othersInfo(others, zone),
    previousDb: null,
    warnings,
  };
  const describe = (
    taken: OpenProgram,
  ): Pick<PullProgramDocument, 'program' | 'appProgram' | 'files' | 'bytes'> => ({
    program: pulledProgram(taken, zone),
    appProgram: compared(manifest, taken),
    files: plan.files + (taken.manifest.facts?.files ?? 0),
    bytes: plan.bytes + (taken.manifest.facts?.totalBytes ?? 0),
  });
  if (!staging || !db) {
    const taken = programs[0] as OpenProgram;
    warnOf(manifest, taken, warnings);
    return { ...document, ...describe(taken), outcome: 'planned', verdict: null, tables: [] };
  }
  try {
    warnings.push(...verdictWarnings(theBackup, db.judged));
    const contents = await request.inspect?.(staging.db);
    warnings.push(...(contents?.warnings ?? []));
    const taken = await addProgram(staging, programs, db, warnings, request);
    warnOf(manifest, taken, warnings);
    const tables: RestoredContents['tables'] = contents?.tables ?? [];
    return { ...document, ...describe(taken), outcome: 'restored', verdict: db.judged.verdict, tables };
  } catch (error) {
    // What cannot be removed now is settled by the next command; the first error is what the user must know.
    await staging.discard().catch(() => {});
    throw error;
  }
}

interface ProgramRestore {
  readonly copy: StoredBackup;
  readonly manifest: OpenManifest;
  /** Not empty. */
  readonly programs: readonly OpenProgram[];
  readonly databases: readonly string[];
  readonly files: number;
  readonly bytes: number;
  /** Null when nothing is to be done. */
  readonly staging: NewApp | null;
  readonly db: Extracted | null;
}

/** Every copy of what may be taken; `usage` for one that is older than what the backup was made with. */
async function choosePrograms(
  manifest: OpenManifest,
  request: PullProgramRequest,
  warnings: Warning[],
): Promise<readonly OpenProgram[]> {
  const { programId: id, stores } = request;
  const appProgram = programOf(manifest, manifest.facts)?.sha256 ?? null;
  const wanted =
    id === null
      ? ({ by: 'backup', backupId: manifest.id, appProgram } as const)
      : ({ by: 'id', id } as const);
  const programs = await findPrograms(stores, wanted, request, warnings);
  const [first] = programs;
  // What cannot be opened is told before anything is fetched.
  if (first && programs.every(({ manifest: { facts } }) => facts === null))
    throw missingKey(first.manifest.archive);
  const comparison = first && compared(manifest, first);
  const older = first && comparison?.result === 'older' ? comparisonText(comparison, placeOf(first)) : null;
  if (older && !request.otherVersion) {
    throw new EfakturError('usage', nothingWritten(older), chooseFitting);
  }
  return programs;
}

const asProgramError = (error: unknown): unknown =>
  isEfakturError(error, 'damaged')
    ? new EfakturError(error.code, error.said, takeOtherProgram, error)
    : error;

const placeOf = ({ program }: OpenProgram): Text => theStoredFolder(program.id);

const asProgram = ({ manifest }: OpenProgram): AppProgram | null =>
  programOf(manifest, manifest.facts && { app: manifest.facts });

const compared = (manifest: OpenManifest, program: OpenProgram): ProgramComparison =>
  comparePrograms(programOf(manifest, manifest.facts), asProgram(program));

function warnOf(manifest: OpenManifest, program: OpenProgram, warnings: Warning[]): void {
  const comparison = compared(manifest, program);
  warnings.push(...comparisonWarnings(comparison, placeOf(program)));
}

const neededBy = (program: OpenProgram | undefined): readonly NeededArchive[] =>
  program?.manifest.needs ?? [];

/** Extracts the first sound copy beside the db, and puts both in their place. */
async function addProgram(
  staging: NewApp,
  programs: readonly OpenProgram[],
  db: Extracted,
  warnings: Warning[],
  request: PullProgramRequest,
): Promise<OpenProgram> {
  const { target, signal } = request;
  let isAgain = false;
  const { copy, list } = await firstSoundProgram(programs, warnings, async (copy) => {
    if (isAgain) await staging.emptyApp();
    isAgain = true;
    return { copy, list: (await extractProgram(staging.app, copy, request)).list };
  }).catch((error: unknown) => Promise.reject(asProgramError(error)));
  await allowToRun(staging.app, list);
  const whole = together(list, db.list);
  const restored = await staging.complete(whole);
  signal.throwIfAborted();
  for (const path of await refuseTaken(restored, whole)) {
    warnings.push({
      code: 'not-of-the-backup',
      message: notOfWhatWasStored(path),
      hint: moveElsewhere,
    });
  }
  const { isOnDisk, areRightsKept } = await staging.moveIn();
  if (!isOnDisk) {
    warnings.push({
      code: 'not-synced',
      message: appNotSynced(target),
      hint: checkDiskAndCopy,
    });
  }
  if (!areRightsKept) {
    warnings.push({
      code: 'rights-not-kept',
      message: appOfThisUser(target),
      hint: giveToUser,
    });
  }
  return copy;
}

const together = (program: WrittenFiles, db: WrittenFiles): WrittenFiles => ({
  files: [...program.files, ...db.files.map(({ path, sizeBytes }) => ({ path: `db/${path}`, sizeBytes }))],
  emptyFolders: [...program.emptyFolders, ...db.emptyFolders.map((path) => `db/${path}`)],
});

function refuseDamaged({ judged }: Extracted): void {
  if (judged.verdict !== 'damaged') return;
  throw new EfakturError('damaged', damagedNotWritten(problemText(judged, 'damaged')), restoreOtherOrDbAlone);
}

function pulledProgram({ program, manifest }: OpenProgram, zone: string): PulledProgram {
  const { facts, appProgram, archive } = manifest;
  return {
    id: program.id,
    capturedAt: formatInstant(program.capturedAt, zone),
    store: program.store.url,
    encrypted: isEncryptedKey(archive),
    storedBytes: manifest.needs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    files: facts?.files ?? 0,
    bytes: facts?.totalBytes ?? 0,
    sha256: appProgram,
    version: asProgram({ program, manifest })?.version ?? null,
    memory: facts?.memory ?? [],
    leftOut: facts?.leftOut ?? {},
  };
}

/** A folder that is full because a restore was just finished in it is no mistake of the user. */
function withSettled(error: unknown, warnings: readonly Warning[]): unknown {
  const settled = warnings.find(({ code }) => code === 'restore-finished' || code === 'restore-undone');
  if (!settled || !(error instanceof EfakturError)) return error;
  return new EfakturError(error.code, andBefore(error.text, settled.message), error.hint, error);
}
