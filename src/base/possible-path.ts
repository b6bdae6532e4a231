import { EfakturError, systemCode } from './errors.ts';
import type { Text } from './text.ts';
import { hasNoPlaceInPath, quoteIsTakenIn, writeWithoutIt } from './texts.ts';

/** What no name has: on Windows these, anywhere a control character, such as the end of a line in a settings file of Windows. */
const never = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  win32: /["<>|?*\u0000-\u001f]/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the same
  others: /[\u0000-\u001f]/,
} as const;

/** `\\?\` and a drive letter, which may hold what a name may not. */
const start = /^(?:[\\/]{2}[?.][\\/])?(?:[a-z]:)?/i;

/**
 * `usage` for a path that nothing can lie at, as somebody wrote it; `where` is the setting or the flag. Shown is only what comes
 * before the wrong character: behind a quote that went into the path stands the rest of the command line.
 */
export function refuseImpossible(path: string, where: Text, platform: NodeJS.Platform): void {
  const from = platform === 'win32' ? (start.exec(path)?.[0].length ?? 0) : 0;
  const found = never[platform === 'win32' ? 'win32' : 'others'].exec(path.slice(from));
  if (!found) return;
  const before = path.slice(0, from + found.index);
  const [wrong] = found;
  throw new EfakturError(
    'usage',
    hasNoPlaceInPath(where, before, wrong < ' ' ? escaped(wrong) : wrong),
    wrong === '"' ? quoteIsTakenIn : writeWithoutIt,
  );
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Whether the system says of a path that nothing can have such a name; of an open file the same code says something else. */
export const isImpossible = (error: unknown): boolean =>
  systemCode(error) === 'EINVAL' && error instanceof Error && 'path' in error;
