import { setTimeout as sleep } from 'node:timers/promises';
import { EfakturError, isEfakturError } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import type { Progress, Warning } from '../base/progress.ts';
import { listBackups } from '../catalog/listing.ts';
import { settleSwap } from '../efaktur/swap.ts';
import { beginJob, deadJobs, forgetJob, type Job } from '../state/job.ts';
import { recordedLocal } from '../state/record.ts';
import type { ObjectStore } from '../store/store.ts';
import { type CandidateState, findCandidates, type SourceChoice } from './push-source.ts';
import { type PushedBackup, stateWarnings, storeState, type Target } from './push-state.ts';
import { readState } from './read-state.ts';
import { openSession } from './store-session.ts';

export interface PushRequest {
  readonly appFolder: string | null;
  readonly stores: readonly ObjectStore[];
  readonly source: SourceChoice;
  readonly all: boolean;
  readonly full: boolean;
  readonly dryRun: boolean;
  readonly moved: boolean;
  readonly newStore: boolean;
  readonly zone: string;
  readonly stateDir: string;
  readonly originName: string;
  /** Name and version of this program, for the manifest. */
  readonly program: string;
  /** Whether two absolute paths name the same folder on this platform. */
  readonly samePath: (a: string, b: string) => boolean;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

export interface PushDocument {
  readonly outcome: 'created' | 'unchanged' | 'planned';
  readonly backups: readonly PushedBackup[];
  readonly warnings: readonly Warning[];
}

/** The document is whole even when something failed; `failure` is the first thing that did. */
export interface PushResult {
  readonly document: PushDocument;
  readonly failure: EfakturError | null;
}

const clockToleranceMs = 5 * 60_000;
const maxReads = 4;

/**
 * Backs up the newest sound state (with `all`, every login backup) to every store. A kill at any point leaves no backup
 * or a whole one: a manifest is written only after its archive is listed with its size. What a killed push left is
 * removed by the next. Throws when nothing could be stored; otherwise the first failure stands beside the document:
 * `source-unusable`, `source-changed`, or what a store threw.
 */
export async function push(request: PushRequest): Promise<PushResult> {
  const warnings: Warning[] = [];
  if (
    !request.dryRun &&
    request.appFolder !== null &&
    (await settleSwap(request.appFolder)).finishedRestore
  ) {
    warnings.push({
      code: 'restore-finished',
      message: 'a restore that was cut off has been finished: its db is in place now',
    });
  }
  const targets = await openTargets(request);
  const clock = pushClock(targets, request.now, warnings);
  if (!request.dryRun) await cleanUp(targets, request.stateDir);
  const { appFolder, source: choice, zone, signal } = request;
  const candidates = await findCandidates({ appFolder, choice, zone, signal });
  warnings.push(...candidates.warnings);

  const unusable: EfakturError[] = [];
  const backups: PushedBackup[] = [];
  const job = request.dryRun ? null : await beginJob(request.stateDir, request.now());
  try {
    for (const candidate of request.all ? candidates.states.toReversed() : candidates.states) {
      if (request.all && !request.full && isStoredEverywhere(candidate, targets)) continue;
      try {
        const pushed = await pushCandidate(candidate, targets, request, clock, job, warnings);
        if (pushed) backups.push(pushed);
        if (pushed && !request.all) break;
      } catch (error) {
        if (!isEfakturError(error, 'source-unusable', 'source-changed')) throw error;
        unusable.push(error);
      }
    }
  } finally {
    await job?.end();
  }
  const failure = unusableFailure(unusable, backups) ?? targets.find((t) => t.error)?.error ?? null;
  if (failure && !backups.some((b) => b.stores.some((s) => s.outcome !== 'failed'))) throw failure;
  const outcome = request.dryRun
    ? 'planned'
    : backups.some((b) => b.outcome === 'created')
      ? 'created'
      : 'unchanged';
  return { document: { outcome, backups, warnings }, failure };
}

async function openTargets(request: PushRequest): Promise<Target[]> {
  const origin = { name: request.originName, appFolder: request.appFolder };
  const targets = await Promise.all(
    request.stores.map(async (store): Promise<Target> => {
      const unopened = {
        store,
        session: null,
        error: null,
        storedIds: null,
        counted: { requests: 0, sentBytes: 0 },
      };
      try {
        const session = await openSession(store, { ...request, origin });
        return {
          ...unopened,
          session,
          storedIds: request.all ? await wholeBackups(store, request.signal) : null,
        };
      } catch (error) {
        if (!isEfakturError(error) || error.code === 'interrupted') throw error;
        return { ...unopened, error };
      }
    }),
  );
  const [first] = targets;
  if (first?.error && targets.every((t) => t.error)) throw first.error;
  return targets;
}

async function wholeBackups(store: ObjectStore, signal: AbortSignal): Promise<Set<string>> {
  const { backups } = await listBackups(store, { signal });
  return new Set(backups.filter((b) => b.archive).map((b) => b.id));
}

/** Whether every store lists the backup that this login backup, unchanged since, became. */
function isStoredEverywhere({ local }: CandidateState, targets: readonly Target[]): boolean {
  if (!local) return false;
  return targets.every(({ session, storedIds }) => {
    if (!session) return true;
    const id = recordedLocal(session.record(), local)?.id;
    return id !== undefined && storedIds?.has(id) === true;
  });
}

/** This PC's clock, or the first server's where the two differ too much to trust ours. */
function pushClock(targets: readonly Target[], now: () => Date, warnings: Warning[]): () => Date {
  const offsetMs =
    targets.map((t) => t.session?.clockOffsetMs ?? null).find((offset) => offset !== null) ?? 0;
  if (Math.abs(offsetMs) <= clockToleranceMs) return now;
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const message = `this PC's clock is ${minutes} minutes ${offsetMs > 0 ? 'behind' : 'ahead of'} the store's; the store's time is used`;
  warnings.push({ code: 'clock-off', message });
  return () => new Date(now().getTime() + offsetMs);
}

/** Removes spools and unfinished uploads of pushes that were killed. */
async function cleanUp(targets: readonly Target[], stateDir: string): Promise<void> {
  for (const dead of await deadJobs(stateDir)) {
    const kept = [];
    for (const upload of dead.uploads) {
      const target = targets.find((t) => t.session && t.store.url === upload.store);
      if (target) await target.store.discardUpload(upload.key, upload.uploadId);
      else kept.push(upload);
    }
    await forgetJob(dead, kept);
  }
}

function unusableFailure(
  unusable: readonly EfakturError[],
  backups: readonly PushedBackup[],
): EfakturError | null {
  const [first] = unusable;
  if (!first) return null;
  const stored = backups.at(-1);
  if (!stored && unusable.length === 1) return first;
  const what = unusable.map((error) => error.message).join('; ');
  const instead = stored ? `; stored instead: ${stored.source} of ${stored.capturedAt}` : '';
  return new EfakturError(first.code, `${what}${instead}`, first.hint, first);
}

/** One state to all stores; null when it is still being written. */
async function pushCandidate(
  candidate: CandidateState,
  targets: readonly Target[],
  request: PushRequest,
  clock: () => Date,
  job: Job | null,
  warnings: Warning[],
): Promise<PushedBackup | null> {
  if (candidate.capturedAt && candidate.capturedAt.getTime() > clock().getTime() + clockToleranceMs) {
    throw new EfakturError(
      'source-unusable',
      `${candidate.path} is from the future (${formatInstant(candidate.capturedAt, request.zone)}) and was not stored`,
      "Correct this PC's clock, or give the backup its true date and time.",
    );
  }
  const state = await candidate.open();
  if (!state) {
    warnings.push({
      code: 'being-written',
      message: `${candidate.path} is still being written; the next push stores it`,
    });
    return null;
  }
  try {
    for (let reads = 1; ; reads++) {
      try {
        const read = await readState(await state.files(), candidate.path, request);
        // Of a live db it is the end of the first read: a second equal read proves that instant.
        const capturedAt = candidate.capturedAt ?? new Date(Math.floor(clock().getTime() / 1000) * 1000);
        const pushed = await storeState(candidate, read, capturedAt, state.files, targets, {
          ...request,
          job,
        });
        warnings.push(...stateWarnings(candidate, read, capturedAt, request.zone));
        return pushed;
      } catch (error) {
        if (!isEfakturError(error, 'source-changed') || reads >= maxReads) throw error;
        await sleep(reads * 500, undefined, { signal: request.signal });
      }
    }
  } finally {
    state.close();
  }
}
