import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { whileBusy } from './atomic-file.ts';
import { systemCode } from './errors.ts';
import { isRunAlive } from './living-run.ts';
import { parseCompactUtc } from './local-time.ts';

/**
 * What is made whole under a name of its own and only then gets the name it is for. The names hold the time and the process,
 * so that the next command finds what a killed one left, and leaves alone what a living one makes.
 *
 *     STEM.KIND-T-PID       of this folder's only maker
 *     STEM.KIND-T-PID-PC    in a folder that several PCs may write to
 */
export type StagedKind = 'restoring' | 'restored' | 'listed' | 'discard' | 'exporting';

export interface Staged {
  readonly name: string;
  readonly stem: string;
  readonly kind: StagedKind;
  /** `T-PID`, the same in all names of one run. */
  readonly run: string;
  readonly stamp: string;
  readonly pid: number;
  readonly pcName: string | null;
  readonly isAlive: boolean;
}

const pattern =
  /^(.+)\.(restoring|restored|listed|discard|exporting)-(\d{8}T\d{6}Z)-(\d+)(?:-([a-z0-9-]+))?$/s;

/** Whether a name is one of these, of whatever it is. */
export const isStagedName = (name: string): boolean => pattern.test(name);

export const stagedName = (stem: string, kind: StagedKind, run: string, pcName?: string): string =>
  `${stem}.${kind}-${run}${pcName === undefined ? '' : `-${pcName}`}`;

/** What is staged in a folder, the newest first; nothing in one that is not there or cannot be read. */
export async function stagedIn(folder: string): Promise<Staged[]> {
  const names = await readdir(folder).catch(() => []);
  const runs = new Map<string, Promise<boolean>>();
  const found = names.map(async (name): Promise<Staged | null> => {
    const [, stem = '', kind, stamp = '', pid = '', pcName] = pattern.exec(name) ?? [];
    const startedAt = parseCompactUtc(stamp);
    if (!startedAt) return null;
    const run = `${stamp}-${pid}`;
    const asked = runs.get(run) ?? isRunAlive({ stamp, startedAt, pid: Number(pid) });
    runs.set(run, asked);
    return {
      name,
      stem,
      kind: kind as StagedKind,
      run,
      stamp,
      pid: Number(pid),
      pcName: pcName ?? null,
      isAlive: await asked,
    };
  });
  return (await Promise.all(found)).filter((one) => one !== null).sort((a, b) => (a.name < b.name ? 1 : -1));
}

/** Removes what is staged. It is renamed first, so that what is left of a deletion cut off is never taken for something whole. */
export async function removeStaged(path: string, discardPath: string): Promise<void> {
  const remove = (): Promise<void> =>
    rm(discardPath, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  if (path !== discardPath) {
    // A deletion that was cut off before may have left that name taken.
    await remove();
    try {
      await whileBusy(() => rename(path, discardPath));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      throw error;
    }
  }
  await remove();
}

/** Takes back the folders that were made for what failed (see `makeFolder`), as long as nothing else has come into them. */
export async function removeMade(folder: string, firstMade: string | null): Promise<void> {
  if (firstMade === null) return;
  for (let made = folder; made.length >= firstMade.length; made = dirname(made)) {
    try {
      await rmdir(made);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') return;
    }
  }
}

/** Removes what killed runs staged in a folder; where the system refuses, throws what `onFailure` makes of it. */
export async function removeLeftovers(
  folder: string,
  isOurs: (staged: Staged) => boolean,
  onFailure: (path: string, error: unknown) => unknown,
): Promise<void> {
  for (const staged of await stagedIn(folder)) {
    if (staged.isAlive || !isOurs(staged)) continue;
    const path = join(folder, staged.name);
    try {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    } catch (error) {
      throw onFailure(path, error);
    }
  }
}
