import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { loadConfig } from '../../src/settings/load.ts';
import { listProfiles, loadProfile, profilePath, settingsOfAll } from '../../src/settings/profiles.ts';
import type { Surroundings } from '../../src/settings/surroundings.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { inEnglish } from '../support/english.ts';

interface Place extends Surroundings {
  /** Writes into the user's folder for settings. */
  write(name: string, lines?: Readonly<Record<string, string>> | string): Promise<string>;
}

async function place(
  env: Readonly<Record<string, string>> = {},
  platform: NodeJS.Platform = 'linux',
): Promise<Place> {
  const root = await tempFolder();
  const config = join(root, 'config');
  await mkdir(join(root, 'here'));
  return {
    env: { XDG_CONFIG_HOME: config, APPDATA: config, ...env },
    currentFolder: join(root, 'here'),
    homeFolder: join(root, 'home'),
    hostName: 'PC-Kasir',
    platform,
    systemZone: 'Asia/Makassar',
    systemLocale: 'C',
    async write(name, lines = '') {
      const path = join(config, 'efaktur-cloud', name);
      await mkdir(dirname(path), { recursive: true });
      const text =
        typeof lines === 'string'
          ? lines
          : Object.entries(lines)
              .map(([setting, value]) => `${setting}='${value}'\n`)
              .join('');
      await writeFile(path, text, { mode: 0o600 });
      return path;
    },
  };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isEfakturError(error, 'usage')) throw new Error(`not refused: ${error}`);
  return `${error.message} / ${error.hint.en}`;
}

describe('which settings of a profile count', () => {
  test('its own over common.env over the environment; what the environment sets in vain is told by name', async () => {
    const around = await place({
      EFAKTUR_NAME: 'env',
      EFAKTUR_LOCK_DAYS: '5',
      EFAKTUR_TIMEZONE: 'Asia/Jakarta',
    });
    const common = await around.write('common.env', { EFAKTUR_NAME: 'common', EFAKTUR_LOCK_DAYS: '7' });
    const own = await around.write('pt-abc.env', { EFAKTUR_NAME: 'own' });
    const config = await loadProfile(around, 'pt-abc');
    expect(config).toMatchObject({
      profile: 'pt-abc',
      unchosenProfiles: [],
      settingsFile: own,
      originName: 'own',
      lock: { days: 7 },
      zone: 'Asia/Jakarta',
    });
    expect(config.setting('EFAKTUR_LOCK_DAYS')?.where.en).toBe(`EFAKTUR_LOCK_DAYS in ${common}`);
    expect(config.warnings.map(({ code, message }) => `${code}: ${inEnglish(message)}`)).toEqual([
      `profile-beats-environment: the environment sets EFAKTUR_NAME, EFAKTUR_LOCK_DAYS as well; what counts is ${own} and ${common}`,
    ]);
  });

  test('the keys of a bucket are one thing, whoever sets them', async () => {
    const lower = { AWS_ACCESS_KEY_ID: 'lower', AWS_SECRET_ACCESS_KEY: 'lower', AWS_SESSION_TOKEN: 'lower' };
    const around = await place({ AWS_PROFILE: 'lowest', AWS_REGION: 'env', HTTPS_PROXY: 'http://proxy' });
    await around.write('common.env', lower);
    await around.write('a.env', { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'a' });
    await around.write('b.env', { AWS_PROFILE: 'b' });
    await around.write('c.env', { EFAKTUR_NAME: 'c' });
    const plain = { AWS_REGION: 'env', HTTPS_PROXY: 'http://proxy' };
    expect((await loadProfile(around, 'a')).connectionEnv).toEqual({
      ...plain,
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'a',
    });
    expect((await loadProfile(around, 'b')).connectionEnv).toEqual({ ...plain, AWS_PROFILE: 'b' });
    expect((await loadProfile(around, 'c')).connectionEnv).toEqual({ ...plain, ...lower });
  });
});

describe('without --profile', () => {
  test('the only profile is read, and the environment counts more', async () => {
    const around = await place({ EFAKTUR_NAME: 'env' });
    const path = await around.write('pt-abc.env', { EFAKTUR_NAME: 'own', EFAKTUR_STORE: '/own' });
    await around.write('common.env', { EFAKTUR_LANG: 'id' });
    const config = await loadConfig(around, undefined);
    expect(config).toMatchObject({
      profile: 'pt-abc',
      settingsFile: path,
      originName: 'env',
      language: 'id',
    });
  });

  test('of several none is read, and they are told', async () => {
    const around = await place();
    await around.write('a.env', { EFAKTUR_STORE: '/a' });
    await around.write('b.env', { EFAKTUR_STORE: '/b' });
    await around.write('common.env', { EFAKTUR_LANG: 'id' });
    const config = await loadConfig(around, undefined);
    expect(config).toMatchObject({ profile: null, unchosenProfiles: ['a', 'b'], language: 'id' });
    expect(config.setting('EFAKTUR_STORE')).toBeNull();
    await around.write('.env', { EFAKTUR_STORE: '/default' });
    expect(await loadConfig(around, undefined)).toMatchObject({ profile: 'default', unchosenProfiles: [] });
  });
});

test('what a file name may be is a profile; what lies there under another name is told', async () => {
  const around = await place();
  for (const name of [
    '.env',
    'PT Maju 2.env',
    'PT Maju 10.env',
    'Café.env',
    'common.env',
    '.hidden.env',
    'x.txt',
  ])
    await around.write(name);
  await around.write('CV Notepad.env.txt');
  const names = (await listProfiles(around)).map(({ name }) => name);
  expect(names).toEqual(['default', 'Café', 'CV Notepad', 'PT Maju 2', 'PT Maju 10']);
  expect((await loadProfile(around, 'pt maju 2')).profile).toBe('PT Maju 2');
  expect((await loadProfile(around, 'Cafe\u0301')).profile).toBe('Café');
  expect(await refusal(loadProfile(around, 'CV Notepad'))).toContain('CV Notepad.env.txt');
  expect(await refusal(loadProfile(around, 'PT Mjau 2'))).toContain('Did you mean PT Maju 2?');
  expect(await refusal(loadProfile(around, 'PT Maju 2.env'))).toContain('Did you mean PT Maju 2?');
  for (const name of [
    '',
    ' a',
    'a ',
    'a.',
    '../a',
    'a/b',
    'a:b',
    'NUL',
    'com1.x',
    'Common',
    '-a',
    '.a',
    'a\u200b',
    'a\nb',
  ])
    expect(() => profilePath(around, name), name).toThrow('name of a profile');
});

test('what holds for this PC as a whole stands in common.env and the environment', async () => {
  const around = await place({ EFAKTUR_STATE_DIR: '/state', EFAKTUR_LANG: 'en' });
  await around.write('common.env', { EFAKTUR_LANG: 'id' });
  await around.write('a.env', { EFAKTUR_STATE_DIR: '/own' });
  expect(await settingsOfAll(around)).toMatchObject({ profile: null, language: 'id', stateDir: '/state' });
});
