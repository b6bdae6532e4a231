import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { glossaryTables, keptPhrases, replacedWords, wrongWords } from '../support/glossary.ts';

const terms = glossaryTables.filter(({ header }) => header[0] === 'English');

describe('docs/GLOSSARY.md', () => {
  test('its terms stand in both languages, with what they mean', () => {
    const rows = terms.flatMap((table) => table.rows);
    expect(rows.length).toBeGreaterThan(60);
    for (const [english, indonesian, , meaning, ...more] of rows) {
      expect([english, indonesian, meaning], english).not.toContain('');
      expect(meaning, english).toBeDefined();
      expect(more, english).toEqual([]);
    }
    for (const { header } of terms) expect(header).toEqual(['English', 'Indonesian', 'in code', 'meaning']);
  });

  test('no two terms have one name', () => {
    const english = terms.flatMap(({ rows }) => rows.map((row) => row[0]));
    expect(english).toEqual([...new Set(english)]);
  });

  test('a term is none of the words that are replaced', () => {
    for (const [english = '', indonesian = ''] of terms.flatMap(({ rows }) => rows)) {
      expect(english).not.toMatch(wrongWords.en);
      expect(indonesian).not.toMatch(wrongWords.id);
    }
    for (const [language, not = '', but = ''] of replacedWords) {
      expect(['en', 'id']).toContain(language);
      const wrong = language === 'id' ? wrongWords.id : wrongWords.en;
      expect(not.replace('…', 'kan')).toMatch(wrong);
      expect(but).not.toMatch(wrong);
    }
  });

  test('words are found whole, over the end of a line, and with any ending where one may follow', () => {
    expect('sebuah basis\ndata.').toMatch(wrongWords.id);
    expect('mendaftarkan').toMatch(wrongWords.id);
    expect('two differentials').toMatch(wrongWords.en);
    expect('pemberkasan').not.toMatch(wrongWords.id);
    expect('directoryless').not.toMatch(wrongWords.en);
  });

  test('a phrase that is said all the same is no reason to say its words elsewhere', () => {
    expect(keptPhrases.length).toBeGreaterThan(0);
    for (const [language, phrase = ''] of keptPhrases) {
      const wrong = language === 'id' ? wrongWords.id : wrongWords.en;
      expect(phrase).not.toMatch(wrong);
      expect(phrase.toUpperCase().replace(' ', '\n')).not.toMatch(wrong);
      expect(phrase.split(' ')[0]).toMatch(wrong);
      expect(`${phrase}kan`).toMatch(wrong);
    }
  });

  test.each(['CHANGELOG.md', 'docs/SECURITY.md', 'docs/RELIABILITY.md', '.env.example'])(
    '%s keeps to its words',
    (name) => {
      const text = readFileSync(join(import.meta.dirname, '../..', name), 'utf8');
      // Code and names of tests stay as they are.
      const prose = text.replace(/`[^`]*`|"[^"]*"/g, '``');
      expect(prose.match(new RegExp(wrongWords.en, 'giu')) ?? []).toEqual([]);
    },
  );
});
