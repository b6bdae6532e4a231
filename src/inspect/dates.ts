/* How dates stand in texts, and how they are shown to people. */
import { monthName, monthNames, type WrittenDate } from '../base/written-date.ts';

const two = (n: number): string => String(n).padStart(2, '0');
const four = (n: number): string => String(n).padStart(4, '0');

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
  return `${Number(day)} ${monthName(Number(month))?.slice(0, 3) ?? month} ${year}`;
}
