import { join, resolve } from 'node:path';
import { EfakturError, isEfakturError } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import { moment } from '../base/phrases.ts';
import type { Warning } from '../base/progress.ts';
import type { Text } from '../base/text.ts';
import { findAppFolder, usualPlaces } from '../efaktur/app-folder.ts';
import { folderPartOf, partText } from '../efaktur/folder-parts.ts';
import type { Config } from '../settings/config.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import {
  atThat,
  chooseOtherDisk,
  chooseOutside,
  chooseOutsideOf,
  lookWhichIsUsed,
  nameProfileOrFolder,
  secondDbThere,
  theStore,
} from './texts.ts';

/** The e-Faktur folder, and what is written: never among its own files, where anything foreign breaks the program. */

/**
 * The path to write to, made whole. `usage` when it is or lies in the `db` or `backup` of an e-Faktur folder, or holds
 * databases; `instead` says what to name in place of it, given the e-Faktur folder if there is one.
 */
export async function outsideEfaktur(
  path: string,
  where: Text,
  currentFolder: string,
  instead = (_appFolder: string | null): Text => chooseOutside,
): Promise<string> {
  const whole = resolve(currentFolder, path);
  const part = await folderPartOf(whole);
  if (!part) return whole;
  throw new EfakturError('usage', atThat(where, partText(whole, part)), instead(part.appFolder));
}

/** The e-Faktur folder that is set, the current folder or one of the usual places, and what there is to say of it. */
export async function findApp(
  config: Config,
  around: Surroundings,
): Promise<{ readonly path: string; readonly warnings: readonly Warning[] }> {
  const { currentFolder, platform, env } = around;
  const given = config.setting('EFAKTUR_APP_DIR');
  const { path } = await findAppFolder({
    given: given && { path: resolve(currentFolder, given.value), where: given.where },
    currentFolder,
    usualPlaces: () => placesOf(around),
    zone: config.zone,
    ...(config.unchosenProfiles.length > 0 && { hint: nameProfileOrFolder(config.unchosenProfiles) }),
  });
  return { path, warnings: platform === 'win32' ? await secondDbNote(path, config, env.LOCALAPPDATA) : [] };
}

/** Where e-Faktur usually lies on this PC. */
export async function placesOf({ homeFolder, platform, env }: Surroundings): Promise<string[]> {
  const { windowsFolders } = await import('../efaktur/windows-folders.ts');
  return usualPlaces(platform, {
    home: homeFolder,
    programFiles: [env.ProgramFiles, env['ProgramFiles(x86)']].filter((folder) => folder !== undefined),
    ...(platform === 'win32' ? await windowsFolders(env) : { drives: [], personal: [] }),
  });
}

async function secondDbNote(
  appFolder: string,
  { zone }: Config,
  localAppData: string | undefined,
): Promise<Warning[]> {
  if (localAppData === undefined) return [];
  const { secondDb } = await import('../efaktur/virtual-store.ts');
  const second = await secondDb(appFolder, localAppData);
  if (!second) return [];
  const [newest, there] = [formatInstant(second.newest, zone), second.newestThere];
  return [
    {
      code: 'second-db',
      message: secondDbThere(
        { folder: second.folder, newest: moment(newest) },
        { folder: appFolder, newest: there && moment(formatInstant(there, zone)) },
      ),
      hint: lookWhichIsUsed(join(second.folder, 'db')),
    },
  ];
}

/** A sleeping disk has woken up by then. What does not answer is no store either, and that is told by the first use of it. */
const answerMs = 10_000;

/** What a call to the folder of a store comes to; null when it does not answer. */
export async function answerIn<T>(url: string, call: Promise<T>, signal: AbortSignal): Promise<T | null> {
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
  { currentFolder, platform }: Surroundings,
  signal: AbortSignal,
): Promise<void> {
  const { folderOf } = await import('../store/open.ts');
  const folder = folderOf(url, currentFolder, platform);
  if (folder !== null) {
    const checked = outsideEfaktur(folder, theStore, currentFolder, (appFolder) =>
      appFolder === null ? chooseOtherDisk : chooseOutsideOf(appFolder),
    );
    await answerIn(url, checked, signal);
  }
}
