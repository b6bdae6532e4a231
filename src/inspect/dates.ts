/* Days and months as people in Indonesia write them. */
import { isDay } from '../base/local-time.ts';

const monthNames: readonly (readonly string[])[] = [
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

const shortMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'Mei', 'Jun', 'Jul', 'Agu', 'Sep', 'Okt', 'Nov', 'Des'];

const two = (n: number): string => String(n).padStart(2, '0');
const four = (n: number): string => String(n).padStart(4, '0');

const monthOf = (name: string): number =>
  monthNames.findIndex((names) => names.includes(name.toLowerCase().replace(/\.$/, ''))) + 1;

/** A day, or a whole month when `day` is null. */
export interface WrittenDate {
  readonly year: number;
  readonly month: number;
  readonly day: number | null;
}

/**
 * Reads `8 Juli 2023`, `8 Jul 2023`, `08-07-2023`, `08/07/2023`, `8.7.2023`, `2023-07-08`, `2023/07/08`, `Juli 2023` and
 * `2023-07`, the day always before the month; null when it is none of them or no real day.
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

/** A regular expression's source for the same date written in any of these ways inside a text. */
export function writtenDatePattern({ year: y, month, day }: WrittenDate): string {
  const year = four(y);
  const names = (monthNames[month - 1] ?? []).join('|');
  const m = `0?${month}`;
  const forms =
    day === null
      ? [`(?:${names})\\.?[\\s-]+${year}`, `${year}-${two(month)}`]
      : [
          `0?${day}\\s*[-/.\\s]\\s*${m}\\s*[-/.\\s]\\s*${year}`,
          `0?${day}[\\s-]+(?:${names})\\.?[\\s-]+${year}`,
          `${year}[-/]${m}[-/]0?${day}`,
        ];
  return `(?<!\\d)(?:${forms.join('|')})(?!\\d)`;
}

/** `8 Jul 2023` out of `2023-07-08`, for people. */
export function formatIsoDate(iso: string): string {
  const [year = '', month = '', day = ''] = iso.split('-');
  return `${Number(day)} ${shortMonths[Number(month) - 1] ?? month} ${year}`;
}
