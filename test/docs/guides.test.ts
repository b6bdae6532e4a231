import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { commonFlags } from '../../src/cli/flags.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import { settingNames } from '../../src/settings/config.ts';
import { wrongWords } from '../support/glossary.ts';
import {
  allGuides,
  blocksOf,
  callsIn,
  codeIn,
  guidePairs,
  guides,
  headingsOf,
  linesOf,
  proseOf,
  root,
  slugOf,
} from '../support/guides.ts';

/** What must hold for every document for users: it names only what there is, and says the same in both languages. */

const flagNames = new Set([
  'help',
  ...[commonFlags, ...commands.map((command) => command.flags)].flatMap((flags) =>
    Object.entries(flags).flatMap(([name, { alias = name }]) => [name, alias]),
  ),
]);

describe.each(guides)('$path', ({ path, language, text }) => {
  test('names no flag that the program does not have', () => {
    const named = codeIn(proseOf(text)).flatMap((code) => [...code.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)]);
    expect(named.flatMap(([, flag = '']) => (flagNames.has(flag) ? [] : [flag]))).toEqual([]);
  });

  test('names no setting that there is not', () => {
    const named = [...text.matchAll(/\bEFAKTUR_[A-Z_]*[A-Z]/g)].map(([name]) => name);
    expect(settingNames).toEqual(expect.arrayContaining(named));
  });

  test('shows only calls that the program understands', async () => {
    for (const call of callsIn(text)) {
      const parsed = await parseCommandLine(call, '0', language);
      expect(parsed.type, call.join(' ')).toBe('run');
    }
  });

  test('keeps Node.js from the flags in every way it shows to start the program', () => {
    const started = codeIn(proseOf(text)).filter((code) => code.includes('efaktur-cloud.js'));
    expect(new Set([...started, 'node -- dist/efaktur-cloud.js'])).toHaveLength(1);
  });

  test('links to what is there', () => {
    const targets = [...proseOf(text).matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) {
      if (/^https?:/.test(target)) continue;
      const [to = '', anchor] = target.split('#');
      const file = to === '' ? path : posix.join(dirname(path), to);
      expect(existsSync(join(root, file)), target).toBe(true);
      if (anchor === undefined) continue;
      expect(headingsOf(readFileSync(join(root, file), 'utf8')).map(slugOf), target).toContain(anchor);
    }
    for (const [named] of text.matchAll(/\bdocker\/[\w.]+/g))
      expect(existsSync(join(root, named)), named).toBe(true);
  });

  test('leads to its readers in the other language, and to documents in their own', () => {
    const other = guidePairs.find((pair) => pair[language].path === path)?.[language === 'en' ? 'id' : 'en'];
    expect(proseOf(text)).toContain(`](${posix.relative(dirname(path), other?.path ?? '')})`);
    const inAnother = guides.filter((one) => one.language !== language && one !== other);
    for (const { path: foreign } of inAnother)
      expect(text).not.toContain(`](${posix.relative(dirname(path), foreign)}`);
  });

  test('keeps to the words of the glossary', () => {
    // Code is what machines call things.
    const prose = proseOf(text).replace(/`[^`]*`/g, '``');
    expect(prose.match(new RegExp(wrongWords[language], 'giu')) ?? []).toEqual([]);
  });
});

describe.each(guidePairs)('$name in both languages', ({ name, en, id }) => {
  test('what is typed or saved as it stands is the same', () => {
    expect(linesOf(id.text, 'sh', 'cron', 'powershell')).toEqual(
      linesOf(en.text, 'sh', 'cron', 'powershell'),
    );
    const [files, indonesianFiles] = [en, id].map(({ text }) =>
      blocksOf(text).filter(({ language }) => language === 'ini'),
    );
    expect(indonesianFiles).toEqual(files);
    for (const { language } of [en, id].flatMap(({ text }) => blocksOf(text)))
      expect(['sh', 'cron', 'ini', 'text', 'powershell']).toContain(language);
  });

  test('its chapters are the same', () => {
    const levels = (text: string): string[] =>
      headingsOf(text).map((heading) => heading.replace(/[^#].*/, ''));
    // The first page is a text of its own in each language.
    if (name !== 'README') expect(levels(id.text)).toEqual(levels(en.text));
    const [top, indonesianTop] = [en, id].map(({ text }) => levels(text).filter((level) => level === '#'));
    expect([top, indonesianTop]).toEqual([['#'], ['#']]);
  });
});

describe.each(['en', 'id'] as const)('all of them in %s', (language) => {
  test('show a call of every command', () => {
    const called = callsIn(allGuides(language)).map(([command]) => command);
    for (const { name } of commands) expect(called).toContain(name);
  });

  test('are found from the first page', () => {
    const [readme, ...others] = guidePairs.map((pair) => pair[language]);
    for (const { path } of others) expect(readme?.text, path).toContain(`](${path}`);
    expect(readme?.text).toContain('](docs/GLOSSARY.md)');
  });
});
