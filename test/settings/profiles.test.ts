import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { verbatim } from '../../src/base/text.ts';
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

test('one person is spoken to alike, whichever file says how', async () => {
  const around = await place();
  await around.write('.env', {
    EFAKTUR_LANG: 'id',
    EFAKTUR_TIMEZONE: 'Asia/Jayapura',
    EFAKTUR_STATE_DIR: '/own',
  });
  await around.write('a.env', { EFAKTUR_LANG: 'en' });
  const alone = await settingsOfAll(around);
  expect(alone).toMatchObject({ language: 'id', zone: 'Asia/Jayapura' });
  expect(alone.stateDir).not.toBe('/own');
  expect(alone.setting('EFAKTUR_STATE_DIR')).toBeNull();
  for (const wrong of [{ EFAKTUR_LANG: 'xx' }, { EFAKTUR_LANG: 'id', EFAKTUR_STOER: '/x' }]) {
    const other = await place();
    await other.write('.env', wrong);
    expect(await settingsOfAll(other)).toMatchObject({ language: null, zone: 'Asia/Makassar' });
  }
  await around.write('common.env', { EFAKTUR_LANG: 'en' });
  expect(await settingsOfAll(around)).toMatchObject({ language: 'en', zone: 'Asia/Jayapura' });
  await around.write('.env', { EFAKTUR_LANG: 'xx' });
  expect(await settingsOfAll(around)).toMatchObject({ language: 'en', zone: 'Asia/Makassar' });
});

test('files that others can read are told for each profile, and for what they share', async () => {
  const around = await place();
  const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'x' };
  const common = await around.write('common.env', keys);
  const own = await around.write('a.env', keys);
  await around.write('b.env', { EFAKTUR_STORE: '/b' });
  const told = async (name: string): Promise<string[]> =>
    (await loadProfile(around, name)).warnings.map(({ code, message }) => `${code} ${inEnglish(message)}`);
  expect(await told('a')).toEqual([]);
  await chmod(own, 0o644);
  expect(await told('a')).toEqual([expect.stringContaining(`keys-readable ${own} holds a key`)]);
  await chmod(common, 0o640);
  expect(await told('a')).toHaveLength(2);
  expect(await told('b')).toEqual([expect.stringContaining(`keys-readable ${common} holds a key`)]);
});

test('common.env that Notepad has renamed is told, not left out', async () => {
  const around = await place();
  await around.write('a.env');
  await around.write('common.env.txt', { EFAKTUR_LANG: 'id' });
  for (const load of [
    () => loadProfile(around, 'a'),
    () => settingsOfAll(around),
    () => loadConfig(around, undefined),
  ])
    expect(await refusal(load())).toContain('common.env.txt');
});

test('on Windows the names of the environment count in any letters, and are beaten like others', async () => {
  const around = await place({ aws_profile: 'env', efaktur_name: 'env', Aws_Region: 'env' }, 'win32');
  await around.write('a.env', { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'a', EFAKTUR_NAME: 'own' });
  const config = await loadProfile(around, 'A');
  expect(config.connectionEnv).toEqual({
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'a',
    AWS_REGION: 'env',
  });
  expect(config.originName).toBe('own');
  expect(config.programEnv.AWS_PROFILE ?? config.programEnv.aws_profile).toBeUndefined();
  expect(inEnglish(config.warnings[0]?.message ?? verbatim(''))).toContain('AWS_PROFILE');
});

test('a program that is asked for a key has the keys of its profile and none beside them', async () => {
  const around = await place({
    AWS_SECURITY_TOKEN: 'env',
    AWS_DEFAULT_PROFILE: 'env',
    PATH: '/bin',
    AWS_PAGER: '',
  });
  await around.write('a.env', { AWS_PROFILE: 'a', EFAKTUR_NOTIFY_TO: '0812' });
  await around.write('b.env', { EFAKTUR_NAME: 'b' });
  const ofKeys = async (name: string) =>
    Object.entries((await loadProfile(around, name)).programEnv).filter(([one]) =>
      /^AWS|PATH|NOTIFY/.test(one),
    );
  expect(await ofKeys('a')).toEqual([
    ['PATH', '/bin'],
    ['AWS_PAGER', ''],
    ['AWS_PROFILE', 'a'],
  ]);
  expect(Object.fromEntries(await ofKeys('b'))).toMatchObject({ AWS_SECURITY_TOKEN: 'env', PATH: '/bin' });
});

test('whatever lies in the folder, each profile is loaded or says why not, and its name leads to it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(
        fc
          .string({ unit: 'binary', minLength: 1, maxLength: 12 })
          .filter((name) => !/[/\0\ud800-\udfff]/u.test(name)),
        { minLength: 1, maxLength: 4 },
      ),
      async (names) => {
        const around = await place();
        for (const name of names) await around.write(`${name}.env`, { EFAKTUR_NAME: 'x' }).catch(() => null);
        for (const { name, path } of await listProfiles(around)) {
          const config = await loadProfile(around, name).catch((error: unknown) => {
            expect(isEfakturError(error, 'usage'), `${JSON.stringify(name)}: ${error}`).toBe(true);
            return null;
          });
          if (config === null) continue;
          expect(config.settingsFile).toBe(path);
          expect(profilePath(around, name)).toBe(path);
        }
      },
    ),
    { numRuns: 60 },
  );
});
