import { join } from 'node:path';

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

/** The user's folder for settings. */
export function configFolder({ env, homeFolder, platform }: Surroundings): string {
  if (platform === 'win32')
    return join(env.APPDATA ?? join(homeFolder, 'AppData', 'Roaming'), 'efaktur-cloud');
  return join(env.XDG_CONFIG_HOME ?? join(homeFolder, '.config'), 'efaktur-cloud');
}

/** Where the local record and the spool lie unless told otherwise. */
export function defaultStateDir({ env, homeFolder, platform }: Surroundings): string {
  if (platform === 'win32')
    return join(env.LOCALAPPDATA ?? join(homeFolder, 'AppData', 'Local'), 'efaktur-cloud');
  return join(env.XDG_STATE_HOME ?? join(homeFolder, '.local', 'state'), 'efaktur-cloud');
}
