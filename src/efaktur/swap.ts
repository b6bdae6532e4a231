import { lstat, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { asTargetError, syncDirectory, whileBusy } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { beginRun } from '../base/living-run.ts';
import { compactUtc } from '../base/local-time.ts';
import { makeFolder } from '../base/new-folder.ts';
import {
  removeMade,
  removeStaged,
  type Staged,
  type StagedKind,
  stagedIn,
  stagedName,
} from '../base/staged.ts';
import { inBoth, type Text, verbatim } from '../base/text.ts';
import { hintForProtected, pathOf } from '../base/windows-places.ts';
import {
  cannotMakeReady,
  cannotTakeRestore,
  closeDbPrograms,
  dbIsFile,
  dbIsLink,
  dbUnreadable,
  leftoverStuck,
  moveAwayOrOther,
  neitherInPlace,
  newDbStuck,
  oldDbStuck,
  refusedBySystem,
  renameOldDb,
  restoreRunning,
  waitUntilEnded,
} from './restore-texts.ts';
import { findTaken, readList, type WrittenFiles, writeList } from './still-there.ts';

/**
 * Putting a restored `db` in the place of the old one. Everything is made beside `db` under names that hold the time and
 * the process; `db` itself only ever changes by a rename, so that after a crash at any step the old or the new one is
 * there whole, and {@link settleSwap} finishes the rest.
 *
 *     db.restoring-T-PID   being extracted
 *     db.restored-T-PID    whole, checked and on disk
 *     db.listed-T-PID      what lies in it, a file
 *     db.before-restore-T  the old db, kept
 *     db.discard-T-PID     on its way out
 */
export interface Staging {
  /** Where the files go; empty at first. */
  readonly path: string;
  /**
   * Says that all files are in it, checked and synced; from now on a crash may finish the swap, as long as they all lie
   * there. Resolves with where they lie now.
   */
  complete(list: WrittenFiles): Promise<string>;
  /** Swaps; resolves with where the old db lies now, or null when there was none. A failure leaves the old db in place. */
  swapIn(): Promise<{ readonly previousDb: string | null; readonly isOnDisk: boolean }>;
  /** Removes the staging; after a swap it does nothing. */
  discard(): Promise<void>;
}

const retried = (from: string, to: string, signal?: AbortSignal): Promise<void> =>
  whileBusy(() => rename(from, to), { signal });

/** True when the folder has a `db` with anything in it; `target-not-writable` when that is no folder or cannot be read. */
export async function hasDb(folder: string): Promise<boolean> {
  const db = join(folder, 'db');
  try {
    return (await readdir(db)).length > 0;
  } catch (error) {
    // What keeps the folder itself from being looked into also keeps a restore from beginning there.
    const found = await lstat(db).catch(() => null);
    if (!found) return false;
    if (!['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? ''))
      throw swapError(folder, dbUnreadable, error);
    throw new EfakturError(
      'target-not-writable',
      found.isSymbolicLink() ? dbIsLink(folder) : dbIsFile(folder),
      moveAwayOrOther,
      error,
    );
  }
}

/** Begins a restore into an e-Faktur folder, made if absent; `target-not-writable` when that is refused. */
export async function beginStaging(folder: string, now: Date): Promise<Staging> {
  const run = await beginRun(now);
  const inFolder = (kind: StagedKind): string => join(folder, stagedName('db', kind, run));
  let current: string | null = inFolder('restoring');
  let firstMade: string | null = null;
  try {
    firstMade = await makeFolder(folder);
    // Until it is whole it is nobody else's business; `keepRights` opens it as the old db was.
    await mkdir(current, 0o700);
  } catch (error) {
    await removeMade(folder, firstMade);
    throw asTargetError(error, cannotTakeRestore(folder));
  }
  async function putBack(previousDb: string, db: string, cause: unknown): Promise<void> {
    try {
      await retried(previousDb, db);
    } catch (error) {
      // The restored db stays, so that the next run can finish what this one cannot.
      current = null;
      throw new EfakturError(
        'target-not-writable',
        neitherInPlace(folder, systemCode(cause), systemCode(error)),
        renameOldDb(previousDb),
        error,
      );
    }
  }

  return {
    path: current,
    async complete(list) {
      const restored = inFolder('restored');
      try {
        await writeList(inFolder('listed'), list);
        await retried(inFolder('restoring'), restored);
        current = restored;
        await syncDirectory(folder);
      } catch (error) {
        throw asTargetError(error, cannotMakeReady(folder));
      }
      return restored;
    },
    async swapIn() {
      const db = join(folder, 'db');
      const previousDb = (await hasDb(folder))
        ? await freeName(folder, `db.before-restore-${compactUtc(now)}`)
        : null;
      try {
        if (previousDb) await retried(db, previousDb);
        else await removeEmpty(db);
      } catch (error) {
        throw swapError(folder, oldDbStuck, error);
      }
      try {
        await retried(inFolder('restored'), db);
      } catch (error) {
        if (previousDb) await putBack(previousDb, db, error);
        throw swapError(folder, newDbStuck, error);
      }
      current = null;
      // The new db is in its place: what cannot be done any more is no failure of the restore.
      const isOnDisk = await syncDirectory(folder).then(
        () => true,
        () => false,
      );
      await rm(inFolder('listed'), { force: true }).catch(() => {});
      return { previousDb, isOnDisk };
    },
    async discard() {
      if (current === null) return;
      const path = current;
      current = null;
      await removeStaged(path, inFolder('discard'));
      await rm(inFolder('listed'), { force: true });
      await removeMade(folder, firstMade);
    },
  };
}

const swapError = (folder: string, what: Text, error: unknown): unknown =>
  systemCode(error) === null
    ? error
    : new EfakturError(
        'target-not-writable',
        refusedBySystem(folder, what, systemCode(error)),
        closeOrAdministrator(closeDbPrograms, error),
        error,
      );

/** In the folders of Windows' programs both may be why a step was refused. */
export function closeOrAdministrator(close: Text, error: unknown): Text {
  const administrator = ['EPERM', 'EACCES'].includes(systemCode(error) ?? '')
    ? hintForProtected(pathOf(error))
    : null;
  return administrator ? inBoth((l) => `${close[l]} ${administrator[l]}`) : close;
}

async function removeEmpty(db: string): Promise<void> {
  try {
    await whileBusy(() => rmdir(db));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

async function freeName(folder: string, name: string): Promise<string> {
  const taken = new Set(await readdir(folder));
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name}-${n}`;
  return join(folder, free);
}

/** What settling found and did. */
export interface Settled {
  /** A killed restore was finished: its db is in place now. */
  readonly finishedRestore: boolean;
  /** What a killed restore had put into its db and is gone from there: it was not finished, the db before it is back. */
  readonly taken?: readonly Text[];
}

/**
 * Finishes or removes what a killed restore left in the folder. `app-running` while the restoring process lives,
 * `target-not-writable` when the system refuses. Calling it again, or being killed in it, does no harm.
 */
export async function settleSwap(folder: string): Promise<Settled> {
  const staged = (await stagedIn(folder)).filter((found) => isOfSwap(found));
  refuseAlive(folder, staged);
  let finishedRestore = false;
  let taken: readonly Text[] | null = null;
  for (const { name, kind, run, stamp } of staged) {
    const path = join(folder, name);
    try {
      if (kind === 'restored' && !(await readdir(folder)).includes('db')) {
        const gone = await goneFrom(path, join(folder, stagedName('db', 'listed', run)));
        if (gone.length > 0) taken ??= gone;
        const whole = gone.length === 0 ? path : await movedAside(folder, stamp);
        if (whole !== null) await retried(whole, join(folder, 'db'));
        await syncDirectory(folder);
        if (gone.length === 0) {
          finishedRestore = true;
          continue;
        }
      }
      if (kind === 'listed') await rm(path, { force: true });
      else await removeStaged(path, join(folder, stagedName('db', 'discard', run)));
    } catch (error) {
      throw swapError(folder, leftoverStuck(name), error);
    }
  }
  return { finishedRestore, ...(taken && { taken }) };
}

const isOfSwap = ({ stem, kind, pcName }: Staged): boolean =>
  stem === 'db' && kind !== 'exporting' && pcName === null;

/** `app-running` when one of what is staged for this folder belongs to a process that lives. */
export function refuseAlive(folder: string, staged: readonly Staged[]): void {
  const alive = staged.find(({ isAlive }) => isAlive);
  if (!alive) return;
  throw new EfakturError('app-running', restoreRunning(folder, alive.pid, alive.name), waitUntilEnded);
}

/** Without its list nobody knows what a restored db should hold. */
async function goneFrom(restored: string, listed: string): Promise<readonly Text[]> {
  const list = await readList(listed);
  return list ? findTaken(restored, list) : [verbatim(basename(listed))];
}

/** Where the restore of that time put the old db: under the last of the names that `freeName` gives. */
async function movedAside(folder: string, stamp: string): Promise<string | null> {
  const name = `db.before-restore-${stamp}`;
  const numbers = (await readdir(folder)).flatMap((found) => {
    if (found === name) return [1];
    const [, n] = found.startsWith(`${name}-`) ? (/^-(\d+)$/.exec(found.slice(name.length)) ?? []) : [];
    return n === undefined ? [] : [Number(n)];
  });
  if (numbers.length === 0) return null;
  const last = Math.max(...numbers);
  return join(folder, last === 1 ? name : `${name}-${last}`);
}
