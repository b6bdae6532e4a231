import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { settingNames } from '../../src/settings/config.ts';
import { awsNames } from '../../src/settings/connection-settings.ts';
import { loadConfig } from '../../src/settings/load.ts';
import { configFolder, type Surroundings } from '../../src/settings/surroundings.ts';
import { tempFolder } from '../base/temp-folder.ts';

async function standing(): Promise<Surroundings> {
  const root = await tempFolder();
  const around: Surroundings = {
    env: {},
    currentFolder: join(root, 'here'),
    homeFolder: join(root, 'home'),
    hostName: 'pc',
    platform: 'linux',
    systemZone: 'Asia/Jakarta',
    systemLocale: 'C',
  };
  await mkdir(around.currentFolder);
  await mkdir(configFolder(around), { recursive: true });
  return around;
}

/** What is said of a found `.env` with these lines beside one of ours; null when it is taken. */
async function saidOf(lines: string, around?: Surroundings): Promise<string | null> {
  const from = around ?? (await standing());
  const path = join(from.currentFolder, '.env');
  await writeFile(path, `EFAKTUR_FULL_EVERY=30\n${lines}\n`);
  try {
    const { settingsFile } = await loadConfig(from, undefined);
    expect(settingsFile).toBe(path);
    return null;
  } catch (error) {
    if (!isEfakturError(error, 'usage')) throw error;
    expect(error.hint.en).toContain(`--settings ${path}`);
    expect(error.hint.id).toContain(`--settings ${path}`);
    expect(error.hint.en).toContain(join(configFolder(from), '.env'));
    return error.message;
  }
}

describe('a ./.env that was found', () => {
  test('says what is backed up, where to and with which keys; each other name was thought of', async () => {
    const value = (name: string): string =>
      ({
        EFAKTUR_LANG: 'id',
        EFAKTUR_TIMEZONE: 'Asia/Jakarta',
        EFAKTUR_LOCK_MODE: 'governance',
        EFAKTUR_PRUNE: 'off',
      })[name] ?? (/DAYS|EVERY/.test(name) ? '9' : '/x');
    const refused: string[] = [];
    const all = [...settingNames, ...awsNames, 'HTTPS_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];
    for (const name of all.filter((one) => one !== 'EFAKTUR_FULL_EVERY')) {
      const days = name === 'EFAKTUR_LOCK_MODE' ? '\nEFAKTUR_LOCK_DAYS=9' : '';
      const said = await saidOf(`${name}=${value(name)}${days}`);
      if (said === null) continue;
      expect(said).toContain(`${name} in `);
      refused.push(name);
    }
    expect(refused).toEqual([
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
      'AWS_CONTAINER_AUTHORIZATION_TOKEN',
      'AWS_ENDPOINT_URL',
      'AWS_ENDPOINT_URL_STS',
      'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
      'AWS_PROFILE',
      'AWS_CA_BUNDLE',
      'AWS_CONFIG_FILE',
      'AWS_SHARED_CREDENTIALS_FILE',
      'AWS_WEB_IDENTITY_TOKEN_FILE',
      'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
      'AWS_ROLE_ARN',
      'AWS_ROLE_SESSION_NAME',
      'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
      'HTTPS_PROXY',
      'http_proxy',
    ]);
  });

  test.each([
    ['export AWS_CONFIG_FILE=./aws', 'AWS_CONFIG_FILE'],
    ['AWS_CONFIG_FILE: ./aws', 'AWS_CONFIG_FILE'],
    ["  AWS_PROFILE = 'x'", 'AWS_PROFILE'],
    ['AWS_PROFILE=', null],
    ['EFAKTUR_IDENTITY_COMMAND=', null],
    ['# EFAKTUR_IDENTITY_COMMAND=calc', null],
    ['EFAKTUR_STORE=s3://b/p?profile=x', 'profile='],
    ['EFAKTUR_STORE=/mnt/nas;S3://b/p?region=a&%70rofile=x', 'profile='],
    ['EFAKTUR_STORE=s3://b/p?endpoint=https://s3.example.com&region=x', null],
    ['EFAKTUR_STORE=/mnt/what?profile=x', null],
    ['EFAKTUR_STORE=\\\\evil\\%AWS_SECRET_ACCESS_KEY%\\x', 'AWS_SECRET_ACCESS_KEY'],
    ['EFAKTUR_STATE_DIR=/mnt/$DB_PASSWORD', 'DB_PASSWORD'],
    ['EFAKTUR_STATE_DIR=~/state', null],
    ['EFAKTUR_STORE=$HOME/store;%USERPROFILE%/b', null],
  ])('%s', async (lines, named) => {
    const said = await saidOf(lines);
    if (named === null) expect(said).toBeNull();
    else expect(said).toContain(named);
  });

  test('is not taken either where the environment sets the same', async () => {
    const around = { ...(await standing()), env: { AWS_PROFILE: 'mine' } };
    expect(await saidOf('AWS_PROFILE=x', around)).toContain('AWS_PROFILE');
  });
});

test('what the user names or keeps may set everything', async () => {
  const around = await standing();
  const text = 'EFAKTUR_IDENTITY_COMMAND=pass show x\nAWS_PROFILE=x\nEFAKTUR_STORE=s3://b?profile=y\n';
  const own = join(configFolder(around), '.env');
  await writeFile(own, text);
  const here = join(around.currentFolder, '.env');
  expect((await loadConfig(around, undefined)).setting('EFAKTUR_IDENTITY_COMMAND')?.value).toBe(
    'pass show x',
  );
  // Standing in the folder for settings, or with a link to the file kept there.
  expect((await loadConfig({ ...around, currentFolder: configFolder(around) }, undefined)).settingsFile).toBe(
    own,
  );
  await symlink(own, here);
  expect((await loadConfig(around, undefined)).settingsFile).toBe(own);
  const named = join(around.homeFolder, 'my.env');
  await writeFile(named, text);
  expect((await loadConfig(around, named)).connectionEnv.AWS_PROFILE).toBe('x');
});

test('on Windows the file for all users of the PC is the last one looked for, and runs nothing', async () => {
  const one = await standing();
  const around: Surroundings = {
    ...one,
    platform: 'win32',
    env: { APPDATA: join(one.homeFolder, 'Roaming'), programdata: join(one.homeFolder, 'ProgramData') },
  };
  const ofAll = join(one.homeFolder, 'ProgramData', 'efaktur-cloud', '.env');
  await mkdir(join(ofAll, '..'), { recursive: true });
  await writeFile(ofAll, 'EFAKTUR_STORE=/mnt/backup\n');
  const config = await loadConfig(around, undefined);
  expect(config.settingsFile).toBe(ofAll);
  expect(config.setting('EFAKTUR_STORE')?.value).toBe('/mnt/backup');
  expect((await loadConfig({ ...around, platform: 'linux' }, undefined)).settingsFile).toBeNull();

  await writeFile(ofAll, 'EFAKTUR_IDENTITY_COMMAND=calc.exe\n');
  await expect(loadConfig(around, undefined)).rejects.toMatchObject({ code: 'usage' });
  await writeFile(ofAll, 'PATH=x\n');
  await expect(loadConfig(around, undefined)).rejects.toMatchObject({ code: 'usage' });

  await mkdir(configFolder(around), { recursive: true });
  const own = join(configFolder(around), '.env');
  await writeFile(own, 'EFAKTUR_STORE=/mnt/mine\n');
  expect((await loadConfig(around, undefined)).settingsFile).toBe(own);
});
