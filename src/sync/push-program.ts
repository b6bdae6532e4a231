import { setTimeout as sleep } from 'node:timers/promises';
import { type EfakturError, isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { isOwnFolder, originPrefix, parseOriginKey } from '../catalog/names.ts';
import type { Encryptor } from '../crypto/age.ts';
import type { AppFilesOptions } from '../efaktur/app-files.ts';
import type { Job } from '../state/job.ts';
import type { PushingContext } from './context.ts';
import { type ProgramRead, readProgramFolder } from './program/read-program.ts';
import { type PushedProgram, programReport, programWarnings } from './program/report.ts';
import { storeProgram } from './program/store-program.ts';
import { cleanUp, openTargets, pushClock, removeOld, withJob } from './push/targets.ts';
import { dbInPlaceNow } from './push-texts.ts';
import { settle } from './restore/settled.ts';

export interface ProgramPushRequest extends PushingContext {
  readonly appFolder: string;
  /** Stores private keys, too; only for a push that encrypts. */
  readonly withCertificates: boolean;
  /** Absolute paths of what is ours and may lie in the folder. */
  readonly own: readonly string[];
  /** Sends an archive even if nothing changed. */
  readonly full: boolean;
  readonly dryRun: boolean;
  readonly moved: boolean;
  readonly newStore: boolean;
  /** Pushes in clear though the prefix holds encrypted backups. */
  readonly allowPlaintext: boolean;
}

export interface ProgramPushDocument {
  readonly outcome: PushedProgram['outcome'];
  /** None: a push of the program pushes no database. */
  readonly backups: readonly [];
  readonly programs: readonly PushedProgram[];
  readonly warnings: readonly Warning[];
}

const maxReads = 4;

/**
 * Stores the e-Faktur folder besides its databases in every store that does not have it yet, whether or not e-Faktur runs. A
 * kill at any point leaves no program or a whole one, as of a backup. Throws when nothing could be stored: `source-unusable`,
 * `source-changed` when no two reads agree, or what a store threw; otherwise the first failure of a store stands beside the
 * document.
 */
export async function pushProgram(
  request: ProgramPushRequest,
): Promise<{ readonly document: ProgramPushDocument; readonly failure: EfakturError | null }> {
  const { appFolder, dryRun } = request;
  const warnings: Warning[] = dryRun ? [] : await settle(appFolder, dbInPlaceNow);
  const encryptor = await request.openEncryptor();
  return withJob(request, warnings, (job) => pushTo({ ...request, encryptor }, job, warnings));
}

async function pushTo(
  request: ProgramPushRequest & { readonly encryptor: Encryptor | null },
  job: Job | null,
  warnings: Warning[],
): Promise<{ readonly document: ProgramPushDocument; readonly failure: EfakturError | null }> {
  const { appFolder, dryRun } = request;
  const { encryptor } = request;
  const targets = await openTargets({ ...request, job, listsBackups: false });
  const clock = pushClock(targets, request.now, warnings);
  if (!dryRun) await cleanUp(targets, request.stateDir, job, warnings);
  const options: AppFilesOptions = {
    withCertificates: request.withCertificates,
    own: request.own,
    samePath: request.samePath,
    isOriginName: (name) => parseOriginKey(`${originPrefix}${name}`) !== null,
    isStoreFolder: (name) => isOwnFolder(`${name}/`),
  };
  const readNow = (): Promise<ProgramRead> => readProgramFolder(appFolder, options, request);
  const store = async (): Promise<PushedProgram> => {
    const read = await readNow();
    const context = { ...request, encryptor, job, options };
    const stored = await storeProgram(read, clock(), targets, context);
    warnings.push(...programWarnings(appFolder, read));
    return programReport(appFolder, read, stored, targets, request);
  };
  const pushed = await untilUnchanged(store, request.signal);
  if (!dryRun) await removeOld(targets, [pushed], clock(), request.signal, warnings);
  warnings.push(...targets.flatMap((t) => t.session?.noticed ?? []));
  const failure = targets.find((t) => t.error)?.error ?? null;
  if (failure && pushed.stores.every(({ outcome }) => outcome === 'failed')) throw failure;
  return { document: { outcome: pushed.outcome, backups: [], programs: [pushed], warnings }, failure };
}

/** What changes while it is read is read again, a few times. */
async function untilUnchanged<T>(step: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let reads = 1; ; reads++) {
    try {
      return await step();
    } catch (error) {
      if (!isEfakturError(error, 'source-changed') || reads === maxReads) throw error;
      await sleep(reads * 500, undefined, { signal });
    }
  }
}
