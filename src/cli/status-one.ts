import type { Workplace } from '../app/workplace.ts';
import { dayMs } from '../base/durations.ts';
import { EfakturError, isEfakturError } from '../base/errors.ts';
import { type StatusRequest, status } from '../sync/status.ts';
import { type FlagValues, text } from './command.ts';
import { flagDefaults } from './defaults.ts';
import { noDays, writeDays } from './status-texts.ts';

/** What the three looks of `status` have in common. */

export type StatusDays = Pick<StatusRequest, 'maxAgeMs' | 'maxUnprovenMs'>;

/** After how long what is known is too old. */
export function rulesOf(flags: FlagValues): StatusDays {
  const days = (name: 'max-age' | 'max-unproven'): number => {
    const value = text(flags, name);
    if (value === undefined) return flagDefaults[name] * dayMs;
    if (!/^\d+(\.\d+)?$/.test(value)) throw new EfakturError('usage', noDays(name, value), writeDays);
    return Number(value) * dayMs;
  };
  return { maxAgeMs: days('max-age'), maxUnprovenMs: days('max-unproven') };
}

/** The status of one configuration. */
export async function statusOf(workplace: Workplace, rules: StatusDays): ReturnType<typeof status> {
  const { config } = workplace;
  return status({
    appFolder: await appFolderIfAny(workplace),
    stores: await workplace.stores(),
    hasIdentity:
      config.setting('EFAKTUR_IDENTITY_FILE') !== null || config.setting('EFAKTUR_IDENTITY_COMMAND') !== null,
    ...rules,
    ...workplace.context,
  });
}

/** A monitoring host has stores but no e-Faktur. */
async function appFolderIfAny(workplace: Workplace): Promise<string | null> {
  try {
    return await workplace.appFolder();
  } catch (error) {
    if (isEfakturError(error, 'source-unusable')) return null;
    throw error;
  }
}
