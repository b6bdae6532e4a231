/* The differences of two states as a workbook: the counts first, then a sheet for each table that differs. */
import type { Warning } from '../base/progress.ts';
import type { Column } from '../derby/catalog.ts';
import { cellOf, widthOf } from './cells.ts';
import type { RowChange } from './compare-rows.ts';
import type { TableComparison, TableCounts } from './diff.ts';
import { cutCells, replaceWorkbook } from './table-workbook.ts';
import type { Cell, Sheet } from './xlsx.ts';

export interface CountedTable {
  readonly table: TableComparison;
  readonly counts: TableCounts;
}

/**
 * Writes every table that `counted` gives, as it comes. A changed row stands twice, before and after; the last column
 * names what changed in it. `target-not-writable`.
 */
export async function writeDiffWorkbook(
  file: string,
  counted: AsyncIterable<CountedTable>,
): Promise<Warning[]> {
  const cut = cutCells();
  const all: CountedTable[] = [];
  await replaceWorkbook(
    file,
    (async function* (): AsyncGenerator<Sheet> {
      for await (const one of counted) {
        all.push(one);
        const { added, removed, changed } = one.counts;
        if (added + removed + changed > 0) yield tableSheet(one.table, cut.onCut);
      }
      yield summarySheet(all);
    })(),
  );
  return cut.warnings();
}

const text = (value: string): Cell => ({ kind: 'text', text: value });
const number = (value: number | null): Cell =>
  value === null ? null : { kind: 'number', digits: String(value), decimals: null };

function summarySheet(all: readonly CountedTable[]): Sheet {
  return {
    name: 'Summary',
    isFirst: true,
    headers: ['Database', 'Table', 'Rows before', 'Rows after', 'Added', 'Removed', 'Changed'],
    widths: [16, 40, 12, 12, 12, 12, 12],
    rows: (async function* () {
      for (const { table, counts } of all)
        yield [
          text(table.database),
          text(`${table.schema}.${table.name}`),
          ...[counts.rowsBefore, counts.rowsAfter, counts.added, counts.removed, counts.changed].map(number),
        ];
    })(),
  };
}

function tableSheet(table: TableComparison, onCut: () => void): Sheet {
  const { columns } = table;
  return {
    name: table.name,
    headers: ['Change', ...columns.map(({ name }) => name), 'Columns changed'],
    widths: [16, ...columns.map(widthOf), 40],
    rows: (async function* () {
      for await (const change of table.changes()) yield* changeRows(columns, change, onCut);
    })(),
  };
}

async function* changeRows(
  columns: readonly Column[],
  { change, before, after, differing }: RowChange,
  onCut: () => void,
): AsyncGenerator<Cell[]> {
  for (const [row, label] of [
    [before, change === 'changed' ? 'changed: before' : change],
    [after, change === 'changed' ? 'changed: after' : change],
  ] as const) {
    if (!row) continue;
    const cells = await Promise.all(columns.map((column, i) => cellOf(row[i] ?? null, column, onCut)));
    yield [text(label), ...cells, differing.length > 0 ? text(differing.join(', ')) : null];
  }
}
