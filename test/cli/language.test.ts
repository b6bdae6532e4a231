import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { languageFor, localeOf } from '../../src/cli/language.ts';
import { errorOf, makeWorld, runHere } from '../support/cli.ts';

const around = (systemLocale: string, EFAKTUR_LANG?: string) => ({
  env: { EFAKTUR_LANG },
  currentFolder: '/',
  homeFolder: '/',
  hostName: 'pc',
  platform: 'linux' as const,
  systemZone: 'UTC',
  systemLocale,
});

describe('the language is known before anything is printed', () => {
  test.each([
    [[], 'id_ID.UTF-8', undefined, 'id'],
    [[], 'id-ID', undefined, 'id'],
    [[], 'en_US.UTF-8', undefined, 'en'],
    [[], 'C', undefined, 'en'],
    [[], 'de-DE', undefined, 'en'],
    [[], '', undefined, 'en'],
    [[], 'idx_ID', undefined, 'en'],
    [[], 'C', 'id', 'id'],
    [[], 'id-ID', 'en', 'en'],
    [[], 'id-ID', '', 'id'],
    [['push', '--lang', 'id'], 'C', 'en', 'id'],
    [['push', '--lang=en', '--nothing'], 'id-ID', 'id', 'en'],
    [['--lang', 'en', 'push', '--lang', 'id'], 'C', undefined, 'id'],
    [['find', '--', '--lang', 'id'], 'C', undefined, 'en'],
    [['list', '--lang', '--json'], 'id-ID', undefined, 'id'],
    [['list', '--lang'], 'id-ID', undefined, 'id'],
    [[], 'C', ' id ', 'id'],
    [[], 'id-ID', ' ', 'id'],
  ])('%j on %s with %s: %s', (argv, locale, setting, language) => {
    expect(languageFor(argv, around(locale, setting))).toEqual({ language, wrong: null });
  });
});

test.each([
  [{ LANG: 'en_US.UTF-8', LANGUAGE: 'de:id:en' }, 'id'],
  [{ LANG: 'id_ID.UTF-8', LANGUAGE: 'de' }, 'id_ID.UTF-8'],
  [{ LC_ALL: 'C', LANG: 'id_ID', LANGUAGE: 'id' }, 'C'],
  [{ LC_ALL: '', LC_MESSAGES: 'id_ID', LANG: 'en_US' }, 'id_ID'],
  [{ LANGUAGE: 'en' }, 'id-ID'],
  [{}, 'id-ID'],
])('the locale of %j is %s', (env, locale) => {
  expect(localeOf(env, () => 'id-ID')).toBe(locale);
});

test('a --lang with nothing behind it is told as any flag without a value', async () => {
  const { code, stderr } = await runHere(['list', '--lang', '--json'], { env: { EFAKTUR_LANG: 'id' } });
  expect([code, JSON.parse(stderr).error.message]).toEqual([2, '--lang was given without a value']);
});

test('one that is none of the two is told in both', async () => {
  for (const outcome of [
    await runHere(['list', '--lang', 'fr']),
    await runHere(['list'], { env: { EFAKTUR_LANG: 'fr' } }),
    await runHere(['--help', '--lang=fr']),
  ]) {
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(/fr.* bukan bahasa yang dikenal .* is no known language/);
    expect(outcome.stderr).toMatch(/Tulis id .*Write id/s);
  }
});

test('a settings file counts from the moment it is read, and less than environment and flag', async () => {
  const world = await makeWorld();
  const file = join(world.folder, 'atur.env');
  await writeFile(file, 'EFAKTUR_LANG=id\n');
  const wrong = ['list', '--since', 'nonsense', '--settings', file];
  const told = async (more: readonly string[], env = {}) =>
    (await world.run([...wrong, ...more], { env })).stderr;
  expect(await told([])).toContain('\nSolusi: ');
  expect(await told([], { EFAKTUR_LANG: 'en' })).toContain('\nSolution: ');
  expect(await told(['--lang', 'en'])).toContain('\nSolution: ');
  await writeFile(file, 'EFAKTUR_LANG=klingon\n');
  expect(await told([])).toMatch(/EFAKTUR_LANG .*atur\.env.* is no known language/);
});

test('JSON is English', async () => {
  const world = await makeWorld();
  const told = async (lang: string) =>
    errorOf(await world.run(['pull', '--date', '2001-01-01', '--to', 'x', '--json', '--lang', lang]));
  expect(await told('id')).toEqual(await told('en'));
});

test('what is wrong with settings is told in the language of the command line, with where they stand', async () => {
  const world = await makeWorld();
  const file = join(world.folder, 'atur.env');
  const told = async (line: string, ...more: string[]) => {
    await writeFile(file, `# pengaturan\n${line}\n`, { mode: 0o600 });
    return (await world.run(['list', '--settings', file, '--lang', 'id', ...more])).stderr;
  };
  expect(await told('EFAKTUR_STOER=x')).toMatch(
    /Error usage: .*atur\.env, baris 2 mengatur EFAKTUR_STOER, yang bukan pengaturan efaktur-cloud\nSolusi: Maksud Anda EFAKTUR_STORE=…\?\n$/,
  );
  expect(await told('EFAKTUR_LOCK_DAYS=banyak')).toMatch(
    /EFAKTUR_LOCK_DAYS di .*atur\.env: "banyak" bukan jumlah hari\nSolusi: Tulis jumlah hari/,
  );
  expect(await told('EFAKTUR_NAME="a')).toMatch(/baris 2: nilai EFAKTUR_NAME diawali tanda kutip/);
  expect(await told('EFAKTUR_NAME=a', '--limit-upload', 'cepat')).toMatch(
    /--limit-upload: "cepat" bukan kecepatan, paling sedikit 1 KiB\/s\nSolusi: Tulis seperti 2MiB\/s/,
  );
  const missing = await world.run(['list', '--settings', join(world.folder, 'x.env'), '--lang', 'id']);
  expect(missing.stderr).toMatch(
    /file pengaturan .*x\.env tidak dapat dibaca \(ENOENT\)\nSolusi: Periksa --settings\./,
  );
  const noStore = await world.run(['list', '--lang', 'id'], { env: { EFAKTUR_STORE: undefined } });
  expect(noStore.stderr).toMatch(
    /tempat cadangan belum disebutkan\nSolusi: Atur dengan "efaktur-cloud init", atau sebutkan dengan --store/,
  );
  const noApp = await world.run(['push', '--app', file, '--lang', 'id']);
  expect(noApp.stderr).toMatch(/--app: .*atur\.env bukan folder\nSolusi: /);
});
