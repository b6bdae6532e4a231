import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asTargetError, syncDirectory, whileBusy } from '../../base/atomic-file.ts';
import { systemCode } from '../../base/errors.ts';
import { beginRun } from '../../base/living-run.ts';
import { makeFolder } from '../../base/new-folder.ts';
import { removeLeftovers, removeMade, stagedName } from '../../base/staged.ts';
import { cannotTakeExport, leftByExport } from './texts.ts';

/** Where an export goes. */
export interface ExportPlace {
  /** The folder to put it into, made if absent. */
  readonly to: string;
  readonly name: string;
  /** `.zip`, or nothing for a folder. */
  readonly ending: string;
  /** Name of this PC, so that another one's export to the same drive is left alone. */
  readonly pcName: string;
}

/**
 * Lets `write` make a folder or file under a name of its own, and gives it the first free one of `NAME`, `NAME_2`, … when it is
 * whole; what is there is never overwritten. After an error nothing is left. `target-not-writable`, or what `write` throws.
 */
export async function exportInto<T>(
  { to, name, ending, pcName }: ExportPlace,
  now: Date,
  write: (staging: string) => Promise<T>,
): Promise<{ readonly path: string; readonly written: T }> {
  const madeFrom = await makeFolder(to).catch((error) => Promise.reject(cannotTake(to, error)));
  const staging = join(to, stagedName(`${name}${ending}`, 'exporting', await beginRun(now), pcName));
  try {
    const written = await write(staging);
    return { path: await moveIntoPlace(staging, to, name, ending), written };
  } catch (error) {
    await rm(staging, { recursive: true, force: true, maxRetries: 5 });
    await removeMade(to, madeFrom);
    throw cannotTake(to, error);
  }
}

const cannotTake = (to: string, error: unknown): unknown => asTargetError(error, cannotTakeExport(to));

const takenCodes = new Set(['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EISDIR']);

/** Renames to the first free of `NAME`, `NAME_2`, … */
async function moveIntoPlace(staging: string, to: string, name: string, ending: string): Promise<string> {
  for (let n = 1; ; n++) {
    // A file system may not tell large letters from small ones.
    const taken = new Set((await readdir(to)).map((entry) => entry.toLowerCase()));
    const free = `${name}${n === 1 ? '' : `_${n}`}${ending}`;
    if (taken.has(free.toLowerCase())) continue;
    try {
      await whileBusy(() => rename(staging, join(to, free)));
    } catch (error) {
      if (takenCodes.has(systemCode(error) ?? '')) continue;
      throw error;
    }
    await syncDirectory(to);
    return join(to, free);
  }
}

/** What killed exports of this PC left. */
export const removeLeftExports = (to: string, pcName: string): Promise<void> =>
  removeLeftovers(
    to,
    (staged) =>
      staged.kind === 'exporting' &&
      staged.pcName === pcName &&
      /^(?:Backup|Program)_Efaktur_\w+(?:\.zip)?$/.test(staged.stem),
    (path, error) => asTargetError(error, leftByExport(path)),
  );
