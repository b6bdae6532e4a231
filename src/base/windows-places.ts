import { existsSync } from 'node:fs';
import type { Text } from './text.ts';
import { driveNotThere, runAsAdministrator } from './texts.ts';

/** What the places of Windows are, by their paths: what to do where one is refused or not there. */

/** What to do about a path on a drive that is not there; null where it is, or the path names none. */
export function hintForDrive(path: string, isThere: (root: string) => boolean = existsSync): Text | null {
  const [, letter] = /^([a-z]):(?:[\\/]|$)/i.exec(path) ?? [];
  // The system's own drive is always there.
  if (letter === undefined || /c/i.test(letter) || isThere(`${letter}:\\`)) return null;
  return driveNotThere(letter.toUpperCase());
}

/** What to do where only an administrator may write; null elsewhere. */
export const hintForProtected = (path: string): Text | null =>
  /^(?:\\\\\?\\)?[a-z]:[\\/](?:Program Files(?: \([^)\\/]*\))?|Windows)(?:[\\/]|$)/i.test(path)
    ? runAsAdministrator
    : null;

/** The path that the system's error names. */
export const pathOf = (error: unknown): string =>
  error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : '';
