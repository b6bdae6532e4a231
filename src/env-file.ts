import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EfakturError, systemCode } from './base/errors.ts';
import { namesEfaktur, parseSettings, type SettingsWords } from './settings-file.ts';
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
      if (bytes.length >= 2 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE(0))) throw notUtf8(path);
      return bytes.toString('utf8');
    } catch (error) {
      if (error instanceof EfakturError) throw error;
      if (systemCode(error) === 'ENOENT' && path !== flag) return null;
      if (systemCode(error) === null) throw error;
      throw new EfakturError(
        'usage',
        `the env file ${path} cannot be read (${systemCode(error)})`,
        (await otherEnding(resolve(around.currentFolder, path))) ?? 'Check --env-file.',
        error,
      );
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
  if (hint !== null) throw new EfakturError('usage', `there is no ${own}`, hint);
  return null;
}

/** What to say when a file is not there, but lies there with the ending that Notepad gives, or without it. */
export async function otherEnding(path: string): Promise<string | null> {
  for (const other of [`${path}.txt`, path.replace(/\.txt$/i, '')]) {
    const isThere = other !== path && (await stat(other).catch(() => null))?.isFile();
    if (isThere) return `There is ${other}: rename it, or name that one.`;
  }
  return null;
}

const notUtf8 = (path: string): EfakturError =>
  new EfakturError(
    'usage',
    `the env file ${path} is not plain text but UTF-16`,
    'Save it again with the encoding UTF-8.',
  );
