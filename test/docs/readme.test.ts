import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { commands } from '../../src/cli/commands.ts';
import { defaultPolicy, flagDefaults } from '../../src/cli/defaults.ts';
import { commonFlags } from '../../src/cli/flags.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import { stateStored, stateUnchanged, storeLine } from '../../src/cli/push-texts.ts';
import { defaultDays, settingNames } from '../../src/settings/config.ts';
import { errorOf, makeWorld } from '../support/cli.ts';
import { wrongWords } from '../support/glossary.ts';
import { peFile } from '../support/pe-file.ts';
import { installAsReadme } from '../support/readme-install.ts';

/** The claims of both READMEs that can rot: they are compared with the code, with each other and with what a command does. */

const root = join(import.meta.dirname, '..', '..');
const texts = {
  'README.md': readFileSync(join(root, 'README.md'), 'utf8'),
  'README.id.md': readFileSync(join(root, 'README.id.md'), 'utf8'),
};
const readmes = Object.entries(texts);

interface Block {
  readonly language: string;
  readonly text: string;
}

const blocksOf = (markdown: string): Block[] =>
  [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((m) => ({ language: m[1] ?? '', text: m[2] ?? '' }));

const proseOf = (markdown: string): string => markdown.replace(/^```.*?^```$/gms, '');

const headingsOf = (markdown: string): string[] =>
  [...proseOf(markdown).matchAll(/^(#+) (.+)$/gm)].map((m) => `${m[1]} ${m[2]}`);

/** Rows of the table whose first header cell is one of these, as cells without their blanks. */
function tableOf(markdown: string, ...firstCells: string[]): string[][] {
  const tables = proseOf(markdown).match(/(?:^\|.*\|\n)+/gm) ?? [];
  const rows = tables
    .map((table) =>
      table
        .trim()
        .split('\n')
        .map((line) =>
          line
            .slice(1, -1)
            .split('|')
            .map((cell) => cell.trim()),
        ),
    )
    .find(([header]) => firstCells.includes(header?.[0] ?? ''));
  if (!rows) throw new Error(`there is no table ${firstCells.join(' or ')}`);
  return rows.slice(2);
}

const codeIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1] ?? '');

/** Lines that call the program, as words; what the shell would do with them is cut off. */
const callsIn = (markdown: string): string[][] =>
  blocksOf(markdown)
    .flatMap(({ text }) => text.split('\n'))
    .flatMap((line) => /(?:^|\/)efaktur-cloud (.*?)(?: (?:\|\||>>?).*)?$/.exec(line)?.[1] ?? [])
    .map((words) =>
      [...words.matchAll(/(?:'[^']*'|"[^"]*"|\S)+/g)].map(([word]) => word.replace(/['"]/g, '')),
    );

const flagsInCode = new Map(commands.map((c) => [c.name, Object.keys(c.flags).sort()]));

describe.each(readmes)('%s', (_name, markdown) => {
  test('says in two lines how to try and how to test it', () => {
    const lines = blocksOf(markdown).flatMap(({ text }) => text.split('\n'));
    expect(lines).toContain('npm ci && npm run demo');
    expect(lines).toContain('npm ci && npm test');
  });

  test('its flags are those of the code, each with the commands that have it', () => {
    const documented = new Map(commands.map((c) => [c.name, [] as string[]]));
    const common: string[] = [];
    for (const [flagCell = '', commandCell = ''] of tableOf(markdown, 'flag')) {
      const all = codeIn(flagCell);
      const names = all.filter((flag) => flag.startsWith('--')).map((flag) => flag.slice(2));
      if (['all', 'semua'].includes(commandCell)) {
        common.push(...names);
        const aliases = names
          .map((name) => commonFlags[name]?.alias ?? '')
          .filter((alias) => alias.length === 1)
          .map((alias) => `-${alias}`);
        expect(all.filter((flag) => !flag.startsWith('--'))).toEqual(aliases);
      } else for (const command of commandCell.split(', ')) documented.get(command)?.push(...names);
    }
    expect(common.sort()).toEqual(Object.keys(commonFlags).sort());
    for (const [command, flags] of flagsInCode)
      expect(documented.get(command)?.sort(), command).toEqual(flags);
  });

  test('no flag is named anywhere that the program does not have', () => {
    const names = Object.entries(commonFlags).flatMap(([name, { alias = name }]) => [name, alias]);
    const known = new Set([...names, ...[...flagsInCode.values()].flat()]);
    const named = codeIn(proseOf(markdown)).flatMap((code) => [
      ...code.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g),
    ]);
    for (const [, flag = ''] of named) expect(known, `--${flag}`).toContain(flag);
  });

  test('every call shown is one that the program understands', async () => {
    const calls = callsIn(markdown);
    expect(calls.length).toBeGreaterThan(10);
    for (const call of calls) {
      const parsed = await parseCommandLine(call, '0', _name === 'README.md' ? 'en' : 'id');
      expect(parsed.type, call.join(' ')).toBe('run');
    }
    for (const { name } of commands) expect(calls.map(([command]) => command)).toContain(name);
  });

  test('commands and their other names are told', () => {
    for (const { name, aliases } of commands)
      for (const word of [name, ...aliases])
        expect(new RegExp(`\`${word}[ \`]`).test(markdown), word).toBe(true);
  });

  test('its settings are those of the code', () => {
    const inTable = tableOf(markdown, 'setting', 'pengaturan').flatMap(([cell = '']) => codeIn(cell));
    expect(inTable.sort()).toEqual([...settingNames].sort());
    for (const [name] of markdown.matchAll(/\bEFAKTUR_[A-Z_]*[A-Z]/g)) expect(settingNames).toContain(name);
  });

  test('its exit codes are those of the code', () => {
    const codes = tableOf(markdown, 'code', 'kode').map(([cell]) => Number(cell));
    expect(codes).toEqual([...new Set([0, 1, ...Object.values(exitCodes)])].sort((a, b) => a - b));
  });

  test('every way shown to start the program keeps Node.js from its flags', () => {
    const started = codeIn(proseOf(markdown)).filter((code) => code.includes('efaktur-cloud.js'));
    expect(started).toEqual(['node -- dist/efaktur-cloud.js']);
  });

  test('its links lead somewhere', () => {
    const anchors = headingsOf(markdown).map((heading) => slug(heading.replace(/^#+ /, '')));
    for (const [, target = ''] of proseOf(markdown).matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      if (path !== '') expect(existsSync(join(root, path)), target).toBe(true);
      if (path === '' && anchor !== undefined) expect(anchors, target).toContain(anchor);
    }
    for (const [path] of markdown.matchAll(/\bdocker\/[\w.]+/g))
      expect(existsSync(join(root, path)), path).toBe(true);
  });

  test('the JSON documents have the fields it names', async () => {
    const world = await makeWorld();
    const to = join(world.folder, 'restored');
    const calls: Record<string, string[]> = {
      push: ['push'],
      pull: ['pull', '--to', to],
      keys: ['keys', 'show'],
      export: ['export', '--to', world.folder],
      copy: ['copy', '--to', join(world.folder, 'copied'), '--read-back'],
      find: ['find', 'Gerbang Semesta'],
      show: ['show', 'PROFIL'],
      diff: ['diff', 'live', 'live'],
      'export-tables': ['export-tables', '--to', join(world.folder, 'tables')],
    };
    const rows = tableOf(markdown, 'command', 'perintah');
    const documented = new Map(
      rows.map(([command = '', fields = '']) => [codeIn(command)[0]?.split(' ')[0], fields]),
    );
    const documents = new Map<string, Record<string, unknown>>();
    for (const { name } of commands) {
      const { stdout, stderr } = await world.run([...(calls[name] ?? [name]), '--json']);
      documents.set(name, JSON.parse(stdout || stderr));
      // What stands in parentheses are values, or fields further down.
      const fields = codeIn((documented.get(name) ?? '').replace(/\([^()]*\)/g, '')).map((f) =>
        f.replace('[]', ''),
      );
      expect(fields.length, name).toBeGreaterThan(0);
      const deep = JSON.stringify(documents.get(name));
      for (const field of [...fields, 'warnings']) expect(deep, `${name}: ${field}`).toContain(`"${field}":`);
    }
    const fieldsOfAll = codeIn(documented.get(undefined) ?? '').map((f) => f.replace('[]', ''));
    const [backup = {}] = (documents.get('list')?.backups ?? []) as Record<string, unknown>[];
    for (const field of fieldsOfAll.slice(fieldsOfAll.indexOf('id'))) expect(backup).toHaveProperty(field);
    const wrong = await world.run(['pull', '--id', 'x', '--to', to, '--json']);
    expect(Object.keys(errorOf(wrong))).toEqual(['code', 'message', 'hint']);
    expect(markdown.includes('`{"error":{"code","message","hint"}}`')).toBe(true);
  });
});

/** An anchor as GitHub makes it. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');

/** Lines of all blocks in one of these languages, each once. */
const linesOf = (markdown: string, ...languages: string[]): string[] =>
  [
    ...new Set(
      blocksOf(markdown)
        .filter(({ language }) => languages.includes(language))
        .flatMap(({ text }) => text.trim().split('\n')),
    ),
  ].sort();

describe('the READMEs are texts of their own, and', () => {
  const both = [texts['README.md'], texts['README.id.md']] as const;

  test('what is typed or saved as it stands is in both', () => {
    const [en, id] = both.map((markdown) => linesOf(markdown, 'sh', 'cron'));
    expect(id).toEqual(en);
    expect(en?.length).toBeGreaterThan(50);
    const [files, indonesianFiles] = both.map((markdown) =>
      blocksOf(markdown).filter(({ language }) => language === 'ini'),
    );
    expect(indonesianFiles).toEqual(files);
    for (const { language } of both.flatMap(blocksOf))
      expect(['sh', 'cron', 'ini', 'text']).toContain(language);
  });

  /** First cells of the headers, in English and Indonesian, and how many cells of a row hold the same code in both. */
  const tables: [english: string, indonesian: string, sameCells: number][] = [
    ['flag', 'flag', 1],
    ['setting', 'pengaturan', 1],
    ['code', 'kode', 1],
    ['command', 'perintah', 2],
    ['provider', 'penyedia', 3],
    ['what happened', 'yang terjadi', 1],
  ];

  test.each(tables)('the table of each %s has the same rows in both', (english, indonesian, sameCells) => {
    const [en, id] = [tableOf(both[0], english), tableOf(both[1], indonesian)];
    expect(id).toHaveLength(en.length);
    const codes = (rows: string[][]): string[][][] =>
      rows.map((row) => row.slice(0, sameCells).map((cell) => codeIn(cell)));
    expect(codes(id)).toEqual(codes(en));
    if (english === 'code') expect(id.map(([code]) => code)).toEqual(en.map(([code]) => code));
    if (english === 'flag')
      expect(id.map(([, commands]) => commands?.replace('semua', 'all'))).toEqual(
        en.map(([, commands]) => commands),
      );
  });

  test.each([
    ['README.md', 'en'],
    ['README.id.md', 'id'],
  ] as const)('%s says what the program says when a day has no backup', async (name, language) => {
    const world = await makeWorld({ live: null });
    await world.json(['push', '--source', 'backup']);
    const args = ['pull', '--date', '2023-07-01', '--to', join(world.folder, 'there'), '--lang', language];
    const { code, stderr } = await world.run(args);
    expect(code).toBe(4);
    const said = stderr.trim().replaceAll(world.store, '/mnt/nas/efaktur');
    const shown = blocksOf(texts[name]).find(({ text }) => text.startsWith('Error ')) ?? { text: '' };
    const withoutTag = (text: string): string => text.trim().replace(/\b(\d{8}T\d{6}Z)-[0-9a-f]{12}/g, '$1');
    expect(withoutTag(said).replace(/^\S+ \S+ (?=Error)/, '')).toBe(withoutTag(shown.text));
  });

  test('README.id.md shows what a push says', () => {
    const shown = blocksOf(texts['README.id.md']).flatMap(({ language, text }) =>
      language === 'text' ? text.trim().split('\n') : [],
    );
    const pushed = {
      capturedAt: '2023-07-08T09:30:00+07:00',
      source: 'C:\\e-Faktur\\db',
      totalBytes: 2_100_000,
    };
    const stored = storeLine({
      store: 's3://my-bucket/pc-kasir',
      took: { outcome: 'created', id: '20230708T023000Z-830b758bb3b7' },
      sentBytes: 117_000,
      requests: null,
    });
    expect(shown).toEqual(
      expect.arrayContaining([stateStored(pushed).id, stored.id, stateUnchanged(pushed).id]),
    );
  });

  test.each([
    ['README.md', 'en'],
    ['README.id.md', 'id'],
  ] as const)('%s keeps to the words of the glossary', (name, language) => {
    // Code is what machines call things.
    const prose = proseOf(texts[name]).replace(/`[^`]*`/g, '``');
    const found = prose.match(new RegExp(wrongWords[language], 'giu')) ?? [];
    expect(found).toEqual([]);
    expect(prose).toContain('](docs/GLOSSARY.md)');
  });
});

const block = (language: string, text: string): string => {
  const found = blocksOf(texts['README.md']).find((b) => b.language === language && b.text.includes(text));
  if (!found) throw new Error(`README.md has no block ${language} with "${text}"`);
  return found.text;
};

/** What cron gives a line, see crontab(5): hardly any environment, /bin/sh, and the home folder to start from. */
const asCron = (command: string, home: string): Promise<unknown> =>
  promisify(execFile)('/bin/sh', ['-c', command], {
    cwd: home,
    env: { HOME: home, LOGNAME: 'kasir', SHELL: '/bin/sh', PATH: '/usr/bin:/bin' },
  });

test('the cron line works as it stands after the install lines, with what cron gives it', async () => {
  const world = await makeWorld();
  const home = join(world.folder, 'home of kasir');
  await mkdir(home);
  await installAsReadme('README.md', world, home);
  const settings = `EFAKTUR_APP_DIR=${world.app}\nEFAKTUR_STORE=${world.store}\nEFAKTUR_TIMEZONE=Asia/Jakarta\n`;
  await writeFile(join(home, 'efaktur.env'), settings);

  const [line = '', ...more] = block('cron', 'efaktur-cloud push').trim().split('\n');
  expect(more).toEqual([]);
  const [, command = ''] = /^(?:[\d*,/-]+ ){5}(.*)$/.exec(line) ?? [];
  expect(command).toContain('efaktur-cloud push');
  // An unescaped % would end the command, see crontab(5).
  expect(command).not.toContain('%');
  await asCron(command, home);
  const log = await readFile(join(home, 'efaktur-cloud.log'), 'utf8');
  expect(log).toMatch(/^Stored the state of /);
  const { backups } = await world.json<{ backups: unknown[] }>(['list']);
  expect(backups).toHaveLength(1);

  await asCron(command, home);
  expect(await readFile(join(home, 'efaktur-cloud.log'), 'utf8')).toContain(
    'Nothing new since the last backup',
  );
  await writeFile(join(home, 'efaktur.env'), settings.replace(world.app, join(world.folder, 'gone')));
  await expect(asCron(command, home)).rejects.toMatchObject({ code: 2 });
});

test.each([
  ['README.md', 'Move to a new PC'],
  ['README.id.md', 'Perpindahan ke komputer baru'],
] as const)('the steps of %s to a new PC bring e-Faktur there, as they stand', async (name, heading) => {
  const world = await makeWorld();
  for (const exe of ['ETaxInvoice', 'ETaxInvoiceMain', 'ETaxInvoiceUpd'])
    await writeFile(join(world.app, `${exe}.exe`), peFile('4.0.0.0', exe));
  const section = new RegExp(`^## ${heading}$.*?^(?=## )`, 'ms').exec(texts[name])?.[0] ?? '';
  const [there, ...here] = blocksOf(section).map(({ text }) => callsIn(`\`\`\`sh\n${text}\`\`\`\n`));
  const home = join(world.folder, 'new home');
  await mkdir(home);
  const env = {
    HOME: home,
    EFAKTUR_APP_DIR: undefined,
    EFAKTUR_STATE_DIR: join(home, 'state'),
    EFAKTUR_NAME: 'pc-baru',
  };
  expect([there?.length, here.flat().length]).toEqual([3, 2]);
  for (const call of there ?? []) await world.json(call);
  for (const call of here.flat())
    await world.json(
      call.map((word) => word.replace(/^~/, home)),
      { env },
    );
  const at = ['ETaxInvoiceMain.exe', 'db/ETaxInvoice/service.properties'];
  for (const path of at)
    expect(await readFile(join(home, 'e-Faktur', path))).toEqual(await readFile(join(world.app, path)));
});

test('the settings file shown is understood as it stands', async () => {
  const world = await makeWorld(null);
  const file = join(world.folder, 'efaktur.env');
  await writeFile(file, block('ini', 'EFAKTUR_STORE'));
  const outcome = await world.run(['push', '--settings', file], {
    env: { EFAKTUR_APP_DIR: undefined, EFAKTUR_STORE: undefined },
  });
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toContain('EFAKTUR_APP_DIR in ');
  expect(outcome.stderr).toContain('/home/kasir/e-Faktur is not a folder');
});

test('every settings file shown is understood, before it holds any key', async () => {
  const world = await makeWorld(null);
  const shown = blocksOf(texts['README.md']).filter(({ language }) => language === 'ini');
  expect(shown).toHaveLength(3);
  const file = join(world.folder, 'efaktur.env');
  for (const { text } of shown) {
    await writeFile(file, text, { mode: 0o600 });
    const outcome = await world.run(['doctor', '--print-policy', 'push', '--settings', file], {
      env: { EFAKTUR_APP_DIR: undefined, EFAKTUR_STORE: undefined },
    });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toContain('arn:aws:s3:::my-bucket/pc-kasir/');
    expect(outcome.stdout.includes('s3:PutObjectRetention')).toBe(text.includes('EFAKTUR_LOCK_DAYS'));
  }
});

test.each(readmes)('the restore line of %s gives the db folder back', async (_, markdown) => {
  const world = await makeWorld();
  const { backups } = await world.json(['push']);
  const line = blocksOf(markdown).find(({ text }) => text.startsWith('zstd '))?.text ?? '';
  const [name = ''] = /\S+\.tar\.zst/.exec(line) ?? [];
  await copyFile(join(world.store, backups[0]?.archive ?? ''), join(world.folder, name));
  await promisify(execFile)('/bin/sh', ['-c', line], { cwd: world.folder });
  const properties = (folder: string): Promise<Buffer> =>
    readFile(join(folder, 'db', 'ETaxInvoice', 'service.properties'));
  expect(await properties(world.folder)).toEqual(await properties(world.app));
});

test('the compose file sets only settings there are, and a name', () => {
  const compose = readFileSync(join(root, 'docker', 'compose.yaml'), 'utf8');
  const set = [...compose.matchAll(/^ +(EFAKTUR_\w+):/gm)].map((m) => m[1]);
  expect(set).toContain('EFAKTUR_NAME');
  for (const name of set) expect(settingNames).toContain(name);
  const image = readFileSync(join(root, 'docker', 'Dockerfile'), 'utf8');
  expect(image).toContain('ENV EFAKTUR_STATE_DIR=/state');
  expect(image).toContain('exec node -- /opt/efaktur-cloud/dist/efaktur-cloud.js');
});

test('both name the servers that the core path is tested on', () => {
  const suite = readFileSync(join(root, 'test', 'servers', 'core-path.test.ts'), 'utf8');
  const servers = [...suite.matchAll(/^ {2}\['(\w+)', /gm)].map((m) => m[1] ?? '');
  expect(servers.length).toBeGreaterThan(2);
  for (const [name, text] of readmes)
    for (const server of servers) expect(text, name).toMatch(new RegExp(`\\b${server}\\b`));
});

describe.each(readmes)('%s', (_, markdown) => {
  const rowOf = (name: string): string =>
    markdown.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';

  test('says what holds where a flag or setting is not given', () => {
    for (const [flag, value] of Object.entries(flagDefaults))
      expect(rowOf(`--${flag}`)).toMatch(new RegExp(`\\(${value}\\) \\|$|\`${value}\``));
    for (const [name, value] of Object.entries(defaultDays)) expect(rowOf(name)).toContain(`| ${value} |`);
    const counts = Object.values(defaultPolicy).filter((count) => count !== null);
    expect(markdown).toMatch(new RegExp(counts.map((count) => `\\b${count}\\b`).join('[^\\d.]{1,60}')));
  });
});
