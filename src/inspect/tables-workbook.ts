/* All tables of a state in one workbook: a list of them first, then a sheet for each that has rows. */
import type { Warning } from '../base/progress.ts';
import type { Language } from '../base/text.ts';
import type { Row } from '../derby/rows.ts';
import { cellRows, numberCell, textCell, widthOf } from './cells.ts';
import { type Inspection, tablesNamed } from './open-databases.ts';
import { isLeftToRecovery, tableRows } from './scan-tables.ts';
import { cutCells, sheetName } from './table-workbook.ts';
import { headings, tablesSheet } from './texts.ts';
import { type Sheet, writeWorkbook } from './xlsx.ts';

export interface WorkbookTable {
  readonly database: string;
  readonly schema: string;
  readonly name: string;
  readonly rows: number;
  /** Null for a table without rows, which has none. */
  readonly sheet: string | null;
}

/** Writes the workbook, its own words in that language, to a new file and syncs it. System errors come out as they are; the file is then a part. */
export async function writeTablesWorkbook(
  file: string,
  inspection: Inspection,
  language: Language,
  signal: AbortSignal,
): Promise<{ tables: readonly WorkbookTable[]; warnings: readonly Warning[] }> {
  const cut = cutCells();
  const chosen = tablesNamed(inspection, null);
  const named = chosen.map(({ database, table }) => ({
    database: database.name,
    schema: table.schema,
    name: table.name,
  }));
  const written: WorkbookTable[] = [];
  const sheets = async function* (): AsyncGenerator<Sheet> {
    for (const [i, one] of chosen.entries()) {
      const { columns } = one.table;
      if (await isLeftToRecovery(one, inspection.warnings)) continue;
      const names = named[i] as (typeof named)[number];
      const batches = tableRows(inspection, one, { signal });
      const first = await batches.next();
      let rows = 0;
      let sheet: string | null = null;
      const counted = async function* (): AsyncGenerator<readonly Row[]> {
        for (let batch = first; !batch.done; batch = await batches.next()) {
          rows += batch.value.length;
          yield batch.value;
        }
      };
      if (!first.done)
        yield {
          name: sheetName(names, named),
          headers: columns.map((column) => column.name),
          widths: columns.map(widthOf),
          rows: cellRows(columns, counted(), cut.onCut),
          onNamed: (name) => {
            sheet = name;
          },
        };
      written.push({ ...names, rows, sheet });
    }
    yield listOf(written, language);
  };
  await writeWorkbook(file, sheets());
  return { tables: written, warnings: cut.warnings() };
}

const listOf = (tables: readonly WorkbookTable[], language: Language): Sheet => ({
  name: tablesSheet[language],
  isFirst: true,
  headers: [headings.database, headings.table, headings.rows, headings.sheet].map((one) => one[language]),
  widths: [16, 40, 12, 31],
  rows: (async function* () {
    for (const { database, schema, name, rows, sheet } of tables)
      yield [textCell(database), textCell(`${schema}.${name}`), numberCell(rows), textCell(sheet ?? '')];
  })(),
});
