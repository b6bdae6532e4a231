import { stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EfakturError } from '../base/errors.ts';
import { expandPath, expandStoreAddress } from '../base/path-variables.ts';
import type { Warning } from '../base/progress.ts';
import { isAgeKey, looksLikeSecret } from '../base/secret.ts';
import { shellQuoted } from '../base/shell-quote.ts';
import { type Language, type Text, verbatim } from '../base/text.ts';
import { cleanOriginName } from '../catalog/names.ts';
import {
  connectionNames,
  isConnectionName,
  isOfMessages,
  isPathName,
  isSecretSetting,
  isShownName,
  notifySecrets,
} from './connection-settings.ts';
import { refuseInFound } from './found-settings.ts';
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
import { type NamedFile, readSettingsFile, type SettingsFile } from './settings-place.ts';
import { configFolder, defaultStateDir, namesAsAsked, type Surroundings } from './surroundings.ts';
import {
  beginsWithQuote,
  keyReadableByOthers,
  leaveQuotesOut,
  looksLikeKey,
  noSuchSetting,
  settingInFile,
  theEnvironment,
  valueInEnvironment,
  whereKeysGo,
} from './texts.ts';

/**
 * Settings and where each came from: flags > environment > settings file > defaults. The only reader of the environment
 * beside the entry.
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
const settingsWords: SettingsWords = {
  settings: settingNames,
  connection: connectionNames,
  isConnection: isConnectionName,
};

export interface Config {
  /** A setting from environment or settings file; null when nowhere set. */
  setting(name: SettingName): Setting | null;
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
  /** `AWS_*` and proxy settings: those of the environment, then those of the settings file. */
  readonly connectionEnv: Readonly<Record<string, string>>;
  /** For programs that are started to ask for a key: the environment, and those of the settings file. */
  readonly programEnv: Readonly<Record<string, string | undefined>>;
  /** The settings file read, if any: a whole path, or as a flag names it. */
  readonly settingsFile: string | null;
  readonly warnings: readonly Warning[];
}

/**
 * Reads the configuration, with the settings file at a path or the one that is found. `usage` for an unknown `EFAKTUR_` name, a
 * file that is not there or a value that cannot be.
 */
export const loadConfig = (around: Surroundings, settingsFile: string | undefined): Promise<Config> =>
  configOf(around, settingsFile === undefined ? null : { flag: '--settings', path: settingsFile });

async function configOf(here: Surroundings, named: NamedFile | null): Promise<Config> {
  const around: Surroundings = { ...here, env: namesAsAsked(here) };
  const file = await readSettingsFile(around, settingsWords, named);
  if (file?.isFound) refuseInFound(file, join(configFolder(around), '.env'));
  const fromEnv = (name: SettingName): Setting | null => {
    const value = around.env[name];
    if (value !== undefined && value !== '') return expanded(name, { value, where: verbatim(name) }, around);
    const inFile = file?.values[name] ?? '';
    return file && inFile !== ''
      ? expanded(name, { value: inFile, where: settingInFile(name, file.path) }, around, file)
      : null;
  };
  checkEnvironment(around.env);

  const connectionEnv: Record<string, string> = {};
  for (const [source, values] of [[file, file?.values ?? {}] as const, [null, around.env] as const]) {
    for (const [name, value] of Object.entries(values)) {
      if (!value || !isConnectionName(name)) continue;
      if (isShownName(name)) refuseSecret(value, verbatim(name));
      connectionEnv[name] = isPathName(name)
        ? fromItsFile(expandPath(value, verbatim(name), around), source)
        : value;
    }
  }
  const { zone, warnings } = chooseZone(fromEnv('EFAKTUR_TIMEZONE'), around.systemZone);
  const identityFile = fromEnv('EFAKTUR_IDENTITY_FILE');
  const language = fromEnv('EFAKTUR_LANG');
  return {
    setting: fromEnv,
    language: language && chooseLanguage(language),
    zone,
    stateDir: fromEnv('EFAKTUR_STATE_DIR')?.value ?? defaultStateDir(around),
    originName: cleanOriginName(fromEnv('EFAKTUR_NAME')?.value ?? around.hostName),
    lock: chooseLock(fromEnv('EFAKTUR_LOCK_DAYS'), fromEnv('EFAKTUR_LOCK_MODE')),
    fullEveryDays: days(fromEnv('EFAKTUR_FULL_EVERY')) ?? defaultDays.EFAKTUR_FULL_EVERY,
    rereadEveryDays: days(fromEnv('EFAKTUR_REREAD_EVERY')) ?? defaultDays.EFAKTUR_REREAD_EVERY,
    connectionEnv,
    programEnv: { ...ownSettings(file?.values ?? {}), ...given(around.env), ...connectionEnv },
    settingsFile: file?.path ?? null,
    warnings: [
      ...warnings,
      ...(file && Object.entries(file.values).some(isSecretSetting)
        ? await readableByOthers(file.path, around)
        : []),
      ...(identityFile && !isAgeKey(identityFile.value)
        ? await readableByOthers(identityFile.value, around)
        : []),
    ],
  };
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

/** Of a file that other programs use, too, what is for this one. */
const ownSettings = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([name]) => isSetting(name) && !isOfMessages(name)));

/** An empty value is none. */
const given = (env: Surroundings['env']): Surroundings['env'] =>
  Object.fromEntries(Object.entries(env).filter(([name, value]) => value !== '' || !isSetting(name)));

const isSetting = (name: string): boolean => settingsWords.settings.includes(name) || isConnectionName(name);

/**
 * The settings of one store from a file of its own: nothing of the environment's keys and settings counts for it, so that two
 * stores in one command have each their own. `usage` as {@link loadConfig}.
 */
export function loadStoreSettings(around: Surroundings, path: string, flag = '--settings'): Promise<Config> {
  const env = Object.fromEntries(
    Object.entries(around.env).filter(([name]) => !/^(EFAKTUR|AWS)_/i.test(name)),
  );
  return configOf({ ...around, env }, { flag, path });
}

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
