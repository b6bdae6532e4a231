import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import type { Warning } from '../base/progress.ts';
import type { CaptureBasis, SourceKind } from '../catalog/manifest.ts';
import { hotCopy } from '../derby/hot-copy.ts';
import { readDbFolder } from '../efaktur/live-db.ts';
import {
  defaultWriteWatch,
  describeBackup,
  type LoginBackup,
  listLoginBackups,
  type OpenState,
  openLoginBackup,
  openSettledBackup,
} from '../efaktur/login-backups.ts';
import { findRunning, isRunning, isUpdating } from '../efaktur/running.ts';
import type { LocalFile } from '../state/record.ts';

/** `--source`: which states a push may take. */
export type SourceChoice =
  | { readonly type: 'auto' | 'backup' | 'live' }
  | { readonly type: 'path'; readonly path: string };

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
  /** Resolves with null while the file is still being written. */
  open(): Promise<OpenState | null>;
  /** How to copy a db that programs keep changing; null for states that do not change. */
  readonly hotCopy: HotCopy | null;
}

/** Copies every database of an open `db` into an empty folder, each sound by itself. `app-running` during an update. */
export type HotCopy = (scratch: string) => Promise<{ readonly databases: number }>;

export interface Candidates {
  /** Newest first; with `--all` every one of them is wanted, otherwise the first sound one. */
  readonly states: readonly CandidateState[];
  readonly warnings: readonly Warning[];
}

export interface CandidateSearch {
  readonly appFolder: string | null;
  readonly choice: SourceChoice;
  readonly zone: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** A login backup younger than this is better than a copy of a db in use. */
const freshBackupMs = 24 * 3600_000;

const byCaptureDescending = (a: LoginBackup, b: LoginBackup): number =>
  b.capturedAt.getTime() - a.capturedAt.getTime();

/** Lists what could be pushed; `source-unusable` when there is nothing, `app-running` when only an open db is there. */
export async function findCandidates(search: CandidateSearch): Promise<Candidates> {
  const { appFolder, choice, zone, signal } = search;
  if (choice.type === 'path') return { states: [await namedState(choice.path, search)], warnings: [] };
  if (appFolder === null) throw new TypeError('without a path a source needs an e-Faktur folder');

  const backups =
    choice.type === 'live' ? [] : (await listLoginBackups(appFolder, zone)).sort(byCaptureDescending);
  const warnings: Warning[] = backups
    .slice(1)
    .filter((backup) => backup.type === 'unreadable-archive')
    .map((b) => ({
      code: 'archive-not-opened',
      message: `${b.path} is not a zip and was passed over; extract it to have it stored`,
    }));
  const usable = backups.filter((backup, i) => i === 0 || backup.type !== 'unreadable-archive');
  const states = usable.map((backup, i) => loginState(backup, i === 0, search));
  if (choice.type === 'backup') {
    if (states.length === 0)
      throw new EfakturError(
        'source-unusable',
        `there is no login backup in ${join(appFolder, 'backup')}`,
        'Push the live db with --source live, or let e-Faktur make backups at login (ETaxInvoiceUpd).',
      );
    return { states, warnings };
  }

  const live = await readLive(appFolder);
  const running = await findRunning(appFolder);
  if (choice.type === 'live') {
    if (!live)
      throw new EfakturError(
        'source-unusable',
        `there is no database in ${join(appFolder, 'db')}`,
        'On a network client the databases lie on the server PC: run efaktur-cloud there.',
      );
    return { states: [liveState(appFolder, isRunning(running) ? 'hot' : 'cold', signal)], warnings };
  }
  if (isRunning(running)) {
    const newest = usable[0];
    const isFresh =
      newest !== undefined && search.now().getTime() - newest.capturedAt.getTime() < freshBackupMs;
    if (live && !isFresh && !isUpdating(running)) {
      return { states: [liveState(appFolder, 'hot', signal), ...states], warnings };
    }
    if (!newest) {
      throw new EfakturError(
        'app-running',
        `e-Faktur is open in ${appFolder} and there is no login backup to take instead`,
        'Close e-Faktur and push again.',
      );
    }
    const message = `e-Faktur is open: what was entered since ${formatInstant(newest.capturedAt, zone)} (${newest.name}) is not in this backup`;
    return { states, warnings: [...warnings, { code: 'app-running', message }] };
  }
  if (!live) {
    if (states.length === 0) {
      throw new EfakturError(
        'source-unusable',
        `${appFolder} has neither a database in db nor a login backup`,
        'On a network client the databases lie on the server PC: run efaktur-cloud there.',
      );
    }
    return { states, warnings };
  }
  const olderFrom = usable.findIndex((backup) => backup.capturedAt.getTime() <= live.newestMtimeMs);
  const at = olderFrom < 0 ? states.length : olderFrom;
  return {
    states: [...states.slice(0, at), liveState(appFolder, 'cold', signal), ...states.slice(at)],
    warnings,
  };
}

async function readLive(appFolder: string): Promise<{ newestMtimeMs: number } | null> {
  const db = join(appFolder, 'db');
  if (!(await stat(db).catch(() => null))) return null;
  const set = await readDbFolder(db);
  return set.databases.length === 0 ? null : set;
}

function liveState(appFolder: string, kind: SourceKind, signal: AbortSignal): CandidateState {
  const path = join(appFolder, 'db');
  return {
    path,
    kind,
    capturedAt: null,
    basis: 'read',
    sourceName: null,
    local: null,
    open: async () => ({ files: () => readDbFolder(path), close: () => {} }),
    async hotCopy(scratch) {
      const running = await findRunning(appFolder);
      if (isUpdating(running)) {
        throw new EfakturError(
          'app-running',
          `ETaxInvoiceUpd is working on ${path}, and a db that is being updated cannot be copied`,
          'Push again when the update has ended.',
        );
      }
      const { databases } = await readDbFolder(path);
      for (const database of databases)
        await hotCopy(join(path, database), join(scratch, database), { signal });
      return { databases: databases.length };
    },
  };
}

function loginState(
  backup: LoginBackup,
  isNewest: boolean,
  { zone, signal }: CandidateSearch,
): CandidateState {
  return {
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
    open: () =>
      isNewest
        ? openSettledBackup(backup, zone, { ...defaultWriteWatch, signal })
        : openLoginBackup(backup, zone),
  };
}

async function namedState(path: string, search: CandidateSearch): Promise<CandidateState> {
  const real = await realpath(path).catch(() => null);
  const backup = real === null ? null : await describeBackup(real, search.zone);
  if (real === null || !backup) {
    throw new EfakturError(
      'source-unusable',
      `${path} is not there, or is neither a zip nor a folder`,
      'Give the zip or folder of a login backup, or a db folder.',
    );
  }
  const live = search.appFolder && (await realpath(join(search.appFolder, 'db')).catch(() => null));
  if (search.appFolder && (real === live || real === search.appFolder)) {
    return liveState(
      search.appFolder,
      isRunning(await findRunning(search.appFolder)) ? 'hot' : 'cold',
      search.signal,
    );
  }
  return loginState(backup, true, search);
}
