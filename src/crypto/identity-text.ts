import { bech32 } from '@scure/base';
import type { Text } from '../base/text.ts';
import { foreignLetter, lookAtGroup, wrongChecksum, wrongLength } from './texts.ts';

/**
 * The secret key as people keep it: the line that age-keygen writes, typed off paper in groups, small letters and several
 * lines, or a whole recovery sheet around it. Nothing here shows a part of a key.
 */

export const keyStart = 'AGE-SECRET-KEY-1';
/** Of bech32: no b, i, o and 1, which are easily taken for others. */
const alphabet = 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L';
/** After {@link keyStart}: 32 bytes and their checksum, five bits each. */
const keyLetters = 58;
export const groupLetters = 4;

/** What recovery sheets are told by; all lines of one that hold no key are words. */
export const sheetTitle = 'RECOVERY SHEET of efaktur-cloud';

/** The key in groups that are easy to type, the beginning on a line of its own. */
export function inGroups(key: string): string[] {
  const groups = key.slice(keyStart.length).match(new RegExp(`.{1,${groupLetters}}`, 'g')) ?? [];
  const lines = [keyStart];
  for (let i = 0; i < groups.length; i += 5) lines.push(groups.slice(i, i + 5).join(' '));
  return lines;
}

export interface FoundKey {
  /** From 1. */
  readonly line: number;
  /** In capitals, without blanks. */
  readonly key: string;
}

const typedStart = /^AGE[-\s]*SECRET[-\s]*KEY[-\s]*1/;
const unbroken = (text: string): string => text.replace(/[-\s]/g, '');

/** Whether somebody meant to write the beginning of a key: l, I or nothing for the 1, or one letter that is another. */
function isAlmostStart(line: string): boolean {
  const [wanted, written] = [unbroken(keyStart), unbroken(line)];
  const wrong = [...wanted].filter((letter, i) => letter !== written[i]).length;
  return wrong <= 1 || written.startsWith(wanted.slice(0, -1));
}

/** A line that is neither a key nor a comment nor a word of a sheet. */
export interface StrangeLine {
  /** From 1. */
  readonly line: number;
  readonly likely: 'mistyped-start' | 'public-key' | null;
}

/** The keys in a text, and its first strange line. */
export function findKeys(text: string): { keys: readonly FoundKey[]; strange: StrangeLine | null } {
  const isSheet = text.includes(sheetTitle);
  const lines = text
    .replace(/[\u200b\ufeff]/g, '')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .split('\n')
    .map((line) => line.trim().toUpperCase());
  const keys: FoundKey[] = [];
  let strange: StrangeLine | null = null;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    if (line === '' || line.startsWith('#')) continue;
    const start = typedStart.exec(line)?.[0];
    if (start === undefined) {
      const likely = isAlmostStart(line) ? 'mistyped-start' : line.startsWith('AGE1') ? 'public-key' : null;
      if (!isSheet) strange ??= { line: i + 1, likely };
      continue;
    }
    const first = i + 1;
    let letters = unbroken(line.slice(start.length));
    while (letters.length < keyLetters) {
      const more = unbroken(lines[i + 1] ?? '');
      if (!/^[A-Z0-9]+$/.test(more) || typedStart.test(lines[i + 1] ?? '')) break;
      letters += more;
      i++;
    }
    keys.push({ line: first, key: keyStart + letters });
  }
  return { keys, strange };
}

const isKey = (letters: string): boolean => bech32.decodeUnsafe(keyStart + letters, false) !== undefined;

/** What is wrong with a key, and where to look; null when its checksum fits. */
export function mistakeIn(key: string): { readonly what: Text; readonly where: Text | null } | null {
  const letters = key.slice(keyStart.length);
  const groupAt = (position: number): Text =>
    lookAtGroup(Math.floor(position / groupLetters) + 1, Math.ceil(keyLetters / groupLetters), groupLetters);
  const foreign = [...letters].findIndex((letter) => !alphabet.includes(letter));
  if (foreign >= 0) return { what: foreignLetter([...letters][foreign] ?? ''), where: groupAt(foreign) };
  if (letters.length !== keyLetters) return { what: wrongLength(letters.length, keyLetters), where: null };
  if (isKey(letters)) return null;
  const position = onlyMistake(letters);
  return {
    what: wrongChecksum,
    where: position === null ? null : groupAt(position),
  };
}

/** Where the one letter is that would have to be another, or to change places with the next; null when it is not just one. */
function onlyMistake(letters: string): number | null {
  for (let i = 0; i < letters.length; i++) {
    const [before, after] = [letters.slice(0, i), letters.slice(i + 1)];
    const swapped = before + after.slice(0, 1) + letters.charAt(i) + after.slice(1);
    if (isKey(swapped) || [...alphabet].some((other) => isKey(before + other + after))) return i;
  }
  return null;
}
