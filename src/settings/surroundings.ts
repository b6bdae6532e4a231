import { isAbsolute, join } from 'node:path';

/** The computer and the user that this program runs for, as the entry found them. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly currentFolder: string;
  readonly homeFolder: string;
  readonly hostName: string;
  readonly platform: NodeJS.Platform;
  readonly systemZone: string;
  /** Name of the locale that this user has chosen, such as `id_ID.UTF-8` or `id-ID`. */
  readonly systemLocale: string;
}

/** What of an environment is meant for this program, or named by it: by these names it is asked for. */
const askedFor: readonly string[] = [
  'APPDATA',
  'LOCALAPPDATA',
  'ProgramData',
  'ProgramFiles',
  'ProgramFiles(x86)',
];
const askedForAll = /^(EFAKTUR_|AWS_|(HTTPS?|NO)_PROXY$)/;

/**
 * The environment with the names that are asked for as we write them. Windows knows no capitals in names, but only its own
 * `process.env` finds them so: a copy of it does not, nor does whoever goes through the names one by one.
 */
export function namesAsAsked({
  env,
  platform,
}: Pick<Surroundings, 'env' | 'platform'>): Readonly<Record<string, string | undefined>> {
  if (platform !== 'win32') return env;
  const named = ([name, value]: [string, string | undefined]): [string, string | undefined] => {
    const upper = name.toUpperCase();
    if (askedForAll.test(upper)) return [upper, value];
    return [askedFor.find((one) => one.toUpperCase() === upper) ?? name, value];
  };
  return Object.fromEntries(Object.entries(env).map(named));
}

/** Else any current folder could pass for the user's own; the XDG base directory specification says so, too. */
const whole = (folder: string | undefined): string | null =>
  folder !== undefined && isAbsolute(folder) ? folder : null;

/** The user's folder for settings. */
export function configFolder({ env, homeFolder, platform }: Surroundings): string {
  if (platform === 'win32')
    return join(whole(env.APPDATA) ?? join(homeFolder, 'AppData', 'Roaming'), 'efaktur-cloud');
  return join(whole(env.XDG_CONFIG_HOME) ?? join(homeFolder, '.config'), 'efaktur-cloud');
}

/** The folder for settings of all users of a PC, where there is one. */
export function machineConfigFolder({ env, platform }: Surroundings): string | null {
  const ofAll = platform === 'win32' ? whole(env.ProgramData) : null;
  return ofAll === null ? null : join(ofAll, 'efaktur-cloud');
}

/** Where they lie as far as the environment tells: for who looks for the log where settings cannot be read. */
export const stateDirByEnv = (around: Surroundings): string =>
  whole(namesAsAsked(around).EFAKTUR_STATE_DIR) ?? defaultStateDir(around);

/** Where the local record and the spool lie unless told otherwise. */
export function defaultStateDir({ env, homeFolder, platform }: Surroundings): string {
  if (platform === 'win32')
    return join(whole(env.LOCALAPPDATA) ?? join(homeFolder, 'AppData', 'Local'), 'efaktur-cloud');
  return join(whole(env.XDG_STATE_HOME) ?? join(homeFolder, '.local', 'state'), 'efaktur-cloud');
}
