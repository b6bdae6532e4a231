import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asTargetError, writeFileAtomic } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import { makeFolder } from '../base/new-folder.ts';
import { closeToOthers } from '../base/owner-only.ts';
import { removeMade } from '../base/staged.ts';
import { cannotWriteProfile, setsByInit, takeOtherValue, valueNotWritable } from './texts.ts';

/** A settings file that is written for its user and stays his: only what was answered changes in it. */

/** By name; null for what must not be set there any more. */
export type ProfileValues = Readonly<Record<string, string | null>>;

/** What a profile's file holds now; null where there is none. */
export async function readProfileText(path: string): Promise<string | null> {
  try {
    return await whileHeld(() => readFile(path, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw asTargetError(error, cannotWriteProfile(path));
  }
}

/**
 * A settings file with these values: a line that sets one of them gets the new value, what is new comes at the end, and all else
 * stays as it is: comments, other settings, lines that nobody here understands, its kind of line ends. What must not be set
 * any more becomes a comment. `usage` for a value that no line can hold.
 */
export function withValues(text: string | null, values: ProfileValues): string {
  const lineEnd = text?.includes('\r\n') ? '\r\n' : '\n';
  const lines = text === null || text === '' ? [] : text.replace(/(\r\n|\r|\n)$/, '').split(/\r\n|\r|\n/);
  const added: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const at = lines.findIndex((line) => nameIn(line) === name);
    if (value === null) {
      if (at >= 0) lines[at] = `# ${lines[at]}`;
      continue;
    }
    const written = `${name}=${asWritten(name, value)}`;
    if (at < 0) added.push(written);
    else if (lines[at] !== written) lines[at] = written;
  }
  if (added.length > 0 && text === null) added.unshift(...commentLines());
  return [...lines, ...added].map((line) => `${line}${lineEnd}`).join('');
}

const nameIn = (line: string): string | undefined =>
  /^\ufeff?\s*(?:export\s+)?([\w.-]+)(?:\s*=|:\s)/.exec(line)?.[1];

/** In both languages: the file may outlive who wrote it. */
const commentLines = (): string[] => [setsByInit.id, setsByInit.en].map((text) => `# ${text}`);

/** A value so that it is read back as it is: plain where that can be, else in the quotes that it does not hold itself. */
function asWritten(name: string, value: string): string {
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u.test(value)) throw notWritable(name);
  if (value === value.trim() && !/^['"`]|#/.test(value)) return value;
  // Between double quotes `\n` and `\r`, as in C:\new, would become line breaks.
  const quote = ["'", '`'].find((one) => !value.includes(one));
  if (quote === undefined) throw notWritable(name);
  return `${quote}${value}${quote}`;
}

const notWritable = (name: string): EfakturError =>
  new EfakturError('usage', valueNotWritable(name), takeOtherValue);

/**
 * Writes a profile in one step, for its owner alone: after a kill the file is the old one or the new one. False where the system could
 * not close it to others. `target-not-writable`; a folder that was made for it is taken back.
 */
export async function writeProfile(path: string, text: string): Promise<boolean> {
  const folder = dirname(path);
  let made: string | null = null;
  let isClosed = true;
  try {
    made = await makeFolder(folder, 0o700);
    if (made !== null) await closeToOthers(folder, 'folder');
    await writeFileAtomic(path, text, 0o600, async (temp) => {
      isClosed = await closeToOthers(temp, 'file');
    });
    return isClosed;
  } catch (error) {
    await removeMade(folder, made);
    throw asTargetError(error, cannotWriteProfile(path));
  }
}

/** Takes a profile back that was just made. */
export const removeProfile = (path: string): Promise<void> => rm(path, { force: true });
