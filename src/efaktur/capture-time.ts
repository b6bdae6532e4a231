/*
 * When a login backup was made: what its name says comes first, then the files in it and its own time. Only what a name
 * says in one way counts; Indonesia writes the day before the month.
 */
import { dayMs } from '../base/durations.ts';
import { instantOf, localDay, type WallTime, wallTime } from '../base/local-time.ts';
import { isoPrefix, monthOf } from '../base/written-date.ts';

/** What a capture time rests on (FORMAT.md, `capturedBasis`). */
export type BackupBasis = 'name' | 'name-day' | 'mtime' | 'inside' | 'stated';

export interface CaptureTime {
  readonly capturedAt: Date;
  readonly basis: BackupBasis;
}

/** A day in a name, and its time of day where there is one. */
interface NamedMoment {
  /** Null where only day and month are there, and perhaps the last two digits of the year. */
  readonly year: number | null;
  readonly short: number | null;
  readonly month: number;
  readonly day: number;
  readonly time: TimeOfDay | null;
}

interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Of the clock, where the name says which; null for that of the zone. */
  readonly offsetMinutes: number | null;
}

// Bounds keep eight digits in a row from being read both ways: in `20230708` no month is 23, in `20072023` none is 20.
const year = '(?<year>20\\d\\d)';
const month = '(?<month>0[1-9]|1[0-2])';
const day = '(?<day>0[1-9]|[12]\\d|3[01])';
const anyDay = '(?<day>\\d{1,2})';
const anyMonth = '(?<month>\\d{1,2})';
const name = '(?<name>[a-z]{3,9})\\.?(?![a-z])';
const sep = '[-_. ]?';
const noDigitBefore = '(?<!\\d)';
// What follows a digit and its separator is the end of a longer number.
const noNumberBefore = '(?<!\\d[-_.]?)';

/** Tried one after the other; what one has read is not read again by the next. */
const dateShapes = [
  `${noDigitBefore}${anyDay}${sep}${name}${sep},?${sep}${year}`,
  `(?<![a-z])${name}${sep}${anyDay}(?!\\d),?${sep}${year}`,
  `${noDigitBefore}${year}${sep}${name}${sep}${anyDay}(?!\\d)`,
  `${noNumberBefore}${day}${sep}${month}${sep}${year}`,
  `${noNumberBefore}${anyDay}(?<sep>[-_. ])${anyMonth}\\k<sep>${year}`,
  `${noNumberBefore}${year}${sep}${month}${sep}${day}`,
  `${noNumberBefore}${year}(?<sep>[-_. ])${anyMonth}\\k<sep>${anyDay}`,
  // Two digits behind are a year, unless minutes follow them.
  `${noDigitBefore}${anyDay}${sep}${name}(?:[-_. ']+(?<short>\\d\\d)(?!\\d|[.:h]\\d))?`,
].map((shape) => new RegExp(shape, 'gi'));

// What goes on with digits is no time of day: the end of a span, as in `2023-07-08 - 2023-07-09`, or a number; but one
// digit behind `_` is the number of a copy.
const timeShape =
  /(?:[-_. T]|, ?|jam|pukul|pk)*(\d{1,2})(?:[-_.:hH ]?(\d{2}))(?:[-_.:mM ]?(\d{2}))?(?![-.:]?\d)(?!_\d\d)/iy;
const clockShape =
  /[-_. ]?(?:(?<half>[ap])\.?m\.?|(?<part>pagi|siang|sore|petang|malam)|(?<zone>z|utc|gmt|wib|wita|wit)|(?<offset>[+]\d\d):?(?<rest>\d\d)?)(?![a-z])/iy;

const zoneMinutes: Readonly<Record<string, number>> = { z: 0, utc: 0, gmt: 0, wib: 420, wita: 480, wit: 540 };

/** The one day that a name states; null where there is none, or more than one. */
function momentInName(fileName: string): NamedMoment | null {
  // An ending such as `.7z` is no time.
  let text = fileName.replace(/\.[a-z0-9]{1,4}$/i, (end) => (/[a-z]/i.test(end) ? '' : end));
  const found: NamedMoment[] = [];
  for (const shape of dateShapes) {
    for (const m of [...text.matchAll(shape)]) {
      const groups = m.groups ?? {};
      const monthNumber = groups.name === undefined ? Number(groups.month) : monthOf(groups.name);
      if (monthNumber === 0) continue;
      const end = m.index + m[0].length;
      const time = timeAfter(text, end);
      // A date that goes on with digits is a number.
      if (time.end === end && /^\d/.test(text.slice(end))) continue;
      const date = { month: monthNumber, day: Number(groups.day) };
      const withYear = groups.year === undefined ? null : Number(groups.year);
      // 2024 had all days that there are.
      if (!instantOf({ ...date, year: withYear ?? 2024, hour: 0, minute: 0, second: 0 }, 'UTC')) return null;
      const short = groups.short === undefined ? null : Number(groups.short);
      found.push({ ...date, year: withYear, short, time: time.time });
      text = text.slice(0, m.index) + '\n'.repeat(time.end - m.index) + text.slice(time.end);
    }
  }
  const full = found.filter((one) => one.year !== null);
  const [first, ...others] = [...full, ...found.filter((one) => one.year === null)];
  if (!first) return null;
  const isSame = (one: NamedMoment): boolean =>
    one.day === first.day && one.month === first.month && (one.year === null || one.year === first.year);
  if (!others.every(isSame)) return null;
  const times = new Set(found.flatMap(({ time }) => (time ? [JSON.stringify(time)] : [])));
  const [only] = times;
  return { ...first, time: times.size === 1 && only ? (JSON.parse(only) as TimeOfDay) : null };
}

/** The time of day that follows a date, and where it ends; null where none follows, or what it says is not sure. */
function timeAfter(text: string, at: number): { readonly time: TimeOfDay | null; readonly end: number } {
  timeShape.lastIndex = at;
  const m = timeShape.exec(text);
  if (!m) return { time: null, end: at };
  const [hour = 0, minute = 0, second = 0] = [m[1], m[2], m[3] ?? '0'].map(Number);
  // One digit alone is an hour only where a sign parts it from the minutes.
  if ((m[1] ?? '').length === 1 && !/\d[-_.:h ]\d\d/i.test(m[0])) return { time: null, end: at };
  clockShape.lastIndex = timeShape.lastIndex;
  const clock = clockShape.exec(text);
  const end = clock ? clockShape.lastIndex : timeShape.lastIndex;
  const { half, part, zone, offset, rest } = clock?.groups ?? {};
  const offsetMinutes =
    zone !== undefined
      ? (zoneMinutes[zone.toLowerCase()] ?? null)
      : offset !== undefined
        ? Number(offset) * 60 + Number(rest ?? 0)
        : null;
  const hourOfDay = hourOn(hour, half?.toLowerCase() ?? part?.toLowerCase());
  if (hourOfDay === null || hourOfDay > 23 || minute > 59 || second > 59) return { time: null, end };
  return { time: { hour: hourOfDay, minute, second, offsetMinutes }, end };
}

/** The hour of 24 on a clock of 12; null where it could be either. */
function hourOn(hour: number, part: string | undefined): number | null {
  if (part === undefined || hour > 12) return hour;
  switch (part) {
    case 'a':
      return hour % 12;
    case 'p':
      return (hour % 12) + 12;
    case 'pagi':
      return hour < 12 ? hour : null;
    case 'siang':
      return hour >= 10 ? hour : hour >= 1 && hour <= 4 ? hour + 12 : null;
    case 'malam':
      return hour >= 6 && hour < 12 ? hour + 12 : null;
    default:
      return hour >= 1 && hour <= 7 ? hour + 12 : null;
  }
}

function instantIn(moment: NamedMoment & { readonly year: number }, zone: string): Date | null {
  if (!moment.time) return null;
  const { offsetMinutes, ...time } = moment.time;
  const wall: WallTime = { year: moment.year, month: moment.month, day: moment.day, ...time };
  if (offsetMinutes === null) return instantOf(wall, zone);
  const utc = instantOf(wall, 'UTC');
  return utc && new Date(utc.getTime() - offsetMinutes * 60_000);
}

/**
 * The instant a login backup's name states, when it holds a date and a time that can be read in one way only; null
 * otherwise. The name's clock is the zone's unless it says which it is.
 */
export function captureTimeInName(fileName: string, zone: string): Date | null {
  const moment = momentInName(fileName);
  return moment && moment.year !== null ? instantIn({ ...moment, year: moment.year }, zone) : null;
}

/** What is known of a login backup from outside. */
export interface BackupTimes {
  readonly name: string;
  readonly mtimeMs: number;
  readonly zone: string;
  /** The newest modification of a file in it; null where that cannot be known. Asked only where the name does not suffice. */
  readonly newestInside: () => Promise<number | null>;
}

/** A file that is younger than its content by more than this is a copy or a download. */
const copiedMs = 7 * dayMs;
/** How far from its newest file a day without a year may lie. */
const nearDays = 31;
/** e-Faktur is younger; such a time was made up by the program that packed the file. */
const noTimesBeforeMs = Date.UTC(2010, 0, 1);

/**
 * When a login backup was made, in whole seconds: the date and time of its name; else the day in its name, with the time
 * of the newest file inside or of its own where they are of that day; else its own time, unless that is more than a week
 * younger than the newest file inside, which then counts.
 */
export async function captureTimeOf(times: BackupTimes): Promise<CaptureTime> {
  const { mtimeMs, zone } = times;
  const moment = momentInName(times.name);
  const stated = moment && moment.year !== null ? instantIn({ ...moment, year: moment.year }, zone) : null;
  if (stated) return { capturedAt: stated, basis: 'name' };
  const newestMs = await newestKnown(times);
  const withYear = moment && inYear(moment, newestMs, zone);
  if (withYear) {
    const instant = instantIn(withYear, zone);
    if (instant) return { capturedAt: instant, basis: 'name' };
    return { capturedAt: timeOnDay(isoPrefix(withYear), newestMs, mtimeMs, zone), basis: 'name-day' };
  }
  if (newestMs !== null && mtimeMs - newestMs > copiedMs)
    return { capturedAt: wholeSecond(newestMs), basis: 'inside' };
  return { capturedAt: wholeSecond(mtimeMs), basis: 'mtime' };
}

/** As {@link captureTimeOf}, of a folder that was named: its own time says when a name was added to it, not when a file changed. */
export async function captureTimeOfFolder(times: BackupTimes): Promise<CaptureTime> {
  const found = await captureTimeOf(times);
  const newestMs = found.basis === 'mtime' ? await newestKnown(times) : null;
  return newestMs !== null && newestMs > times.mtimeMs
    ? { capturedAt: wholeSecond(newestMs), basis: 'inside' }
    : found;
}

/** The time that a user stated: the moment, or of a day what {@link captureTimeOf} takes of a day in a name. */
export async function statedTime(
  stated: { readonly moment: Date } | { readonly day: string },
  times: BackupTimes,
): Promise<CaptureTime> {
  const capturedAt =
    'moment' in stated
      ? stated.moment
      : timeOnDay(stated.day, await newestKnown(times), times.mtimeMs, times.zone);
  return { capturedAt, basis: 'stated' };
}

async function newestKnown({ newestInside }: BackupTimes): Promise<number | null> {
  const newestMs = await newestInside();
  return newestMs !== null && newestMs >= noTimesBeforeMs ? newestMs : null;
}

/** The year that is missing is the one that puts the day near the newest file; null where none does. */
function inYear(
  moment: NamedMoment,
  newestMs: number | null,
  zone: string,
): (NamedMoment & { readonly year: number }) | null {
  if (moment.year !== null) return { ...moment, year: moment.year };
  if (newestMs === null) return null;
  const newest = wallTime(new Date(newestMs), zone);
  const newestDay = Date.UTC(newest.year, newest.month - 1, newest.day);
  for (const candidate of [newest.year, newest.year - 1, newest.year + 1]) {
    const date = instantOf({ ...moment, year: candidate, hour: 0, minute: 0, second: 0 }, 'UTC');
    const isShort = moment.short === null || moment.short === candidate % 100;
    if (date && isShort && Math.abs(date.getTime() - newestDay) <= nearDays * dayMs)
      return { ...moment, year: candidate };
  }
  return null;
}

function timeOnDay(isoDay: string, newestMs: number | null, mtimeMs: number, zone: string): Date {
  for (const ms of [newestMs, mtimeMs])
    if (ms !== null && localDay(new Date(ms), zone) === isoDay) return wholeSecond(ms);
  const [y = 0, m = 0, d = 0] = isoDay.split('-').map(Number);
  // Where daylight saving begins at midnight the day begins an hour later.
  for (const hour of [0, 1]) {
    const begin = instantOf({ year: y, month: m, day: d, hour, minute: 0, second: 0 }, zone);
    if (begin) return begin;
  }
  throw new TypeError('every day has a beginning');
}

const wholeSecond = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000);
