import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EfakturError } from '../base/errors.ts';
import { expandPath, expandStoreAddress } from '../base/path-variables.ts';
import type { Warning } from '../base/progress.ts';
import { isAgeKey, looksLikeSecret } from '../base/secret.ts';
import { shellQuoted } from '../base/shell-quote.ts';
import { type Language, type Text, verbatim } from '../base/text.ts';
import { cleanOriginName } from '../catalog/names.ts';
import type { PruneRules } from '../catalog/prune-rules.ts';
import {
  connectionNames,
  isConnectionName,
  isOfMessages,
  isPathName,
  isSecretSetting,
  isShownName,
  notifySecrets,
} from './connection-settings.ts';
import { beaten, over, overEach, type Values, valuesOf } from './layers.ts';
import {
  chooseLanguage,
  chooseLock,
  chooseZone,
  days,
  type LockSettings,
  type Setting,
  splitStores,
} from './setting-values.ts';
import { nearestText, refuseInvisible, type SettingsWords, shownName } from './settings-file.ts';
import type { SettingsFile } from './settings-place.ts';
import { defaultStateDir, namesAsAsked, type Surroundings } from './surroundings.ts';
import {
  beginsWithQuote,
  halfKey,
  keyReadableByOthers,
  leaveQuotesOut,
  looksLikeKey,
  noSuchSetting,
  profileBeatsEnvironment,
  setBothOrNeither,
  settingInFile,
  theEnvironment,
  valueInEnvironment,
  whereKeysGo,
} from './texts.ts';

/**
 * What the settings of a profile, of other files and of the environment come to, and where each came from. The only reader of
 * the environment beside the entry.
 */

/** What holds where these are not set. */
export const defaultDays = { EFAKTUR_FULL_EVERY: 30, EFAKTUR_REREAD_EVERY: 7 } as const;

/** Every `EFAKTUR_` name there is; `.env.example` and docs/COMMANDS.md say what each does, and are compared with these. */
export const settingNames = [
  'EFAKTUR_APP_DIR',
  'EFAKTUR_STORE',
  'EFAKTUR_LANG',
  'EFAKTUR_TIMEZONE',
  'EFAKTUR_NAME',
  'EFAKTUR_STATE_DIR',
  'EFAKTUR_LIMIT_UPLOAD',
  'EFAKTUR_LIMIT_DOWNLOAD',
  'EFAKTUR_LOCK_DAYS',
  'EFAKTUR_LOCK_MODE',
  'EFAKTUR_FULL_EVERY',
  'EFAKTUR_REREAD_EVERY',
  'EFAKTUR_PRUNE',
  'EFAKTUR_RECIPIENTS',
  'EFAKTUR_IDENTITY_FILE',
  'EFAKTUR_IDENTITY_COMMAND',
  'EFAKTUR_PING_URL',
  'EFAKTUR_NOTIFY_PRESET',
  'EFAKTUR_NOTIFY_TOKEN',
  'EFAKTUR_NOTIFY_TO',
  'EFAKTUR_NOTIFY_URL',
  'EFAKTUR_NOTIFY_METHOD',
  'EFAKTUR_NOTIFY_HEADERS',
  'EFAKTUR_NOTIFY_BODY',
  'EFAKTUR_NOTIFY_NAME',
] as const;

export type SettingName = (typeof settingNames)[number];

/** Settings that name a file or folder. A relative one starts from the folder of the file that names it, else the current one. */
const pathSettings: ReadonlySet<string> = new Set<SettingName>([
  'EFAKTUR_APP_DIR',
  'EFAKTUR_STATE_DIR',
  'EFAKTUR_IDENTITY_FILE',
]);

/** Settings that may hold a key, or judge by themselves whether they were given one. */
const secretSettings: ReadonlySet<string> = new Set<SettingName>([
  'EFAKTUR_RECIPIENTS',
  'EFAKTUR_IDENTITY_FILE',
  'EFAKTUR_IDENTITY_COMMAND',
  ...notifySecrets,
]);
export const settingsWords: SettingsWords = {
  settings: settingNames,
  connection: connectionNames,
  isConnection: isConnectionName,
};

export interface Config {
  /** The profile that is read; null for what is no file of the user's folder for settings. */
  readonly profile: string | null;
  /** Names of profiles where there are several and none is read; empty otherwise. */
  readonly unchosenProfiles: readonly string[];
  /** A setting from the environment or a settings file; null when nowhere set. */
  setting(name: SettingName): Setting | null;
  /** All that is set, by name, and the file that sets what counts; null for the environment. */
  readonly sources: ReadonlyMap<string, string | null>;
  /** Null when no setting chooses one. */
  readonly language: Language | null;
  readonly zone: string;
  readonly stateDir: string;
  readonly originName: string;
  /** How long what is pushed stays locked; null without locks. */
  readonly lock: LockSettings | null;
  /** Nothing leans on a full uploaded longer ago than this. */
  readonly fullEveryDays: number;
  /** In a folder, an archive not read for longer is read again before something leans on it. */
  readonly rereadEveryDays: number;
  /** By which `run` prunes; null where it does not. */
  readonly prune: PruneRules | null;
  /** `AWS_*` and proxy settings. */
  readonly connectionEnv: Readonly<Record<string, string>>;
  /** For programs that are started to ask for a key: the environment, with the settings that count. */
  readonly programEnv: Readonly<Record<string, string | undefined>>;
  /** The settings file read, if any: a whole path, or as a flag names it. */
  readonly settingsFile: string | null;
  readonly warnings: readonly Warning[];
}

/** Which sources a configuration has, and which of them counts more. */
export interface Sources {
  /** The one that counts most first. */
  readonly files: readonly SettingsFile[];
  /** The profile that the first of them is. */
  readonly profile: string | null;
  /** Profiles that might have been meant, where none was named and there are several. */
  readonly unchosen?: readonly string[];
  /** Whether the environment counts more than the files: as long as nobody has named a profile. */
  readonly isEnvironmentFirst: boolean;
}

/** The configuration that sources come to. `usage` for an unknown `EFAKTUR_` name, or a value that cannot be. */
export async function configFrom(
  here: Surroundings,
  { files, profile, unchosen = [], isEnvironmentFirst }: Sources,
): Promise<Config> {
  const around: Surroundings = { ...here, env: namesAsAsked(here) };
  checkEnvironment(around.env);
  const env = valuesOf(around.env, null);
  const ofFiles = files
    .map((file) => valuesOf(file.values, file))
    .reduceRight((lower, upper) => over(upper, lower), valuesOf({}, null));
  const all = isEnvironmentFirst ? overEach(env, ofFiles) : over(ofFiles, env);
  const setting = (name: SettingName): Setting | null => {
    const held = all.get(name);
    if (held === undefined) return null;
    const where = held.file ? settingInFile(name, held.file.path) : verbatim(name);
    return expanded(name, { value: held.value, where }, around, held.file);
  };

  if (profile !== null) refuseHalfKey(all);
  const connectionEnv: Record<string, string> = {};
  for (const [name, { value, file }] of all) {
    if (!isConnectionName(name)) continue;
    if (isShownName(name)) refuseSecret(value, verbatim(name));
    connectionEnv[name] = isPathName(name)
      ? fromItsFile(expandPath(value, verbatim(name), around), file)
      : value;
  }
  const { zone, warnings } = chooseZone(setting('EFAKTUR_TIMEZONE'), around.systemZone);
  const identityFile = setting('EFAKTUR_IDENTITY_FILE');
  const language = setting('EFAKTUR_LANG');
  const inVain = isEnvironmentFirst ? [] : beaten(ofFiles, env);
  return {
    profile,
    unchosenProfiles: unchosen,
    setting,
    sources: new Map(
      [...all].filter(([name]) => isSetting(name)).map(([name, { file }]) => [name, file?.path ?? null]),
    ),
    language: language && chooseLanguage(language),
    zone,
    stateDir: setting('EFAKTUR_STATE_DIR')?.value ?? defaultStateDir(around),
    originName: cleanOriginName(setting('EFAKTUR_NAME')?.value ?? around.hostName),
    lock: chooseLock(setting('EFAKTUR_LOCK_DAYS'), setting('EFAKTUR_LOCK_MODE')),
    fullEveryDays: days(setting('EFAKTUR_FULL_EVERY')) ?? defaultDays.EFAKTUR_FULL_EVERY,
    rereadEveryDays: days(setting('EFAKTUR_REREAD_EVERY')) ?? defaultDays.EFAKTUR_REREAD_EVERY,
    prune: await pruneRules(setting('EFAKTUR_PRUNE')),
    connectionEnv,
    programEnv: { ...ofOthers(around.env, all), ...ownSettings(all), ...connectionEnv },
    settingsFile: files[0]?.path ?? null,
    warnings: [
      ...warnings,
      ...(inVain.length > 0 ? [beatenNote(inVain, files)] : []),
      ...(await keysReadable(files, identityFile, around)),
    ],
  };
}

/** `usage` for one of the two that make a key: keys from elsewhere would be used in its place. */
function refuseHalfKey(all: Values): void {
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
  const missing = names.find((name) => !all.has(name));
  const half = all.get(names.find((name) => all.has(name)) ?? '');
  if (missing === undefined || !half?.file || all.has('AWS_PROFILE')) return;
  throw new EfakturError('usage', halfKey(half.file.path, missing), setBothOrNeither);
}

/** Of the environment, what is for other programs, and not for keys that do not count. */
const ofOthers = (env: Surroundings['env'], all: Values): Surroundings['env'] =>
  Object.fromEntries(
    Object.entries(env).filter(([name, value]) => !isSetting(name) && (!value || all.has(name))),
  );

/** What is for this program, also where a file is other programs', too. */
const ownSettings = (all: Values): Record<string, string> =>
  Object.fromEntries(
    [...all]
      .filter(([name]) => isSetting(name) && !isOfMessages(name))
      .map(([name, { value }]) => [name, value]),
  );

const isSetting = (name: string): boolean => settingsWords.settings.includes(name) || isConnectionName(name);

const beatenNote = (names: readonly string[], files: readonly SettingsFile[]): Warning => ({
  code: 'profile-beats-environment',
  message: profileBeatsEnvironment(
    names.map((name) => shownName(name).en),
    files.map(({ path }) => path),
  ),
});

async function keysReadable(
  files: readonly SettingsFile[],
  identityFile: Setting | null,
  around: Surroundings,
): Promise<Warning[]> {
  const ofKeys = files
    .filter((file) => Object.entries(file.values).some(isSecretSetting))
    .map(({ path }) => path);
  if (identityFile && !isAgeKey(identityFile.value)) ofKeys.push(identityFile.value);
  return (await Promise.all(ofKeys.map((path) => readableByOthers(path, around)))).flat();
}

/** Most commands prune nothing and load nothing for it. */
async function pruneRules(setting: Setting | null): Promise<PruneRules | null> {
  if (setting === null) return null;
  const { parsePruneRules } = await import('../catalog/prune-rules.ts');
  return parsePruneRules(setting.value, setting.where);
}

/** With what a command line gives in place of settings, by the names of its flags. */
export const withFlags = (
  config: Config,
  flags: Partial<Record<SettingName, { readonly name: string; readonly value: string | undefined }>>,
): Config => ({
  ...config,
  setting(name) {
    const flag = flags[name];
    return flag?.value === undefined
      ? config.setting(name)
      : { value: flag.value, where: verbatim(flag.name) };
  },
});

/** `usage` for a key where something else belongs: it would be shown as a name, or be one in a store. */
function refuseSecret(value: string, where: Text): void {
  if (!looksLikeSecret(value)) return;
  throw new EfakturError('usage', looksLikeKey(where), whereKeysGo);
}

/** A setting with what a shell would have put into its paths, these whole where a file names them. */
function expanded(
  name: SettingName,
  { value, where }: Setting,
  around: Surroundings,
  file: SettingsFile | null = null,
): Setting {
  if (!secretSettings.has(name)) for (const part of splitStores(value)) refuseSecret(part, where);
  // A key in the place of a file is told where it would be read.
  if (name === 'EFAKTUR_IDENTITY_FILE' && (isAgeKey(value) || looksLikeSecret(value)))
    return { value, where };
  if (pathSettings.has(name)) return { value: fromItsFile(expandPath(value, where, around), file), where };
  if (name !== 'EFAKTUR_STORE') return { value, where };
  const stores = splitStores(value).map((store) =>
    storeFromItsFile(expandStoreAddress(store, where, around), file),
  );
  return { value: stores.join(';'), where };
}

/** A path as it is meant by the settings file that names it: whoever runs the program stands anywhere. */
const fromItsFile = (path: string, file: SettingsFile | null): string =>
  // A drive letter or `\\server` begins a whole path on every system.
  file === null || isAbsolute(path) || /^([a-z]:|\\\\)/i.test(path) ? path : resolve(file.folder, path);

function storeFromItsFile(address: string, file: SettingsFile | null): string {
  if (/^((s3|file):|[a-z][a-z0-9+.-]+:\/\/)/i.test(address)) return address;
  const path = fromItsFile(address, file);
  // The folder of the file may have in its name what separates stores.
  return path !== address && path.includes(';') ? pathToFileURL(path).href.replaceAll(';', '%3B') : path;
}

/** Judges only what may be meant for this program: an environment is everybody's. */
function checkEnvironment(env: Surroundings['env']): void {
  for (const [name, value] of Object.entries(env)) {
    if (settingsWords.settings.includes(name)) {
      refuseInvisible(value ?? '', valueInEnvironment(name));
      // What `set NAME="value"` makes of it; a command may begin with the quoted path of its program.
      if (/^["']/.test(value ?? '') && name !== 'EFAKTUR_IDENTITY_COMMAND') {
        throw new EfakturError('usage', beginsWithQuote(valueInEnvironment(name)), leaveQuotesOut(name));
      }
      continue;
    }
    const isMisspelt = settingsWords.settings.includes(name.replace(/[^a-z0-9]+/gi, '_').toUpperCase());
    if (!isMisspelt && !/^EFAKTUR_/i.test(name)) continue;
    const hint = nearestText(name, settingsWords.settings, '');
    throw new EfakturError('usage', noSuchSetting(theEnvironment, shownName(name)), hint);
  }
}

/** A note on a file of keys that other users of this PC can read, with what to do about it. */
async function readableByOthers(
  named: string,
  { currentFolder, platform }: Surroundings,
): Promise<Warning[]> {
  // Windows keeps no such modes, and what Node.js shows there means nothing.
  if (platform === 'win32') return [];
  const path = resolve(currentFolder, named);
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) return [];
  // A group may have been given the file on purpose, but not by a user who owns it alone.
  const isOwn = info.uid === process.getuid?.();
  if ((info.mode & (isOwn ? 0o044 : 0o004)) === 0) return [];
  const message = keyReadableByOthers(path, isOwn ? '600' : 'o=', shellQuoted(path));
  return [{ code: 'keys-readable', message }];
}
