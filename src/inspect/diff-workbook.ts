/* The differences of two states as a workbook: the counts first, then a sheet for each table that differs. */
import type { Warning } from '../base/progress.ts';
import type { Language } from '../base/text.ts';
import type { Column } from '../derby/catalog.ts';
import { cellOf, numberCell, textCell, widthOf } from './cells.ts';
import type { RowChange } from './compare-rows.ts';
import { noteOn, type TableComparison, type TableCounts } from './diff.ts';
import { cutCells, sheetName } from './table-workbook.ts';
import { headings, rowAdded, rowAfter, rowBefore, rowRemoved, summarySheet } from './texts.ts';
import { type FileTarget, writeWholeFile } from './written-file.ts';
import { type Cell, type Sheet, writeWorkbook } from './xlsx.ts';

export interface CountedTable {
  readonly table: TableComparison;
  readonly counts: TableCounts;
}

/**
 * Writes every one of `tables`, as `counted` gives it, with its own words in that language. A changed row stands twice, before and after; the last column names
 * what changed in it. Errors as of {@link writeWholeFile}.
 */
export async function writeDiffWorkbook(
  target: FileTarget,
  tables: readonly TableComparison[],
  counted: AsyncIterable<CountedTable>,
  language: Language,
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
      yield { ...tableSheet(one.table, language, cut.onCut), name: sheetName(one.table, tables), onNamed };
    }
    yield summaryOf(all, language);
  };
  await writeWholeFile(target, (temp) => writeWorkbook(temp, sheets()));
  return cut.warnings();
}

interface ListedTable extends CountedTable {
  /** Null for a table without one. */
  sheet: string | null;
}

const summaryColumns = [
  [headings.database, 16],
  [headings.table, 40],
  [headings.rowsBefore, 14],
  [headings.rowsAfter, 14],
  [headings.added, 13],
  [headings.removed, 12],
  [headings.changed, 12],
  [headings.sheet, 31],
  [headings.note, 40],
] as const;

function summaryOf(all: readonly ListedTable[], language: Language): Sheet {
  return {
    name: summarySheet[language],
    isFirst: true,
    headers: summaryColumns.map(([heading]) => heading[language]),
    widths: summaryColumns.map(([, width]) => width),
    rows: (async function* () {
      for (const { table, counts, sheet } of all)
        yield [
          textCell(table.database),
          textCell(`${table.schema}.${table.name}`),
          ...[counts.rowsBefore, counts.rowsAfter, counts.added, counts.removed, counts.changed].map(
            numberCell,
          ),
          textCell(sheet ?? ''),
          textCell(noteOn(table)[language]),
        ];
    })(),
  };
}

function tableSheet(table: TableComparison, language: Language, onCut: () => void): Omit<Sheet, 'name'> {
  const { columns } = table;
  return {
    headers: [
      headings.change[language],
      ...columns.map(({ name }) => name),
      headings.columnsChanged[language],
    ],
    widths: [16, ...columns.map(widthOf), 40],
    rows: (async function* () {
      for await (const change of table.changes()) yield* changeRows(columns, change, language, onCut);
    })(),
  };
}

async function* changeRows(
  columns: readonly Column[],
  { change, before, after, differing }: RowChange,
  language: Language,
  onCut: () => void,
): AsyncGenerator<Cell[]> {
  for (const [row, label] of [
    [before, change === 'changed' ? rowBefore : rowRemoved],
    [after, change === 'changed' ? rowAfter : rowAdded],
  ] as const) {
    if (!row) continue;
    const cells = await Promise.all(columns.map((column, i) => cellOf(row[i] ?? null, column, onCut)));
    yield [textCell(label[language]), ...cells, textCell(differing.join(', '))];
  }
}
