import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { docParts, withPart } from '../../scripts/docs-parts.ts';

const root = join(import.meta.dirname, '../..');

test.each(docParts)('$path has $name as the code has them; else "npm run docs" writes them', (part) => {
  const markdown = readFileSync(join(root, part.path), 'utf8');
  expect(markdown).toBe(withPart(markdown, part));
});

test('a part goes between its marks, and nowhere else', () => {
  const part = { path: 'x.md', name: 'rows', text: '| $& |\n' };
  expect(withPart('a\n<!-- rows -->\n\nold\n\n<!-- /rows -->\nb\n', part)).toBe(
    'a\n<!-- rows -->\n\n| $& |\n\n<!-- /rows -->\nb\n',
  );
  expect(() => withPart('a\n', part)).toThrow('x.md has no place for rows');
});
