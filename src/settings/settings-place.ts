import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EfakturError, systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import type { Text } from '../base/text.ts';
import { namesEfaktur, parseSettings, type SettingsWords } from './settings-file.ts';
import { configFolder, machineConfigFolder, type Surroundings } from './surroundings.ts';
import {
  checkFlag,
  otherEndingThere,
  saveAsUtf8,
  settingsFileMissing,
  settingsFileNotRead,
  settingsFileUtf16,
} from './texts.ts';

/** Which settings file there is, and what it sets. */

export interface SettingsFile {
  /** As it was named, or the whole path. */
  readonly path: string;
  /** What relative paths in it start from. */
  readonly folder: string;
  readonly values: Readonly<Record<string, string>>;
  /** The `.env` of a current folder or of the whole PC, which anybody may have put there. */
  readonly isFound: boolean;
}

/** A settings file that a flag names. */
export interface NamedFile {
  readonly flag: string;
  readonly path: string;
}

/**
 * Reads the settings file that a flag names, else the `.env` of the current folder where it is for e-Faktur, else that of the
 * user's folder for settings, else that of all users of the PC; null where there is none. `usage` when it cannot be read or says what it cannot mean.
 */
export async function readSettingsFile(
  around: Surroundings,
  words: SettingsWords,
  named: NamedFile | null,
): Promise<SettingsFile | null> {
  const read = async (path: string): Promise<string | null> => {
    const whole = resolve(around.currentFolder, path);
    try {
      const bytes = await whileHeld(() => readFile(whole));
      // Nothing would be found in it, and every setting would be ignored without a word.
      if (bytes.length >= 2 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE(0)))
        throw new EfakturError('usage', settingsFileUtf16(path), saveAsUtf8);
      return bytes.toString('utf8');
    } catch (error) {
      if (error instanceof EfakturError) throw error;
      const code = systemCode(error);
      if (code === 'ENOENT' && path !== named?.path) return null;
      if (code === null) throw error;
      const hint = (await otherEnding(whole)) ?? checkFlag(named?.flag ?? '--settings');
      throw new EfakturError('usage', settingsFileNotRead(path, code), hint, error);
    }
  };
  const file = (
    path: string,
    text: string,
    isFound = false,
    judged: 'all' | 'ours' = isFound ? 'ours' : 'all',
  ): SettingsFile => ({
    path,
    folder: dirname(resolve(around.currentFolder, path)),
    values: parseSettings(text, path, judged, words),
    isFound,
  });
  if (named !== null) return file(named.path, (await read(named.path)) ?? '');
  const here = join(around.currentFolder, '.env');
  const own = join(configFolder(around), '.env');
  const text = (await isSameFile(here, own)) ? null : await read(here);
  // A folder's .env may belong to any program; it is ours only when it says so.
  if (text?.split(/[\r\n]/).some((line) => !/^\s*#/.test(line) && namesEfaktur(line)))
    return file(here, text, true);
  const ownText = await read(own);
  if (ownText !== null) return file(own, ownText);
  const hint = await otherEnding(own);
  if (hint !== null) throw new EfakturError('usage', settingsFileMissing(own), hint);
  const ofAll = machineConfigFolder(around);
  const path = ofAll === null ? null : join(ofAll, '.env');
  const textOfAll = path === null ? null : await read(path);
  // Windows lets every user make files below %ProgramData%.
  return path === null || textOfAll === null ? null : file(path, textOfAll, true, 'all');
}

/** Whether the user stands in his own folder for settings, or has linked his file to where he stands. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => realpath(path).catch(() => null)));
  return a !== null && a === b;
}

/** What to say when a file is not there, but lies there with the ending that Notepad gives, or without it. */
export async function otherEnding(path: string): Promise<Text | null> {
  for (const other of [`${path}.txt`, path.replace(/\.txt$/i, '')]) {
    const isThere = other !== path && (await stat(other).catch(() => null))?.isFile();
    if (isThere) return otherEndingThere(other);
  }
  return null;
}
