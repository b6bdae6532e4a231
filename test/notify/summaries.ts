import { hourMs } from '../../src/base/durations.ts';
import { type Language, verbatim } from '../../src/base/text.ts';
import { type NotifiedProfile, type Notifiers, openNotifiers } from '../../src/notify/notify.ts';
import type { ProfileSummary } from '../../src/notify/summary.ts';
import type { SettingName } from '../../src/settings/config.ts';

export type Values = Partial<Record<SettingName, string>>;

/** A profile whose file sets these, and `common.env` the rest. */
export function profile(
  number: number,
  values: Values,
  env: Readonly<Record<string, string>> = {},
  common: Values = {},
): NotifiedProfile {
  return {
    number,
    config: {
      setting(name) {
        const value = values[name] ?? common[name];
        return value === undefined ? null : { value, where: verbatim(name) };
      },
      sources: new Map(
        Object.keys({ ...common, ...values }).map((name) => [
          name,
          `/home/ani/${name in values ? number : 'common'}.env`,
        ]),
      ),
      connectionEnv: env,
      language: null,
    },
  };
}

export const open = (
  profiles: readonly NotifiedProfile[],
  { language = 'en', timeLimitMs = 5000 }: { language?: Language; timeLimitMs?: number } = {},
): Notifiers => openNotifiers(profiles, { language, platform: 'linux', version: '0.0.0', timeLimitMs });

export const well = (number: number, ageHours: number | null = 3): ProfileSummary => ({
  number,
  outcome: 'ok',
  code: null,
  exitCode: 0,
  ageHours,
});
export const failing = (
  number: number,
  code: ProfileSummary['code'] = 'store-unavailable',
  exitCode = 10,
): ProfileSummary => ({ number, outcome: 'failed', code, exitCode, ageHours: 50 });
export const attention = (number: number): ProfileSummary => ({
  number,
  outcome: 'attention',
  code: 'old-backup',
  exitCode: 20,
  ageHours: 200,
});

const start = Date.UTC(2026, 10, 27, 5);
/** So many hours after a moment that is the same each time. */
export const at = (hours: number): Date => new Date(start + hours * hourMs);
