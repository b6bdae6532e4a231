/** Command lines by their words alone, also where they cannot be parsed. */

/** Behind `--` nothing is a flag. */
export function flagWords(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end < 0 ? argv : argv.slice(0, end);
}

/** Whether a flag without a value is on. The last one counts. */
export function isSwitchedOn(argv: readonly string[], name: string, alias?: string): boolean {
  const words = flagWords(argv);
  const isNamed = (word: string): boolean =>
    word === `--${name}` || (alias !== undefined && /^-[a-z]+$/i.test(word) && word.includes(alias));
  const at = words.findLastIndex((word) => isNamed(word.replace(/=.*/s, '')));
  const [word = '', next] = words.slice(at < 0 ? words.length : at);
  if (word.includes('=')) return word.endsWith('=true');
  return word !== '' && next !== 'false';
}

/** The value of a flag that takes one; the last one counts. Another flag is none. */
export function valueInWords(argv: readonly string[], name: string): string | undefined {
  const words = flagWords(argv);
  const at = words.findLastIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  const [word, next] = at < 0 ? [] : words.slice(at);
  if (word?.includes('=')) return word.slice(word.indexOf('=') + 1);
  return next?.startsWith('-') ? undefined : next;
}
