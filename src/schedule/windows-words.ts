/** Command lines and texts as programs of Windows take and give them. */

/** A word as the C runtime of Windows parses it back. */
const windowsWord = (word: string): string =>
  word !== '' && !/[\s"]/.test(word)
    ? word
    : `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;

/** One command line of words. */
export const windowsLine = (words: readonly string[]): string => words.map(windowsWord).join(' ');

/** The words of a command line, by the rules of the C runtime. */
export function windowsWords(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let isWord = false;
  let isQuoted = false;
  for (const [, slashes = '', quote, blank, other = ''] of line.matchAll(
    /(\\*)(?:(")|(\s)|([^"\s\\]+)|$)/g,
  )) {
    if (slashes !== '') isWord = true;
    if (quote !== undefined) {
      word += '\\'.repeat(Math.floor(slashes.length / 2));
      if (slashes.length % 2 === 1) word += '"';
      else isQuoted = !isQuoted;
      isWord = true;
      continue;
    }
    word += slashes;
    if (blank !== undefined && !isQuoted) {
      if (isWord) words.push(word);
      word = '';
      isWord = false;
    } else {
      word += blank ?? other;
      if (blank !== undefined || other !== '') isWord = true;
    }
  }
  return isWord ? [...words, word] : words;
}

/** Stands for each letter that the code page of a console gave in a way that is not known here. */
export const unknownLetter = '\ufffd';

/**
 * What a program of Windows wrote to a pipe: UTF-16 or UTF-8 where it is that, else in the code page of consoles, of which only
 * ASCII is sure.
 */
export function windowsText(bytes: Buffer): string {
  if (bytes.subarray(0, 200).includes(0)) return bytes.toString('utf16le').replace(/^\ufeff/, '');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are all of ASCII
    return bytes.toString('latin1').replace(/[^\x00-\x7f]/g, unknownLetter);
  }
}

/**
 * Whether two paths of Windows are the same as far as can be told: capitals count for nothing, and an unknown letter, or the `?` that
 * stands for one which a code page lacks, may be any that is not ASCII.
 */
export function isSameWindowsPath(one: string, other: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are all of ASCII
  const known = (path: string): string => path.replace(/[^\x00-\x7f]+|\?+/g, '?');
  const [a, b] = [one, other].map((path) => path.replaceAll('/', '\\').toLowerCase());
  if (a === b) return true;
  return [one, other].some((path) => /[\ufffd?]/.test(path)) && known(a ?? '') === known(b ?? '');
}
