import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { type HotCopy, type HotCopyOptions, hotCopy } from '../../src/derby/hot-copy.ts';
import { type Derby, placeDatabase, startWriter } from '../support/derby.ts';
import { judgeFolder } from './judge-folder.ts';

/** Makes copies of one database one after the other: `FOLDER/copyN/ETaxInvoice`. */
export async function hotCopies(
  database: string,
  folder: string,
  copies: number,
  options: HotCopyOptions = {},
): Promise<(HotCopy & { path: string })[]> {
  const made: (HotCopy & { path: string })[] = [];
  for (let i = 0; i < copies; i++) made.push(await copyTo(database, join(folder, `copy${i}`), options));
  return made;
}

async function copyTo(
  database: string,
  folder: string,
  options: HotCopyOptions,
): Promise<HotCopy & { path: string }> {
  const path = join(folder, 'ETaxInvoice');
  return { ...(await hotCopy(database, path, options)), path };
}

/**
 * As `hotCopies`, but tries so many: a copy for which there was no moment between two checkpoints is left out, any other
 * failure thrown. At least one must be made.
 */
export const someHotCopies: typeof hotCopies = async (database, folder, tries, options = {}) => {
  const made: (HotCopy & { path: string })[] = [];
  for (let i = 0; i < tries; i++) {
    await copyTo(database, join(folder, `copy${i}`), options).then(
      (copy) => made.push(copy),
      (error) => {
        if (!isEfakturError(error, 'source-changed')) throw error;
      },
    );
  }
  expect(made.length, 'no try ended in a copy').toBeGreaterThan(0);
  return made;
};

/** Makes copies of a new database while a program writes to it and takes checkpoints that often; `pauseMs` 0 is without rest. */
export async function copiesUnderWrites(
  folder: string,
  writing: { readonly checkpointEveryMs: number; readonly pauseMs: number },
  copies: number,
  make = hotCopies,
): Promise<Awaited<ReturnType<typeof hotCopies>>> {
  const database = await placeDatabase(join(folder, 'db', 'ETaxInvoice'));
  const writer = await startWriter(database, writing);
  try {
    await writer.waitForCommits(20);
    return await make(database, folder, copies, { maxAttempts: 20 });
  } finally {
    await writer.kill();
  }
}

/** Whole by its bytes, and Derby opens it and finds every table sound. */
export async function expectSound(copy: string, derby: Derby, attributes = ''): Promise<void> {
  const { verdict, databases } = judgeFolder(dirname(copy));
  const allowed = attributes === '' ? ['clean', 'needs-recovery'] : ['encrypted', 'needs-recovery'];
  expect(allowed, JSON.stringify(databases[0]?.problems)).toContain(verdict);
  const checked = await derby.checkCopy(copy, { attributes });
  const wrong = checked.tables.filter((table) => !table.ok);
  expect({ states: checked.states, wrong }).toEqual({ states: [], wrong: [] });
  expect(checked.ok).toBe(true);
}
