import { dayMs } from '../../base/durations.ts';
import { type EfakturError, type ErrorReport, reportOf } from '../../base/errors.ts';
import { formatInstant } from '../../base/local-time.ts';
import type { Warning } from '../../base/progress.ts';
import type { Text } from '../../base/text.ts';
import type { CaptureBasis } from '../../catalog/manifest.ts';
import { parseBackupId } from '../../catalog/names.ts';
import { assumedName } from '../../efaktur/database-files.ts';
import type { RecordedArchive } from '../../state/record.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { ReadState } from '../reading/read-state.ts';
import { type BackupInfo, backupInfo } from '../stored/backup-info.ts';
import type { StoreSession } from './session.ts';
import type { CandidateState } from './sources.ts';
import {
  capturedInside,
  isTwice,
  moreLeftOut,
  newerThanCapture,
  noPartOfDatabase,
  oddName,
  olderThanCapture,
  stateTrueTime,
} from './texts.ts';

/** What a push says of a state, for documents and people. */

export interface PushedStore {
  readonly store: string;
  readonly id: string | null;
  readonly outcome: 'created' | 'unchanged' | 'planned' | 'failed';
  readonly uploadedBytes: number;
  readonly requests: number;
  readonly error?: ErrorReport;
}

export type PushedBackup = BackupInfo & {
  readonly outcome: 'created' | 'unchanged' | 'planned';
  /** Where the state lay on this PC. */
  readonly source: string;
  /** What the capture time rests on. */
  readonly capturedBasis: CaptureBasis;
  /** Bytes of the database files. */
  readonly totalBytes: number;
  readonly stores: readonly PushedStore[];
};

/** A store in one push: its session, or the error that ended its part. */
export interface Target {
  readonly store: ObjectStore;
  readonly session: StoreSession | null;
  error: EfakturError | null;
  /** Ids of whole backups that the store lists; read only for `--all`. */
  readonly storedIds: ReadonlySet<string> | null;
  /** The store's traffic up to the last backup reported. */
  counted: { requests: number; sentBytes: number };
}

/** How one store took a state. */
export interface StoredAs {
  readonly outcome: PushedStore['outcome'];
  readonly id: string;
  readonly day: string;
  readonly archive: RecordedArchive | null;
}

/** The entry of one state in the document of a push; each store tells its traffic since the entry before. */
export function describeState(
  plan: {
    readonly candidate: CandidateState;
    readonly read: ReadState;
    readonly capturedAt: Date;
    readonly day: string;
    readonly id: string;
  },
  targets: readonly Target[],
  results: ReadonlyMap<Target, StoredAs>,
  context: { readonly dryRun: boolean; readonly zone: string },
): PushedBackup {
  const stored = [...results.values()];
  const shown = stored.find((s) => s.outcome === 'created') ?? stored[0];
  const outcome = context.dryRun ? 'planned' : shown?.outcome === 'created' ? 'created' : 'unchanged';
  return {
    ...backupInfo(
      {
        id: shown?.id ?? plan.id,
        day: shown?.day ?? plan.day,
        // Of a second push in one day that found nothing new it is the first's.
        capturedAt: (shown && parseBackupId(shown.id)?.capturedAt) ?? plan.capturedAt,
        uploadedAt: shown?.outcome === 'created' && shown.archive ? new Date(shown.archive.uploadedAt) : null,
      },
      shown?.archive ? { ...shown.archive, encrypted: shown.archive.keysId !== null } : null,
      context.zone,
    ),
    outcome,
    source: plan.candidate.path,
    capturedBasis: plan.candidate.basis,
    totalBytes: plan.read.totalBytes,
    stores: targets.map((target) => describeStore(target, results.get(target))),
  };
}

/** How one store took what was pushed; it tells its traffic since the report before. */
export function describeStore(
  target: Target,
  stored: Pick<StoredAs, 'id' | 'outcome'> | undefined,
): PushedStore {
  const { requests, sentBytes } = target.store.traffic;
  const since = target.counted;
  target.counted = { requests, sentBytes };
  const { error } = target;
  return {
    store: target.store.url,
    id: stored?.id ?? null,
    outcome: stored?.outcome ?? 'failed',
    uploadedBytes: sentBytes - since.sentBytes,
    requests: requests - since.requests,
    ...(error && { error: reportOf(error) }),
  };
}

function leftOutText(path: string, kept: ReadonlySet<string>): Text {
  const shown = path.length > 300 ? `${path.slice(0, 300)}…` : path;
  if (kept.has(path)) return isTwice(shown);
  return path.includes('/') ? oddName(shown) : noPartOfDatabase(shown);
}

const fileNewerMs = 60_000;
const fileOlderMs = 7 * dayMs;

/** Of what is left out, so much is named. */
const maxNamed = 20;

/** What a user should know of a state though it is sound. */
export function stateWarnings(
  candidate: CandidateState,
  read: ReadState,
  capturedAt: Date,
  zone: string,
): Warning[] {
  const kept = new Set(read.set.files.map((file) => file.path));
  const { leftOut } = read.set;
  const warnings: Warning[] = leftOut.slice(0, maxNamed).map((path) => ({
    code: 'left-out',
    message: leftOutText(path, kept),
  }));
  if (read.set.assumedName !== null) warnings.push(assumedName(candidate.path, read.set.assumedName));
  if (leftOut.length > maxNamed)
    warnings.push({ code: 'left-out', message: moreLeftOut(leftOut.length - maxNamed) });
  const newestMs = read.set.newestMtimeMs;
  const newest = formatInstant(new Date(newestMs), zone);
  const captured = formatInstant(capturedAt, zone);
  if (newestMs > capturedAt.getTime() + fileNewerMs) {
    warnings.push({
      code: 'newer-than-capture',
      message: newerThanCapture(candidate.path, newest, captured),
      hint: stateTrueTime,
    });
  } else if (candidate.basis === 'inside') {
    warnings.push({
      code: 'captured-inside',
      message: capturedInside(candidate.path, captured),
      hint: stateTrueTime,
    });
  } else if (
    candidate.kind === 'login-backup' &&
    candidate.basis !== 'stated' &&
    newestMs < capturedAt.getTime() - fileOlderMs
  ) {
    warnings.push({
      code: 'older-than-capture',
      message: olderThanCapture(candidate.path, newest, captured),
    });
  }
  return warnings;
}
