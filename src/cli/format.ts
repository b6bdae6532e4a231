import { type Text, verbatim } from '../base/text.ts';
import { clockSkewMs } from '../catalog/counted-time.ts';
import { capturedAndUploaded, momentAndUploaded, moreThatDay, thisOfSeveral } from './format-texts.ts';

/** Times and tables as people read them. */

/** `1:05` or `1:02:03`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `2023-07-08 09:30` out of an RFC 3339 text, in the zone it was written in. */
export const formatMoment = (rfc3339: string): string => rfc3339.slice(0, 16).replace('T', ' ');

/** When the store got a backup, where that is apart from its capture; null where it is not, or is not known. */
export function uploadedApart({ capturedAt, uploadedAt }: Times): string | null {
  if (uploadedAt === null) return null;
  const isApart = Math.abs(Date.parse(uploadedAt) - Date.parse(capturedAt)) > clockSkewMs;
  return isApart ? formatMoment(uploadedAt) : null;
}

/** `2023-07-08 09:30`, with `, uploaded 2024-01-10 08:00` where that is apart. */
export const formatTimes = (times: Times): Text =>
  capturedAndUploaded(formatMoment(times.capturedAt), uploadedApart(times));

/** The same in a sentence: `8 July 2023 09:30`. */
export const momentsOf = (times: Times): Text =>
  momentAndUploaded(
    times.capturedAt,
    times.uploadedAt !== null && uploadedApart(times) !== null ? times.uploadedAt : null,
  );

interface Times {
  readonly capturedAt: string;
  readonly uploadedAt: string | null;
}

/** Columns padded to their widest cell; the last is left as it is. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => row[i]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '),
    )
    .join('\n');
}

/** Lines of many: those that somebody must act on come first, each part in the order that it has. */
export const needyFirst = <T extends { readonly outcome: string }>(lines: readonly T[]): T[] => {
  const needy = ({ outcome }: T): boolean => outcome === 'attention';
  return [...lines.filter(needy), ...lines.filter((line) => !needy(line))];
};

/** More than these are found with `list`. */
const shownOthers = 10;

/** Says which backup of a day was taken, where there are others; nothing otherwise. */
export function describeOthers(
  taken: { readonly id: string; readonly date: string; readonly capturedAt: string },
  others: readonly { readonly id: string; readonly capturedAt: string }[],
): Text[] {
  const rest = others.filter(({ id }) => id !== taken.id);
  if (rest.length === 0) return [];
  const left = rest.length - shownOthers;
  return [
    thisOfSeveral(rest.length + 1, taken.date, taken.capturedAt),
    ...rest.slice(-shownOthers).map(({ id, capturedAt }) => verbatim(`  ${formatMoment(capturedAt)}  ${id}`)),
    ...(left > 0 ? [moreThatDay(left)] : []),
  ];
}
