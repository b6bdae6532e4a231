import { instantOf, type WallTime } from '../base/local-time.ts';

const months = [
  ['jan', 'januari', 'january'],
  ['feb', 'februari', 'february', 'pebruari'],
  ['mar', 'maret', 'march'],
  ['apr', 'april'],
  ['mei', 'may'],
  ['jun', 'juni', 'june'],
  ['jul', 'juli', 'july'],
  ['agu', 'agt', 'agustus', 'aug', 'august'],
  ['sep', 'sept', 'september'],
  ['okt', 'oktober', 'oct', 'october'],
  ['nov', 'nopember', 'november'],
  ['des', 'desember', 'dec', 'december'],
];

const monthNumber = (name: string): number =>
  months.findIndex((names) => names.includes(name.toLowerCase())) + 1;

// Bounds keep eight digits in a row from being read both ways: in `20230708` no month is 23, in `20072023` none is 20.
const year = '(20\\d{2})';
const month = '(0[1-9]|1[0-2])';
const day = '(0[1-9]|[12]\\d|3[01])';
const sep = '[-_. ]?';
// What goes on with digits is no time of day: the end of a span, as in `2023-07-08 - 2023-07-09`, or a number.
const time = '(\\d{2})[-_.:hH ]?(\\d{2})(?:[-_.:mM ]?(\\d{2}))?(?![-_.:]?\\d)';
const gap = '(?:[-_. T]|, ?|jam|pukul)*';

const shapes: {
  readonly pattern: RegExp;
  readonly read: (m: RegExpExecArray) => [string, string | number, string] | null;
}[] = [
  {
    pattern: new RegExp(`(?<!\\d)${year}${sep}${month}${sep}${day}${gap}${time}`, 'gi'),
    read: (m) => [m[1] ?? '', m[2] ?? '', m[3] ?? ''],
  },
  {
    pattern: new RegExp(`(?<!\\d[-_.]?)${day}${sep}${month}${sep}${year}${gap}${time}`, 'gi'),
    // Day before month is Indonesia's custom, but a name that could be read both ways proves nothing.
    read: (m) => (Number(m[1]) > 12 || m[1] === m[2] ? [m[3] ?? '', m[2] ?? '', m[1] ?? ''] : null),
  },
  {
    pattern: new RegExp(`(?<!\\d)(\\d{1,2})${sep}([a-z]{3,9})${sep}${year}${gap}${time}`, 'gi'),
    read: (m) => [m[3] ?? '', monthNumber(m[2] ?? ''), m[1] ?? ''],
  },
];

/** Half-day clocks and clocks of another zone: what the digits mean is then more than they say. */
const otherClock =
  /\d[-_. ]?(?:[ap]\.?m|z|utc|gmt)(?![a-z])|\d[+]\d\d|(?<![a-z])(?:pagi|siang|sore|petang|malam)(?![a-z])/i;

/**
 * The instant a login backup's name states, when it holds a date and a time that can be read in one way only; null
 * otherwise. The name's clock is the zone's.
 */
export function captureTimeInName(name: string, zone: string): Date | null {
  if (otherClock.test(name)) return null;
  const instants = new Map<number, Date>();
  let unsure = false;
  for (const { pattern, read } of shapes) {
    for (const m of name.matchAll(pattern)) {
      const date = read(m as RegExpExecArray);
      const [hour, minute, second] = [m[4], m[5], m[6] ?? '0'].map(Number) as [number, number, number];
      const wall: WallTime | null = date && {
        year: Number(date[0]),
        month: Number(date[1]),
        day: Number(date[2]),
        hour,
        minute,
        second,
      };
      const instant = wall && instantOf(wall, zone);
      if (instant) instants.set(instant.getTime(), instant);
      else unsure = true;
    }
  }
  const [only] = instants.values();
  return instants.size === 1 && !unsure && only ? only : null;
}
