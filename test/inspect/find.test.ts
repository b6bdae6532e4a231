import { expect, test } from 'vitest';
import type { Row } from '../../src/derby/rows.ts';
import { findRows } from '../../src/inspect/find.ts';
import { type ChosenTable, tablesNamed } from '../../src/inspect/open-databases.ts';
import { tableRows } from '../../src/inspect/scan-tables.ts';
import { parseTerms, termTest } from '../../src/inspect/terms.ts';
import { isLong, plainText } from '../../src/inspect/value-text.ts';
import { seeds } from '../support/efaktur-folder.ts';
import { inspectFolder } from './inspect-folder.ts';

const signal = new AbortController().signal;

test('finds what a look at every value of every row finds', async () => {
  const inspection = await inspectFolder(seeds['seed-8-july'].path);
  const tables = tablesNamed(inspection, null);
  const all: { chosen: ChosenTable; row: Row }[] = [];
  for (const chosen of tables)
    for await (const batch of tableRows(inspection, chosen, { signal }))
      for (const row of batch) all.push({ chosen, row });
  const holds = ({ chosen, row }: (typeof all)[number], word: string): boolean =>
    parseTerms([word]).every((term) =>
      chosen.table.columns.some((column, i) => {
        const value = row[i] ?? null;
        return value !== null && !isLong(value) && (termTest(term, column.type)?.(value) ?? false);
      }),
    );
  // Two values of every seventh row: numbers, dates and texts, from all places of a row.
  let hits = 0;
  for (let n = 0; n < all.length; n += 7) {
    const { chosen, row } = all[n] ?? { chosen: undefined, row: [] };
    const words = [n, n * 3 + 1].flatMap((at) => {
      const column = chosen?.table.columns[at % row.length];
      const value = row[at % row.length] ?? null;
      if (!column || value === null || isLong(value) || Buffer.isBuffer(value)) return [];
      const word = plainText(value, column).trim();
      return word === '' || word.includes('"') ? [] : [word];
    });
    if (words.length === 0) continue;
    const expected = all.filter((one) => words.every((word) => holds(one, word)));
    const found: Row[] = [];
    for await (const one of findRows(inspection, tables, parseTerms(words), signal)) found.push(one.row);
    expect(found, words.join(' ')).toEqual(expected.map((one) => one.row));
    hits += found.length;
  }
  expect(hits).toBeGreaterThan(50);
});
