import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { commands } from '../../src/cli/commands.ts';
import { commonFlags } from '../../src/cli/flags.ts';
import * as helpTexts from '../../src/cli/help-texts.ts';
import * as insideHelpTexts from '../../src/cli/inside-help-texts.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { errorOf, makeWorld, runBuilt, runHere } from '../support/cli.ts';

describe.each(['en', 'id'] as const)('--help --lang %s', (lang) => {
  test('names every command, and every exit code once', async () => {
    const { code, stdout, stderr } = await runHere(['--help', '--lang', lang]);
    expect([code, stderr]).toEqual([0, '']);
    for (const { name, aliases, describe: says } of commands)
      for (const word of [name, ...aliases, firstWords(says[lang])]) expect(stdout).toContain(word);
    const heading = { en: 'Exit codes:', id: 'Kode keluar:' }[lang];
    const table = stdout.slice(stdout.indexOf(heading)).matchAll(/^ +(\d+) {2}\S/gm);
    const shown = [...table].map((m) => Number(m[1]));
    expect(shown).toEqual([0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 20, 130]);
    expect(new Set([0, 1, ...Object.values(exitCodes)])).toEqual(new Set(shown));
    expect(stdout).not.toMatch(/undefined|\[object/);
  });

  test('each command has one of its own, with what each flag does and takes', async () => {
    for (const command of commands) {
      const { code, stdout } = await runHere([command.name, '--help', '--lang', lang]);
      expect(code).toBe(0);
      for (const [name, flag] of Object.entries({ ...commonFlags, ...command.flags })) {
        const [, says = ''] =
          new RegExp(`^ +(?:-\\w, )?--${name}(?:, --[a-z-]+)? +(.+)$`, 'm').exec(stdout) ?? [];
        expect(says, `${command.name} --${name}`).toContain(firstWords(flag.describe[lang]));
        if (flag.unlessGiven !== undefined) expect(stdout).toContain(` ${flag.unlessGiven})`);
      }
    }
  });
});

/** What of a text stands on the first line of a narrow column. */
const firstWords = (text: string): string => text.split(' ').slice(0, 3).join(' ');

test('nothing in the help is said in one language alone', async () => {
  const [en, id] = await Promise.all(['en', 'id'].map((lang) => runHere(['show', '--help', '--lang', lang])));
  const lines = (text = ''): string[] => text.split('\n').map((line) => line.trim());
  const inBoth = lines(id?.stdout).filter((line) => line !== '' && lines(en?.stdout).includes(line));
  expect(inBoth).toEqual([]);
  for (const { name, describe: says, flags } of commands)
    for (const text of [says, ...Object.values({ ...commonFlags, ...flags }).map((flag) => flag.describe)])
      expect(text.id, name).not.toBe(text.en);
});

test('each text of the help stands in it', () => {
  const said = [commands, commonFlags].map((part) => JSON.stringify(part)).join();
  const texts = Object.entries({ ...helpTexts, ...insideHelpTexts }).flatMap(([name, text]) =>
    name.endsWith('Help') ? Object.values(text) : [text],
  );
  expect(texts.length).toBeGreaterThan(90);
  for (const text of texts) expect(said).toContain(JSON.stringify(text));
});

test.each([
  ['psuh', 'there is no command "psuh"', 'tidak ada perintah "psuh"', 'Maksud Anda "efaktur-cloud push"?'],
  ['pull --date', '--date was given without a value', '--date ditulis tanpa nilai', 'Isi nilainya'],
  ['pull --store -v', '--store was given without a value', '--store ditulis tanpa nilai', 'Isi nilainya'],
  ['pull --store=', 'the value of --store is empty', 'nilai --store kosong', 'Isi nilainya'],
  ['pull --date=', 'the value of --date is empty', 'nilai --date kosong', 'Isi nilainya'],
  [
    'pull --since x',
    'pull has no flag --since',
    'pull tidak mempunyai flag --since',
    'Itu flag untuk list, copy, history.',
  ],
  ['push -x', 'push has no flag -x', 'push tidak mempunyai flag -x', 'menampilkan semua flag-nya'],
  ['list x', '"x" is not understood after list', '"x" setelah list tidak dikenali', 'dalam tanda kutip'],
  ['list --long=y', '--long takes no value', '--long tidak memakai nilai', 'Tulis --long saja.'],
  ['pull --id a --id b', '--id was given more than once', '--id ditulis lebih dari sekali', 'Tulis sekali'],
])('%s is told in both languages, in JSON in English', async (line, en, id, hint) => {
  const words = line.split(' ');
  const told = async (...more: string[]) => runHere([...words, ...more]);
  expect((await told('--lang', 'en')).stderr).toContain(`Error usage: ${en}`);
  const inIndonesian = await told('--lang=id');
  expect(inIndonesian.stderr).toContain(`Error usage: ${id}`);
  expect(inIndonesian.stderr).toMatch(new RegExp(`^Solusi: .*${hint.replace(/[?.]/g, '\\$&')}`, 'm'));
  expect(errorOf(await told('--json', '--lang', 'id')).message).toContain(en);
});

test('--version', async () => {
  expect((await runHere(['--version'])).stdout.trim()).toBe('9.9.9');
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };
  const built = await runBuilt(['--version'], { env: { PATH: process.env.PATH } });
  expect([built.code, built.stdout.trim()]).toEqual([0, version]);
});

test('what is unknown proposes the nearest that is known', async () => {
  const cases: [string[], Record<string, string>, string][] = [
    [['psuh'], {}, 'push'],
    [['resotre'], {}, 'restore'],
    [['push', '--sorce', 'live'], {}, '--source'],
    [['pull', '--dat', '2023-07-08'], {}, '--date'],
    [['list', '--sinse=2023-07-08'], {}, '--since'],
    [['push'], { EFAKTUR_STOER: '/x' }, 'EFAKTUR_STORE'],
    [['push'], { EFAKTUR_APPDIR: '/x' }, 'EFAKTUR_APP_DIR'],
  ];
  for (const [args, env, nearest] of cases) {
    const outcome = await runHere([...args, '--json'], { env });
    expect(outcome.code, args.join(' ')).toBe(2);
    expect(outcome.stdout).toBe('');
    expect(errorOf(outcome), args.join(' ')).toMatchObject({
      code: 'usage',
      hint: expect.stringContaining(nearest),
    });
  }
});

test('what is near to nothing is told without a proposal', async () => {
  const cases: [string[], string][] = [
    [['unggah'], 'See "efaktur-cloud --help".'],
    [['push', '--frobnicate'], '"efaktur-cloud push --help" shows its flags.'],
    [['list', '--date', '2023-07-08'], 'It is a flag of init, pull,'],
  ];
  for (const [args, hint] of cases) {
    const outcome = await runHere([...args, '--json']);
    expect(outcome.code, args.join(' ')).toBe(2);
    expect(errorOf(outcome).hint, args.join(' ')).toContain(hint);
    expect(errorOf(outcome).hint, args.join(' ')).not.toContain('Did you mean');
  }
});

test('help and version are understood as words, and a command behind flags is found', async () => {
  const all = await runHere(['--help']);
  for (const args of [['help'], ['-h'], ['/?'], ['-?']]) expect(await runHere(args), args[0]).toEqual(all);
  expect(await runHere(['help', 'push'])).toEqual(await runHere(['push', '--help']));
  for (const args of [
    ['help', 'unggah'],
    ['unggah', '--help'],
  ])
    expect((await runHere(args)).code).toBe(2);
  expect((await runHere(['version'])).stdout.trim()).toBe('9.9.9');
  for (const args of [
    ['--json', 'list', '--long'],
    ['--store', 'list', 'list'],
    ['--json=true', '--json', 'true', 'list'].slice(1),
  ])
    expect(await parseCommandLine(args, '0', 'en'), args.join(' ')).toMatchObject({
      type: 'run',
      command: { name: 'list' },
      positionals: [],
    });
});

test('days are taken as people write them, and shown back in ISO', async () => {
  const world = await makeWorld();
  await world.json(['push', '--all']);
  const [before, after] = ['2023-07-06', '2023-07-08'];
  for (const written of ['08-07-2023', '2023-7-8', '8 Juli 2023', '08/07/2023'])
    expect(
      await world.json<{ backup: { date: string } }>(['pull', '--date', written, '--to', 'to', '--dry-run']),
    ).toMatchObject({ backup: { date: after } });
  const days = async (...args: string[]): Promise<string[]> =>
    (await world.json<{ backups: { date: string }[] }>(['list', ...args])).backups.map((b) => b.date);
  expect(await days('--since', '7-7-2023', '--until', 'Juli 2023')).toEqual([after]);
  expect(await days('--until', '6', 'Juli', '2023')).toEqual([before]);
  const diff = await world.run(['diff', '6', 'Juli', '2023', '08-07-2023']);
  expect(diff.code, diff.stderr).toBe(0);
  const none = await world.run(['pull', '--as-of', '5 Juli 2023 jam 9.00', '--to', 'to', '--json']);
  expect(errorOf(none)).toMatchObject({
    code: 'no-such-backup',
    message: expect.stringContaining('2023-07-05T09:00'),
  });
  expect(errorOf(await world.run(['list', '--since', 'kemarin', '--json'])).code).toBe('usage');
});

test('what cannot be understood is usage', async () => {
  for (const args of [
    [],
    ['push', 'now'],
    ['push', '--source'],
    ['pull', '--date', '2023-07-08', '--date', '2023-07-09'],
    ['list', '--no-json'],
    ['push', '-x'],
  ])
    expect((await runHere(args)).code, args.join(' ')).toBe(2);
});

test('errors are text with what to do next, or with --json one object on stderr', async () => {
  const world = await makeWorld();
  const text = await world.run(['pull', '--to', 'to']);
  expect(text.stdout).toBe('');
  const [error = '', hint = ''] = text.stderr.split('\n');
  expect(error).toMatch(/^\S+ \S+ Error no-such-backup: there is no backup/);
  expect(hint).not.toBe('');
  const json = await world.run(['pull', '--to', 'to', '--json']);
  expect(json.stdout).toBe('');
  expect(JSON.parse(json.stderr)).toEqual({
    error: { code: 'no-such-backup', message: expect.any(String), hint: expect.any(String) },
  });
  expect([text.code, json.code]).toEqual([4, 4]);
});

test('--json and -v count for errors in every form that they have', async () => {
  const failing = ['list', '--settings', '/no/such.env'];
  const notUnderstood = ['list', '--no-such-flag'];
  const isJson: [string[], boolean][] = [
    [['--json'], true],
    [['--json=true'], true],
    [['--json', 'true'], true],
    [['--json=false'], false],
    [['--json', 'false'], false],
    [[], false],
  ];
  for (const [flags, expected] of isJson) {
    for (const args of [failing, notUnderstood]) {
      const outcome = await runHere([...args, ...flags]);
      expect(outcome.stderr.startsWith('{"error":'), [...args, ...flags].join(' ')).toBe(expected);
    }
  }
  for (const flags of [['-v'], ['-qv'], ['--verbose'], ['--verbose=true'], ['-q']]) {
    const outcome = await runHere([...failing, ...flags]);
    expect(outcome.stderr.includes('because:'), flags.join(' ')).toBe(flags[0] !== '-q');
  }
  const refused = await runHere(['list', '--json=yes']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('--json takes no value');
  // Behind -- nothing is a flag.
  expect((await runHere(['list', '--no-such-flag', '--', '--json'])).stderr).toMatch(
    /^\S+ \S+ Error usage: /,
  );
});

test('without a store it says how to name one', async () => {
  const world = await makeWorld();
  for (const command of ['push', 'pull', 'list']) {
    const outcome = await world.run([command], { env: { EFAKTUR_STORE: undefined } });
    expect(outcome.code, command).toBe(2);
    expect(outcome.stderr).toContain('EFAKTUR_STORE');
  }
});

test('-q prints errors only, -v more', async () => {
  const world = await makeWorld({ liveTime: new Date('2023-06-01T00:00:00Z') });
  await writeFile(join(world.app, 'db', 'catatan.txt'), 'x');
  const quiet = await world.run(['push', '--source', 'live', '-q']);
  expect(quiet).toMatchObject({ code: 0, stdout: '', stderr: '' });
  const loud = await world.run(['push', '--source', 'live', '--full']);
  expect(loud.stderr).toContain('catatan.txt');
  const verbose = await world.run(['push', '--source', 'live', '--full', '-v']);
  expect(verbose.stdout).toMatch(/\d+ requests/);
  expect(verbose.stdout.length).toBeGreaterThan(loud.stdout.length);
  const failing = await world.run(['pull', '--date', '2001-01-01', '--to', 'to', '-q']);
  expect(failing.stderr).toContain('Error ');
});

test('with --json stdout is one document, stderr nothing, also with warnings', async () => {
  const world = await makeWorld({ liveTime: new Date('2023-06-01T00:00:00Z') });
  await writeFile(join(world.app, 'db', 'catatan.txt'), 'x');
  const outcome = await world.run(['push', '--source', 'live', '--json']);
  expect(outcome.stderr).toBe('');
  expect(JSON.parse(outcome.stdout).warnings.map((w: { code: string }) => w.code)).toContain('left-out');
});

test('an env file sets what the environment does not, and errors name it', async () => {
  const world = await makeWorld();
  const file = join(world.folder, 'kantor.env');
  const other = join(world.folder, 'lain');
  await writeFile(file, `EFAKTUR_STORE=${other}\nEFAKTUR_NAME=dari-berkas\n`);
  const env = { EFAKTUR_STORE: undefined };
  const document = await world.json(['push', '--settings', file], { env });
  expect(document.backups[0]?.stores[0]?.store).toBe(other);
  expect((await world.json(['push', '--full', '--settings', file])).backups[0]?.stores[0]?.store).toBe(
    world.store,
  );
  const missing = await world.run(['push', '--settings', join(world.folder, 'nowhere.env')]);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('nowhere.env');
  await writeFile(file, 'EFAKTUR_STROE=x\n');
  const unknown = await world.run(['push', '--settings', file]);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain(file);
});

test('./.env counts when it names an EFAKTUR_ setting, else that of the user’s config folder', async () => {
  const world = await makeWorld();
  const [here, config] = [
    join(world.folder, 'kerja'),
    join(world.folder, 'home', '.config', 'efaktur-cloud'),
  ];
  await mkdir(here);
  await mkdir(config, { recursive: true });
  await writeFile(join(config, '.env'), `EFAKTUR_STORE=${join(world.folder, 'dari-config')}\n`);
  await writeFile(join(here, '.env'), 'DATABASE_URL=bukan-punya-kita\n');
  const env = { EFAKTUR_STORE: undefined };
  const storeOf = async (): Promise<string | undefined> =>
    (await world.json(['push', '--full'], { env, cwd: here })).backups[0]?.stores[0]?.store;
  expect(await storeOf()).toBe(join(world.folder, 'dari-config'));
  await writeFile(join(here, '.env'), `EFAKTUR_STORE=${join(world.folder, 'dari-sini')}\n`);
  expect(await storeOf()).toBe(join(world.folder, 'dari-sini'));
});

test('a ./.env that would run a command is exit 2, and nothing is run', async () => {
  const world = await makeWorld();
  const ran = join(world.folder, 'ran');
  await writeFile(join(world.folder, '.env'), `EFAKTUR_IDENTITY_COMMAND=touch ${ran}\n`);
  const { code, stderr } = await world.run(['list', '--long']);
  expect(code).toBe(2);
  expect(stderr).toContain('Error usage: EFAKTUR_IDENTITY_COMMAND in ');
  expect(stderr).toContain(`--settings ${join(world.folder, '.env')}`);
  await expect(stat(ran)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('--env-file is another name of --settings, and only one of them counts', async () => {
  const world = await makeWorld();
  const file = join(world.folder, 'x.env');
  await writeFile(file, 'EFAKTUR_STORE=here\n');
  const env = { EFAKTUR_STORE: undefined };
  for (const given of [['--settings', file], [`--env-file=${file}`], ['--env-file', 'x.env']])
    for (const words of [
      [...given, 'push'],
      ['push', '--full', ...given],
    ])
      expect((await world.json(words, { env })).backups[0]?.stores[0]?.store).toBe(
        join(world.folder, 'here'),
      );
  const both = await world.run(['list', '--settings', file, '--env-file', file]);
  expect(both.code).toBe(2);
  expect(both.stderr).toContain('--settings (--env-file) was given more than once');
  for (const flag of ['--settings', '--env-file']) {
    expect((await world.run(['list', flag])).stderr).toContain(`${flag} was given without a value`);
    expect((await world.run(['list', `${flag}=`])).code).toBe(2);
  }
});

test('a zone that is none is refused; a system in UTC counts days in Jakarta and says so', async () => {
  const world = await makeWorld({ live: null });
  const wrong = await world.run(['push'], { env: { EFAKTUR_TIMEZONE: 'WIB' } });
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('Asia/Jakarta');
  const outcome = await world.runBuilt(['push', '--json'], {
    env: { EFAKTUR_TIMEZONE: undefined, TZ: 'UTC' },
  });
  expect(outcome.code).toBe(0);
  const document = JSON.parse(outcome.stdout);
  expect(document.warnings.map((w: { code: string }) => w.code)).toContain('default-timezone');
  expect(document.backups[0].capturedAt).toBe('2023-07-08T09:30:00+07:00');
  const local = await world.runBuilt(['list', '--json'], {
    env: { EFAKTUR_TIMEZONE: undefined, TZ: 'Asia/Makassar' },
  });
  expect(JSON.parse(local.stdout)).toMatchObject({
    warnings: [],
    backups: [{ capturedAt: '2023-07-08T10:30:00+08:00' }],
  });
});

test('the built program runs from any folder, also one that has gone', async () => {
  const world = await makeWorld();
  const cwd = await tempFolder();
  const outcome = await world.runBuilt(['push', '--json'], { cwd });
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(outcome.stdout).outcome).toBe('created');
});

test('negative numbers are words and values, not flags', async () => {
  const parsed = async (...args: string[]) => {
    const result = await parseCommandLine(args, '1', 'en');
    if (result.type !== 'run') throw new Error('it is not run');
    return result;
  };
  for (const number of ['-2,25', '-2.250,00', '-2', '-345.000,-']) {
    expect((await parsed('find', number, 'Toko')).positionals).toEqual([number, 'Toko']);
    expect((await parsed('find', '--table', 'T', number)).positionals).toEqual([number]);
    expect((await parsed('pull', '--expect', number, '--expect', '-1')).flags).toMatchObject({
      expect: [number, '-1'],
    });
    expect((await parsed('pull', `--expect=${number}`)).flags).toMatchObject({ expect: [number] });
    expect((await parsed('show', 'T', '--offset', number)).flags).toMatchObject({ offset: number });
  }
  const unknown = await runHere(['-2,25', '--json']);
  expect([unknown.code, errorOf(unknown).message]).toEqual([2, 'there is no command "-2,25"']);
});

test('in a log each error and note carries its time in the zone of the settings, on a terminal and with --json none', async () => {
  const world = await makeWorld({ backups: [] });
  const now = new Date('2023-07-08T12:00:00Z');
  const inZone = (zone: string) => ({ now, env: { EFAKTUR_TIMEZONE: zone } });
  const noted = await world.run(['push'], inZone('Asia/Jayapura'));
  expect(noted.stderr).toMatch(/^2023-07-08 21:00:00\+09:00 Note: /m);
  expect(noted.stdout).not.toContain('+09:00');
  const failed = await world.run(['pull', '--date', '2020-01-01', '--to', 'x'], inZone('Asia/Makassar'));
  expect(failed.stderr).toMatch(/^2023-07-08 20:00:00\+08:00 Error [a-z-]+: /);
  // Before the settings are read there is the system's zone.
  expect((await world.run(['nothing'], { now })).stderr).toMatch(/^2023-07-08 19:00:00\+07:00 Error usage: /);
  for (const args of [['push'], ['pull', '--date', '2020-01-01', '--to', 'x'], ['nothing']]) {
    const json = await world.run([...args, '--json'], { now });
    expect(json.stdout + json.stderr).not.toMatch(/^\d/m);
  }
});

test('an empty value is no current folder and no newest backup, of any flag that takes one', async () => {
  for (const { name, flags } of commands) {
    for (const [flag, { type, optional }] of Object.entries({ ...commonFlags, ...flags })) {
      if (type !== 'string' || optional) continue;
      for (const words of [[`--${flag}=`], [`--${flag}`, ''], [`--${flag}`, ' ']])
        await expect(parseCommandLine([name, ...words], '0', 'en'), `${name} ${flag}`).rejects.toMatchObject({
          code: 'usage',
          message: expect.stringMatching(
            `the value of --${flag} is empty|--${flag} was given without a value`,
          ),
        });
    }
  }
});
