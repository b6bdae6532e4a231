import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const text = await readFile(join(root, 'docs', 'RELIABILITY.md'), 'utf8');

/** The tests that one cell names: a file, then titles in quotes, perhaps several times. */
function namedIn(cell: string): { file: string; title: string }[] {
  const named: { file: string; title: string }[] = [];
  let file = '';
  for (const [, path, title] of cell.matchAll(/`(test\/[^`]+)`|"([^"]+)"/g)) {
    if (path !== undefined) file = path;
    else if (title !== undefined) named.push({ file, title });
  }
  return named;
}

const promises = text
  .split('\n')
  .filter((line) => /^\| .*`test\//.test(line))
  .map((line) => {
    const [, promise = '', heldBy = ''] = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
    return { promise: line.slice(2, line.indexOf(' | ')), named: namedIn(heldBy || promise) };
  });

test('every promise names tests', () => {
  expect(promises.length).toBeGreaterThan(35);
  for (const { promise, named } of promises) expect(named, promise).not.toEqual([]);
});

test('every test that is named exists under that name', async () => {
  for (const { file, title } of promises.flatMap(({ named }) => named)) {
    const source = await readFile(join(root, file), 'utf8').catch(() => '');
    const quoted = ["'", '"', '`'].some((quote) => source.includes(`${quote}${title}${quote}`));
    expect(quoted, `${file}: "${title}"`).toBe(true);
  }
});

test('no promise is left without a test: rows of the tables of promises all have one', () => {
  const tables = text.slice(0, text.indexOf('## Figures of the last run'));
  const rows = tables.split('\n').filter((line) => line.startsWith('| ') && !/^\| (promise|---)/.test(line));
  expect(rows.length).toBe(promises.length);
});
