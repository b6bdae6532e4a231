/* Searching a state's rows for texts, numbers and dates, whatever the tables are called. */
import type { Warning } from '../base/progress.ts';
import { type Column, tableName } from '../derby/catalog.ts';
import type { Row, Sieve } from '../derby/rows.ts';
import type { SqlValue } from '../derby/values.ts';
import type { PlaceInfo } from './backup-files.ts';
import { type ChosenTable, type Inspection, salvageWarning } from './open-databases.ts';
import { tableRows } from './scan-tables.ts';
import { type Term, termTest, type ValueTest } from './terms.ts';
import { valueCut } from './texts.ts';
import { isLong, jsonRowOf } from './value-text.ts';

export interface FoundRow extends ChosenTable {
  readonly row: Row;
  /** The columns that fit, in the order of the terms. */
  readonly matched: readonly Column[];
}

/** A found row in a document. */
export interface FoundJson {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  /** Names of the columns that fit, in the order of the terms. */
  readonly matched: readonly string[];
  readonly row: Readonly<Record<string, unknown>>;
}

export interface FindDocument extends PlaceInfo {
  readonly found: readonly FoundJson[];
  /** True when the search ended at the limit. */
  readonly more: boolean;
  readonly warnings: readonly Warning[];
}

export const findDocument = (
  { info, warnings, salvage }: Inspection,
  found: readonly FoundJson[],
  more: boolean,
): FindDocument => ({ ...info, found, more, warnings: [...warnings, ...salvageWarning(salvage)] });

/** A value too long for a document is cut, with a warning. */
export async function foundJson(
  { database, table, row, matched }: FoundRow,
  warnings: Warning[],
): Promise<FoundJson> {
  return {
    database: database.name,
    schema: table.schema,
    table: table.name,
    matched: matched.map(({ name }) => name),
    row: await jsonRowOf(table.columns, row, ({ name }) =>
      warnings.push({ code: 'value-cut', message: valueCut(`${tableName(table)}.${name}`) }),
    ),
  };
}

interface ColumnTest {
  readonly place: number;
  readonly column: Column;
  readonly test: ValueTest;
  readonly term: Term;
}

/** For each term the columns that can hold it; null when some term can be in none of them. */
function testsOf(
  columns: readonly Column[],
  terms: readonly Term[],
): readonly (readonly ColumnTest[])[] | null {
  const tests = terms.map((term) =>
    columns.flatMap((column, place): ColumnTest[] => {
      const test = termTest(term, column.type);
      return test ? [{ place, column, test, term }] : [];
    }),
  );
  return tests.every((one) => one.length > 0) ? tests : null;
}

/** The rows of these tables that hold every term, each in any column. Tables that can hold none of them are not read. */
export async function* findRows(
  inspection: Inspection,
  tables: readonly ChosenTable[],
  terms: readonly Term[],
  signal: AbortSignal,
): AsyncGenerator<FoundRow> {
  for (const chosen of tables) {
    const { columns } = chosen.table;
    const tests = testsOf(columns, terms);
    if (!tests) continue;
    for await (const batch of tableRows(inspection, chosen, { sieve: sieveOf(tests), signal })) {
      for (const row of batch) {
        const matched = matchQuickly(row, tests) ?? (await matchSlowly(row, tests));
        if (matched) yield { ...chosen, row, matched };
      }
    }
  }
}

/** Rows that lack the term that the fewest columns can hold are left out before the others are looked at. */
function sieveOf(tests: readonly (readonly ColumnTest[])[]): Sieve | undefined {
  const [fewest] = [...tests].sort((a, b) => a.length - b.length);
  return (
    fewest && {
      columns: fewest.map(({ column }) => column),
      mayFit(values) {
        for (let i = 0; i < fewest.length; i++) {
          const value = values[i] as SqlValue;
          if (value !== null && (isLong(value) || fewest[i]?.test(value))) return true;
        }
        return false;
      },
    }
  );
}

/** Which column holds each term; false when one is in none, null when a long value has to be read to know. */
function matchQuickly(row: Row, tests: readonly (readonly ColumnTest[])[]): Column[] | false | null {
  let matched: Column[] | null = null;
  let needsLong = false;
  for (const ofTerm of tests) {
    let hit: Column | null = null;
    let sawLong = false;
    for (const { place, column, test } of ofTerm) {
      const value = row[place] as SqlValue;
      if (value === null) continue;
      if (isLong(value)) {
        sawLong = true;
      } else if (test(value)) {
        hit = column;
        break;
      }
    }
    if (hit) {
      matched ??= [];
      matched.push(hit);
    } else if (sawLong) {
      needsLong = true;
    } else {
      return false;
    }
  }
  return needsLong ? null : matched;
}

async function matchSlowly(row: Row, tests: readonly (readonly ColumnTest[])[]): Promise<Column[] | false> {
  const matched: Column[] = [];
  for (const ofTerm of tests) {
    let hit: Column | null = null;
    for (const { place, column, test, term } of ofTerm) {
      const value = row[place] as SqlValue;
      if (value === null) continue;
      if (isLong(value) ? value.kind === 'text' && (await isInLong(value.chunks(), term)) : test(value)) {
        hit = column;
        break;
      }
    }
    if (!hit) return false;
    matched.push(hit);
  }
  return matched;
}

/** More than any reading of a term is longer than the term itself. */
const overlapSlack = 64;

async function isInLong(chunks: AsyncIterable<string | Buffer>, { text, pattern }: Term): Promise<boolean> {
  const overlap = text.length * 3 + overlapSlack;
  let window = '';
  for await (const chunk of chunks) {
    window = window.slice(-overlap) + String(chunk);
    if (pattern.test(window)) return true;
  }
  return false;
}

/** Whether any row holds the terms; stops at the first. */
export async function isFound(
  inspection: Inspection,
  tables: readonly ChosenTable[],
  terms: readonly Term[],
  signal: AbortSignal,
): Promise<boolean> {
  for await (const _ of findRows(inspection, tables, terms, signal)) return true;
  return false;
}
