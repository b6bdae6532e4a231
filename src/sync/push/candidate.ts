import { setTimeout as sleep } from 'node:timers/promises';
import { EfakturError, isEfakturError, systemCode } from '../../base/errors.ts';
import { formatInstant } from '../../base/local-time.ts';
import type { Warning } from '../../base/progress.ts';
import { joined, type Text, verbatim } from '../../base/text.ts';
import { isDamaged } from '../../base/texts.ts';
import { parseBackupId } from '../../catalog/names.ts';
import { readDbFolder } from '../../efaktur/live-db.ts';
import { logsElsewhere } from '../../efaktur/log-device.ts';
import type { OpenState } from '../../efaktur/login-backups.ts';
import { UnopenedBackup } from '../../efaktur/unopened-backup.ts';
import { changedState, readState } from '../reading/read-state.ts';
import { problemText, verdictWarnings } from '../stored/verdict-words.ts';
import { factsBefore } from './facts-before.ts';
import { type EarlyRead, type FirstRead, firstRead } from './first-read.ts';
import { lostRows } from './lost-rows.ts';
import type { TellMadeWith } from './made-with.ts';
import { type PushedBackup, stateWarnings, type Target } from './report.ts';
import type { StoreSession } from './session.ts';
import type { CandidateState } from './sources.ts';
import type { StateContext } from './state-plan.ts';
import { storeState } from './store-state.ts';
import { clockToleranceMs } from './targets.ts';
import {
  correctClockOrState,
  databasesApart,
  fromFuture,
  giveCaptureTime,
  pushOtherOrForce,
  statedInFuture,
} from './texts.ts';

export interface CandidateContext extends StateContext {
  readonly targets: readonly Target[];
  readonly forceDamaged: boolean;
  /** Begun before the stores were opened. */
  readonly early: EarlyRead | null;
  /** The store's time where this PC's clock is wrong. */
  readonly clock: () => Date;
  readonly warnings: Warning[];
  readonly tellMadeWith: TellMadeWith;
  /** Gets what was opened, or not even that, and found unusable for what is in it: it will be so the next time. */
  readonly onUnusable: (file: CandidateState, error: EfakturError) => void;
}

const maxReads = 4;

/**
 * Reads one candidate and stores it everywhere. What keeps changing while it is read is copied hot where that is
 * possible. Resolves with null when the file is still being written; `source-unusable` when it is damaged or from the
 * future, `source-changed` when no two reads agree, `app-running` during an update.
 */
export async function pushCandidate(
  found: CandidateState,
  context: CandidateContext,
): Promise<PushedBackup | null> {
  const { clock, zone } = context;
  if (found.capturedAt && found.capturedAt.getTime() > clock().getTime() + clockToleranceMs) {
    if (found.basis === 'stated')
      throw new EfakturError('usage', statedInFuture(formatInstant(found.capturedAt, zone)), giveCaptureTime);
    throw new EfakturError(
      'source-unusable',
      fromFuture(found.path, formatInstant(found.capturedAt, zone)),
      correctClockOrState,
    );
  }
  try {
    return await pushOpened(found, context);
  } catch (error) {
    // What the system says of a disk or of rights may be otherwise the next time.
    const isSeen = isEfakturError(error, 'source-unusable') && !(error instanceof UnopenedBackup);
    if (isSeen && !hasSystemCode(error)) context.onUnusable(found, error);
    throw error;
  }
}

const hasSystemCode = (error: unknown): boolean =>
  error instanceof Error && (systemCode(error) !== null || hasSystemCode(error.cause));

async function pushOpened(found: CandidateState, context: CandidateContext): Promise<PushedBackup | null> {
  const { signal } = context;
  const opened = await found.open();
  if (!opened) return null;
  const { candidate, state } = opened;
  try {
    for (let reads = 1; ; reads++) {
      try {
        return await readAndStore(candidate, state, context);
      } catch (error) {
        if (!isEfakturError(error, 'source-changed')) throw error;
        if (reads === maxReads && candidate.hotCopy && context.job)
          return await storeHotCopy(candidate, context);
        if (reads === maxReads) throw error;
        await sleep(reads * 500, undefined, { signal });
      }
    }
  } finally {
    state.close();
  }
}

async function storeHotCopy(candidate: CandidateState, context: CandidateContext): Promise<PushedBackup> {
  if (!candidate.hotCopy || !context.job) throw new TypeError('a hot copy needs a scratch folder');
  const scratch = await context.job.makeScratch('hot');
  const { databases } = await candidate.hotCopy(scratch);
  const copy: CandidateState = { ...candidate, kind: 'hot' };
  const state = { files: () => readDbFolder(scratch), close: () => {} };
  return readAndStore(copy, state, context, databases > 1);
}

async function readAndStore(
  candidate: CandidateState,
  state: OpenState,
  context: CandidateContext,
  noCommonInstant = false,
): Promise<PushedBackup> {
  const { targets, warnings } = context;
  const set = await state.files();
  if (set.problems.length > 0 && !context.forceDamaged)
    throw damagedSource(candidate.path, joined([...set.problems, ...(await logsElsewhere(set))], '; '));
  const sessions = targets.flatMap((t) => (t.session && !t.error ? [t.session] : []));
  const first =
    (await context.early?.take(candidate, set, sessions)) ??
    (await firstRead(candidate, set, sessions, context));
  const { read, base } = first;
  if (read.judged.verdict === 'damaged') {
    // Files that change under the reader look like damage; only two equal reads show it.
    const again = await readState(await state.files(), candidate.path, { base: null, known: null }, context);
    if (again.contentHash !== read.contentHash) throw changedState(candidate.path);
    if (!context.forceDamaged) throw damagedSource(candidate.path, problemText(read.judged, 'damaged'));
  }
  // Of a live db it is the end of the first read: a second equal read proves that instant.
  const capturedAt = candidate.capturedAt ?? (await freeSecond(first, context, sessions));
  // A plan asks no store for more than it must.
  const before = context.dryRun ? null : await factsBefore(sessions, capturedAt, context.signal);
  const pushed = await storeState(
    {
      candidate,
      read,
      base,
      capturedAt,
      noCommonInstant,
      filesNow: state.files,
      madeWith: () => context.tellMadeWith(candidate, capturedAt),
    },
    targets,
    context,
  );
  warnings.push(
    ...stateWarnings(candidate, read, capturedAt, context.zone),
    ...verdictWarnings(verbatim(candidate.path), read.judged),
    ...(before?.warnings ?? []),
    ...lostRows(before?.facts ?? null, read.judged),
  );
  if (noCommonInstant) warnings.push({ code: 'no-common-instant', message: databasesApart(candidate.path) });
  return pushed;
}

/** The second of a live capture; when this PC has a backup of it already the next free one, waited for: ids sort by time. */
async function freeSecond(
  { ageMs }: FirstRead,
  { clock, signal }: CandidateContext,
  sessions: readonly StoreSession[],
): Promise<Date> {
  const now = new Date(clock().getTime() - ageMs());
  const taken = new Set(
    sessions.flatMap((s) => s.record.backups.map((b) => parseBackupId(b.id)?.capturedAt.getTime())),
  );
  let second = Math.floor(now.getTime() / 1000) * 1000;
  while (taken.has(second)) second += 1000;
  if (second > now.getTime()) await sleep(second - now.getTime(), undefined, { signal });
  return new Date(second);
}

const damagedSource = (path: string, because: Text): EfakturError =>
  new EfakturError('source-unusable', { what: isDamaged(verbatim(path)), because }, pushOtherOrForce);
