import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'dotenv';
import { describe, expect, test } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { verbatim } from '../../src/base/text.ts';
import { settingNames, withFlags } from '../../src/settings/config.ts';
import { awsNames } from '../../src/settings/connection-settings.ts';
import { loadConfig } from '../../src/settings/load.ts';
import { splitStores } from '../../src/settings/setting-values.ts';
import { configFolder, machineConfigFolder, type Surroundings } from '../../src/settings/surroundings.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { inEnglish } from '../support/english.ts';
import { allGuides } from '../support/guides.ts';

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
    systemLocale: 'C',
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
  return `${error.message}\n${error.hint.en}`;
};

test('flags win over the environment, that over the env file, that over the defaults', async () => {
  const around = await surroundings({ EFAKTUR_APP_DIR: '/env' });
  const path = await writeEnv(
    join(around.currentFolder, '.env'),
    'EFAKTUR_APP_DIR=/file\nEFAKTUR_STORE=/file-store\n',
  );
  const config = await loadConfig(around, undefined);
  expect(config.settingsFile).toBe(path);
  expect(
    withFlags(config, { EFAKTUR_APP_DIR: { name: '--app', value: '/flag' } }).setting('EFAKTUR_APP_DIR'),
  ).toEqual({
    value: '/flag',
    where: verbatim('--app'),
  });
  expect(
    withFlags(config, { EFAKTUR_APP_DIR: { name: '--app', value: undefined } }).setting('EFAKTUR_APP_DIR'),
  ).toEqual({
    value: '/env',
    where: verbatim('EFAKTUR_APP_DIR'),
  });
  expect(config.setting('EFAKTUR_STORE')).toEqual({
    value: '/file-store',
    where: { en: `EFAKTUR_STORE in ${path}`, id: `EFAKTUR_STORE di ${path}` },
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
    settingsFile: null,
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

test("no current folder passes for the user's own", async () => {
  for (const folder of ['', '.', 'settings']) {
    const around = await surroundings({ XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder });
    expect(configFolder(around)).toBe(join(around.homeFolder, '.config', 'efaktur-cloud'));
    expect((await loadConfig(around, undefined)).stateDir).toBe(
      join(around.homeFolder, '.local', 'state', 'efaktur-cloud'),
    );
    const windows = await surroundings(
      { APPDATA: folder, LOCALAPPDATA: folder, ProgramData: folder },
      { platform: 'win32' },
    );
    expect(configFolder(windows)).toBe(join(windows.homeFolder, 'AppData', 'Roaming', 'efaktur-cloud'));
    expect((await loadConfig(windows, undefined)).stateDir).toBe(
      join(windows.homeFolder, 'AppData', 'Local', 'efaktur-cloud'),
    );
    expect(machineConfigFolder(windows)).toBeNull();
  }
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
  const chosen = async (): Promise<string | null> => (await loadConfig(around, undefined)).settingsFile;
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

test('--settings is taken as it is, instead of the others', async () => {
  const around = await surroundings();
  await writeEnv(join(around.currentFolder, '.env'), 'EFAKTUR_STORE=/here\n');
  const named = await writeEnv(join(around.homeFolder, 'my.env'), 'AWS_REGION=ap-southeast-3\n');
  const config = await loadConfig(around, named);
  expect(config.settingsFile).toBe(named);
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

test('quotes that the Windows command prompt left around a value are an error', async () => {
  for (const value of ['"D:\\Backup"', "'/mnt/nas'", '"D:\\Backup";"E:\\Backup"']) {
    const message = await messageOf(loadConfig(await surroundings({ EFAKTUR_STORE: value }), undefined));
    expect(message).toContain('the value of EFAKTUR_STORE in the environment begins with a quote');
    expect(message).toContain('set "EFAKTUR_STORE=…"');
  }
  const command = '"C:\\Program Files\\pass.exe" show kunci';
  await expect(
    loadConfig(await surroundings({ EFAKTUR_IDENTITY_COMMAND: command }), undefined),
  ).resolves.toBeTruthy();
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
  const path = await writeEnv(
    join(around.homeFolder, 'x.env'),
    "EFAKTUR_STORE=s3://b\nAWS_REGION=file\nAWS_ACCESS_KEY_ID=id\nAWS_SECRET_ACCESS_KEY='a#b c'\nAWS_PROFILE=file\n",
  );
  expect((await loadConfig(around, path)).connectionEnv).toEqual({
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

describe('every line of a settings file is judged', () => {
  const key = `age1${'q'.repeat(58)}`;
  /** What becomes of a file with this text: as `--settings`, in the config folder, or as a `.env` that was not named. */
  async function judge(text: string | Buffer, place: 'named' | 'own' | 'here' = 'named') {
    const around = await surroundings();
    const path =
      place === 'own'
        ? homeEnv(around)
        : join(around.currentFolder, place === 'here' ? '.env' : 'efaktur.env');
    await writeEnv(path, text);
    return { path, load: () => loadConfig(around, place === 'named' ? path : undefined) };
  }

  test.each([
    [`EFAKTUR_RECIPIENTS : ${key}`, 'EFAKTUR_RECIPIENTS'],
    [`set EFAKTUR_RECIPIENTS=${key}`, 'EFAKTUR_RECIPIENTS'],
    [`SET EFAKTUR_RECIPIENTS=${key}`, 'EFAKTUR_RECIPIENTS'],
    [`$env:EFAKTUR_RECIPIENTS = "${key}"`, 'EFAKTUR_RECIPIENTS'],
    [`EFAKTUR-RECIPIENTS=${key}`, 'EFAKTUR_RECIPIENTS'],
    [`EFAKTUR RECIPIENTS=${key}`, 'EFAKTUR_RECIPIENTS'],
    [`efaktur_recipients=${key}`, 'EFAKTUR_RECIPIENTS'],
    [`E-FAKTUR_RECIPIENTS=${key}`, 'EFAKTUR_RECIPIENTS'],
    ['EFAKTUR_RECIPIENTS', 'EFAKTUR_RECIPIENTS'],
    [`EFAKTUR_RECIPIENTS ${key}`, 'EFAKTUR_RECIPIENTS'],
    [`\u200bEFAKTUR_RECIPIENTS=${key}`, 'EFAKTUR_RECIPIENTS'],
    ['"EFAKTUR_STORE=/mnt/nas"', 'EFAKTUR_STORE'],
    ['EFAKTUR_STOER=/mnt/nas', 'EFAKTUR_STORE'],
  ])('%s, wherever it stands', async (line, nearest) => {
    for (const place of ['named', 'own', 'here'] as const) {
      const { path, load } = await judge(`# mine\n\n${line}\n`, place);
      const message = await messageOf(load());
      expect(message).toContain(`${path}, line 3 `);
      expect(message).toContain(`Did you mean ${nearest}=`);
      expect(message).not.toContain(key);
    }
  });

  test.each([
    [`RECIPIENTS=${key}`, 'EFAKTUR_RECIPIENTS'],
    ['ENDPOINT_URL_S3=https://s3.example.com', 'AWS_ENDPOINT_URL_S3'],
    ['aws_region=x', 'AWS_REGION'],
    ['HTTP_PROXI=http://x', 'HTTP_PROXY'],
    [key, ''],
    ['wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY=', ''],
    ['wJalrXUtnFEMIxK7MDENGxbPxRfiCYEXAMPLEKEY=x', ''],
  ])('%s, where the file is ours alone', async (line, nearest) => {
    for (const place of ['named', 'own'] as const) {
      const { path, load } = await judge(`EFAKTUR_NAME=kasir\r\n${line}\r\n`, place);
      const message = await messageOf(load());
      expect(message).toContain(`${path}, line 2 `);
      expect(message).toContain(nearest);
      expect(message).not.toMatch(/q{20}|wJalrX/);
    }
  });

  test('what is no setting in a .env that was not named is none of ours', async () => {
    const foreign = `RECIPIENTS=${key}\nset X=1\nDB=efaktur\nKEY="a\nb"\nAWS_REGION=x\nAWS_REGION=y\n`;
    const { load } = await judge(`${foreign}export EFAKTUR_STORE=/mnt/nas\n`, 'here');
    const config = await load();
    expect(config.setting('EFAKTUR_STORE')?.value).toBe('/mnt/nas');
    expect(config.connectionEnv).toEqual({ AWS_REGION: 'y' });
    expect((await (await judge(foreign, 'here')).load()).settingsFile).toBeNull();
  });

  test('what is well written is taken as it is', async () => {
    const { load } = await judge(
      [
        '\ufeff# a comment',
        "  export EFAKTUR_STORE = 'D:\\Backup\\new folder#1'  # the disk",
        'EFAKTUR_APP_DIR="C:\\e-Faktur"',
        'EFAKTUR_NAME=kasir # the till',
        `EFAKTUR_RECIPIENTS: ${key}`,
        'EFAKTUR_LIMIT_UPLOAD=',
        'https_proxy=http://proxy:3128',
        'AWS_ROLE_SESSION_NAME=kasir',
      ].join('\r\n'),
    );
    const config = await load();
    expect(config.setting('EFAKTUR_STORE')?.value).toBe('D:\\Backup\\new folder#1');
    expect(config.setting('EFAKTUR_APP_DIR')?.value).toBe('C:\\e-Faktur');
    expect(config.setting('EFAKTUR_RECIPIENTS')?.value).toBe(key);
    expect(config.setting('EFAKTUR_LIMIT_UPLOAD')).toBeNull();
    expect(config.originName).toBe('kasir');
    expect(config.connectionEnv).toEqual({
      https_proxy: 'http://proxy:3128',
      AWS_ROLE_SESSION_NAME: 'kasir',
    });
  });

  test.each([
    ['EFAKTUR_STORE=/a\nEFAKTUR_STORE=/b', 'line 2 sets EFAKTUR_STORE again, after line 1'],
    ['AWS_REGION=a\nEFAKTUR_STORE=/a\nAWS_REGION=a', 'line 3 sets AWS_REGION again'],
    ['EFAKTUR_STORE="D:\\Backup\\new folder"', 'has a \\n in it'],
    ['EFAKTUR_STORE="D:\\Backup\\rekap"', 'has a \\r in it'],
    ['EFAKTUR_STORE="D:\\Backup', 'begins with a quote'],
    ["EFAKTUR_STORE='D:\\Backup' x", 'begins with a quote'],
    ['EFAKTUR_STORE=D:\\Backup#1', 'has a # in it'],
    ['EFAKTUR_APP_DIR=\u202aC:\\e-Faktur', 'U+202A'],
    ['EFAKTUR_STORE=/mnt/a\u0007b', 'U+0007'],
    ['EFAKTUR_STORE=/mnt/a\tb', 'U+0009'],
  ])('%s is refused', async (text, words) => {
    const { path, load } = await judge(text);
    const message = await messageOf(load());
    expect(message).toContain(words);
    expect(message).toContain(`${path}, line `);
  });

  test('a value that is not UTF-8 is refused, in a comment it does no harm', async () => {
    const ansi = Buffer.from('# caf\xe9\nEFAKTUR_NAME=kasir\n', 'latin1');
    expect((await (await judge(ansi)).load()).originName).toBe('kasir');
    const value = Buffer.from('EFAKTUR_STORE=/mnt/caf\xe9\n', 'latin1');
    expect(await messageOf((await judge(value)).load())).toContain('not UTF-8');
  });

  test('the environment is judged for names of ours in any spelling, and for what cannot be seen', async () => {
    for (const name of ['EFAKTUR-RECIPIENTS', 'efaktur.store', 'EFAKTUR_RECIPIENT']) {
      const message = await messageOf(loadConfig(await surroundings({ [name]: 'x' }), undefined));
      expect(message).toMatch(/Did you mean EFAKTUR_(RECIPIENTS|STORE)\?/);
    }
    const around = await surroundings({ EFAKTUR_STORE: 's3://b/pc\n' });
    expect(await messageOf(loadConfig(around, undefined))).toContain('U+000A');
  });
});

test('the name that Notepad gave a file is told', async () => {
  const around = await surroundings();
  await writeEnv(join(around.homeFolder, 'efaktur.env.txt'), 'EFAKTUR_STORE=/a\n');
  const named = join(around.homeFolder, 'efaktur.env');
  expect(await messageOf(loadConfig(around, named))).toContain(`There is ${named}.txt`);
  await writeEnv(join(around.homeFolder, 'other.env'), 'EFAKTUR_STORE=/a\n');
  const other = join(around.homeFolder, 'other.env');
  expect(await messageOf(loadConfig(around, `${other}.txt`))).toContain(`There is ${other}:`);
  await writeEnv(`${homeEnv(around)}.txt`, 'EFAKTUR_STORE=/a\n');
  expect(await messageOf(loadConfig(around, undefined))).toContain(`${homeEnv(around)}.txt`);
});

test('a file of keys that others can read is a note with what to do', async () => {
  const around = await surroundings();
  const path = await writeEnv(join(around.homeFolder, 'my keys.env'), 'AWS_SECRET_ACCESS_KEY=x\n');
  const notes = async (mode: number): Promise<string[]> => {
    await chmod(path, mode);
    return (await loadConfig(around, path)).warnings.map(
      ({ code, message }) => `${code} ${inEnglish(message)}`,
    );
  };
  expect(await notes(0o600)).toEqual([]);
  for (const mode of [0o644, 0o640, 0o604])
    expect(await notes(mode)).toEqual([
      expect.stringMatching(/^keys-readable .*: chmod 600 '.*my keys\.env'$/),
    ]);
  await writeFile(path, 'EFAKTUR_STORE=/a\nAWS_ACCESS_KEY_ID=id\n');
  expect(await notes(0o644)).toEqual([]);
  await writeFile(path, 'HTTPS_PROXY=http://user:word@proxy\n');
  expect(await notes(0o644)).toHaveLength(1);

  const key = await writeEnv(join(around.homeFolder, 'key.txt'), 'AGE-SECRET-KEY-1');
  await writeFile(path, 'EFAKTUR_IDENTITY_FILE=key.txt\n');
  await chmod(key, 0o644);
  expect(await notes(0o600)).toEqual([expect.stringContaining(`chmod 600 ${key}`)]);
  await chmod(key, 0o400);
  expect(await notes(0o600)).toEqual([]);
  const windows = { ...around, platform: 'win32' as const };
  await chmod(key, 0o644);
  expect((await loadConfig(windows, path)).warnings).toEqual([]);
});

test('what a shell would have put into a path is put into settings', async () => {
  const around = await surroundings({
    EFAKTUR_APP_DIR: '~/e-Faktur',
    EFAKTUR_STATE_DIR: '%USERPROFILE%\\state',
    EFAKTUR_STORE: '$HOME/store;s3://bucket/pc;$DISK/b',
    EFAKTUR_IDENTITY_FILE: '~/key.txt',
    AWS_CA_BUNDLE: '~/ca.pem',
    DISK: '/mnt/nas',
  });
  const home = around.homeFolder;
  const config = await loadConfig(around, undefined);
  expect(config.setting('EFAKTUR_APP_DIR')?.value).toBe(`${home}/e-Faktur`);
  expect(config.stateDir).toBe(`${home}/state`);
  expect(config.setting('EFAKTUR_STORE')?.value).toBe(`${home}/store;s3://bucket/pc;/mnt/nas/b`);
  expect(config.setting('EFAKTUR_IDENTITY_FILE')?.value).toBe(`${home}/key.txt`);
  expect(config.connectionEnv.AWS_CA_BUNDLE).toBe(`${home}/ca.pem`);
  const path = await writeEnv(join(home, 'x.env'), 'EFAKTUR_STATE_DIR=$NOWHERE/x\n');
  const other = await surroundings();
  expect(await messageOf(loadConfig(other, path))).toContain(`EFAKTUR_STATE_DIR in ${path}: $NOWHERE`);
});

test('a relative path starts from the file that names it, else from where the command is given', async () => {
  const around = await surroundings({ EFAKTUR_APP_DIR: 'app' });
  const folder = join(around.homeFolder, 'a;b');
  const path = await writeEnv(
    join(folder, 'x.env'),
    [
      'EFAKTUR_STORE=D:\\Backup;s3://b/p;/mnt/nas;\\\\nas\\share;store;../other;file:///x',
      'EFAKTUR_STATE_DIR=./state',
      'EFAKTUR_IDENTITY_FILE=key.txt',
      'AWS_CA_BUNDLE=ca.pem',
    ].join('\n'),
  );
  const { currentFolder, homeFolder } = around;
  for (const [from, named] of [
    [currentFolder, path],
    [folder, 'x.env'],
    [homeFolder, join('a;b', 'x.env')],
  ] as const) {
    const config = await loadConfig({ ...around, currentFolder: from }, named);
    expect(splitStores(config.setting('EFAKTUR_STORE')?.value ?? '')).toEqual([
      'D:\\Backup',
      's3://b/p',
      '/mnt/nas',
      '\\\\nas\\share',
      pathToFileURL(join(folder, 'store')).href.replace(';', '%3B'),
      join(homeFolder, 'other'),
      'file:///x',
    ]);
    expect(config.stateDir).toBe(join(folder, 'state'));
    expect(config.setting('EFAKTUR_IDENTITY_FILE')?.value).toBe(join(folder, 'key.txt'));
    expect(config.connectionEnv.AWS_CA_BUNDLE).toBe(join(folder, 'ca.pem'));
    expect(config.settingsFile).toBe(named);
    // The environment belongs to no folder.
    expect(config.setting('EFAKTUR_APP_DIR')?.value).toBe('app');
  }
});

test('a key in the place of its file is left for the words that say so', async () => {
  const around = await surroundings();
  for (const key of [`AGE-SECRET-KEY-1${'Q'.repeat(58)}`, 'wJalrXUtnFEMIxK7MDENGxbPxRfiCYEXAMPLEKEY']) {
    const path = await writeEnv(join(around.homeFolder, 'x.env'), `EFAKTUR_IDENTITY_FILE=${key}\n`);
    expect((await loadConfig(around, path)).setting('EFAKTUR_IDENTITY_FILE')?.value).toBe(key);
  }
});

test('on Windows names in the environment count in any letters', async () => {
  const env = {
    efaktur_store: '/mnt/x',
    Efaktur_Name: 'kasir',
    aws_region: 'ap-southeast-3',
    Https_Proxy: 'http://proxy:3128',
    localappdata: '/local',
    Path: '/bin',
  };
  const config = await loadConfig(await surroundings(env, { platform: 'win32' }), undefined);
  expect(config.setting('EFAKTUR_STORE')).toEqual({ value: '/mnt/x', where: verbatim('EFAKTUR_STORE') });
  expect(config.originName).toBe('kasir');
  expect(config.connectionEnv).toEqual({ AWS_REGION: 'ap-southeast-3', HTTPS_PROXY: 'http://proxy:3128' });
  expect(config.stateDir).toBe(join('/local', 'efaktur-cloud'));
  expect(config.programEnv).toMatchObject({ Path: '/bin', EFAKTUR_NAME: 'kasir' });
  expect(config.programEnv).not.toHaveProperty('efaktur_store');
  const unknown = await surroundings({ efaktur_stoer: 'x' }, { platform: 'win32' });
  expect(await messageOf(loadConfig(unknown, undefined))).toContain('Did you mean EFAKTUR_STORE');
  // Elsewhere each spelling is a name of its own.
  const linux = loadConfig(await surroundings({ efaktur_store: '/mnt/x' }), undefined);
  expect(await messageOf(linux)).toContain('efaktur_store');
});

const example = join(import.meta.dirname, '../..', '.env.example');
/** The names set in the example, commented out or not. */
async function exampleNames(): Promise<string[]> {
  const names = (await readFile(example, 'utf8')).matchAll(/^(?:# ?)?([A-Z][A-Z0-9_]+)=/gm);
  return [...new Set([...names].map((m) => m[1] ?? ''))];
}

test('.env.example names every setting there is, and no other', async () => {
  const names = await exampleNames();
  expect(names.filter((name) => name.startsWith('EFAKTUR_')).sort()).toEqual([...settingNames].sort());
});

test('.env.example names what the documents do for the connection', async () => {
  const shown = new Set(allGuides('en').match(/\b(?:AWS_[A-Z0-9_]+|HTTPS?_PROXY|NO_PROXY)\b/g));
  expect(shown.size).toBeGreaterThan(3);
  expect(await exampleNames()).toEqual(expect.arrayContaining([...shown]));
});

test('.env.example names all of AWS that a settings file may name', async () => {
  const names = (await exampleNames()).filter((name) => name.startsWith('AWS_'));
  expect(names.sort()).toEqual([...awsNames].sort());
});

test.each(['named', 'here'])('an AWS name that would do nothing is an error, in a file %s', async (place) => {
  for (const name of ['AWS_MAX_ATTEMPTS', 'AWS_EC2_METADATA_SERVICE_ENDPOINT', 'AWS_S3_BUCKET']) {
    const around = await surroundings();
    const path = await writeEnv(join(around.currentFolder, '.env'), `EFAKTUR_STORE=/mnt/x\n${name}=5\n`);
    const message = await messageOf(loadConfig(around, place === 'named' ? path : undefined));
    expect(message).toContain(`line 2 sets ${name}, which is no setting of efaktur-cloud`);
    // The environment is everybody's: there it means what it does to the SDK.
    const config = await loadConfig(await surroundings({ [name]: '5' }), undefined);
    expect(config.connectionEnv).toEqual({});
    expect(config.programEnv[name]).toBe('5');
  }
});

test('programs get the environment and the settings of the file, the environment first', async () => {
  const around = await surroundings({ PATH: '/bin', EFAKTUR_NAME: 'env', AWS_PROFILE: '' });
  const path = await writeEnv(
    join(around.homeFolder, 'x.env'),
    'EFAKTUR_NAME=file\nEFAKTUR_STORE=/file\nAWS_PROFILE=file\nAWS_CONFIG_FILE=~/aws\n',
  );
  expect((await loadConfig(around, path)).programEnv).toEqual({
    PATH: '/bin',
    EFAKTUR_NAME: 'env',
    EFAKTUR_STORE: '/file',
    AWS_PROFILE: 'file',
    AWS_CONFIG_FILE: `${around.homeFolder}/aws`,
  });
});

test('.env.example sets nothing as it is, and every line of it is accepted', async () => {
  const text = await readFile(example, 'utf8');
  expect(parse(text)).toEqual({});
  const around = await surroundings();
  const named = join(around.currentFolder, 'named.env');
  const once = new Map<string, string>();
  for (const [, line = '', name = ''] of text.matchAll(/^# ?(([A-Z][A-Z0-9_]+)=.*)/gm)) {
    await writeEnv(named, `${line}\nEFAKTUR_LOCK_DAYS=90`.replace(/^(EFAKTUR_LOCK_DAYS=90)\n.*/, '$1'));
    await loadConfig(around, named);
    once.set(name, line);
  }
  await writeEnv(named, [...once.values()].join('\n'));
  const config = await loadConfig(around, named);
  for (const name of settingNames) expect(config.setting(name)?.value, name).toBeTruthy();
  expect(config.setting('EFAKTUR_APP_DIR')?.value).toBe(
    'C:\\Program Files\\Direktorat Jenderal Pajak\\e-Faktur',
  );
  const names = (await exampleNames()).filter((name) => !name.startsWith('EFAKTUR_'));
  expect(Object.keys(config.connectionEnv).sort()).toEqual(names.sort());
});
