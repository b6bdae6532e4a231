import { resolve } from 'node:path';
import { EfakturError, isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { rightsOf } from '../base/rights.ts';
import { shellQuoted } from '../base/shell-quote.ts';
import { findAppFolder, usualPlaces } from '../efaktur/app-folder.ts';
import { folderPartOf, isSameDisk, partText } from '../efaktur/folder-parts.ts';
import { type Invocation, text } from './command.ts';

/** Folders that a command writes into: never among e-Faktur's own files, where anything foreign breaks the program. */

/**
 * The path to write to, made whole. `usage` when it is or lies in the `db` or `backup` of an e-Faktur folder, or holds
 * databases; `instead` says what to name in place of it, given the e-Faktur folder if there is one.
 */
export async function outsideEfaktur(
  path: string,
  where: string,
  currentFolder: string,
  instead = (_appFolder: string | null): string => 'Choose a folder outside of e-Faktur.',
): Promise<string> {
  const whole = resolve(currentFolder, path);
  const part = await folderPartOf(whole);
  if (!part) return whole;
  throw new EfakturError('usage', `${where}: ${partText(whole, part)}`, instead(part.appFolder));
}

/** The e-Faktur folder of `--app`, the environment, the current folder or the usual places. */
export async function appFolderOf({ io, config, flags }: Invocation): Promise<string> {
  const { currentFolder, homeFolder, platform, env } = io.around;
  const given = config.setting('EFAKTUR_APP_DIR', { name: '--app', value: text(flags, 'app') });
  const programFiles = [env.ProgramFiles, env['ProgramFiles(x86)']].filter((path) => path !== undefined);
  const folder = await findAppFolder({
    given: given && { path: resolve(currentFolder, given.value), where: given.where },
    currentFolder,
    usualPlaces: usualPlaces(platform, homeFolder, programFiles),
    zone: config.zone,
  });
  return folder.path;
}

/** For a restore: into the e-Faktur folder itself. */
export const appFolderInstead = (appFolder: string | null): string =>
  appFolder === null
    ? 'Name the e-Faktur folder that gets the db, or a new folder.'
    : `Name the e-Faktur folder itself: --to ${appFolder}`;

/** A sleeping disk has woken up by then. What does not answer is no store either, and that is told by the first use of it. */
const answerMs = 10_000;

/** What a call to the folder of a store comes to; null when it does not answer. */
async function answerIn<T>(url: string, call: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const { answerOf } = await import('../store/patience.ts');
  try {
    return await answerOf(url, call, answerMs, signal);
  } catch (error) {
    if (isEfakturError(error, 'store-unavailable')) return null;
    throw error;
  }
}

/** Refuses a folder store among e-Faktur's own files. */
export async function refuseStoreInApp(
  url: string,
  { currentFolder, platform }: Invocation['io']['around'],
  signal: AbortSignal,
): Promise<void> {
  const { folderOf } = await import('../store/open.ts');
  const folder = folderOf(url, currentFolder, platform);
  if (folder !== null) {
    const checked = outsideEfaktur(folder, 'the store', currentFolder, (appFolder) =>
      appFolder === null
        ? 'Choose another folder, best on another disk.'
        : `Choose a folder outside of ${appFolder}, best on another disk.`,
    );
    await answerIn(url, checked, signal);
  }
}

/** A note for each folder store in which every user of this PC can read what is not encrypted. */
export async function openFolderNotes(
  urls: readonly string[],
  { currentFolder, platform }: Invocation['io']['around'],
  signal: AbortSignal,
): Promise<Warning[]> {
  const { folderOf } = await import('../store/open.ts');
  const notes: Warning[] = [];
  for (const url of urls) {
    const folder = folderOf(url, currentFolder, platform);
    const rights = folder === null ? null : await answerIn(url, rightsOf(folder), signal);
    if (!rights || (rights.mode & 0o005) !== 0o005) continue;
    notes.push({
      code: 'world-readable',
      message: `${url} is open to every user of this PC, and what is stored there is not encrypted`,
      hint: `Set EFAKTUR_RECIPIENTS, or close the folder: chmod -R o= ${shellQuoted(folder ?? url)}`,
    });
  }
  return notes;
}

/** A note for each folder store on the disk of the e-Faktur folder: one broken disk would take both. */
export async function sameDiskNotes(
  appFolder: string,
  urls: readonly string[],
  { currentFolder, platform }: Invocation['io']['around'],
  signal: AbortSignal,
): Promise<Warning[]> {
  const { folderOf } = await import('../store/open.ts');
  const notes: Warning[] = [];
  for (const url of urls) {
    const folder = folderOf(url, currentFolder, platform);
    if (folder === null || !(await answerIn(url, isSameDisk(folder, appFolder), signal))) continue;
    notes.push({
      code: 'same-disk',
      message: `${url} lies on the same disk as e-Faktur (${appFolder}): if that disk breaks, both are gone`,
      hint: 'Store on another disk or in a bucket as well.',
    });
  }
  return notes;
}
