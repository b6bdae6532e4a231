/*
 * What a user looks for, and how a stored value is held against it. One text may be read in several ways: `345.000` is
 * the number 345000, and also those characters; a value matches when any reading does.
 */
import { EfakturError } from '../base/errors.ts';
import { isoPrefix, joinedDates, parseWrittenDate } from '../base/written-date.ts';
import type { ColumnType } from '../derby/catalog.ts';
import { isTextType, type WholeValue } from '../derby/values.ts';
import { writtenDatePattern } from './dates.ts';
import { parseInvoiceNumber } from './invoice-number.ts';
import { canonicalNumber, type NumberReading, parseWrittenNumber, writtenNumberPattern } from './numbers.ts';
import { columnCannotBe, giveSomethingToFind, nothingToFind, writeNumberOrDate } from './texts.ts';

/** One thing that a row must have in some column. */
export interface Term {
  /** As the user wrote it. */
  readonly text: string;
  /** Empty for what is no number. */
  readonly numbers: readonly NumberReading[];
  /** What a stored date or timestamp must begin with. */
  readonly datePrefix: string | null;
  /** All readings inside a text. */
  readonly pattern: RegExp;
}

/** Tells whether a value that is not null fits. */
export type ValueTest = (value: WholeValue) => boolean;

/**
 * The terms in the words of a command line. Each word is one term, as it came out of the shell's quotes; inside a word
 * quotes can be used as well (`"\"Gerbang Semesta\" 345000"`). The three words of a date and `Rp` before a number belong
 * together. `usage` when there is nothing to look for.
 */
export function parseTerms(given: readonly string[]): Term[] {
  const parts = given.flatMap((word) =>
    word.includes('"') ? [...word.matchAll(/"([^"]*)"?|([^\s"]+)/g)].map((m) => m[1] ?? m[2] ?? '') : [word],
  );
  const texts: string[] = [];
  const words = joinedDates(parts);
  for (let i = 0; i < words.length; ) {
    const two = words.slice(i, i + 2).join(' ');
    const isAmount = /^(rp|idr)\.? [\d.]/i.test(two) && parseWrittenNumber(two).length > 0;
    texts.push(isAmount ? two : (words[i] ?? ''));
    i += isAmount ? 2 : 1;
  }
  const terms = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (terms.length > 0) return terms.map(termOf);
  throw new EfakturError('usage', nothingToFind, giveSomethingToFind);
}

function termOf(text: string): Term {
  const date = parseWrittenDate(text);
  const invoice = parseInvoiceNumber(text);
  const written = date ? [] : parseWrittenNumber(text);
  const numbers = invoice === null ? written : [...written, ...parseWrittenNumber(invoice.other)];
  const isYear = /^(19|20)\d\d$/.test(text);
  const isMoment = /^\d{4}-\d\d-\d\d[ T]\d\d:/.test(text);
  const readings = [escapePattern(text).replace(/\s+/g, '\\s+')];
  if (date) readings.push(writtenDatePattern(date));
  // A text has no scale; as it was written, the number is found in it anyway.
  for (const { number, minScale } of written) if (minScale === 0) readings.push(writtenNumberPattern(number));
  const loose = loosePattern(text, numbers.length > 0 || date !== null);
  if (loose !== null) readings.push(loose);
  if (invoice)
    readings.push(`(?<!\\d)${spreadOut(invoice.other)}(?!\\d)`, `^\\s*${spreadOut(invoice.serial)}\\s*$`);
  return {
    text,
    numbers,
    datePrefix: date ? isoPrefix(date) : isYear ? `${text}-` : isMoment ? text.replace('T', ' ') : null,
    pattern: new RegExp(readings.join('|'), 'iu'),
  };
}

/** Shorter ones would be found in every longer number. */
const looseLength = 5;
/** As long as an NPWP or an invoice number, which are written with and without punctuation. */
const longNumberLength = 10;

/** NPWP, invoice numbers and the like, whatever punctuation stands in them or in the text. */
function loosePattern(text: string, isRead: boolean): string | null {
  const kept = [...text].filter((c) => /[\p{L}\p{N}]/u.test(c));
  const digits = kept.filter((c) => /\d/.test(c)).length;
  if (digits === 0 || kept.length < looseLength) return null;
  const isLongNumber = digits === kept.length && digits >= longNumberLength;
  const isPunctuated = kept.length < text.length && !isRead;
  return isLongNumber || isPunctuated ? spreadOut(kept) : null;
}

/** A pattern for these characters with any punctuation between them. */
const spreadOut = (characters: Iterable<string>): string =>
  [...characters].map(escapePattern).join('[^\\p{L}\\p{N}]{0,2}');

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** How the values of a column are held against a term; null when none of them can ever fit. */
export function termTest(term: Term, type: ColumnType): ValueTest | null {
  const { numbers, datePrefix, pattern } = term;
  if (isTextType(type) || type.name === 'TIME') return (value) => pattern.test(value as string);
  if (type.name === 'DATE' || type.name === 'TIMESTAMP')
    return datePrefix === null ? null : (value) => (value as string).startsWith(datePrefix);
  if (type.name === 'BOOLEAN')
    return /^(true|false)$/i.test(term.text) ? (value) => String(value) === term.text.toLowerCase() : null;
  const [first, ...others] = numbers.flatMap((reading) => numberTest(reading, type) ?? []);
  if (!first) return null;
  return others.length === 0 ? first : (value) => first(value) || others.some((fits) => fits(value));
}

function numberTest({ number, minScale }: NumberReading, type: ColumnType): ValueTest | null {
  const isDecimal = type.name === 'DECIMAL' || type.name === 'NUMERIC';
  if (minScale > 0 && !(isDecimal && type.scale >= minScale)) return null;
  switch (type.name) {
    case 'DECIMAL':
    case 'NUMERIC': {
      const [whole = ''] = number.split('.');
      return (value) => (value as string).startsWith(whole) && canonicalNumber(value as string) === number;
    }
    case 'SMALLINT':
    case 'INTEGER':
    case 'TINYINT':
    case 'REAL':
    case 'DOUBLE': {
      const wanted = Number(number);
      return (value) => value === wanted;
    }
    case 'BIGINT': {
      if (number.includes('.')) return null;
      const wanted = BigInt(number);
      return (value) => value === wanted;
    }
    default:
      return null;
  }
}

/**
 * The test for `COLUMN=VALUE`: equal as a number, a date (a month or year takes all its days), a truth value or a text,
 * in large or small letters, with or without its punctuation when it has digits. An empty value means null. `usage` when
 * the column can hold no such value.
 */
export function equalTest(
  text: string,
  column: { readonly name: string; readonly type: ColumnType },
): ValueTest {
  const { type } = column;
  if (isTextType(type)) {
    const wanted = fold(text);
    const bare = bareText(wanted);
    const ignoresPunctuation = /\d/.test(bare) && bare !== '';
    const other = parseInvoiceNumber(wanted)?.other;
    return (value) => {
      const folded = fold(value as string);
      if (folded === wanted) return true;
      if (!ignoresPunctuation) return false;
      const held = bareText(folded);
      return held === bare || held === other;
    };
  }
  if (type.name === 'TIME') return (value) => (value as string).startsWith(text);
  if (type.name.endsWith('BIT DATA') || type.name === 'BLOB')
    return (value) => Buffer.isBuffer(value) && value.toString('hex') === text.toLowerCase();
  const test = termTest(termOf(text.trim()), type);
  if (test) return test;
  throw new EfakturError('usage', columnCannotBe(column.name, type.name, text), writeNumberOrDate);
}

const fold = (text: string): string => text.trim().toLowerCase();
const bareText = (folded: string): string => folded.replace(/[^\p{L}\p{N}]/gu, '');
