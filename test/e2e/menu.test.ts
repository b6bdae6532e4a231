import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorld, treeOf } from '../support/cli.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';
import { onTerminal, type Typed } from '../support/terminal.ts';

const choose: Record<string, RegExp> = { en: /press Enter: /, id: /tekan Enter: / };
const end: Record<string, Typed> = {
  en: [/Press Enter to close.*: /, '\n'],
  id: [/Tekan Enter untuk menutup.*: /, '\n'],
};
const choice = (lang: string, answer: string): Typed => [choose[lang] ?? /$^/, `${answer}\n`];
const ended = (lang: string): Typed => end[lang] ?? [/$^/, ''];
const menu = ['--lang'];

test.each(['en', 'id'])(
  '%s: backs up, shows the status and leaves, with the last exit code',
  async (lang) => {
    const world = await makeWorld();
    const again: Typed = [ended(lang)[0], 'm\n'];
    const typed = [
      choice(lang, '2'),
      again,
      choice(lang, 'status'),
      again,
      choice(lang, lang === 'id' ? 'keluar' : '0'),
    ];
    const { code, output } = await onTerminal(world, [...menu, lang], typed);
    expect(output).toContain(`> efaktur-cloud push --lang ${lang}`);
    expect(output).toContain(lang === 'id' ? 'Disimpan: keadaan ' : 'Stored the state of ');
    expect(output).toContain(`> efaktur-cloud status --lang ${lang}`);
    // A backup that nobody has verified yet is something to look after.
    expect(code).toBe(20);
    expect((await world.json<{ backups: unknown[] }>(['list'])).backups).toHaveLength(1);
  },
);

test.each([
  ['en', '1', /\(yes\/no\) /, 'y'],
  ['id', '8 Juli 2023', /\(ya\/tidak\) /, 'ya'],
] as const)('%s: restores the day %s into a folder that was dragged in', async (lang, day, confirm, yes) => {
  const world = await makeWorld({ live: null });
  await world.json(['push', '--all']);
  const to = join(world.folder, 'e-Faktur juli');
  const question = { en: /Which day\?.*: /s, id: /Hari apa\?.*: /s }[lang];
  const none = { en: /No backup of that day.*: /s, id: /Tidak ada cadangan dari hari itu.*: /s }[lang];
  const target = { en: /Into which folder\?.*: /s, id: /Ke folder mana\?.*: /s }[lang];
  const { code, output } = await onTerminal(
    world,
    ['--lang', lang],
    [
      choice(lang, '3'),
      [question, '1 January 1999\n'],
      [none, '4711\n'],
      [none, `${day}\n`],
      [target, `"e-Faktur juli"\n`],
      [confirm, `${yes}\n`],
      ended(lang),
    ],
  );
  expect(output).toMatch(/ 1 {2}8 Jul[iy] 2023, /);
  expect(output).toContain(`> efaktur-cloud pull --date 2023-07-08 "--to=${to}" --lang ${lang}`);
  expect(code).toBe(0);
  expect(Object.keys(await treeOf(join(to, 'db'))).length).toBeGreaterThan(5);
});

test('the e-Faktur folder itself is replaced only after the question of pull', async () => {
  const world = await makeWorld({ live: 'seed-6-july' });
  await world.json(['push', '--source', 'backup']);
  const before = await treeOf(world.app, true);
  const start: Typed[] = [
    choice('en', 'restore'),
    [/Which day\?.*: /s, '1\n'],
    [/Into which folder\?.*: /s, '\n'],
  ];
  const stopped = [[/restored into the e-Faktur folder.*\(yes\/no\) /s, 'n\n']] as const;
  const no = await onTerminal(world, [], [...start, ...stopped, ended('en')]);
  expect(no.code).toBe(0);
  expect(no.output).toContain('Nothing was restored.');
  const later: Typed[] = [
    [/restored into the e-Faktur folder.*\(yes\/no\) /s, 'y\n'],
    [/> efaktur-cloud pull --date 2023-07-08.*\(yes\/no\) /s, 'n\n'],
    ended('en'),
  ];
  expect((await onTerminal(world, [], [...start, ...later])).code).toBe(130);
  expect(await treeOf(world.app, true)).toEqual(before);
  // To close a question is to go back, too.
  const closed = await onTerminal(
    world,
    [],
    [...start.slice(0, 1), [/Which day\?.*: /s, '\u0004'], ended('en')],
  );
  expect(closed.code).toBe(130);
});

test('an error stays to be read until Enter is pressed', async () => {
  const world = await makeWorld();
  await rm(world.app, { recursive: true });
  const { code, output } = await onTerminal(
    world,
    [],
    [
      choice('en', '9'),
      [/from 0 to 5: /, '2\n'],
      [/Error (usage|source-unusable): .*Press Enter to close.*: /s, '\n'],
    ],
  );
  expect(code).toBe(2);
  expect(output).toContain('Solution: ');
  // Settings that cannot be read are no reason to show no menu.
  await writeFile(join(world.folder, '.env'), 'EFAKTUR_IDENTITY_COMMAND=touch ran\n');
  const found: Typed[] = [choice('en', '1'), [/Error usage: EFAKTUR_IDENTITY_COMMAND.*to close.*: /s, 'm\n']];
  const typed: Typed[] = [...found, choice('en', '5'), ended('en')];
  expect((await onTerminal(world, [], typed)).code).toBe(0);
});

test('what is not set up yet leads to the wizard, and what it set up is read next', async () => {
  const world = await makeWorld();
  const env = {
    EFAKTUR_STORE: undefined,
    EFAKTUR_LANG: undefined,
    ACCESSIBLE: '1',
  };
  const typed: Typed[] = [
    choice('en', '4'),
    [/> efaktur-cloud init.*What would you like to do\?.*takes 1: /s, '\u0004'],
    ended('en'),
  ];
  const { code, output } = await onTerminal(world, [], typed, { env });
  expect(output).toContain('begin with 4');
  expect(code).toBe(130);
  const own = join(world.folder, 'home', '.config', 'efaktur-cloud');
  await expect(readdir(own)).rejects.toMatchObject({ code: 'ENOENT' });
  const file = join(world.folder, 'x.env');
  await writeFile(file, `EFAKTUR_STORE=${world.store}\nEFAKTUR_LANG=id\n`);
  const later = await onTerminal(world, ['--settings', 'x.env'], [choice('id', '0')], { env });
  expect(later.output).toContain(`Pengaturan: ${file}`);
  expect(later.output).not.toContain('mulailah dengan 4');
});

test('help is that of the program, and without a console it stays an error', async () => {
  const world = await makeWorld();
  const { code, output } = await onTerminal(world, [], [choice('en', '5'), ended('en')]);
  expect(code).toBe(0);
  expect(output).toContain('Exit codes:');
  for (const words of [[], ['--lang', 'id']]) expect((await world.runBuilt(words)).code).toBe(2);
  expect((await world.runBuilt([])).stderr).toContain('no command was given');
  const json = await onTerminal(world, ['--json']);
  expect(json.code).toBe(2);
  expect(json.output).toContain('"usage"');
});

test.each([
  ['en', '2', /Which profile\?.*: /s, /Which day\?.*: /s, /\(yes\/no\) /, 'y'],
  ['id', 'pt b', /Profil yang mana\?.*: /s, /Hari apa\?.*: /s, /\(ya\/tidak\) /, 'ya'],
] as const)(
  '%s: with several profiles all are shown and run, and one (%s) is restored',
  async (lang, one, which, day, confirm, yes) => {
    const world = await makeWorld();
    const config = join(world.folder, 'config', 'efaktur-cloud');
    await mkdir(config, { recursive: true });
    for (const [name, app] of [
      ['PT A', world.app],
      ['PT B', await makeEfakturFolder(join(world.folder, 'e-Faktur B'))],
    ] as const)
      await writeFile(
        join(config, `${name}.env`),
        `EFAKTUR_APP_DIR=${app}\nEFAKTUR_STORE=${join(world.folder, name)}\n`,
      );
    const env = {
      XDG_CONFIG_HOME: join(world.folder, 'config'),
      EFAKTUR_APP_DIR: undefined,
      EFAKTUR_STORE: undefined,
    };
    const again: Typed = [ended(lang)[0], 'm\n'];
    const target = { en: /Into which folder\?.*: /s, id: /Ke folder mana\?.*: /s }[lang];
    const typed = [
      choice(lang, '2'),
      again,
      choice(lang, '1'),
      again,
      choice(lang, '3'),
      [which, `${one}\n`],
      [day, '1\n'],
      [target, 'dari B\n'],
      [confirm, `${yes}\n`],
      ended(lang),
    ] as const;
    const { code, output } = await onTerminal(world, [...menu, lang], typed, { env });
    for (const words of ['run', 'status --all'])
      expect(output).toContain(`> efaktur-cloud ${words} --lang ${lang}`);
    expect(output).toContain(lang === 'id' ? '2 profil' : '2 profiles');
    expect(output).toMatch(/> efaktur-cloud pull .* --profile "?'?PT B/);
    expect(code).toBe(0);
    expect(Object.keys(await treeOf(join(world.folder, 'dari B', 'db'))).length).toBeGreaterThan(10);
  },
);
