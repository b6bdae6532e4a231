import { resolve } from 'node:path';
import { EfakturError, isEfakturError } from '../base/errors.ts';
import type { Text } from '../base/text.ts';
import type { Config } from '../config.ts';
import { findAppFolder, usualPlaces } from '../efaktur/app-folder.ts';
import { folderPartOf, partText } from '../efaktur/folder-parts.ts';
import type { Surroundings } from '../surroundings.ts';
import { atThat, chooseOtherDisk, chooseOutside, chooseOutsideOf, theStore } from './texts.ts';

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

/** The e-Faktur folder that is set, the current folder or one of the usual places. */
export async function findApp(config: Config, around: Surroundings): Promise<string> {
  const { currentFolder, homeFolder, platform, env } = around;
  const given = config.setting('EFAKTUR_APP_DIR');
  const programFiles = [env.ProgramFiles, env['ProgramFiles(x86)']].filter((path) => path !== undefined);
  const folder = await findAppFolder({
    given: given && { path: resolve(currentFolder, given.value), where: given.where },
    currentFolder,
    usualPlaces: usualPlaces(platform, homeFolder, programFiles),
    zone: config.zone,
  });
  return folder.path;
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
