import { loadProfiles, sharedPlaces } from '../app/all-profiles.ts';
import { EfakturError } from '../base/errors.ts';
import type { RoundProfile } from '../round/profile.ts';
import type { Config } from '../settings/config.ts';
import { foundSettings, loadConfig, loadKept } from '../settings/load.ts';
import {
  defaultProfile,
  listProfiles,
  loadProfile,
  type Profile,
  settingsOfAll,
} from '../settings/profiles.ts';
import { configFolder, type Surroundings } from '../settings/surroundings.ts';
import { type FreeInvocation, text, texts } from './command.ts';
import { foundNotRun, keepOrName } from './run-texts.ts';

/** What is run, and what holds for all of it. */
export interface Runs {
  readonly profiles: readonly RoundProfile[];
  readonly ofAll: Config;
}

/**
 * The profile or the settings file that is named; else all profiles; else, where there is none, what is set for this user or PC as
 * if it were the profile `default`. Nothing of the current folder counts.
 */
export async function runsOf({ io: { around }, flags }: Pick<FreeInvocation, 'io' | 'flags'>): Promise<Runs> {
  const [profile, file] = [text(flags, 'profile'), text(flags, 'settings')];
  if (file !== undefined) return alone(await loadConfig(around, file));
  const all = await listProfiles(around);
  if (all.length === 0) {
    const config = await loadKept(around);
    const found = config.setting('EFAKTUR_STORE') ? null : await foundSettings(around);
    if (found !== null && texts(flags, 'store').length === 0)
      throw new EfakturError('usage', foundNotRun(found), keepOrName(found, configFolder(around)));
    return alone(config);
  }
  const ofAll = await settingsOfAll(around);
  if (profile === undefined) return { ofAll, profiles: withShared(all, around) };
  const config = await loadProfile(around, profile);
  return { ofAll, profiles: [{ name: config.profile ?? profile, load: async () => config }] };
}

const alone = (config: Config): Runs => ({
  ofAll: config,
  profiles: [{ name: defaultProfile, load: async () => config }],
});

/** Each with a note on what it has in common with others that should be its own. */
function withShared(all: readonly Profile[], around: Surroundings): RoundProfile[] {
  let shared: ReturnType<typeof sharedOf> | null = null;
  return all.map(({ name }) => ({
    name,
    async load() {
      const config = await loadProfile(around, name);
      shared ??= sharedOf(around);
      return { ...config, warnings: [...config.warnings, ...((await shared).get(name) ?? [])] };
    },
  }));
}

const sharedOf = async (around: Surroundings) => sharedPlaces(await loadProfiles(around), around);
