import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asTargetError } from '../base/atomic-file.ts';
import { systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import { beginRun, claimName, isRunAlive, runOfClaim } from '../base/living-run.ts';
import { makeFolder } from '../base/new-folder.ts';
import { stateFolderUnusable } from './texts.ts';

/**
 * The turn to run, of one state folder: only one process has it at a time, and it ends with its process, however that ends.
 * Each claims it by an empty file whose name tells the process. Who sees another's claim of a living process after making its
 * own takes its own back; of two that both have it, the later one would have seen the first one's.
 */
export interface Turn {
  /** Lets the next one have it. */
  end(): Promise<void>;
}

const foldersName = 'turn';

/** Two that begin in the same moment see each other, and both step back; in one of these pauses one comes first. */
const tries = { count: 6, leastMs: 30, mostMs: 200 } as const;

/**
 * Takes the turn; null when another process has it. `target-not-writable` when the state folder is full or refused.
 */
export async function takeTurn(stateDir: string, now: Date, signal?: AbortSignal): Promise<Turn | null> {
  const folder = join(stateDir, foldersName);
  const run = await beginRun(now);
  try {
    for (let attempt = 1; ; attempt++) {
      const turn = await claim(folder, claimName(run));
      if (turn || attempt === tries.count) return turn;
      const restMs = tries.leastMs + Math.random() * (tries.mostMs - tries.leastMs);
      await sleep(restMs, undefined, signal ? { signal } : {});
    }
  } catch (error) {
    throw asTargetError(error, stateFolderUnusable(stateDir));
  }
}

async function claim(folder: string, name: string): Promise<Turn | null> {
  if (await hasOthers(folder, name)) return null;
  await makeFolder(folder, 0o700);
  const path = join(folder, name);
  await (await open(path, 'wx', 0o600)).close();
  const end = (): Promise<void> => rm(path, { force: true, maxRetries: 5 });
  try {
    if (!(await hasOthers(folder, name))) return { end };
  } catch (error) {
    await end();
    throw error;
  }
  await end();
  return null;
}

/** Whether a living process claims the turn; what dead ones left goes. */
async function hasOthers(folder: string, own: string): Promise<boolean> {
  const names = await whileHeld(() => readdir(folder)).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  let found = false;
  for (const name of names) {
    const run = name === own ? null : runOfClaim(name);
    if (run === null) continue;
    if (await isRunAlive(run)) found = true;
    // Its name is of that run alone, so nobody's living claim is taken away.
    else await rm(join(folder, name), { force: true });
  }
  return found;
}
