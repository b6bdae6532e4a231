import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EfakturError, keepOrThrow, systemCode } from '../base/errors.ts';
import { nearestName } from '../base/nearest.ts';
import type { Text } from '../base/text.ts';
import { didYouMean } from '../base/texts.ts';
import { type Config, configFrom, type SettingName, type Sources, settingsWords } from './config.ts';
import { readOwnFile, type SettingsFile } from './settings-place.ts';
import { configFolder, namesAsAsked, type Surroundings } from './surroundings.ts';
import {
  checkFileAndRights,
  defaultLiesIn,
  folderNotRead,
  makeProfile,
  noProfileName,
  noSuchProfile,
  profilesAre,
  renameIt,
  severalProfiles,
  writeProfileName,
} from './texts.ts';

/**
 * Profiles: a settings file `NAME.env` in the user's folder for settings for each e-Faktur folder, over `common.env` there for what
 * they share; `.env` there is the profile `default`. They hold keys, so they are a user's own: none lie in the folder of all users
 * of the PC, where anybody may put files.
 */

export interface Profile {
  readonly name: string;
  readonly path: string;
}

/** The profile in `.env`. */
export const defaultProfile = 'default';
const commonName = 'common';
/** `NAME.env`, and what Notepad makes of it: that one is told when it is read, not passed over. */
const profileFile = /^(?!\.)(.+)\.env(\.txt)?$/is;
/** Whoever names the file means the profile in it. */
const fileEnding = /\.env(\.txt)?$/i;

/** What a file name cannot hold on Windows or Linux, and what nobody sees. */
const impossible = /[<>:"/\\|?*\p{C}\p{Zl}\p{Zp}]/u;
const deviceName = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
/** Some file systems count bytes and some count letters; both take so much with an ending. */
const longestNameBytes = 200;

/** `usage` for a name that no profile can have: not every computer could keep a file of that name. */
export function checkProfileName(name: string): void {
  const isPossible =
    name.trim() === name &&
    name !== '' &&
    !/^[.-]|\.$/.test(name) &&
    !impossible.test(name) &&
    !deviceName.test(name) &&
    !fileEnding.test(name) &&
    key(name) !== commonName &&
    Buffer.byteLength(name) <= longestNameBytes;
  if (isPossible) return;
  const hint = fileEnding.test(name) ? didYouMean(name.replace(fileEnding, '')) : writeProfileName;
  throw new EfakturError('usage', noProfileName(shownProfile(name)), hint);
}

/** Where a profile lies, or would. `usage` for what can be no name of one. */
export function profilePath(here: Surroundings, name: string): string {
  checkProfileName(name);
  return join(folderOf(here), key(name) === defaultProfile ? '.env' : `${name}.env`);
}

/** All profiles of this user by name, `default` first; also those that cannot be read, as loading them tells. */
export async function listProfiles(here: Surroundings): Promise<readonly Profile[]> {
  const folder = folderOf(here);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    if (code === null) throw error;
    throw new EfakturError('usage', folderNotRead(folder, code), checkFileAndRights, error);
  });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  const found = files.flatMap((file): Profile[] => {
    const path = join(folder, file);
    if (file.endsWith('.txt') && files.includes(file.slice(0, -'.txt'.length))) return [];
    if (/^\.env(\.txt)?$/.test(file)) return [{ name: defaultProfile, path }];
    const name = profileFile.exec(file)?.[1];
    return name === undefined || key(name) === commonName ? [] : [{ name, path }];
  });
  const order = new Intl.Collator('id', { numeric: true }).compare;
  const isDefault = ({ name }: Profile): number => (name === defaultProfile ? 0 : 1);
  return found.sort((a, b) => isDefault(a) - isDefault(b) || order(a.name, b.name) || order(a.path, b.path));
}

/**
 * The configuration of a profile: its file over `common.env` over the environment; neither the `.env` of the current folder nor
 * anything of another profile is in it. The name counts in any letters, where that leaves no doubt. `usage` when there is none, with
 * the nearest name, or when it says what it cannot mean.
 */
export async function loadProfile(here: Surroundings, name: string): Promise<Config> {
  const around: Surroundings = { ...here, env: namesAsAsked(here) };
  const sources = await profileSources(around, await namedProfile(around, name));
  return configFrom(around, { ...sources, isEnvironmentFirst: false });
}

/**
 * What holds for this PC and user as a whole: `common.env` over the environment, with the language and zone of the profile `default`, or
 * of the only one there is, where neither says any. `usage` as {@link loadProfile}.
 */
export async function settingsOfAll(here: Surroundings): Promise<Config> {
  const around: Surroundings = { ...here, env: namesAsAsked(here) };
  const common = await commonFile(around);
  const files = common === null ? [] : [common];
  const config = await configFrom(around, { files, profile: null, isEnvironmentFirst: false });
  const manner = personal.filter((name) => config.setting(name) === null);
  if (manner.length === 0) return config;
  try {
    const own = await ownOf(around);
    if (own === null) return config;
    const said = Object.entries(own.values).filter(([name]) => manner.some((one) => one === name));
    const withOwn = [...files, { ...own, values: Object.fromEntries(said) }];
    return await configFrom(around, { files: withOwn, profile: null, isEnvironmentFirst: false });
  } catch (error) {
    // What is wrong in it is told where it is run, and stops no other profile.
    keepOrThrow(error);
    return config;
  }
}

/** How one person wants to be spoken to, whichever file says it. */
const personal = ['EFAKTUR_LANG', 'EFAKTUR_TIMEZONE'] as const;

/** The file of the profile `default`, or of the only one there is; null without one. */
async function ownOf(around: Surroundings): Promise<SettingsFile | null> {
  const all = await listProfiles(around);
  const chosen = all.find(({ name }) => name === defaultProfile) ?? (all.length === 1 ? all[0] : undefined);
  return chosen ? ((await profileSources(around, chosen)).files[0] ?? null) : null;
}

/** What lies under every profile; null where there is none. */
export const commonFile = (around: Surroundings): Promise<SettingsFile | null> =>
  readOwnFile(around, settingsWords, join(folderOf(around), `${commonName}.env`));

/** Whether `common.env` sets a setting: it is then of all profiles, and of none by itself. */
export const isOfAllProfiles = ({ sources }: Pick<Config, 'sources'>, name: SettingName): boolean =>
  basename(sources.get(name) ?? '') === `${commonName}.env`;

/** The files of a profile. `usage` when its name is none, or one of them cannot be read or says what it cannot mean. */
export async function profileSources(
  around: Surroundings,
  { name, path: listed }: Profile,
): Promise<Pick<Sources, 'files' | 'profile'>> {
  const path = profilePath(around, name);
  if (key(name) === defaultProfile && /^default/i.test(basename(listed)))
    throw new EfakturError('usage', defaultLiesIn(listed, path), renameIt);
  const own = await readOwnFile(around, settingsWords, /\.env$/i.test(listed) ? listed : path);
  if (own === null) throw await notThere(around, name);
  const common = await commonFile(around);
  return { files: common === null ? [own] : [own, common], profile: name };
}

/** `usage` when there is none of that name, or several in other letters. */
async function namedProfile(around: Surroundings, name: string): Promise<Profile> {
  checkProfileName(name);
  const all = await listProfiles(around);
  const same = all.filter((one) => key(one.name) === key(name));
  const [first, second] = same;
  const exact = same.find((one) => one.name === name);
  if (exact) return exact;
  if (first === undefined) throw await notThere(around, name);
  if (second === undefined) return first;
  const names = same.map((one) => one.name);
  throw new EfakturError('usage', severalProfiles(name, names), profilesAre(names));
}

async function notThere(around: Surroundings, name: string): Promise<EfakturError> {
  const names = (await listProfiles(around)).map((one) => one.name).filter((one) => one !== name);
  const nearest = nearestName(name, names);
  const others: Text = names.length === 0 ? makeProfile(profilePath(around, name)) : profilesAre(names);
  return new EfakturError(
    'usage',
    noSuchProfile(shownProfile(name), folderOf(around)),
    nearest === null ? others : didYouMean(nearest),
  );
}

const folderOf = (here: Surroundings): string => configFolder({ ...here, env: namesAsAsked(here) });

/** What is the same name to a person: file systems differ in letters, and in how they write an accent. */
const key = (name: string): string => name.normalize('NFC').toLowerCase();

/** As it may stand in a message. */
export const shownProfile = (name: string): string =>
  name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
