import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asTargetError, syncFile } from '../base/atomic-file.ts';
import { systemCode } from '../base/errors.ts';
import { makeFolder } from '../base/new-folder.ts';
import { closeToOthers } from '../base/owner-only.ts';
import type { Secret } from '../base/secret.ts';
import type { Job } from '../state/job.ts';
import { type Draft, draftText } from './draft.ts';
import { removeProfile, writeProfile } from './profile-file.ts';
import { cannotWriteKey } from './texts.ts';

/** What of a set-up goes to the disk, when all is proven: until then there is nothing of it. */

export interface Written {
  /** Of the profiles. */
  readonly profiles: readonly string[];
  /** Of the secret key; null where it was not kept. */
  readonly keyFile: string | null;
  /** What the system could not close to other users. */
  readonly open: readonly string[];
}

/**
 * Writes the secret key, if it is to be kept, and the profiles that name it, all for their owner alone. A kill leaves each profile as
 * it was or as it will be, and a key that no profile names goes with the next command (see `Job.noteMade`). `target-not-writable`, when
 * nothing stays written that was not there before.
 */
export async function writeSetup(
  drafts: readonly Draft[],
  kept: { readonly content: Secret } | null,
  job: Job,
): Promise<Written> {
  const [first] = drafts;
  if (!first) throw new TypeError('a set-up has at least one profile');
  const open: string[] = [];
  const newProfiles: string[] = [];
  let keyFile: string | null = null;
  try {
    if (kept !== null) {
      keyFile = await freeName(dirname(first.path), first.name);
      await job.noteMade(
        keyFile,
        drafts.map(({ path }) => path),
      );
      if (!(await writeKey(keyFile, kept.content))) open.push(keyFile);
    }
    for (const draft of drafts) {
      const values = keyFile === null ? draft.values : { ...draft.values, EFAKTUR_IDENTITY_FILE: keyFile };
      if (!(await writeProfile(draft.path, draftText({ ...draft, values })))) open.push(draft.path);
      if (draft.before === null) newProfiles.push(draft.path);
    }
  } catch (error) {
    for (const path of newProfiles) await removeProfile(path);
    if (keyFile !== null) await rm(keyFile, { force: true });
    throw error;
  }
  return { profiles: drafts.map(({ path }) => path), keyFile, open };
}

/** A key is never written over another. */
async function freeName(folder: string, name: string): Promise<string> {
  for (let n = 1; ; n++) {
    const path = join(folder, `${name === 'default' ? 'secret' : name}${n === 1 ? '' : `-${n}`}.key`);
    if (!(await isThere(path))) return path;
  }
}

const isThere = (path: string): Promise<boolean> =>
  open(path, 'r').then(
    async (handle) => {
      await handle.close();
      return true;
    },
    (error: unknown) => systemCode(error) !== 'ENOENT',
  );

/** False where the system could not close it to others. */
async function writeKey(path: string, content: Secret): Promise<boolean> {
  try {
    await makeFolder(dirname(path), 0o700);
    const handle = await open(path, 'wx', 0o600);
    try {
      const isClosed = await closeToOthers(path, 'file');
      await handle.writeFile(content.reveal());
      await syncFile(handle);
      return isClosed;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asTargetError(error, cannotWriteKey(path));
  }
}
