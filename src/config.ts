import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { EfakturError, systemCode } from './base/errors.ts';
import { isZone } from './base/local-time.ts';
import { proposal } from './base/nearest.ts';
import type { Warning } from './base/progress.ts';
import { cleanOriginName } from './catalog/names.ts';

/**
 * Settings and where each came from: flags > environment > env file > defaults. The only reader of the environment
 * beside the entry.
 */

/** Every `EFAKTUR_` name there is, with what it does; `.env.example` is compared with it. */
export const settingNames = {
  EFAKTUR_APP_DIR: 'the e-Faktur folder',
  EFAKTUR_STORE: 'where backups go: one or more s3:// or folder addresses, separated by ;',
  EFAKTUR_TIMEZONE: 'IANA name of the zone that days are counted in',
  EFAKTUR_NAME: 'name of this PC in the store',
  EFAKTUR_STATE_DIR: 'folder for the local record and the spool',
  EFAKTUR_LIMIT_UPLOAD: 'how fast to send, such as 2MiB/s',
  EFAKTUR_LIMIT_DOWNLOAD: 'how fast to fetch, such as 2MiB/s',
  EFAKTUR_LOCK_DAYS: 'days for which nothing stored can be deleted, on a bucket with object lock',
  EFAKTUR_LOCK_MODE: 'governance or compliance',
  EFAKTUR_FULL_EVERY: 'days after which a new full backup is sent (30)',
  EFAKTUR_RECIPIENTS: 'public keys (age1…) that backups are encrypted to, separated by spaces or commas',
  EFAKTUR_IDENTITY_FILE: 'file with the secret key that opens encrypted backups',
  EFAKTUR_IDENTITY_COMMAND: 'command that prints that secret key',
} as const;

export type SettingName = keyof typeof settingNames;

/** Names from the env file that reach the AWS SDK and the connection. */
const passedOn = /^(AWS_[A-Z0-9_]+|HTTPS?_PROXY|NO_PROXY)$/i;

export interface Setting {
  readonly value: string;
  /** For messages: `--store`, `EFAKTUR_STORE`, `EFAKTUR_STORE in /…/.env`, `the default`. */
  readonly where: string;
}

export interface LockSettings {
  readonly mode: 'governance' | 'compliance';
  readonly days: number;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly currentFolder: string;
  readonly homeFolder: string;
  readonly hostName: string;
  readonly platform: NodeJS.Platform;
  readonly systemZone: string;
}

export interface Config {
  /** A setting from flags (if given), environment or env file; null when nowhere set. */
  setting(
    name: SettingName,
    flag?: { readonly name: string; readonly value: string | undefined },
  ): Setting | null;
  readonly zone: string;
  readonly stateDir: string;
  readonly originName: string;
  /** How long what is pushed stays locked; null without locks. */
  readonly lock: LockSettings | null;
  /** Nothing leans on a full uploaded longer ago than this. */
  readonly fullEveryDays: number;
  /** `AWS_*` and proxy settings: those of the environment, then those of the env file. */
  readonly connectionEnv: Readonly<Record<string, string>>;
  /** The env file read, if any. */
  readonly envFile: string | null;
  readonly warnings: readonly Warning[];
}

/** Reads the configuration; `usage` for an unknown `EFAKTUR_` name, an env file that is not there or a value that cannot be. */
export async function loadConfig(around: Surroundings, envFileFlag: string | undefined): Promise<Config> {
  const file = await readEnvFile(around, envFileFlag);
  const fromEnv = (name: string): Setting | null => {
    const value = around.env[name];
    if (value !== undefined && value !== '') return { value, where: name };
    const inFile = file?.values[name];
    return inFile !== undefined && inFile !== ''
      ? { value: inFile, where: `${name} in ${file?.path}` }
      : null;
  };
  checkNames(Object.keys(around.env), 'the environment');
  if (file) checkNames(Object.keys(file.values), file.path);

  const connectionEnv: Record<string, string> = {};
  for (const source of [file?.values ?? {}, around.env]) {
    for (const [name, value] of Object.entries(source))
      if (value && passedOn.test(name)) connectionEnv[name] = value;
  }
  const { zone, warnings } = chooseZone(fromEnv('EFAKTUR_TIMEZONE'), around);
  return {
    setting: (name, flag) =>
      flag?.value !== undefined ? { value: flag.value, where: flag.name } : fromEnv(name),
    zone,
    stateDir: fromEnv('EFAKTUR_STATE_DIR')?.value ?? defaultStateDir(around),
    originName: cleanOriginName(fromEnv('EFAKTUR_NAME')?.value ?? around.hostName),
    lock: chooseLock(fromEnv('EFAKTUR_LOCK_DAYS'), fromEnv('EFAKTUR_LOCK_MODE')),
    fullEveryDays: days(fromEnv('EFAKTUR_FULL_EVERY')) ?? defaultFullEveryDays,
    connectionEnv,
    envFile: file?.path ?? null,
    warnings,
  };
}

function checkNames(names: readonly string[], where: string): void {
  const known = Object.keys(settingNames);
  for (const name of names) {
    if (!/^EFAKTUR_/i.test(name) || known.includes(name)) continue;
    throw new EfakturError(
      'usage',
      `${where} sets ${name}, which is no setting of efaktur-cloud`,
      proposal(name, known, 'README.md has the table of settings.'),
    );
  }
}

const defaultFullEveryDays = 30;

function days(setting: Setting | null): number | null {
  if (!setting) return null;
  const value = Number(setting.value);
  if (/^\d+$/.test(setting.value) && value >= 1 && value <= 36_500) return value;
  throw new EfakturError(
    'usage',
    `${setting.where}: "${setting.value}" is not a number of days`,
    'Write a whole number of days, such as 30.',
  );
}

function chooseLock(lockDays: Setting | null, mode: Setting | null): LockSettings | null {
  const value = days(lockDays);
  if (mode && mode.value !== 'governance' && mode.value !== 'compliance') {
    throw new EfakturError(
      'usage',
      `${mode.where}: "${mode.value}" is no lock mode`,
      'Write governance or compliance.',
    );
  }
  if (mode && value === null) {
    throw new EfakturError(
      'usage',
      `${mode.where} is set, but EFAKTUR_LOCK_DAYS is not`,
      'Set EFAKTUR_LOCK_DAYS to the days for which backups are locked.',
    );
  }
  return value === null
    ? null
    : { days: value, mode: mode?.value === 'compliance' ? 'compliance' : 'governance' };
}

function chooseZone(setting: Setting | null, around: Surroundings): Pick<Config, 'zone' | 'warnings'> {
  if (setting) {
    if (isZone(setting.value)) return { zone: setting.value, warnings: [] };
    throw new EfakturError(
      'usage',
      `${setting.where}: "${setting.value}" is not a time zone`,
      'Write Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT).',
    );
  }
  const { systemZone } = around;
  if (!['UTC', 'Etc/UTC', 'Etc/GMT', 'GMT'].includes(systemZone) && isZone(systemZone))
    return { zone: systemZone, warnings: [] };
  const message =
    'this system has no local time zone, so days are counted in Asia/Jakarta (WIB); set EFAKTUR_TIMEZONE to change that';
  return { zone: 'Asia/Jakarta', warnings: [{ code: 'default-timezone', message }] };
}

interface EnvFile {
  readonly path: string;
  readonly values: Record<string, string>;
}

async function readEnvFile(around: Surroundings, flag: string | undefined): Promise<EnvFile | null> {
  const read = async (path: string): Promise<EnvFile | null> => {
    try {
      const bytes = await readFile(path);
      // dotenv would find nothing in it, and every setting would be ignored without a word.
      if (bytes.length >= 2 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE(0))) throw notUtf8(path);
      return { path, values: parse(bytes) };
    } catch (error) {
      if (error instanceof EfakturError) throw error;
      if (systemCode(error) === 'ENOENT' && path !== flag) return null;
      throw new EfakturError(
        'usage',
        `the env file ${path} cannot be read (${systemCode(error)})`,
        'Check --env-file.',
        error,
      );
    }
  };
  if (flag !== undefined) return read(flag);
  const here = await read(join(around.currentFolder, '.env'));
  // A folder's .env may belong to any program; it is ours only when it says so.
  if (here && Object.keys(here.values).some((name) => /^EFAKTUR_/i.test(name))) return here;
  return read(join(configFolder(around), '.env'));
}

const notUtf8 = (path: string): EfakturError =>
  new EfakturError(
    'usage',
    `the env file ${path} is not plain text but UTF-16`,
    'Save it again with the encoding UTF-8.',
  );

/** The user's folder for settings. */
export function configFolder({ env, homeFolder, platform }: Surroundings): string {
  if (platform === 'win32')
    return join(env.APPDATA ?? join(homeFolder, 'AppData', 'Roaming'), 'efaktur-cloud');
  return join(env.XDG_CONFIG_HOME ?? join(homeFolder, '.config'), 'efaktur-cloud');
}

function defaultStateDir({ env, homeFolder, platform }: Surroundings): string {
  if (platform === 'win32')
    return join(env.LOCALAPPDATA ?? join(homeFolder, 'AppData', 'Local'), 'efaktur-cloud');
  return join(env.XDG_STATE_HOME ?? join(homeFolder, '.local', 'state'), 'efaktur-cloud');
}

const rateUnits: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
};

/** Bytes a second of `2MiB/s`, `500kB/s` or a number of bytes; null when nothing is set, `usage` when it is no speed. */
export function parseRate(setting: Setting | null): number | null {
  if (!setting) return null;
  const m = /^(\d+(?:\.\d+)?)\s*(|k|m|g|ki|mi|gi)b?(?:\/s|ps)?$/i.exec(setting.value.trim());
  const rate = Number(m?.[1]) * (rateUnits[(m?.[2] ?? '').toLowerCase()] ?? Number.NaN);
  if (rate >= 1024) return rate;
  throw new EfakturError(
    'usage',
    `${setting.where}: "${setting.value}" is not a speed of at least 1 KiB/s`,
    'Write it as 2MiB/s or 500kB/s.',
  );
}

/** The store addresses of a setting value: separated by `;`, blanks around them ignored. */
export const splitStores = (value: string): string[] =>
  value
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
