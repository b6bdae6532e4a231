import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from '../../src/base/text.ts';

/** The documents for users, as tests read them: each is there in English and in Indonesian. */

export const root = join(import.meta.dirname, '../..');

export interface Guide {
  /** From the top of the repository, with `/`. */
  readonly path: string;
  readonly language: Language;
  readonly text: string;
}

const guideOf = (path: string, language: Language): Guide => ({
  path,
  language,
  text: readFileSync(join(root, path), 'utf8'),
});

const names = [
  'README',
  'docs/COMMANDS',
  'docs/CONSULTANTS',
  'docs/LOOK-INSIDE',
  'docs/NEW-PC',
  'docs/PROTECT',
  'docs/RESTORE',
  'docs/SETUP',
  'docs/STORES',
] as const;

export type GuideName = (typeof names)[number];

export const guidePairs: readonly { readonly name: GuideName; readonly en: Guide; readonly id: Guide }[] =
  names.map((name) => ({ name, en: guideOf(`${name}.md`, 'en'), id: guideOf(`${name}.id.md`, 'id') }));

export const guides: readonly Guide[] = guidePairs.flatMap(({ en, id }) => [en, id]);

/** The text of one of them. */
export function guide(name: GuideName, language: Language = 'en'): string {
  const pair = guidePairs.find((one) => one.name === name);
  if (!pair) throw new Error(`there is no guide ${name}`);
  return pair[language].text;
}

/** All that is said in one language, in one text. */
export const allGuides = (language: Language): string =>
  guidePairs.map((pair) => pair[language].text).join('\n');

export interface Block {
  readonly language: string;
  readonly text: string;
}

export const blocksOf = (markdown: string): Block[] =>
  [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((m) => ({ language: m[1] ?? '', text: m[2] ?? '' }));

export const proseOf = (markdown: string): string => markdown.replace(/^```.*?^```$/gms, '');

/** Headings with their `#`. */
export const headingsOf = (markdown: string): string[] =>
  [...proseOf(markdown).matchAll(/^(#+) (.+)$/gm)].map((m) => `${m[1]} ${m[2]}`);

/** An anchor as GitHub makes it. */
export const slugOf = (heading: string): string =>
  heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');

/** Rows of the table whose first header cells are these, as cells without their blanks. */
export function tableOf(markdown: string, ...header: string[]): string[][] {
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
    .find(([first]) => header.every((cell, i) => cell === first?.[i]));
  if (!rows) throw new Error(`there is no table ${header.join(', ')}`);
  return rows.slice(2);
}

/** What stands in backquotes. */
export const codeIn = (markdown: string): string[] =>
  [...markdown.matchAll(/`([^`]+)`/g)].map((m) => m[1] ?? '');

/** Lines of blocks that call the program, as words; what the shell would do with them is cut off. */
export const callsIn = (markdown: string): string[][] =>
  blocksOf(markdown)
    .filter(({ language }) => language !== 'text')
    .flatMap(({ text }) => text.split('\n'))
    .flatMap((line) => /(?:^|\/)efaktur-cloud (.*?)(?: (?:\|\||>>?).*)?$/.exec(line)?.[1] ?? [])
    .map((words) =>
      [...words.matchAll(/(?:'[^']*'|"[^"]*"|\S)+/g)].map(([word]) => word.replace(/['"]/g, '')),
    );

/** Lines of all blocks in these languages, each once. */
export const linesOf = (markdown: string, ...languages: string[]): string[] =>
  [
    ...new Set(
      blocksOf(markdown)
        .filter(({ language }) => languages.includes(language))
        .flatMap(({ text }) => text.trim().split('\n')),
    ),
  ].sort();

/** The first block in this language with that text in it. */
export function blockWith(markdown: string, language: string, text: string): string {
  const found = blocksOf(markdown).find((one) => one.language === language && one.text.includes(text));
  if (!found) throw new Error(`there is no block ${language} with "${text}"`);
  return found.text;
}
