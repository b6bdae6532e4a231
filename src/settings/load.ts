import { join } from 'node:path';
import { type Config, configFrom, settingsWords } from './config.ts';
import { refuseInFound } from './found-settings.ts';
import { commonFile, defaultProfile, listProfiles, profileSources, settingsOfAll } from './profiles.ts';
import { namesEfaktur } from './settings-file.ts';
import { isSameFile, readNamedFile, type SettingsFile, settingsFile, textIfThere } from './settings-place.ts';
import { configFolder, machineConfigFolder, namesAsAsked, type Surroundings } from './surroundings.ts';

/** Which settings a command has for which no profile was named. */

/**
 * Reads the configuration: with the settings file at a path; else with the `.env` of the current folder where it is for e-Faktur;
 * else with the profile `default`, or the only one there is; else with what all profiles have in common, or that of all users of the PC.
 * `usage` for an unknown `EFAKTUR_` name, a file that is not there or a value that cannot be.
 */
export async function loadConfig(here: Surroundings, named: string | undefined): Promise<Config> {
  const around: Surroundings = { ...here, env: namesAsAsked(here) };
  if (named !== undefined) return configOfFile(around, await readNamed(around, named, '--settings'));
  const found = await foundHere(around);
  if (found) {
    refuseInFound(found, join(configFolder(around), '.env'));
    return configOfFile(around, found);
  }
  return loadKept(around);
}

/** As {@link loadConfig} without a file that is named, and with nothing of the current folder: who runs by a schedule stands anywhere. */
export async function loadKept(here: Surroundings): Promise<Config> {
  const around: Surroundings = { ...here, env: namesAsAsked(here) };
  const profiles = await listProfiles(around);
  const [only, ...others] = profiles;
  const chosen =
    profiles.find(({ name }) => name === defaultProfile) ?? (others.length === 0 ? only : undefined);
  if (chosen)
    return configFrom(around, { ...(await profileSources(around, chosen)), isEnvironmentFirst: true });
  const common = await commonFile(around);
  if (common === null && only === undefined) return configOfFile(around, await foundOnPc(around));
  return configFrom(around, {
    files: common === null ? [] : [common],
    profile: null,
    unchosen: profiles.map(({ name }) => name),
    isEnvironmentFirst: true,
  });
}

/** What holds for this PC as a whole, where runs keep record and log: what its profiles share; without one, what is set for user or PC. */
export const settingsOfPc = async (around: Surroundings): Promise<Config> =>
  (await listProfiles(around)).length > 0 ? settingsOfAll(around) : loadKept(around);

/**
 * The settings of one store from a file of its own: nothing of the environment's keys and settings counts for it, so that two
 * stores in one command have each their own. `usage` as {@link loadConfig}.
 */
export async function loadStoreSettings(
  around: Surroundings,
  path: string,
  flag = '--settings',
): Promise<Config> {
  const env = Object.fromEntries(
    Object.entries(around.env).filter(([name]) => !/^(EFAKTUR|AWS)_/i.test(name)),
  );
  return configOfFile({ ...around, env }, await readNamed(around, path, flag));
}

const readNamed = (around: Surroundings, path: string, flag: string): Promise<SettingsFile> =>
  readNamedFile(around, settingsWords, { flag, path });

const configOfFile = (around: Surroundings, file: SettingsFile | null): Promise<Config> =>
  configFrom(around, { files: file === null ? [] : [file], profile: null, isEnvironmentFirst: true });

/** The path of the `.env` of the current folder, where there is one for e-Faktur. */
export const foundSettings = async (here: Surroundings): Promise<string | null> =>
  (await foundHere({ ...here, env: namesAsAsked(here) }))?.path ?? null;

/** The `.env` of the current folder: it may belong to any program, and is ours only when it says so. */
async function foundHere(around: Surroundings): Promise<SettingsFile | null> {
  const here = join(around.currentFolder, '.env');
  if (await isSameFile(here, join(configFolder(around), '.env'))) return null;
  const text = await textIfThere(around, here);
  return text?.split(/[\r\n]/).some((line) => !/^\s*#/.test(line) && namesEfaktur(line))
    ? settingsFile(around, here, text, settingsWords, { isFound: true, isShared: true })
    : null;
}

/** The `.env` of all users of the PC: Windows lets every user make files below %ProgramData%. */
async function foundOnPc(around: Surroundings): Promise<SettingsFile | null> {
  const folder = machineConfigFolder(around);
  const path = folder === null ? null : join(folder, '.env');
  const text = path === null ? null : await textIfThere(around, path);
  if (path === null || text === null) return null;
  const file = settingsFile(around, path, text, settingsWords, { isFound: true });
  refuseInFound(file, join(configFolder(around), '.env'));
  return file;
}
