import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asTargetError } from '../../base/atomic-file.ts';
import { EfakturError, systemCode } from '../../base/errors.ts';
import { cannotTakeRestore } from '../../efaktur/restore-texts.ts';
import { freeSpaceOrElsewhere, tooLittleSpace } from './texts.ts';

/** Throws `target-not-writable` when the disk of a folder, or of its nearest parent there is, has less free space. */
export async function checkSpace(target: string, neededBytes: number): Promise<void> {
  for (let folder = target; ; folder = dirname(folder)) {
    const space = await statfs(folder).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return null;
      throw asTargetError(error, cannotTakeRestore(target));
    });
    if (!space && folder === dirname(folder)) return;
    if (!space) continue;
    // Some network drives do not tell.
    if (space.blocks === 0) return;
    const freeBytes = space.bavail * space.bsize;
    if (freeBytes >= neededBytes) return;
    throw new EfakturError(
      'target-not-writable',
      tooLittleSpace(target, freeBytes, neededBytes),
      freeSpaceOrElsewhere,
    );
  }
}
