import { expect, test } from 'vitest';
import { wrapped } from '../../src/cli/questions-drawn.ts';

/** Texts as wide as the terminal (the line on the left takes four columns). */
const narrow = (text: string): string => wrapped(text, { stderr: { columns: 44 } as never });

test('a row of a table goes on under its value, and other text where its line began', () => {
  expect(narrow('  encrypted  with a new key; you print it now as a recovery sheet')).toBe(
    '  encrypted  with a new key; you print\n             it now as a recovery sheet',
  );
  expect(narrow('  twenty words that are longer than one line of it')).toBe(
    '  twenty words that are longer than one\n  line of it',
  );
  expect(narrow('First comes a backup, which is read back in full')).toBe(
    'First comes a backup, which is read back\nin full',
  );
});

test('a path stays whole, however long, and nothing of its row gets lost', () => {
  const path = `/${'x'.repeat(60)}`;
  expect(narrow(`  e-Faktur   ${path} (profile pkp)`)).toBe(
    `  e-Faktur   ${path}\n             (profile pkp)`,
  );
  expect(narrow(`             ${path}`)).toBe(`             ${path}`);
});
