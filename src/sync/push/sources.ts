import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dayMs } from '../../base/durations.ts';
import { EfakturError } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import { realPath } from '../../base/real-path.ts';
import type { CaptureBasis, SourceKind } from '../../catalog/manifest.ts';
import { hotCopy } from '../../derby/hot-copy.ts';
import { type CaptureTime, statedTime } from '../../efaktur/capture-time.ts';
import { readDbFolder } from '../../efaktur/live-db.ts';
import {
  backupTimes,
  defaultWriteWatch,
  describeBackup,
  type LoginBackup,
  listLoginBackups,
  type OpenState,
  openLoginBackup,
  openSettledBackup,
} from '../../efaktur/login-backups.ts';
import { isUpdater } from '../../efaktur/program-names.ts';
import { findRunning, isRunning, isUpdating, type Running } from '../../efaktur/running.ts';
import type { LocalFile } from '../../state/record.ts';
import type { Local } from '../context.ts';
import {
  beingUpdated,
  closeAndPushAgain,
  giveSource,
  noDatabaseIn,
  noLoginBackup,
  noSuchSource,
  nothingToPush,
  notZip,
  openWithoutLoginBackup,
  perhapsUpdated,
  pushAfterUpdate,
  pushLiveOrLetBackUp,
  runOnServer,
} from './texts.ts';

/** `--source`: which states a push may take. */
export type SourceChoice =
  | { readonly type: 'auto' | 'backup' | 'live' }
  | { readonly type: 'path'; readonly path: string; readonly captured: StatedCapture | null };

/** `--captured`: when a state is of. */
export type StatedCapture = { readonly moment: Date } | { readonly day: string };

/** A state that could be pushed. Whether it is sound shows when it is opened and read. */
export interface CandidateState {
  readonly path: string;
  readonly kind: SourceKind;
  /** Null for the live db: its capture time is the moment of the read. */
  readonly capturedAt: Date | null;
  readonly basis: CaptureBasis;
  readonly sourceName: string | null;
  /** Identifies an unchanged login backup without reading it. */
  readonly local: LocalFile | null;
  /** What was written to its end meanwhile is another candidate by then. Resolves with null while it is being written. */
  open(): Promise<{ readonly candidate: CandidateState; readonly state: OpenState } | null>;
  /** How to copy a db that programs keep changing; null for states that do not change. */
  readonly hotCopy: HotCopier | null;
}

/** Copies every database of an open `db` into an empty folder, each sound by itself. `app-running` during an update. */
export type HotCopier = (scratch: string) => Promise<{ readonly databases: number }>;

export interface Candidates {
  /** The best first; with `--all` every one of them is wanted, otherwise the first sound one. */
  readonly states: readonly CandidateState[];
  /** e-Faktur is open, so that a login backup lacks what was entered since. */
  readonly isOpen: boolean;
  readonly warnings: readonly Warning[];
}

export interface CandidateSearch extends Pick<Local, 'zone' | 'now' | 'signal'> {
  readonly appFolder: string | null;
  readonly choice: SourceChoice;
}

/** A login backup younger than this is better than a copy of a db in use. */
const freshBackupMs = dayMs;

const byCaptureDescending = (a: LoginBackup, b: LoginBackup): number =>
  b.capturedAt.getTime() - a.capturedAt.getTime();

/** Lists what could be pushed; `source-unusable` when there is nothing, `app-running` when only an open db is there. */
export async function findCandidates(search: CandidateSearch): Promise<Candidates> {
  const { appFolder, choice, zone, signal } = search;
  if (choice.type === 'path')
    return { states: [await namedState(choice, search)], isOpen: false, warnings: [] };
  if (appFolder === null) throw new TypeError('without a path a source needs an e-Faktur folder');

  const backups =
    choice.type === 'live' ? [] : (await listLoginBackups(appFolder, zone)).sort(byCaptureDescending);
  if (choice.type === 'backup') {
    if (backups.length === 0)
      throw new EfakturError(
        'source-unusable',
        noLoginBackup(join(appFolder, 'backup')),
        pushLiveOrLetBackUp,
      );
    return { ...inOrder(backups, null, search), isOpen: false };
  }

  const live = await readLive(appFolder);
  const running = await findRunning(appFolder);
  const kind = isRunning(running) ? 'hot' : 'cold';
  if (choice.type === 'live') {
    if (!live) throw new EfakturError('source-unusable', noDatabaseIn(join(appFolder, 'db')), runOnServer);
    return { states: [liveState(appFolder, kind, signal)], isOpen: false, warnings: [] };
  }
  if (isRunning(running)) {
    const canCopy = live !== null && !isUpdating(running);
    if (!canCopy && backups.length === 0) {
      if (isUpdating(running)) throw updating(running, join(appFolder, 'db'));
      throw new EfakturError('app-running', openWithoutLoginBackup(appFolder), closeAndPushAgain);
    }
    const sinceMs = search.now().getTime() - freshBackupMs;
    const copied = canCopy ? { state: liveState(appFolder, kind, signal), sinceMs } : null;
    return { ...inOrder(backups, copied, search), isOpen: true };
  }
  if (!live && backups.length === 0) {
    throw new EfakturError('source-unusable', nothingToPush(appFolder), runOnServer);
  }
  const closed = live && { state: liveState(appFolder, kind, signal), sinceMs: live.newestMtimeMs };
  return { ...inOrder(backups, closed, search), isOpen: false };
}

/**
 * The newest first; the live db before all login backups that are not newer than `sinceMs`. An archive that cannot be
 * opened stays where it is the newest of all, so that it fails there, and is a note elsewhere.
 */
function inOrder(
  backups: readonly LoginBackup[],
  live: { readonly state: CandidateState; readonly sinceMs: number } | null,
  search: CandidateSearch,
): Pick<Candidates, 'states' | 'warnings'> {
  const isNewer = (backup: LoginBackup): boolean => !live || backup.capturedAt.getTime() > live.sinceMs;
  const isTaken = (backup: LoginBackup, i: number): boolean =>
    backup.type !== 'unreadable-archive' || (i === 0 && isNewer(backup));
  const taken = backups.filter(isTaken).map((backup, i) => ({
    isNewer: isNewer(backup),
    state: loginState(backup, i === 0, search),
  }));
  const statesOf = (newer: boolean): CandidateState[] =>
    taken.flatMap((one) => (one.isNewer === newer ? [one.state] : []));
  return {
    states: [...statesOf(true), ...(live ? [live.state] : []), ...statesOf(false)],
    warnings: backups
      .filter((backup, i) => !isTaken(backup, i))
      .map(({ path }) => ({
        code: 'archive-not-opened',
        message: notZip(path),
      })),
  };
}

async function readLive(appFolder: string): Promise<{ newestMtimeMs: number } | null> {
  const db = join(appFolder, 'db');
  if (!(await stat(db).catch(() => null))) return null;
  const set = await readDbFolder(db);
  return set.databases.length === 0 ? null : set;
}

const updating = ({ processes, unplaced }: Running, db: string): EfakturError =>
  new EfakturError(
    'app-running',
    processes.some(isUpdater) ? beingUpdated(db) : perhapsUpdated(unplaced, db),
    pushAfterUpdate,
  );

function liveState(appFolder: string, kind: SourceKind, signal: AbortSignal): CandidateState {
  const path = join(appFolder, 'db');
  const candidate: CandidateState = {
    path,
    kind,
    capturedAt: null,
    basis: 'read',
    sourceName: null,
    local: null,
    open: async () => ({ candidate, state: { files: () => readDbFolder(path), close: () => {} } }),
    async hotCopy(scratch) {
      const running = await findRunning(appFolder);
      if (isUpdating(running)) {
        throw updating(running, path);
      }
      const { databases } = await readDbFolder(path);
      for (const database of databases)
        await hotCopy(join(path, database), join(scratch, database), { signal });
      return { databases: databases.length };
    },
  };
  return candidate;
}

function loginState(backup: LoginBackup, isNewest: boolean, search: CandidateSearch): CandidateState {
  const { zone, signal } = search;
  const candidate: CandidateState = {
    path: backup.path,
    kind: 'login-backup',
    capturedAt: backup.capturedAt,
    basis: backup.basis,
    sourceName: backup.name,
    // A folder's own size and time say nothing of what is in it.
    local:
      backup.type === 'zip'
        ? { path: backup.path, sizeBytes: backup.sizeBytes, mtimeMs: backup.mtimeMs }
        : null,
    hotCopy: null,
    async open() {
      if (!isNewest) return { candidate, state: await openLoginBackup(backup, zone) };
      const settled = await openSettledBackup(backup, zone, { ...defaultWriteWatch, signal });
      return settled && { candidate: loginState(settled.backup, isNewest, search), state: settled.state };
    },
  };
  return candidate;
}

async function namedState(
  { path, captured }: Extract<SourceChoice, { type: 'path' }>,
  search: CandidateSearch,
): Promise<CandidateState> {
  const real = await realPath(path);
  const backup = real === null ? null : await describeBackup(real, search.zone, true);
  if (real === null || !backup) {
    throw new EfakturError('source-unusable', noSuchSource(path), giveSource);
  }
  const times = backupTimes(backup, search.zone);
  const liveDb = search.appFolder && (await realPath(join(search.appFolder, 'db')));
  if (search.appFolder && (real === liveDb || real === search.appFolder)) {
    const kind = isRunning(await findRunning(search.appFolder)) ? 'hot' : 'cold';
    const live = liveState(search.appFolder, kind, search.signal);
    return captured ? statedState(live, await statedTime(captured, times)) : live;
  }
  const state = loginState(backup, true, search);
  return captured ? statedState(state, await statedTime(captured, times)) : state;
}

/** The same state at the time that the user stated, also when it is looked at again. */
function statedState(state: CandidateState, time: CaptureTime): CandidateState {
  const stated: CandidateState = {
    ...state,
    ...time,
    async open() {
      const opened = await state.open();
      return opened && { ...opened, candidate: { ...opened.candidate, ...time } };
    },
  };
  return stated;
}
