import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EfakturError, systemCode } from './base/errors.ts';
import type { Text } from './base/text.ts';
import { namesEfaktur, parseSettings, type SettingsWords } from './settings-file.ts';
import {
  checkEnvFile,
  otherEndingThere,
  saveAsUtf8,
  settingsFileMissing,
  settingsFileNotRead,
  settingsFileUtf16,
} from './settings-texts.ts';
import { configFolder, type Surroundings } from './surroundings.ts';

/** Which settings file there is, and what it sets. */

interface EnvFile {
  readonly path: string;
  readonly values: Record<string, string>;
}

/**
 * Reads the env file that a flag names, else the `.env` of the current folder where it is for e-Faktur, else that of the user's
 * folder for settings; null where there is none. `usage` when it cannot be read or says what it cannot mean.
 */
export async function readEnvFile(
  around: Surroundings,
  words: SettingsWords,
  flag: string | undefined,
): Promise<EnvFile | null> {
  const read = async (path: string): Promise<string | null> => {
    try {
      const bytes = await readFile(path);
      // Nothing would be found in it, and every setting would be ignored without a word.
      if (bytes.length >= 2 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE(0)))
        throw new EfakturError('usage', settingsFileUtf16(path), saveAsUtf8);
      return bytes.toString('utf8');
    } catch (error) {
      if (error instanceof EfakturError) throw error;
      const code = systemCode(error);
      if (code === 'ENOENT' && path !== flag) return null;
      if (code === null) throw error;
      const hint = (await otherEnding(resolve(around.currentFolder, path))) ?? checkEnvFile;
      throw new EfakturError('usage', settingsFileNotRead(path, code), hint, error);
    }
  };
  if (flag !== undefined) {
    const text = (await read(flag)) ?? '';
    return { path: flag, values: parseSettings(text, flag, 'all', words) };
  }
  const here = join(around.currentFolder, '.env');
  const text = await read(here);
  // A folder's .env may belong to any program; it is ours only when it says so.
  if (text?.split(/[\r\n]/).some((line) => !/^\s*#/.test(line) && namesEfaktur(line)))
    return { path: here, values: parseSettings(text, here, 'ours', words) };
  const own = join(configFolder(around), '.env');
  const ownText = await read(own);
  if (ownText !== null) return { path: own, values: parseSettings(ownText, own, 'all', words) };
  const hint = await otherEnding(own);
  if (hint !== null) throw new EfakturError('usage', settingsFileMissing(own), hint);
  return null;
}

/** What to say when a file is not there, but lies there with the ending that Notepad gives, or without it. */
export async function otherEnding(path: string): Promise<Text | null> {
  for (const other of [`${path}.txt`, path.replace(/\.txt$/i, '')]) {
    const isThere = other !== path && (await stat(other).catch(() => null))?.isFile();
    if (isThere) return otherEndingThere(other);
  }
  return null;
}
