import { clockSkewMs } from '../catalog/counted-time.ts';

/** Numbers as people read them. */

const units = ['B', 'KB', 'MB', 'GB', 'TB'];

/** `12.3 MB`, in powers of 1000. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

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
export function formatTimes(times: Times): string {
  const uploaded = uploadedApart(times);
  return `${formatMoment(times.capturedAt)}${uploaded === null ? '' : `, uploaded ${uploaded}`}`;
}

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

/** More than these are found with `list`. */
const shownOthers = 10;

/** Says which backup of a day was taken, where there are others; nothing otherwise. */
export function describeOthers(
  taken: { readonly id: string; readonly date: string; readonly capturedAt: string },
  others: readonly { readonly id: string; readonly capturedAt: string }[],
): string[] {
  const rest = others.filter(({ id }) => id !== taken.id);
  if (rest.length === 0) return [];
  const left = rest.length - shownOthers;
  return [
    `There are ${rest.length + 1} backups of ${taken.date}; this is the one of ${formatMoment(taken.capturedAt).slice(11)}. The other${rest.length === 1 ? '' : 's'}, to be had with --id:`,
    ...rest.slice(-shownOthers).map(({ id, capturedAt }) => `  ${formatMoment(capturedAt)}  ${id}`),
    ...(left > 0 ? [`  and ${left} more, earlier that day: see "efaktur-cloud list"`] : []),
  ];
}
