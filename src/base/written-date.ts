/* Days, months and moments as people in Indonesia write them: for command lines, for search words and for names of files. */
import { EfakturError } from './errors.ts';
import { instantOf, isDay } from './local-time.ts';
import { noDay, noDayMonthOrYear, noMoment, writeDay, writeDayMonthOrYear, writeMoment } from './texts.ts';

/** By month, the first of each row being the full Indonesian name. */
export const monthNames: readonly (readonly string[])[] = [
  ['januari', 'january', 'jan'],
  ['februari', 'february', 'pebruari', 'feb', 'peb'],
  ['maret', 'march', 'mar'],
  ['april', 'apr'],
  ['mei', 'may'],
  ['juni', 'june', 'jun'],
  ['juli', 'july', 'jul'],
  ['agustus', 'august', 'agu', 'agt', 'ags', 'aug'],
  ['september', 'sept', 'sep'],
  ['oktober', 'october', 'okt', 'oct'],
  ['november', 'nopember', 'nov', 'nop'],
  ['desember', 'december', 'des', 'dec'],
];

/** `Juli` for 7; undefined for what is no month. */
export function monthName(month: number): string | undefined {
  const name = monthNames[month - 1]?.[0];
  return name && name.slice(0, 1).toUpperCase() + name.slice(1);
}

/** 1 to 12; 0 for what is no name of a month. */
export const monthOf = (name: string): number =>
  monthNames.findIndex((names) => names.includes(name.toLowerCase().replace(/\.$/, ''))) + 1;

const two = (n: number): string => String(n).padStart(2, '0');
const four = (n: number): string => String(n).padStart(4, '0');

/** A day, or a whole month when `day` is null. */
export interface WrittenDate {
  readonly year: number;
  readonly month: number;
  readonly day: number | null;
}

/**
 * Reads `8 Juli 2023`, `8 Jul 2023`, `08-07-2023`, `08/07/2023`, `8.7.2023`, `2023-07-08`, `2023/07/08`, `2023-7-8`,
 * `Juli 2023` and `2023-07`, the day always before the month; null when it is none of them or no real day.
 */
export function parseWrittenDate(text: string): WrittenDate | null {
  const t = text.trim();
  const named = /^(?:(\d{1,2})[\s-]+)?(\p{L}+\.?)[\s-]+(\d{4})$/u.exec(t);
  if (named) return checked(Number(named[3]), monthOf(named[2] ?? ''), named[1]);
  const dayFirst = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/.exec(t);
  if (dayFirst) return checked(Number(dayFirst[4]), Number(dayFirst[3]), dayFirst[1]);
  const iso = /^(\d{4})([-/])(\d{1,2})(?:\2(\d{1,2}))?$/.exec(t);
  return iso && checked(Number(iso[1]), Number(iso[3]), iso[4]);
}

function checked(year: number, month: number, day: string | undefined): WrittenDate | null {
  if (month < 1 || month > 12) return null;
  const date = { year, month, day: day === undefined ? null : Number(day) };
  return isDay(isoPrefix({ ...date, day: date.day ?? 1 })) ? date : null;
}

/** `2023-07-08`, or `2023-07` of a month: what a stored date or timestamp of it begins with. */
export const isoPrefix = ({ year, month, day }: WrittenDate): string =>
  `${four(year)}-${two(month)}${day === null ? '' : `-${two(day)}`}`;

/** The words of a command line, where the three words of a date (`8 Juli 2023` without quotes) are one. */
export function joinedDates(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < words.length; ) {
    const three = words.slice(i, i + 3).join(' ');
    const isDate = /^\d{1,2} \p{L}+\.? \d{4}$/u.test(three) && parseWrittenDate(three) !== null;
    joined.push(isDate ? three : (words[i] ?? ''));
    i += isDate ? 3 : 1;
  }
  return joined;
}

/** What a user wrote for some days, in ISO: the first and the last of them. */
interface WrittenDays {
  readonly text: string;
  readonly first: string;
  readonly last: string;
}

/** A day, a month or a year; null when it is none. */
function parseWrittenDays(text: string): WrittenDays | null {
  const year = /^\s*(\d{4})\s*$/.exec(text)?.[1];
  if (year !== undefined && isDay(`${year}-01-01`))
    return { text: year, first: `${year}-01-01`, last: `${year}-12-31` };
  const date = parseWrittenDate(text);
  if (!date) return null;
  const written = isoPrefix(date);
  if (date.day !== null) return { text: written, first: written, last: written };
  const last = [31, 30, 29, 28].map((day) => `${written}-${day}`).find(isDay) ?? '';
  return { text: written, first: `${written}-01`, last };
}

/** A day given by the user, in ISO; `usage` when it is none. */
export function parseDay(text: string, where: string): string {
  const days = parseWrittenDays(text);
  if (days && days.first === days.last) return days.first;
  throw new EfakturError('usage', noDay(where, text), writeDay);
}

/** As {@link parseDay}, but a month or a year may be given too, of which it is the first or the last day. */
export function parseDayOf(text: string, end: 'first' | 'last', where: string): string {
  const days = parseWrittenDays(text);
  if (days) return days[end];
  throw new EfakturError('usage', noDayMonthOrYear(where, text), writeDayMonthOrYear);
}

/** A moment given by the user: `usage` when it is none. */
export interface WrittenMoment {
  /** In ISO, as far as it was given: `2023-07-08`, `2023-07-08T16:30`, `2023-07`. */
  readonly text: string;
  /** Null where no time was given. */
  readonly start: Date | null;
  /** The last instant that can be meant: the end of the day, month, year, minute or second. */
  readonly end: Date;
}

/**
 * Reads a day as {@link parseWrittenDate} does, a month or a year, or a day with a time behind it (`T16:30`, ` 16.30`,
 * ` jam 16.30:15`), on the zone's clock; `usage` when it is neither.
 */
export function parseMoment(text: string, zone: string, where: string): WrittenMoment {
  const [, before = '', hour = '', minute = '', second] =
    /^(.*?\d)(?:\s*T\s*|\s*,?\s*(?:jam|pukul|pk\.?)\s*|\s*,\s*|\s+)(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*$/i.exec(
      text,
    ) ?? [];
  const days = parseWrittenDays(before === '' ? text : before);
  const moment = days && before === '' ? endOf(days, zone) : days && at(days, hour, minute, second, zone);
  if (moment) return moment;
  throw new EfakturError('usage', noMoment(where, text), writeMoment);
}

function endOf({ text, last }: WrittenDays, zone: string): WrittenMoment | null {
  const end = instantAt(last, 23, 59, 59, zone);
  return end && { text, start: null, end: new Date(end.getTime() + 999) };
}

function at(
  { text, first, last }: WrittenDays,
  hour: string,
  minute: string,
  second: string | undefined,
  zone: string,
): WrittenMoment | null {
  const start =
    first === last ? instantAt(first, Number(hour), Number(minute), Number(second ?? 0), zone) : null;
  if (!start) return null;
  const time = [two(Number(hour)), minute, ...(second === undefined ? [] : [second])].join(':');
  const lengthMs = second === undefined ? 60_000 : 1000;
  return { text: `${text}T${time}`, start, end: new Date(start.getTime() + lengthMs - 1) };
}

function instantAt(isoDay: string, hour: number, minute: number, second: number, zone: string): Date | null {
  const [year = 0, month = 0, day = 0] = isoDay.split('-').map(Number);
  return instantOf({ year, month, day, hour, minute, second }, zone);
}
