import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { expect, test } from 'vitest';
import { isEfakturError } from '../src/base/errors.ts';
import { configFolder, loadConfig, type Surroundings, settingNames, splitStores } from '../src/config.ts';
import { codeOf } from './base/failures.ts';
import { tempFolder } from './base/temp-folder.ts';

/** A user's surroundings in a folder of their own. */
async function surroundings(
  env: Record<string, string | undefined> = {},
  more: Partial<Surroundings> = {},
): Promise<Surroundings> {
  const root = await tempFolder();
  await mkdir(join(root, 'here'));
  return {
    env,
    currentFolder: join(root, 'here'),
    homeFolder: join(root, 'home'),
    hostName: 'PC-Kasir',
    platform: 'linux',
    systemZone: 'Asia/Makassar',
    ...more,
  };
}
async function writeEnv(path: string, text: string | Buffer): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
}
const homeEnv = (around: Surroundings): string => join(around.homeFolder, '.config', 'efaktur-cloud', '.env');
const messageOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!isEfakturError(error, 'usage')) throw new Error(`no usage error: ${error}`);
  return `${error.message}\n${error.hint}`;
};

test('flags win over the environment, that over the env file, that over the defaults', async () => {
  const around = await surroundings({ EFAKTUR_APP_DIR: '/env' });
  const path = await writeEnv(
    join(around.currentFolder, '.env'),
    'EFAKTUR_APP_DIR=/file\nEFAKTUR_STORE=/file-store\n',
  );
  const config = await loadConfig(around, undefined);
  expect(config.envFile).toBe(path);
  expect(config.setting('EFAKTUR_APP_DIR', { name: '--app', value: '/flag' })).toEqual({
    value: '/flag',
    where: '--app',
  });
  expect(config.setting('EFAKTUR_APP_DIR', { name: '--app', value: undefined })).toEqual({
    value: '/env',
    where: 'EFAKTUR_APP_DIR',
  });
  expect(config.setting('EFAKTUR_STORE')).toEqual({
    value: '/file-store',
    where: `EFAKTUR_STORE in ${path}`,
  });
  expect(config.setting('EFAKTUR_RECIPIENTS')).toBeNull();
});

test('an empty value is none', async () => {
  const around = await surroundings({ EFAKTUR_STORE: '', EFAKTUR_APP_DIR: undefined, EFAKTUR_TIMEZONE: '' });
  await writeEnv(join(around.currentFolder, '.env'), 'EFAKTUR_STORE=/file\nEFAKTUR_APP_DIR=\n');
  const config = await loadConfig(around, undefined);
  expect(config.setting('EFAKTUR_STORE')?.value).toBe('/file');
  expect(config.setting('EFAKTUR_APP_DIR')).toBeNull();
  expect(config.zone).toBe('Asia/Makassar');
});

test('without anything the defaults hold', async () => {
  const around = await surroundings();
  const config = await loadConfig(around, undefined);
  expect(config).toMatchObject({
    zone: 'Asia/Makassar',
    stateDir: join(around.homeFolder, '.local/state/efaktur-cloud'),
    originName: 'pc-kasir',
    connectionEnv: {},
    envFile: null,
    warnings: [],
  });
});

test("the user's own folders follow the platform", async () => {
  const around = await surroundings({ XDG_CONFIG_HOME: '/x/config', XDG_STATE_HOME: '/x/state' });
  expect(configFolder(around)).toBe(join('/x/config', 'efaktur-cloud'));
  expect((await loadConfig(around, undefined)).stateDir).toBe(join('/x/state', 'efaktur-cloud'));
  const windows = await surroundings({ APPDATA: '/appdata', LOCALAPPDATA: '/local' }, { platform: 'win32' });
  expect(configFolder(windows)).toBe(join('/appdata', 'efaktur-cloud'));
  expect((await loadConfig(windows, undefined)).stateDir).toBe(join('/local', 'efaktur-cloud'));
  const bare = await surroundings({}, { platform: 'win32' });
  expect(configFolder(bare)).toBe(join(bare.homeFolder, 'AppData', 'Roaming', 'efaktur-cloud'));
});

test('names are settings of their own', async () => {
  const around = await surroundings({ EFAKTUR_NAME: 'Kantor Pusat', EFAKTUR_STATE_DIR: '/state' });
  expect(await loadConfig(around, undefined)).toMatchObject({
    originName: 'kantor-pusat',
    stateDir: '/state',
  });
});

test('a .env here is taken only when it names a setting of ours; else the one in the config folder', async () => {
  const around = await surroundings();
  await writeEnv(homeEnv(around), 'EFAKTUR_STORE=/home-store\n');
  const here = join(around.currentFolder, '.env');
  const chosen = async (): Promise<string | null> => (await loadConfig(around, undefined)).envFile;
  expect(await chosen()).toBe(homeEnv(around));
  await writeEnv(here, 'DATABASE_URL=x\nAWS_REGION=of-another-program\n');
  expect(await chosen()).toBe(homeEnv(around));
  expect((await loadConfig(around, undefined)).connectionEnv).toEqual({});
  await writeEnv(here, '# EFAKTUR_STORE=/commented\n');
  expect(await chosen()).toBe(homeEnv(around));
  await writeEnv(here, 'DATABASE_URL=x\nEFAKTUR_STORE=/here-store\n');
  expect(await chosen()).toBe(here);
  expect((await loadConfig(around, undefined)).setting('EFAKTUR_STORE')?.value).toBe('/here-store');
});

test('--env-file is taken as it is, instead of the others', async () => {
  const around = await surroundings();
  await writeEnv(join(around.currentFolder, '.env'), 'EFAKTUR_STORE=/here\n');
  const named = await writeEnv(join(around.homeFolder, 'my.env'), 'AWS_REGION=ap-southeast-3\n');
  const config = await loadConfig(around, named);
  expect(config.envFile).toBe(named);
  expect(config.setting('EFAKTUR_STORE')).toBeNull();
  expect(config.connectionEnv).toEqual({ AWS_REGION: 'ap-southeast-3' });
  expect(await messageOf(loadConfig(around, join(around.homeFolder, 'absent.env')))).toContain('absent.env');
  expect(await codeOf(loadConfig(around, around.homeFolder))).toBe('usage');
});

test('a file that Notepad saved is read; UTF-16 is an error, not an empty file', async () => {
  const around = await surroundings();
  const path = join(around.currentFolder, '.env');
  const text = 'EFAKTUR_STORE=D:\\Backup\\new\r\nEFAKTUR_NAME=kasir\r\n';
  await writeEnv(path, `\ufeff${text}`);
  const config = await loadConfig(around, undefined);
  expect(config.setting('EFAKTUR_STORE')?.value).toBe('D:\\Backup\\new');
  expect(config.originName).toBe('kasir');
  for (const bytes of [
    Buffer.from(`\ufeff${text}`, 'utf16le'),
    Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  ]) {
    await writeEnv(path, bytes);
    expect(await messageOf(loadConfig(around, undefined))).toContain(path);
  }
});

test.each([
  ['EFAKTUR_STOER', 'EFAKTUR_STORE'],
  ['EFAKTUR_APPDIR', 'EFAKTUR_APP_DIR'],
  ['efaktur_store', 'EFAKTUR_STORE'],
  ['EFAKTUR_', null],
])('%s is an error that proposes %s', async (name, nearest) => {
  const inEnv = await messageOf(loadConfig(await surroundings({ [name]: 'x' }), undefined));
  expect(inEnv).toContain('the environment');
  expect(inEnv).toContain(name);
  if (nearest) expect(inEnv).toContain(nearest);
  const around = await surroundings();
  const path = await writeEnv(join(around.currentFolder, '.env'), `${name}=x\n`);
  const inFile = await messageOf(loadConfig(around, undefined));
  expect(inFile).toContain(path);
  if (nearest) expect(inFile).toContain(nearest);
});

test('other names are none of ours', async () => {
  const config = await loadConfig(await surroundings({ PATH: '/bin', MY_EFAKTUR_STORE: 'x' }), undefined);
  expect(config.connectionEnv).toEqual({});
});

test('what the connection needs is passed on, the environment first', async () => {
  const around = await surroundings({
    AWS_REGION: 'env',
    HTTPS_PROXY: 'http://proxy',
    no_proxy: 'localhost',
    AWS_PROFILE: '',
    SECRET: 'x',
  });
  await writeEnv(
    join(around.currentFolder, '.env'),
    "EFAKTUR_STORE=s3://b\nAWS_REGION=file\nAWS_ACCESS_KEY_ID=id\nAWS_SECRET_ACCESS_KEY='a#b c'\nAWS_PROFILE=file\nNODE_OPTIONS=x\n",
  );
  expect((await loadConfig(around, undefined)).connectionEnv).toEqual({
    AWS_REGION: 'env',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'a#b c',
    AWS_PROFILE: 'file',
    HTTPS_PROXY: 'http://proxy',
    no_proxy: 'localhost',
  });
});

test("the zone is the setting's, else the system's, else WIB with a note", async () => {
  const zoneOf = async (env: Record<string, string>, systemZone: string) => {
    const { zone, warnings } = await loadConfig(await surroundings(env, { systemZone }), undefined);
    return [zone, warnings.map((w) => w.code)];
  };
  expect(await zoneOf({ EFAKTUR_TIMEZONE: 'Asia/Jayapura' }, 'UTC')).toEqual(['Asia/Jayapura', []]);
  expect(await zoneOf({ EFAKTUR_TIMEZONE: 'UTC' }, 'UTC')).toEqual(['UTC', []]);
  expect(await zoneOf({}, 'Asia/Makassar')).toEqual(['Asia/Makassar', []]);
  for (const none of ['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT', '', 'Etc/Unknown'])
    expect(await zoneOf({}, none), none).toEqual(['Asia/Jakarta', ['default-timezone']]);
});

test('a value that cannot be is an error that names where it came from', async () => {
  const inEnv = await messageOf(loadConfig(await surroundings({ EFAKTUR_TIMEZONE: 'WIB' }), undefined));
  expect(inEnv).toContain('EFAKTUR_TIMEZONE: "WIB"');
  const around = await surroundings();
  const path = await writeEnv(join(around.currentFolder, '.env'), 'EFAKTUR_TIMEZONE=Jakarta\n');
  expect(await messageOf(loadConfig(around, undefined))).toContain(`EFAKTUR_TIMEZONE in ${path}`);
});

test('locks need days, a mode one of two', async () => {
  const lockOf = async (env: Record<string, string>) =>
    (await loadConfig(await surroundings(env), undefined)).lock;
  expect(await lockOf({})).toBeNull();
  expect(await lockOf({ EFAKTUR_LOCK_DAYS: '90' })).toEqual({ mode: 'governance', days: 90 });
  expect(await lockOf({ EFAKTUR_LOCK_DAYS: '1', EFAKTUR_LOCK_MODE: 'compliance' })).toEqual({
    mode: 'compliance',
    days: 1,
  });
  for (const env of [
    { EFAKTUR_LOCK_DAYS: '0' },
    { EFAKTUR_LOCK_DAYS: '-1' },
    { EFAKTUR_LOCK_DAYS: '1.5' },
    { EFAKTUR_LOCK_DAYS: 'ninety' },
    { EFAKTUR_LOCK_DAYS: '1e3' },
    { EFAKTUR_LOCK_DAYS: '99999' },
    { EFAKTUR_LOCK_MODE: 'compliance' },
    { EFAKTUR_LOCK_DAYS: '90', EFAKTUR_LOCK_MODE: 'Compliance' },
  ])
    expect(await codeOf(lockOf(env)), JSON.stringify(env)).toBe('usage');
});

test('stores are separated by semicolons', () => {
  expect(splitStores('s3://a/b')).toEqual(['s3://a/b']);
  expect(splitStores(' s3://a/b?x=1&y=2 ; D:\\Backup;; \\\\nas\\share ;')).toEqual([
    's3://a/b?x=1&y=2',
    'D:\\Backup',
    '\\\\nas\\share',
  ]);
  expect(splitStores(' ; ')).toEqual([]);
});

const example = join(import.meta.dirname, '..', '.env.example');
/** The names set in the example, commented out or not. */
async function exampleNames(): Promise<string[]> {
  const names = (await readFile(example, 'utf8')).matchAll(/^(?:# ?)?([A-Z][A-Z0-9_]+)=/gm);
  return [...new Set([...names].map((m) => m[1] ?? ''))];
}

test('.env.example names every setting there is, and no other', async () => {
  const names = await exampleNames();
  expect(names.filter((name) => name.startsWith('EFAKTUR_')).sort()).toEqual(
    Object.keys(settingNames).sort(),
  );
});

test('.env.example names what the README does for the connection', async () => {
  const readme = await readFile(join(import.meta.dirname, '..', 'README.md'), 'utf8');
  const shown = new Set(readme.match(/\b(?:AWS_[A-Z0-9_]+|HTTPS?_PROXY|NO_PROXY)\b/g));
  expect(shown.size).toBeGreaterThan(3);
  expect(await exampleNames()).toEqual(expect.arrayContaining([...shown]));
});

test('.env.example sets nothing as it is, and every line of it is accepted', async () => {
  const text = await readFile(example, 'utf8');
  expect(parse(text)).toEqual({});
  const around = await surroundings();
  const uncommented = text.replace(/^# ?([A-Z][A-Z0-9_]+=)/gm, '$1');
  await writeEnv(join(around.currentFolder, '.env'), uncommented);
  const config = await loadConfig(around, undefined);
  for (const name of Object.keys(settingNames) as (keyof typeof settingNames)[])
    expect(config.setting(name)?.value, name).toBeTruthy();
  expect(config.setting('EFAKTUR_APP_DIR')?.value).toBe(
    'C:\\Program Files\\Direktorat Jenderal Pajak\\e-Faktur',
  );
  const names = (await exampleNames()).filter((name) => !name.startsWith('EFAKTUR_'));
  expect(Object.keys(config.connectionEnv).sort()).toEqual(names.sort());
});
