import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { eventCodes } from '../../src/base/warning-codes.ts';
import { defaultPolicy } from '../../src/catalog/prune-defaults.ts';
import { commands } from '../../src/cli/commands.ts';
import { flagDefaults } from '../../src/cli/defaults.ts';
import { commonFlags } from '../../src/cli/flags.ts';
import { defaultDays, settingNames } from '../../src/settings/config.ts';
import { errorOf, makeWorld } from '../support/cli.ts';
import { allGuides, codeIn, guide, tableOf } from '../support/guides.ts';

/** docs/COMMANDS.md and its Indonesian sister: their tables are compared with the code and with each other. */

const texts = { en: guide('docs/COMMANDS', 'en'), id: guide('docs/COMMANDS', 'id') };

const flagsInCode = new Map(commands.map((c) => [c.name, Object.keys(c.flags).sort()]));

describe.each([
  ['docs/COMMANDS.md', 'en'],
  ['docs/COMMANDS.id.md', 'id'],
] as const)('%s', (_, language) => {
  const markdown = texts[language];

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

  test('its settings are those of the code', () => {
    const inTable = tableOf(markdown, language === 'en' ? 'setting' : 'pengaturan').flatMap(([cell = '']) =>
      codeIn(cell),
    );
    expect(inTable.sort()).toEqual([...settingNames].sort());
  });

  test('its exit codes are those of the code', () => {
    const codes = tableOf(markdown, language === 'en' ? 'code' : 'kode').map(([cell]) => Number(cell));
    expect(codes).toEqual([...new Set([0, 1, ...Object.values(exitCodes)])].sort((a, b) => a - b));
  });

  test('its notes are those of the code', () => {
    const inTable = tableOf(markdown, language === 'en' ? 'note' : 'catatan').flatMap(([cell = '']) =>
      codeIn(cell),
    );
    expect(inTable).toEqual(eventCodes);
  });

  test('the JSON documents have the fields it names', async () => {
    const world = await makeWorld();
    const to = join(world.folder, 'restored');
    const calls: Record<string, string[]> = {
      init: ['init', '--yes', '--unencrypted', '--store', join(world.folder, 'init'), '--schedule', 'off'],
      push: ['push'],
      pull: ['pull', '--to', to],
      keys: ['keys', 'show'],
      export: ['export', '--to', world.folder],
      copy: ['copy', '--to', join(world.folder, 'copied'), '--read-back'],
      find: ['find', 'Gerbang Semesta'],
      show: ['show', 'PROFIL'],
      diff: ['diff', 'live', 'live'],
      'export-tables': ['export-tables', '--to', join(world.folder, 'tables')],
      completion: ['completion', 'bash'],
      schedule: ['schedule', 'status'],
    };
    const rows = tableOf(markdown, language === 'en' ? 'JSON of' : 'JSON dari');
    const documented = new Map(
      rows.map(([command = '', fields = '']) => [codeIn(command)[0]?.split(' ')[0], fields]),
    );
    const documents = new Map<string, Record<string, unknown>>();
    for (const { name } of commands) {
      const { stdout, stderr } = await world.run([...(calls[name] ?? [name]), '--json']);
      documents.set(name, JSON.parse(stdout || stderr));
      // What stands in parentheses are values, or fields further down.
      let plain = documented.get(name) ?? '';
      while (/\([^()]*\)/.test(plain)) plain = plain.replace(/\([^()]*\)/g, '');
      const fields = codeIn(plain).map((f) => f.replace('[]', ''));
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

  test('says what holds where a flag or setting is not given', () => {
    const rowOf = (name: string): string =>
      markdown.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';
    for (const [flag, value] of Object.entries(flagDefaults))
      expect(rowOf(`--${flag}`)).toMatch(new RegExp(`\\(${value}\\) \\|$|\`${value}\``));
    for (const [name, value] of Object.entries(defaultDays)) expect(rowOf(name)).toContain(`| ${value} |`);
    const counts = Object.values(defaultPolicy).filter((count) => count !== null);
    expect(allGuides(language)).toMatch(
      new RegExp(counts.map((count) => `\\b${count}\\b`).join('[^\\d.]{1,60}')),
    );
  });
});

/** First cells of the headers, in English and Indonesian, and how many cells of a row hold the same code in both. */
const tables: [english: string, indonesian: string, sameCells: number][] = [
  ['command', 'perintah', 1],
  ['flag', 'flag', 1],
  ['setting', 'pengaturan', 1],
  ['code', 'kode', 1],
  ['note', 'catatan', 1],
  ['JSON of', 'JSON dari', 2],
  ['provider', 'penyedia', 3],
  ['what happened', 'yang terjadi', 1],
];

test.each(tables)('the table of each %s has the same rows in both', (english, indonesian, sameCells) => {
  const [en, id] = [tableOf(allGuides('en'), english), tableOf(allGuides('id'), indonesian)];
  expect(id).toHaveLength(en.length);
  const codes = (rows: string[][]): string[][][] =>
    rows.map((row) => row.slice(0, sameCells).map((cell) => codeIn(cell)));
  expect(codes(id)).toEqual(codes(en));
  if (english === 'code') expect(id.map(([code]) => code)).toEqual(en.map(([code]) => code));
  if (english === 'flag')
    expect(id.map(([, of]) => of?.replace('semua', 'all'))).toEqual(en.map(([, of]) => of));
});
