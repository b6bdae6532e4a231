import { resolve } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import { type Config, configFrom, settingNames, settingsWords } from '../settings/config.ts';
import { isConnectionName, isPathName } from '../settings/connection-settings.ts';
import { over, valuesOf } from '../settings/layers.ts';
import { commonFile } from '../settings/profiles.ts';
import { settingsFile } from '../settings/settings-place.ts';
import { namesAsAsked, type Surroundings } from '../settings/surroundings.ts';
import { type ProfileValues, withValues } from './profile-file.ts';
import { takeLastingKey, temporaryKeysIn, theEnvironment } from './texts.ts';

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

/** A relative one starts from where this command runs, and in a file from the folder of that. */
const isPath = (name: string): boolean =>
  isPathName(name) || name === 'EFAKTUR_STATE_DIR' || name === 'EFAKTUR_IDENTITY_FILE';

/**
 * The draft with what the environment sets and neither it nor `common.env` does: whoever calls the program by a schedule has no such
 * environment, so it must stand in the profile. `usage` for keys that end soon.
 */
export async function withEnvironment(here: Surroundings, draft: Draft): Promise<Draft> {
  const around = { ...here, env: namesAsAsked(here) };
  const own = settingsFile(around, draft.path, draftText(draft), settingsWords, {});
  const common = await commonFile(around);
  const files = over(valuesOf(own.values, own), valuesOf(common?.values ?? {}, common));
  const names: readonly string[] = settingNames;
  const hasBucket = /(^|;)s3:/i.test(own.values.EFAKTUR_STORE ?? '');
  const added: [string, string][] = [];
  for (const [name, { value, file }] of over(files, valuesOf(around.env, null))) {
    if (file !== null || !(names.includes(name) || isConnectionName(name))) continue;
    // Keys of a bucket have no business in the profile of a folder.
    if (/^AWS_/.test(name) && !hasBucket) continue;
    if (name === 'AWS_SESSION_TOKEN')
      throw new EfakturError('usage', temporaryKeysIn(theEnvironment), takeLastingKey);
    // What begins with `~` or a variable is filled in where it is read.
    const isRelative = isPath(name) && !/^[~$%]/.test(value);
    added.push([name, isRelative ? resolve(around.currentFolder, value) : value]);
  }
  return { ...draft, values: { ...draft.values, ...Object.fromEntries(added) } };
}
