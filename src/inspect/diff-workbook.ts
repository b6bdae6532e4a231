/* The differences of two states as a workbook: the counts first, then a sheet for each table that differs. */
import type { Warning } from '../base/progress.ts';
import type { Column } from '../derby/catalog.ts';
import { cellOf, numberCell, textCell, widthOf } from './cells.ts';
import type { RowChange } from './compare-rows.ts';
import { noteOn, type TableComparison, type TableCounts } from './diff.ts';
import { cutCells, sheetName } from './table-workbook.ts';
import { type FileTarget, writeWholeFile } from './written-file.ts';
import { type Cell, type Sheet, writeWorkbook } from './xlsx.ts';

export interface CountedTable {
  readonly table: TableComparison;
  readonly counts: TableCounts;
}

/**
 * Writes every one of `tables`, as `counted` gives it. A changed row stands twice, before and after; the last column names
 * what changed in it. Errors as of {@link writeWholeFile}.
 */
export async function writeDiffWorkbook(
  target: FileTarget,
  tables: readonly TableComparison[],
  counted: AsyncIterable<CountedTable>,
): Promise<Warning[]> {
  const cut = cutCells();
  const all: ListedTable[] = [];
  const sheets = async function* (): AsyncGenerator<Sheet> {
    for await (const one of counted) {
      const listed: ListedTable = { ...one, sheet: null };
      all.push(listed);
      const { added, removed, changed } = one.counts;
      if (added + removed + changed === 0) continue;
      const onNamed = (name: string): void => {
        listed.sheet = name;
      };
      yield { ...tableSheet(one.table, cut.onCut), name: sheetName(one.table, tables), onNamed };
    }
    yield summarySheet(all);
  };
  await writeWholeFile(target, (temp) => writeWorkbook(temp, sheets()));
  return cut.warnings();
}

interface ListedTable extends CountedTable {
  /** Null for a table without one. */
  sheet: string | null;
}

function summarySheet(all: readonly ListedTable[]): Sheet {
  const columns = {
    Database: 16,
    Table: 40,
    'Rows before': 12,
    'Rows after': 12,
    Added: 12,
    Removed: 12,
    Changed: 12,
    Sheet: 31,
    Note: 40,
  };
  return {
    name: 'Summary',
    isFirst: true,
    headers: Object.keys(columns),
    widths: Object.values(columns),
    rows: (async function* () {
      for (const { table, counts, sheet } of all)
        yield [
          textCell(table.database),
          textCell(`${table.schema}.${table.name}`),
          ...[counts.rowsBefore, counts.rowsAfter, counts.added, counts.removed, counts.changed].map(
            numberCell,
          ),
          textCell(sheet ?? ''),
          textCell(noteOn(table)),
        ];
    })(),
  };
}

function tableSheet(table: TableComparison, onCut: () => void): Omit<Sheet, 'name'> {
  const { columns } = table;
  return {
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
    yield [textCell(label), ...cells, textCell(differing.join(', '))];
  }
}
