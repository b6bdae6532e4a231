import { EfakturError } from './base/errors.ts';
import { isZone } from './base/local-time.ts';
import type { Warning } from './base/progress.ts';
import { shownValue } from './base/secret.ts';
import { inBoth, type Language, languageOf, verbatim } from './base/text.ts';

/** What the value of a setting means, wherever it was set. */

export interface Setting {
  readonly value: string;
  /** For messages: `--store`, `EFAKTUR_STORE`, `EFAKTUR_STORE in /…/.env`, `the default`. */
  readonly where: string;
}

export interface LockSettings {
  readonly mode: 'governance' | 'compliance';
  readonly days: number;
}

/** A whole number of days; null when nothing is set, `usage` when it is none. */
export function days(setting: Setting | null): number | null {
  if (!setting) return null;
  const value = Number(setting.value);
  if (/^\d+$/.test(setting.value) && value >= 1 && value <= 36_500) return value;
  throw new EfakturError(
    'usage',
    inBoth((l) => `${setting.where}: ${shownValue(setting.value)[l]} is not a number of days`),
    'Write a whole number of days, such as 30.',
  );
}

/** `usage`, in both languages at once, for what is neither of them. */
export function chooseLanguage({ where, value }: Setting): Language {
  const language = languageOf(value);
  if (language !== null) return language;
  const shown = shownValue(value);
  throw new EfakturError(
    'usage',
    verbatim(`${where}: ${shown.id} bukan bahasa yang dikenal / ${shown.en} is no known language`),
    verbatim('Tulis id (Indonesia) atau en (Inggris). / Write id (Indonesian) or en (English).'),
  );
}

/** Null without days; `usage` for what is no lock. */
export function chooseLock(lockDays: Setting | null, mode: Setting | null): LockSettings | null {
  const value = days(lockDays);
  if (mode && mode.value !== 'governance' && mode.value !== 'compliance') {
    throw new EfakturError(
      'usage',
      inBoth((l) => `${mode.where}: ${shownValue(mode.value)[l]} is no lock mode`),
      'Write governance or compliance.',
    );
  }
  if (mode && value === null) {
    throw new EfakturError(
      'usage',
      `${mode.where} is set, but EFAKTUR_LOCK_DAYS is not`,
      'Set EFAKTUR_LOCK_DAYS to the days for which backups are locked.',
    );
  }
  return value === null
    ? null
    : { days: value, mode: mode?.value === 'compliance' ? 'compliance' : 'governance' };
}

/** The zone that is set, else the system's, else WIB with a warning; `usage` for what is none. */
export function chooseZone(
  setting: Setting | null,
  systemZone: string,
): { readonly zone: string; readonly warnings: readonly Warning[] } {
  if (setting) {
    if (isZone(setting.value)) return { zone: setting.value, warnings: [] };
    throw new EfakturError(
      'usage',
      inBoth((l) => `${setting.where}: ${shownValue(setting.value)[l]} is not a time zone`),
      'Write Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT).',
    );
  }
  if (!['UTC', 'Etc/UTC', 'Etc/GMT', 'GMT'].includes(systemZone) && isZone(systemZone))
    return { zone: systemZone, warnings: [] };
  const message =
    'this system has no local time zone, so days are counted in Asia/Jakarta (WIB); set EFAKTUR_TIMEZONE to change that';
  return { zone: 'Asia/Jakarta', warnings: [{ code: 'default-timezone', message }] };
}

const rateUnits: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
};

/** Bytes a second of `2MiB/s`, `500kB/s` or a number of bytes; null when nothing is set, `usage` when it is no speed. */
export function parseRate(setting: Setting | null): number | null {
  if (!setting) return null;
  const m = /^(\d+(?:\.\d+)?)\s*(|k|m|g|ki|mi|gi)b?(?:\/s|ps)?$/i.exec(setting.value.trim());
  const rate = Number(m?.[1]) * (rateUnits[(m?.[2] ?? '').toLowerCase()] ?? Number.NaN);
  if (rate >= 1024) return rate;
  throw new EfakturError(
    'usage',
    inBoth((l) => `${setting.where}: ${shownValue(setting.value)[l]} is not a speed of at least 1 KiB/s`),
    'Write it as 2MiB/s or 500kB/s.',
  );
}

/** The store addresses of a setting value: separated by `;`, blanks around them ignored. */
export const splitStores = (value: string): string[] =>
  value
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
