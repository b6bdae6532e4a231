import { parse } from 'dotenv';
import { EfakturError } from '../base/errors.ts';
import { nearestName } from '../base/nearest.ts';
import { type Text, verbatim } from '../base/text.ts';
import { didYouMean } from '../base/texts.ts';
import {
  commentInValue,
  invisibleIn,
  keepOneLine,
  keepOneLineOfStores,
  leaveToEnvironment,
  lineBreakIn,
  lineIn,
  noSuchSetting,
  notUtf8,
  notWrittenAsSetting,
  otherQuotes,
  putInSingleQuotes,
  quoteNotClosed,
  quoteOrLeaveBlank,
  saveFileAsUtf8,
  seeTableOfSettings,
  setAgain,
  something,
  typeItAgain,
  valueOfSetting,
} from './texts.ts';

/**
 * A settings file, line by line. dotenv reads the values, but passes over what it does not understand; here a line that
 * sets nothing is an error, because the setting somebody meant with it could be the one that encrypts.
 */

/** What may stand in a settings file. */
export interface SettingsWords {
  /** `EFAKTUR_` names. */
  readonly settings: readonly string[];
  /** Names for the connection; proposed when one is mistyped. */
  readonly connection: readonly string[];
  readonly isConnection: (name: string) => boolean;
}

/**
 * The values of a settings file. With `judged: 'ours'`, for a file that may belong to another program, lines that do not
 * name e-Faktur are taken as dotenv takes them. `usage`, with file and line, for any other line that is neither empty, a
 * comment nor a known name, given once, with a value that it says plainly.
 */
export function parseSettings(
  text: string,
  path: string,
  judged: 'all' | 'ours',
  words: SettingsWords,
): Record<string, string> {
  const values: Record<string, string> = {};
  const lineOf = new Map<string, number>();
  for (const [i, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const where = lineIn(path, i + 1);
    if (judged === 'ours' && !namesEfaktur(line)) {
      const taken = parse(line);
      for (const name of Object.keys(taken)) if (isOfAws(name)) refuseUnknown(name, where, words);
      Object.assign(values, taken);
      continue;
    }
    const { name, value } = readLine(line, where, words);
    const before = lineOf.get(name);
    if (before !== undefined) {
      const hint = name === 'EFAKTUR_STORE' ? keepOneLineOfStores : keepOneLine;
      throw new EfakturError('usage', setAgain(where, name, before), hint);
    }
    lineOf.set(name, i + 1);
    values[name] = value;
  }
  return values;
}

/** Whether a line of a file names e-Faktur, in any spelling, before its value. */
export function namesEfaktur(line: string): boolean {
  const [name = ''] = line.split(/=|:\s/, 1);
  return /efaktur/i.test(name.replace(/[^a-z]/gi, ''));
}

function readLine(line: string, where: Text, words: SettingsWords): { name: string; value: string } {
  const [, name, raw = ''] = /^\s*(?:export\s+)?([\w.-]+)(?:\s*=|:\s)\s*(.*)$/s.exec(line) ?? [];
  if (name === undefined) {
    throw new EfakturError('usage', notWrittenAsSetting(where), proposal(line, words));
  }
  refuseUnknown(name, where, words);
  const what = valueOfSetting(where, name);
  const quote = /^['"`]/.exec(raw)?.[0];
  if (
    quote !== undefined &&
    !new RegExp(`^${quote}(\\\\${quote}|[^${quote}])*${quote}\\s*(#.*)?$`).test(raw)
  ) {
    throw new EfakturError('usage', quoteNotClosed(what), putInSingleQuotes);
  }
  if (quote === undefined && /\S#/.test(raw)) {
    throw new EfakturError('usage', commentInValue(what), quoteOrLeaveBlank);
  }
  const value = parse(line)[name] ?? '';
  refuseInvisible(value, what, quote === '"');
  return { name, value };
}

/** `usage` for a name that nobody here reads: what somebody meant with it would not happen. */
function refuseUnknown(name: string, where: Text, words: SettingsWords): void {
  if (words.settings.includes(name) || words.isConnection(name)) return;
  const isElsewhere = isOfAws(name) && nearestSetting(name, words.connection) === null;
  const hint = isElsewhere ? leaveToEnvironment : proposal(name, words);
  throw new EfakturError('usage', noSuchSetting(where, shownName(name)), hint);
}

const isOfAws = (name: string): boolean => /^AWS_/.test(name);

/** `usage` for a value with characters in it that nobody sees, such as a line break or what comes along when text is copied. */
export function refuseInvisible(value: string, what: Text, isDoubleQuoted = false): void {
  const [found] = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u.exec(value) ?? [];
  if (found === undefined) return;
  if (found === '\ufffd') throw new EfakturError('usage', notUtf8(what), saveFileAsUtf8);
  if (isDoubleQuoted && /[\r\n]/.test(found)) {
    throw new EfakturError('usage', lineBreakIn(what, found === '\n' ? 'n' : 'r'), otherQuotes);
  }
  const code = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  throw new EfakturError('usage', invisibleIn(what, code), typeItAgain);
}

/** A name as it may be shown: a secret may have been pasted where a name belongs, and few names have digits. */
export const shownName = (name: string): Text =>
  /^[a-z _.-]{1,60}(s3)?$/i.test(name) || /^AWS_[A-Z0-9_]{1,60}$/.test(name) ? verbatim(name) : something;

const proposal = (text: string, { settings, connection }: SettingsWords): Text =>
  nearestText(text, [...settings, ...connection], '=…');

/** What to do about a name that is none: the known one that it is near to, in any spelling, if there is one. */
export function nearestText(text: string, known: readonly string[], end: string): Text {
  const nearest = nearestSetting(text, known);
  return nearest === null ? seeTableOfSettings : didYouMean(`${nearest}${end}`);
}

/** Also of `set EFAKTUR_X`, `efaktur-x`, `E-FAKTUR X : y` and `X`. */
function nearestSetting(text: string, known: readonly string[]): string | null {
  const name = text
    .replace(/^\s*(?:(?:set|setx|export|let|env)\s+|\$env:|\$)/i, '')
    .replace(/[=:].*$/s, '')
    .replace(/[^a-z0-9]+/gi, ' ')
    .trim()
    .replaceAll(' ', '_')
    .toUpperCase()
    .replace(/^E_FAKTUR/, 'EFAKTUR');
  // A bare line: its value may follow the name after a blank.
  const begins = known.filter((one) => name === one || name.startsWith(`${one}_`));
  if (begins.length > 0) return begins.reduce((a, b) => (b.length > a.length ? b : a));
  for (const spelling of [`EFAKTUR_${name}`, `AWS_${name}`]) if (known.includes(spelling)) return spelling;
  return nearestName(name, known) ?? nearestName(`EFAKTUR_${name}`, known);
}
