/* What `show` says of the rows of a table. */
import type { Warning } from '../base/progress.ts';
import type { Column } from '../derby/catalog.ts';
import type { Row } from '../derby/rows.ts';
import { describeType } from '../derby/values.ts';
import type { PlaceInfo } from './backup-files.ts';
import { type ChosenTable, type Inspection, salvageWarning } from './open-databases.ts';
import type { RowSelection } from './select-rows.ts';
import { valueCutButInJsonLines } from './texts.ts';
import { jsonRowOf } from './value-text.ts';

export interface ShowDocument extends PlaceInfo {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly offset: number;
  /** The rows, or how many were written to `file`. */
  readonly rows: readonly Readonly<Record<string, unknown>>[] | number;
  readonly file?: string;
  /** True when there are rows behind these. */
  readonly more: boolean;
  readonly warnings: readonly Warning[];
}

export function showDocument(
  { info, warnings, salvage }: Inspection,
  { database, table }: ChosenTable,
  { columns, offset }: RowSelection,
  rows: ShowDocument['rows'],
  more: boolean,
): ShowDocument {
  return {
    ...info,
    database: database.name,
    schema: table.schema,
    table: table.name,
    columns: columns.map((column) => ({ name: column.name, type: describeType(column.type) })),
    offset,
    rows,
    more,
    warnings: [...warnings, ...salvageWarning(salvage)],
  };
}

/** A row in the document; a value too long for one is cut, with a warning. */
export const shownRow = (
  columns: readonly Column[],
  row: Row,
  warnings: Warning[],
): Promise<Record<string, unknown>> =>
  jsonRowOf(columns, row, ({ name }) =>
    warnings.push({ code: 'value-cut', message: valueCutButInJsonLines(name) }),
  );
