import { dayMs } from './durations.ts';

/** A calendar moment as a clock on the wall shows it, month 1-12. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
}

/** True for a name the platform's IANA database knows, such as `Asia/Jakarta`. */
export function isZone(zone: string): boolean {
  try {
    formatFor(zone);
    return true;
  } catch {
    return false;
  }
}

/** What the wall clock shows in the zone at that instant. */
export function wallTime(instant: Date, zone: string): WallTime {
  const shown = new Date(instant.getTime() + offsetMs(instant.getTime(), zone));
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
  };
}

/** `Date.UTC` takes the years 0 to 99 for those of the last century. */
const asUtc = (t: WallTime): number =>
  new Date(Date.UTC(2000, 0, 1, t.hour, t.minute, t.second)).setUTCFullYear(t.year, t.month - 1, t.day);

const weekMs = 7 * dayMs;
/** By zone and week; null for a week in which the offset changes. */
const weeks = new Map<string, number | null>();

/**
 * The offset from UTC in the zone at that instant, in milliseconds. Asking costs 10 µs, which a long list feels; no zone
 * goes forth and back within a week, so a week that begins and ends with one offset has it throughout.
 */
function offsetMs(instantMs: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const week = Math.floor(instantMs / weekMs);
  const key = `${zone} ${week}`;
  let known = weeks.get(key);
  if (known === undefined) {
    const first = askOffsetMs(week * weekMs, zone);
    known = first === askOffsetMs((week + 1) * weekMs, zone) ? first : null;
    weeks.set(key, known);
  }
  return known ?? askOffsetMs(instantMs, zone);
}

function askOffsetMs(instantMs: number, zone: string): number {
  const wholeSecondMs = Math.floor(instantMs / 1000) * 1000;
  const parts: Record<string, number> = {};
  for (const { type, value } of formatFor(zone).formatToParts(wholeSecondMs)) parts[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return asUtc({ year, month, day, hour, minute, second }) - wholeSecondMs;
}

/** The instant at which the zone's clock shows this; null when the calendar has no such day or hour, or daylight saving skips it. */
export function instantOf(wall: WallTime, zone: string): Date | null {
  const nominal = new Date(asUtc(wall));
  if (
    wall.year < 1 ||
    nominal.getUTCFullYear() !== wall.year ||
    nominal.getUTCMonth() !== wall.month - 1 ||
    nominal.getUTCDate() !== wall.day ||
    nominal.getUTCHours() !== wall.hour ||
    nominal.getUTCMinutes() !== wall.minute ||
    nominal.getUTCSeconds() !== wall.second
  ) {
    return null;
  }
  // Zones with daylight saving need the offset of the result, not of the guess.
  const guess = nominal.getTime() - offsetMs(nominal.getTime(), zone);
  const instant = nominal.getTime() - offsetMs(guess, zone);
  return instant + offsetMs(instant, zone) === nominal.getTime() ? new Date(instant) : null;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** `YYYY-MM-DD` in the zone. */
export function localDay(instant: Date, zone: string): string {
  const t = wallTime(instant, zone);
  return `${String(t.year).padStart(4, '0')}-${two(t.month)}-${two(t.day)}`;
}

/** RFC 3339 with the zone's offset, whole seconds: `2023-07-08T09:30:00+07:00`. */
export function formatInstant(instant: Date, zone: string): string {
  const t = wallTime(instant, zone);
  const minutes = Math.round(offsetMs(instant.getTime(), zone) / 60_000);
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return `${localDay(instant, zone)}T${two(t.hour)}:${two(t.minute)}:${two(t.second)}${offset}`;
}

/** `YYYYMMDDTHHMMSSZ`, the sortable form in key and folder names. */
export const compactUtc = (instant: Date): string =>
  `${instant.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

/** Reads {@link compactUtc}; null when it is not one. */
export function parseCompactUtc(text: string): Date | null {
  const m = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!m) return null;
  const [year, month, day, hour, minute, second] = m.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return instantOf({ year, month, day, hour, minute, second }, 'UTC');
}

/** A real calendar day written `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const m = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!m) return false;
  return (
    instantOf(
      { year: Number(m[1]), month: Number(m[2]), day: Number(m[3]), hour: 0, minute: 0, second: 0 },
      'UTC',
    ) !== null
  );
}
