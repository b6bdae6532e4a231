import { expect } from 'vitest';
import type { Database } from '../../src/derby/database.ts';
import type { SqlValue } from '../../src/derby/values.ts';
import type { Derby, SqlValue as DerbyValue } from '../support/derby.ts';

/** A value as the test's JVM tells it: bytes as hex, BIGINT as text, long values whole. */
export async function asDerbyTells(value: SqlValue): Promise<DerbyValue> {
  if (typeof value === 'bigint') return String(value);
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (typeof value !== 'object' || value === null) return value;
  const chunks: (string | Buffer)[] = [];
  for await (const chunk of value.chunks()) chunks.push(chunk);
  return value.kind === 'text' ? chunks.join('') : Buffer.concat(chunks as Buffer[]).toString('hex');
}

/** The same 32-bit number, however many digits Java shows of it. */
const real = (value: DerbyValue): DerbyValue => (typeof value === 'number' ? Math.fround(value) : value);

const inOrder = (rows: readonly (readonly DerbyValue[])[]): string[] =>
  rows.map((row) => JSON.stringify(row)).sort();

/** Every user table's rows, value by value, against Derby's own SELECT. Resolves with the number of rows compared. */
export async function expectSameRows(
  database: Database,
  derby: Derby,
  path: string,
  maxValueBytes?: number,
): Promise<number> {
  let compared = 0;
  for (const table of database.tables) {
    const { columns, rows } = await derby.query(path, `SELECT * FROM "${table.schema}"."${table.name}"`);
    expect(table.columns.map((column) => column.name)).toEqual(columns.map((column) => column.name));
    const mine: DerbyValue[][] = [];
    for await (const batch of database.rows(table, { maxValueBytes })) {
      for (const row of batch) mine.push(await Promise.all(row.map(asDerbyTells)));
    }
    const isReal = columns.map(({ type }) => type === 'REAL');
    const same = (row: readonly DerbyValue[]) => row.map((value, i) => (isReal[i] ? real(value) : value));
    const [found, wanted] = [inOrder(mine.map(same)), inOrder(rows.map(same))];
    // A difference of megabytes of text would take minutes to print.
    const differing = found.findIndex((row, i) => row !== wanted[i]);
    expect(found.length, table.name).toBe(wanted.length);
    if (differing >= 0) {
      expect(found[differing]?.slice(0, 2000), `${table.name}: ${JSON.stringify(columns)}`).toBe(
        wanted[differing]?.slice(0, 2000),
      );
      expect.fail(`${table.name}: rows differ after 2000 characters`);
    }
    expect(await database.countRows(table)).toBe(wanted.length);
    compared += wanted.length;
  }
  return compared;
}
