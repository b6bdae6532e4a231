import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { EfakturError, systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import type { Text } from '../base/text.ts';
import { parseSettings, type SettingsWords } from './settings-file.ts';
import type { Surroundings } from './surroundings.ts';
import {
  checkFileAndRights,
  checkFlag,
  otherEndingThere,
  saveAsUtf8,
  settingsFileMissing,
  settingsFileNotRead,
  settingsFileUtf16,
} from './texts.ts';

/** One settings file on the disk, and what it sets. */

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

/** Whose file it is. */
export interface FileKind {
  /** See {@link SettingsFile.isFound}. */
  readonly isFound?: boolean;
  /** Another program's, too: only lines that name e-Faktur are judged. */
  readonly isShared?: boolean;
}

type Place = Pick<Surroundings, 'currentFolder'>;

/** Reads the settings file that a flag names. `usage` when it is not there, cannot be read or says what it cannot mean. */
export async function readNamedFile(
  around: Place,
  words: SettingsWords,
  { flag, path }: NamedFile,
): Promise<SettingsFile> {
  const text = (await textOf(resolve(around.currentFolder, path), path, flag)) ?? '';
  return settingsFile(around, path, text, words, {});
}

/**
 * Reads a settings file; null where there is none. `usage` when it lies there with the ending that Notepad gives, cannot be read or
 * says what it cannot mean.
 */
export async function readOwnFile(
  around: Place,
  words: SettingsWords,
  path: string,
): Promise<SettingsFile | null> {
  const text = await textIfThere(around, path);
  if (text !== null) return settingsFile(around, path, text, words, {});
  const hint = await otherEnding(path);
  if (hint !== null) throw new EfakturError('usage', settingsFileMissing(path), hint);
  return null;
}

/** What a settings file says, given its text. */
export const settingsFile = (
  around: Place,
  path: string,
  text: string,
  words: SettingsWords,
  { isFound = false, isShared = false }: FileKind,
): SettingsFile => ({
  path,
  folder: dirname(resolve(around.currentFolder, path)),
  values: parseSettings(text, path, isShared ? 'ours' : 'all', words),
  isFound,
});

/** The text of a settings file; null where there is none. `usage` when it cannot be read. */
export async function textIfThere({ currentFolder }: Place, path: string): Promise<string | null> {
  return textOf(resolve(currentFolder, path), path, null);
}

/** `flag`: what names the file, which then must be there. */
async function textOf(whole: string, path: string, flag: string | null): Promise<string | null> {
  try {
    const bytes = await whileHeld(() => readFile(whole));
    // Nothing would be found in it, and every setting would be ignored without a word.
    if (bytes.length >= 2 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE(0)))
      throw new EfakturError('usage', settingsFileUtf16(path), saveAsUtf8);
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof EfakturError) throw error;
    const code = systemCode(error);
    if (code === null) throw error;
    if (code === 'ENOENT' && flag === null) return null;
    const hint = (await otherEnding(whole)) ?? (flag === null ? checkFileAndRights : checkFlag(flag));
    throw new EfakturError('usage', settingsFileNotRead(path, code), hint, error);
  }
}

/** Whether the user stands in his own folder for settings, or has linked his file to where he stands. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
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
