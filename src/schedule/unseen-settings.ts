import { userInfo } from 'node:os';
import { EfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { windowsProgram } from '../base/system-programs.ts';
import { type Config, settingNames } from '../settings/config.ts';
import { connectionNames } from '../settings/connection-settings.ts';
import { loadProfile } from '../settings/profiles.ts';
import { configFolder, namesAsAsked, type Surroundings } from '../settings/surroundings.ts';
import type { Ask } from './system-calls.ts';
import { setOnlyHere, setOnlyHereHint } from './texts.ts';
import { windowsText } from './windows-words.ts';

/**
 * A scheduler starts the program with an environment of its own. What decides where settings and records lie goes into the schedule;
 * all else may be a key, which no file of a scheduler is to hold, so it is told to be put into a settings file.
 */

/** Where things lie, whom Node.js trusts, and the user's language, in which the log of runs is. */
const carriedNames = [
  ...['XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'EFAKTUR_STATE_DIR', 'NODE_EXTRA_CA_CERTS'],
  ...['LANGUAGE', 'LC_ALL', 'LC_MESSAGES', 'LANG'],
];

/** What a schedule takes along of this environment. A task of Windows has no variables of its own. */
export function carriedEnv({ env, homeFolder, platform }: Surroundings): Readonly<Record<string, string>> {
  if (platform === 'win32') return {};
  const carried = Object.fromEntries(
    carriedNames.flatMap((name) => (env[name] ? [[name, env[name]] as const] : [])),
  );
  // As under sudo: a scheduler takes the folder that the list of users names.
  return userInfo().homedir === homeFolder ? carried : { HOME: homeFolder, ...carried };
}

/**
 * A note on the settings that these profiles have only by the environment of this terminal, where there are any: by name, as some
 * are keys.
 */
export async function unseenSettings(
  around: Surroundings,
  profiles: readonly string[],
  ask: Ask,
): Promise<Warning[]> {
  const env = namesAsAsked(around);
  const kept =
    around.platform === 'win32' ? await keptByWindows(ask) : new Set(Object.keys(carriedEnv(around)));
  const isUnseen = (name: string): boolean => {
    const isOurs = [...settingNames, ...connectionNames].some(
      (one) => one.toUpperCase() === name.toUpperCase(),
    );
    return isOurs && !kept.has(name) && !kept.has(name.toUpperCase());
  };
  const unseen = Object.keys(env).filter((name) => env[name] && isUnseen(name));
  if (unseen.length === 0) return [];
  const bare = {
    ...around,
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !unseen.includes(name))),
  };
  const lacking = new Set<string>();
  for (const profile of profiles) {
    const [here, there] = await Promise.all([around, bare].map((one) => configOrNull(one, profile)));
    // What is wrong with a profile is told where it is run.
    if (!here || !there) continue;
    for (const name of unseen) if (valueIn(here, name) !== valueIn(there, name)) lacking.add(name);
  }
  if (lacking.size === 0) return [];
  return [
    {
      code: 'schedule-lacks-settings',
      message: setOnlyHere([...lacking].sort()),
      hint: setOnlyHereHint(configFolder(around)),
    },
  ];
}

const valueIn = (config: Config, name: string): string | null =>
  settingNames.some((one) => one === name)
    ? (config.setting(name as (typeof settingNames)[number])?.value ?? null)
    : (config.connectionEnv[name] ?? null);

async function configOrNull(around: Surroundings, profile: string): Promise<Config | null> {
  try {
    return await loadProfile(around, profile);
  } catch (error) {
    if (error instanceof EfakturError) return null;
    throw error;
  }
}

/** Variables that Windows gives to everything it starts for this user: those of the user and of the PC, in capitals. */
async function keptByWindows(ask: Ask): Promise<ReadonlySet<string>> {
  const keys = [
    'HKCU\\Environment',
    'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment',
  ];
  const answers = await Promise.all(keys.map((key) => ask(windowsProgram('reg.exe'), ['query', key])));
  const texts = answers.map((answer) => (answer === null ? '' : windowsText(answer.stdout)));
  const names = texts.flatMap((text) => [...text.matchAll(/^\s+(\S+)\s+REG_(?:EXPAND_)?SZ\s/gm)]);
  return new Set(names.map(([, name = '']) => name.toUpperCase()));
}
