import { EfakturError } from '../base/errors.ts';
import { isZone } from '../base/local-time.ts';
import type { Warning } from '../base/progress.ts';
import { shownValue } from '../base/secret.ts';
import { type Language, languageOf, type Text } from '../base/text.ts';
import {
  lockModeWithoutDays,
  noDays,
  noLanguage,
  noLockMode,
  noSpeed,
  noZone,
  setLockDays,
  writeDays,
  writeLanguage,
  writeLockMode,
  writeSpeed,
  writeZone,
  zoneOfJakarta,
} from './texts.ts';

/** What the value of a setting means, wherever it was set. */

export interface Setting {
  readonly value: string;
  /** For messages: `--store`, `EFAKTUR_STORE`, `EFAKTUR_STORE in /…/.env`, `the default`. */
  readonly where: Text;
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
  throw new EfakturError('usage', noDays(setting.where, shownValue(setting.value)), writeDays);
}

/** `usage`, in both languages at once, for what is neither of them. */
export function chooseLanguage({ where, value }: Setting): Language {
  const language = languageOf(value);
  if (language !== null) return language;
  throw new EfakturError('usage', noLanguage(where, shownValue(value)), writeLanguage);
}

/** Null without days; `usage` for what is no lock. */
export function chooseLock(lockDays: Setting | null, mode: Setting | null): LockSettings | null {
  const value = days(lockDays);
  if (mode && mode.value !== 'governance' && mode.value !== 'compliance') {
    throw new EfakturError('usage', noLockMode(mode.where, shownValue(mode.value)), writeLockMode);
  }
  if (mode && value === null) {
    throw new EfakturError('usage', lockModeWithoutDays(mode.where), setLockDays);
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
    throw new EfakturError('usage', noZone(setting.where, shownValue(setting.value)), writeZone);
  }
  if (!['UTC', 'Etc/UTC', 'Etc/GMT', 'GMT'].includes(systemZone) && isZone(systemZone))
    return { zone: systemZone, warnings: [] };
  return { zone: 'Asia/Jakarta', warnings: [{ code: 'default-timezone', message: zoneOfJakarta }] };
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
  throw new EfakturError('usage', noSpeed(setting.where, shownValue(setting.value)), writeSpeed);
}

/** The store addresses of a setting value: separated by `;`, blanks around them ignored. */
export const splitStores = (value: string): string[] =>
  value
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
