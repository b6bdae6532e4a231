import { lstat, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asTargetError, syncDirectory, whileBusy } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { beginRun } from '../base/living-run.ts';
import { makeFolder } from '../base/new-folder.ts';
import { removeMade, removeStaged, stagedIn, stagedName } from '../base/staged.ts';
import { type Text, verbatim } from '../base/text.ts';
import { isMainProgram } from './app-program.ts';
import { keepRights } from './db-rights.ts';
import {
  cannotTakeRestore,
  closeFolderPrograms,
  folderStuck,
  leftoverStuck,
  nameNewFolder,
  notEmpty,
  refusedBySystem,
} from './restore-texts.ts';
import { findTaken, readList, type WrittenFiles, writeList } from './still-there.ts';
import { closeOrAdministrator, refuseAlive } from './swap.ts';

/**
 * A whole e-Faktur folder, program and `db`, where there was none. Both are made under another name, and come to their place
 * as one.
 *
 * A folder that is not there yet is made beside its place and gets its name by one rename:
 *
 *     NAME.restoring-T-PID   holds `app` and `db`, until `app` with the db in it becomes NAME
 *
 * An empty folder stays the one it is: it may be a drive, have rights of its own, or be where somebody's terminal stands. All
 * is made in it, and moved up when whole, the main program last. Before that no program can be started there, and a kill
 * leaves what the next command finishes:
 *
 *     e-Faktur.restoring-T-PID   being extracted
 *     e-Faktur.restored-T-PID    whole, checked and on disk; holds `app`, whose parts are being moved up
 *     e-Faktur.listed-T-PID      what lies in it, a file
 */
export interface NewApp {
  /** Where the files of the program go; empty at first. */
  readonly app: string;
  /** Where those of its `db` go; empty at first. */
  readonly db: string;
  /** Puts the two together: all is written, checked and synced. Resolves with where it lies. `list` is of both. */
  complete(list: WrittenFiles): Promise<string>;
  /** Puts it in its place, after which it is there for good; a failure leaves the target as it was. */
  moveIn(): Promise<{ readonly isOnDisk: boolean; readonly areRightsKept: boolean }>;
  /** Empties `app`, to begin anew with another copy of the program. */
  emptyApp(): Promise<void>;
  /** Removes what was made; after `moveIn` it does nothing. */
  discard(): Promise<void>;
}

const stemInside = 'e-Faktur';

/**
 * Begins a restore into a folder that is not there or empty; parents are made. `usage` when something lies in it,
 * `target-not-writable` when the system refuses.
 */
export async function beginNewApp(target: string, now: Date): Promise<NewApp> {
  const isThere = await refuseFull(target);
  const run = await beginRun(now);
  const around = isThere ? target : dirname(target);
  const stem = isThere ? stemInside : basename(target);
  const named = (kind: 'restoring' | 'restored' | 'listed' | 'discard'): string =>
    join(around, stagedName(stem, kind, run));
  let current: string | null = named('restoring');
  let firstMade: string | null = null;
  const cannotTake = (error: unknown): unknown => asTargetError(error, cannotTakeRestore(target));
  try {
    firstMade = await makeFolder(around);
    // Until it is whole it is nobody else's business.
    await mkdir(current, 0o700);
    for (const part of ['app', 'db']) await mkdir(join(current, part));
  } catch (error) {
    await discard().catch(() => {});
    throw cannotTake(error);
  }

  async function discard(): Promise<void> {
    if (current === null) return;
    const path = current;
    current = null;
    await removeStaged(path, named('discard'));
    await rm(named('listed'), { force: true });
    await removeMade(around, firstMade);
  }

  return {
    app: join(current, 'app'),
    db: join(current, 'db'),
    async complete(list) {
      const restoring = named('restoring');
      try {
        await whileBusy(() => rename(join(restoring, 'db'), join(restoring, 'app', 'db')));
        await syncDirectory(join(restoring, 'app'));
        await syncDirectory(restoring);
        if (!isThere) return join(restoring, 'app');
        await writeList(named('listed'), list);
        await whileBusy(() => rename(restoring, named('restored')));
        current = named('restored');
        await syncDirectory(around);
        return join(current, 'app');
      } catch (error) {
        throw cannotTake(error);
      }
    },
    async moveIn() {
      const from = join(current ?? '', 'app');
      let areRightsKept = true;
      try {
        if (isThere) {
          areRightsKept = await keepRights(from, join(target, 'db'), target);
          await refuseFull(target, run);
          await moveUp(from, target);
        } else await whileBusy(() => rename(from, target));
      } catch (error) {
        throw systemCode(error) === null
          ? error
          : new EfakturError(
              'target-not-writable',
              refusedBySystem(target, folderStuck, systemCode(error)),
              closeOrAdministrator(closeFolderPrograms, error),
              error,
            );
      }
      current = null;
      const isOnDisk = await syncDirectory(around).then(
        () => true,
        () => false,
      );
      await clearAway(around, stem, run).catch(() => {});
      return { isOnDisk, areRightsKept };
    },
    async emptyApp() {
      const app = join(named('restoring'), 'app');
      try {
        await rm(app, { recursive: true, maxRetries: 5 });
        await mkdir(app);
      } catch (error) {
        throw cannotTake(error);
      }
    },
    discard,
  };
}

/** Whether the folder is there; `usage` when anything lies in it beside what `run` stages. */
export async function refuseFull(target: string, run?: string): Promise<boolean> {
  let names: string[];
  try {
    names = await readdir(target);
  } catch (error) {
    const code = systemCode(error) ?? '';
    const isNothing = code === 'ENOENT' && (await lstat(target).catch(() => null)) === null;
    if (isNothing) return false;
    throw asTargetError(error, cannotTakeRestore(target));
  }
  const others = names.filter((name) => run === undefined || !name.endsWith(`-${run}`));
  if (others.length === 0) return true;
  throw new EfakturError(
    'usage',
    notEmpty(target, `${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}`),
    nameNewFolder,
  );
}

/** Moves the parts of a whole folder up, the main program last; when one cannot be moved, the others go back. */
async function moveUp(from: string, target: string): Promise<void> {
  const moved: string[] = [];
  try {
    for (const name of await partsOf(from)) {
      await whileBusy(() => rename(join(from, name), join(target, name)));
      moved.push(name);
    }
  } catch (error) {
    for (const name of moved.reverse()) await whileBusy(() => rename(join(target, name), join(from, name)));
    throw error;
  }
}

/** In the order in which they are moved. */
async function partsOf(folder: string): Promise<string[]> {
  const rank = (name: string): number => (isMainProgram(name) ? 2 : /^etaxinvoice/i.test(name) ? 1 : 0);
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  return names.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** First the list: without it nothing that lies in the folder can be taken back any more. */
async function clearAway(around: string, stem: string, run: string): Promise<void> {
  await rm(join(around, stagedName(stem, 'listed', run)), { force: true });
  for (const kind of ['restoring', 'restored'] as const) {
    for (const path of [join(stagedName(stem, kind, run), 'app'), stagedName(stem, kind, run)]) {
      await rmdir(join(around, path)).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw error;
      });
    }
  }
}

/** What settling found and did. */
export interface SettledApp {
  /** A killed restore was finished: the whole e-Faktur is in place now. */
  readonly finishedRestore: boolean;
  /** What a killed restore had written and is gone: it was undone, and the folder is empty again. */
  readonly taken?: readonly Text[];
}

/**
 * Finishes or removes what a killed restore of a whole e-Faktur left in or beside the folder. `app-running` while the
 * restoring process lives, `target-not-writable` when the system refuses. Calling it again, or being killed in it, does no harm.
 */
export async function settleNewApp(target: string): Promise<SettledApp> {
  const inside = (await stagedIn(target)).filter(
    ({ stem, kind, pcName }) => stem === stemInside && kind !== 'exporting' && pcName === null,
  );
  const beside = (await stagedIn(dirname(target))).filter(
    ({ stem, kind, pcName }) =>
      stem === basename(target) && (kind === 'restoring' || kind === 'discard') && pcName === null,
  );
  refuseAlive(target, [...inside, ...beside]);
  let settled: SettledApp = { finishedRestore: false };
  // Those without their list are none that could be finished; the lists go last.
  for (const { name, kind, run } of inside.filter(({ kind }) => kind !== 'listed')) {
    await clearing(target, name, async () => {
      if (kind === 'restored') settled = await finish(target, run);
      if (kind !== 'restored' || settled.taken)
        await removeStaged(join(target, name), join(target, stagedName(stemInside, 'discard', run)));
    });
  }
  for (const { name } of inside.filter(({ kind }) => kind === 'listed'))
    await clearing(target, name, () => rm(join(target, name), { force: true }));
  for (const { name, run } of beside) {
    const around = dirname(target);
    await clearing(target, name, () =>
      removeStaged(join(around, name), join(around, stagedName(basename(target), 'discard', run))),
    );
  }
  return settled;
}

async function clearing(target: string, name: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (systemCode(error) === null) throw error;
    throw new EfakturError(
      'target-not-writable',
      refusedBySystem(target, leftoverStuck(name), systemCode(error)),
      closeOrAdministrator(closeFolderPrograms, error),
      error,
    );
  }
}

/** Goes on with the moves of a killed restore, or takes them back when something that was written has gone. */
async function finish(target: string, run: string): Promise<SettledApp> {
  const from = join(target, stagedName(stemInside, 'restored', run), 'app');
  const listed = join(target, stagedName(stemInside, 'listed', run));
  // After its last move it is whole, and somebody may have worked with it since.
  if ((await partsOf(from)).length > 0) {
    const list = await readList(listed);
    if (!list) return { finishedRestore: false, taken: [verbatim(basename(listed))] };
    const taken = await goneOf(list, from, target);
    if (taken.length > 0) {
      for (const name of topsOf(list)) {
        if (!(await isThere(join(target, name)))) continue;
        await whileBusy(() => rename(join(target, name), join(from, name)));
      }
      return { finishedRestore: false, taken };
    }
    await moveUp(from, target);
    await syncDirectory(target);
  }
  await clearAway(target, stemInside, run);
  return { finishedRestore: true };
}

/** What of a list lies neither where it was made nor where it was moved to. */
async function goneOf(list: WrittenFiles, from: string, target: string): Promise<Text[]> {
  const staged = new Set(await partsOf(from));
  const isStaged = (path: string): boolean => staged.has(topOf(path));
  const part = (keep: (path: string) => boolean): WrittenFiles => ({
    files: list.files.filter(({ path }) => keep(path)),
    emptyFolders: list.emptyFolders.filter(keep),
  });
  return [
    ...(await findTaken(from, part(isStaged))),
    ...(await findTaken(
      target,
      part((path) => !isStaged(path)),
    )),
  ];
}

const topOf = (path: string): string => path.split('/')[0] ?? path;

const topsOf = ({ files, emptyFolders }: WrittenFiles): Set<string> =>
  new Set([...files.map(({ path }) => path), ...emptyFolders].map(topOf));

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
