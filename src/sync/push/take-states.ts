import { type EfakturError, isEfakturError } from '../../base/errors.ts';
import { formatInstant } from '../../base/local-time.ts';
import { UnopenedBackup } from '../../efaktur/unopened-backup.ts';
import { isSameFile, recordedLocal } from '../../state/record.ts';
import { noteUnusable, readUnusable, type UnusableFile } from '../../state/unusable.ts';
import { type CandidateContext, pushCandidate } from './candidate.ts';
import type { PushedBackup, Target } from './report.ts';
import type { CandidateState } from './sources.ts';
import { afterwards } from './targets.ts';

export interface TakeContext extends Omit<CandidateContext, 'onUnusable'> {
  /** Takes every state, the oldest first; otherwise the first sound one. */
  readonly all: boolean;
}

/** What became of the states that a push looked at. */
export interface TakenStates {
  readonly backups: readonly PushedBackup[];
  /** The newest that is stored; null when none is. */
  readonly newest: CandidateState | null;
  /** How many every store had before. */
  readonly storedBefore: number;
  /** Known to be unusable from an earlier push. */
  readonly passedOver: readonly UnusableFile[];
  readonly unusable: readonly EfakturError[];
  readonly unopened: readonly { readonly candidate: CandidateState; readonly error: UnopenedBackup }[];
  readonly beingWritten: readonly string[];
}

/** Pushes the states that are wanted, the best first; what is found unusable is noted also when the push fails at another. */
export async function takeStates(
  states: readonly CandidateState[],
  context: TakeContext,
): Promise<TakenStates> {
  const { all, targets, stateDir, dryRun, warnings } = context;
  const known = all && !context.forceDamaged ? await readUnusable(stateDir) : [];
  const found: UnusableFile[] = [];
  const onUnusable = ({ local }: CandidateState, { message }: EfakturError): void => {
    if (local) found.push({ ...local, why: message, foundAt: formatInstant(context.now(), context.zone) });
  };
  const passedOver: UnusableFile[] = [];
  const unusable: EfakturError[] = [];
  const unopened: { readonly candidate: CandidateState; readonly error: UnopenedBackup }[] = [];
  const beingWritten: string[] = [];
  const backups: PushedBackup[] = [];
  let newest: CandidateState | null = null;
  let storedBefore = 0;
  try {
    for (const candidate of all ? states.toReversed() : states) {
      if (all && !context.full && isStoredEverywhere(candidate, targets)) {
        storedBefore++;
        newest = candidate;
        continue;
      }
      // The newest state is what this PC works with: that nothing of it is stored is said every time.
      const isKnown = candidate !== states[0] && findSame(known, candidate);
      if (isKnown) {
        passedOver.push(isKnown);
        continue;
      }
      try {
        const pushed = await pushCandidate(candidate, { ...context, onUnusable });
        if (!pushed) {
          beingWritten.push(candidate.path);
          continue;
        }
        backups.push(pushed);
        newest = candidate;
        if (!all) break;
      } catch (error) {
        if (!isEfakturError(error, 'source-unusable', 'source-changed')) throw error;
        if (error instanceof UnopenedBackup) unopened.push({ candidate, error });
        else unusable.push(error);
      }
    }
  } finally {
    if (!dryRun) await afterwards(warnings, () => noteUnusable(stateDir, found));
  }
  return { backups, newest, storedBefore, passedOver, unusable, unopened, beingWritten };
}

const findSame = (known: readonly UnusableFile[], { local }: CandidateState): UnusableFile | undefined =>
  local ? known.find((file) => isSameFile(file, local)) : undefined;

/** Whether every store lists the backup that this login backup, unchanged since, became. */
function isStoredEverywhere({ local }: CandidateState, targets: readonly Target[]): boolean {
  if (!local) return false;
  return targets.every(({ session, storedIds }) => {
    if (!session) return true;
    const id = recordedLocal(session.record, local)?.id;
    return id !== undefined && storedIds?.has(id) === true;
  });
}
