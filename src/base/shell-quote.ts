/** A path as a POSIX shell must get it, for lines that are to be copied. */
export const shellQuoted = (path: string): string =>
  /[^\w./-]/.test(path) ? `'${path.replaceAll("'", "'\\''")}'` : path;

/**
 * A word of a command line as this system's user would type it: in double quotes, which the shells of Windows know alone, and
 * elsewhere in single ones where those would not keep it whole. A `\` before the closing quote would be taken with it.
 */
export function typedWord(word: string, platform: NodeJS.Platform): string {
  if (platform === 'win32') return /[^\w.:\\/=+-]/.test(word) ? `"${word.replace(/\\+$/, '$&$&')}"` : word;
  if (/["$`\\!]/.test(word)) return shellQuoted(word);
  return /[^\w.:/=+-]/.test(word) ? `"${word}"` : word;
}
