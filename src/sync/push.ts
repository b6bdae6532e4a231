import { EfakturError } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import type { Warning } from '../base/progress.ts';
import type { Encryptor } from '../crypto/age.ts';
import { pushAgain } from '../efaktur/texts.ts';
import type { Job } from '../state/job.ts';
import type { UnusableFile } from '../state/unusable.ts';
import type { PushingContext } from './context.ts';
import { proposeProgram } from './program/proposal.ts';
import { beginEarlyRead, type EarlyRead } from './push/first-read.ts';
import { appReader, madeWithIn } from './push/made-with.ts';
import type { PushedBackup, Target } from './push/report.ts';
import { type Candidates, findCandidates, type SourceChoice } from './push/sources.ts';
import { type TakenStates, takeStates } from './push/take-states.ts';
import { afterwards, cleanUp, openTargets, pushClock, removeOld, withJob } from './push/targets.ts';
import {
  dbInPlaceNow,
  knownUnusable,
  noOtherState,
  notInBackupSince,
  stillWritten,
  unusableStates,
} from './push-texts.ts';
import { settle } from './restore/settled.ts';

export interface PushRequest extends PushingContext {
  readonly appFolder: string | null;
  readonly source: SourceChoice;
  readonly all: boolean;
  readonly full: boolean;
  readonly dryRun: boolean;
  /** Stores a damaged state as well, marked. */
  readonly forceDamaged: boolean;
  /** Says once of a store that it has no copy of the program in this folder. */
  readonly proposesProgram: boolean;
  readonly moved: boolean;
  readonly newStore: boolean;
  /** Pushes in clear though the prefix holds encrypted backups. */
  readonly allowPlaintext: boolean;
}

/** The newest state, as it is pushed where nobody asks for anything else. */
export const ordinaryPush = {
  source: { type: 'auto' },
  all: false,
  full: false,
  dryRun: false,
  forceDamaged: false,
  proposesProgram: true,
  moved: false,
  newStore: false,
  allowPlaintext: false,
} as const satisfies Omit<PushRequest, keyof PushingContext | 'appFolder'>;

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

/**
 * Backs up the newest sound state (with `all`, every login backup) to every store. A kill at any point leaves no backup
 * or a whole one: a manifest is written only after its archive is listed with its size. What a killed push left is
 * removed by the next. Throws when nothing could be stored; otherwise the first failure stands beside the document:
 * `source-unusable`, `source-changed`, or what a store threw.
 */
export async function push(request: PushRequest): Promise<PushResult> {
  const { dryRun, appFolder } = request;
  const warnings = dryRun || appFolder === null ? [] : await settle(appFolder, dbInPlaceNow);
  const early = await beginEarlyRead(request);
  try {
    const encryptor = await request.openEncryptor();
    return await withJob(request, warnings, async (job) => {
      const opened = { ...request, encryptor, job };
      const targets = await openTargets({ ...opened, listsBackups: request.all });
      return pushTo(targets, early, opened, warnings);
    });
  } finally {
    await early?.close();
  }
}

type OpenedRequest = PushRequest & { readonly encryptor: Encryptor | null; readonly job: Job | null };

async function pushTo(
  targets: readonly Target[],
  early: EarlyRead | null,
  request: OpenedRequest,
  warnings: Warning[],
): Promise<PushResult> {
  const clock = pushClock(targets, request.now, warnings);
  if (!request.dryRun) await cleanUp(targets, request.stateDir, request.job, warnings);
  const { appFolder, source: choice, zone, signal } = request;
  const candidates = await findCandidates({ appFolder, choice, zone, now: clock, signal });
  warnings.push(...candidates.warnings);

  const app = appFolder === null ? null : appReader(appFolder);
  const tellMadeWith = madeWithIn(app, warnings);
  const context = { ...request, targets, clock, warnings, tellMadeWith, early };
  const taken = await takeStates(candidates.states, context);
  const { backups } = taken;
  if (!request.dryRun) await removeOld(targets, backups, clock(), signal, warnings);
  warnings.push(...passedOverWarnings(taken.passedOver), ...targets.flatMap((t) => t.session?.noticed ?? []));
  const { missed, warnings: told } = whatIsMissed(taken, candidates, zone);
  warnings.push(...told);
  if (request.proposesProgram && app && backups.some((b) => b.outcome === 'created'))
    await afterwards(warnings, () => proposeProgram(targets, app, warnings, signal));
  const isAnyStored =
    taken.storedBefore > 0 || backups.some((b) => b.stores.some((s) => s.outcome !== 'failed'));
  const failure =
    unusableFailure(missed, request.all ? null : (backups[0] ?? null), request.dryRun) ??
    targets.find((t) => t.error)?.error ??
    (isAnyStored ? null : onlyBeingWritten(taken.beingWritten));
  if (failure && !isAnyStored) throw failure;
  const outcome = request.dryRun
    ? 'planned'
    : backups.some((b) => b.outcome === 'created')
      ? 'created'
      : 'unchanged';
  return { document: { outcome, backups, warnings }, failure };
}

/** What was not stored: what fails the push, and what nobody misses, as a newer state is stored. */
function whatIsMissed(
  { unusable, unopened, newest, beingWritten }: TakenStates,
  { states, isOpen }: Candidates,
  zone: string,
): { readonly missed: readonly EfakturError[]; readonly warnings: readonly Warning[] } {
  const newestAt = newest ? states.indexOf(newest) : Number.POSITIVE_INFINITY;
  const isMissed = ({ candidate }: TakenStates['unopened'][number]): boolean =>
    states.indexOf(candidate) < newestAt;
  const warnings: Warning[] = unopened
    .filter((one) => !isMissed(one))
    .map(({ error: { text, hint } }) => ({ code: 'archive-not-opened', message: text, hint }));
  for (const path of beingWritten) warnings.push({ code: 'being-written', message: stillWritten(path) });
  if (isOpen && newest?.capturedAt) {
    const message = notInBackupSince(formatInstant(newest.capturedAt, zone), newest.sourceName);
    warnings.push({ code: 'app-running', message });
  }
  return { missed: [...unusable, ...unopened.filter(isMissed).map(({ error }) => error)], warnings };
}

const passedOverWarnings = (files: readonly UnusableFile[]): Warning[] =>
  files.length === 0 ? [] : [{ code: 'known-unusable', message: knownUnusable(files) }];

/** Waiting for the next push is no answer when there is no older state to store meanwhile. */
const onlyBeingWritten = ([path]: readonly string[]): EfakturError | null =>
  path === undefined ? null : new EfakturError('source-changed', noOtherState(stillWritten(path)), pushAgain);

/** `stored` is what was taken in the place of what was unusable. */
function unusableFailure(
  unusable: readonly EfakturError[],
  stored: PushedBackup | null,
  dryRun: boolean,
): EfakturError | null {
  const [first] = unusable;
  if (!first) return null;
  if (!stored && unusable.length === 1) return first;
  const texts = unusable.map(({ text }) => text);
  return new EfakturError(first.code, unusableStates(texts, stored, dryRun), first.hint, first);
}
