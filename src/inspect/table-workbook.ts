/* A table's rows as a workbook file. */
import type { Warning } from '../base/progress.ts';
import type { Column } from '../derby/catalog.ts';
import type { Row } from '../derby/rows.ts';
import { cellRows, widthOf } from './cells.ts';
import { cellsCut } from './texts.ts';
import { type FileTarget, writeWholeFile } from './written-file.ts';
import { type Sheet, writeWorkbook } from './xlsx.ts';

/** Counts cells that were cut, for one warning. */
export function cutCells(): { readonly onCut: () => void; warnings(): Warning[] } {
  let cells = 0;
  return {
    onCut() {
      cells++;
    },
    warnings: () => (cells === 0 ? [] : [{ code: 'value-cut', message: cellsCut(cells) }]),
  };
}

/** Writes rows as one sheet (and further ones where Excel's rows do not suffice). */
export async function writeTableWorkbook(
  target: FileTarget,
  name: string,
  columns: readonly Column[],
  batches: AsyncIterable<readonly Row[]>,
): Promise<{ rows: number; warnings: Warning[] }> {
  const cut = cutCells();
  let rows = 0;
  const counted = async function* (): AsyncGenerator<readonly Row[]> {
    for await (const batch of batches) {
      rows += batch.length;
      yield batch;
    }
  };
  const sheet: Sheet = {
    name,
    headers: columns.map((column) => column.name),
    widths: columns.map(widthOf),
    rows: cellRows(columns, counted(), cut.onCut),
  };
  const sheets = async function* (): AsyncGenerator<Sheet> {
    yield sheet;
  };
  await writeWholeFile(target, (temp) => writeWorkbook(temp, sheets()));
  return { rows, warnings: cut.warnings() };
}

/** A table's name, with its schema and its database as far as other tables are called the same. */
export function sheetName({ database, schema, name }: NamedTable, tables: readonly NamedTable[]): string {
  const same = tables.filter((one) => one.name.toLowerCase() === name.toLowerCase());
  const inDatabase = same.some((one) => one.database !== database) ? `${database} ` : '';
  const inSchema = same.some((one) => one.schema !== schema) ? `${schema}.` : '';
  return inDatabase + inSchema + name;
}

interface NamedTable {
  readonly database: string;
  readonly schema: string;
  readonly name: string;
}
