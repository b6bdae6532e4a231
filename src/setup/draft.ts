import { type Config, configFrom, settingNames, settingsWords } from '../settings/config.ts';
import { isConnectionName } from '../settings/connection-settings.ts';
import { over, valuesOf } from '../settings/layers.ts';
import { commonFile } from '../settings/profiles.ts';
import { settingsFile } from '../settings/settings-place.ts';
import { namesAsAsked, type Surroundings } from '../settings/surroundings.ts';
import { type ProfileValues, withValues } from './profile-file.ts';

/** A profile that is not written yet: what it will say, tried out before anything of it is on the disk. */
export interface Draft {
  readonly name: string;
  readonly path: string;
  /** What the file holds now; null for a new profile. */
  readonly before: string | null;
  readonly values: ProfileValues;
}

/** The file as it will be. */
export const draftText = ({ before, values }: Draft): string => withValues(before, values);

/** The configuration that the profile will have once it is written. `usage` as for any profile. */
export async function draftConfig(here: Surroundings, draft: Draft): Promise<Config> {
  const around = { ...here, env: namesAsAsked(here) };
  const own = settingsFile(around, draft.path, draftText(draft), settingsWords, {});
  const common = await commonFile(around);
  return configFrom(around, {
    files: common === null ? [own] : [own, common],
    profile: draft.name,
    isEnvironmentFirst: false,
  });
}

/** Answers of their own, which no environment gives. */
const answered: readonly string[] = [
  'EFAKTUR_APP_DIR',
  'EFAKTUR_STORE',
  'EFAKTUR_RECIPIENTS',
  'EFAKTUR_LANG',
];

/**
 * The draft with what the environment sets and neither it nor `common.env` does: whoever calls the program by a schedule has no such
 * environment, so it must stand in the profile.
 */
export async function withEnvironment(here: Surroundings, draft: Draft): Promise<Draft> {
  const around = { ...here, env: namesAsAsked(here) };
  const own = settingsFile(around, draft.path, draftText(draft), settingsWords, {});
  const common = await commonFile(around);
  const files = over(valuesOf(own.values, own), valuesOf(common?.values ?? {}, common));
  const names: readonly string[] = settingNames;
  const added: [string, string][] = [];
  for (const [name, { value, file }] of over(files, valuesOf(around.env, null)))
    if (file === null && !answered.includes(name) && (names.includes(name) || isConnectionName(name)))
      added.push([name, value]);
  return { ...draft, values: { ...draft.values, ...Object.fromEntries(added) } };
}
