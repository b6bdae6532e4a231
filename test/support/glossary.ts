import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** docs/GLOSSARY.md as tests read it: its terms, and the words that it replaces. */

const glossary = readFileSync(join(import.meta.dirname, '../../docs/GLOSSARY.md'), 'utf8');

export interface GlossaryTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const cellsOf = (line: string): string[] =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

/** Every table, in the order of the file. */
export const glossaryTables: readonly GlossaryTable[] = (glossary.match(/(?:^\|.*\|\n)+/gm) ?? []).map(
  (table) => {
    const [header = '', , ...rows] = table.trim().split('\n');
    return { header: cellsOf(header), rows: rows.map(cellsOf) };
  },
);

/** Rows of "Not these": `[language, not, but]`. */
export const replacedWords =
  glossaryTables.find(({ header }) => header.join() === 'language,not,but')?.rows ?? [];

/** Rows of what is said all the same: `[language, phrase, where]`. */
export const keptPhrases =
  glossaryTables.find(({ header }) => header.join() === 'language,phrase,where')?.rows ?? [];

function wordsOf(language: 'en' | 'id'): RegExp {
  const any = (rows: readonly (readonly string[])[]): string =>
    rows
      .flatMap(([of, words = '']) => (of === language ? [words] : []))
      .map((words) => words.replaceAll(' ', '\\s+').replace('…', '\\p{L}*'))
      .join('|');
  const [start, end] = ['(?<![\\p{L}\\p{N}-])', '(?![\\p{L}\\p{N}])'];
  return new RegExp(`${start}(?!(?:${any(keptPhrases)})${end})(?:${any(replacedWords)})${end}`, 'iu');
}

/** Finds the first word that has a better one in docs/GLOSSARY.md. */
export const wrongWords = { en: wordsOf('en'), id: wordsOf('id') };
