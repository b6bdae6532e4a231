/* What `diff` says. */
import type { Warning } from '../base/progress.ts';

import type { Column } from '../derby/catalog.ts';
import type { Row } from '../derby/rows.ts';
import type { PlaceInfo } from './backup-files.ts';
import type { RowChange } from './compare-rows.ts';
import type { TableComparison, TableCounts } from './diff.ts';
import type { Inspection } from './open-databases.ts';
import { valueCut } from './texts.ts';
import { jsonRowOf } from './value-text.ts';

/** A row that differs. */
export interface ChangeJson {
  readonly change: RowChange['change'];
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly differing: readonly string[];
}

/** A table of one of the states, or of both. */
export interface DiffedTable extends TableCounts {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  /** `both`, or the one state that has the table. */
  readonly in: TableComparison['in'];
  readonly key: readonly string[];
  readonly columnsAdded: readonly string[];
  readonly columnsRemoved: readonly string[];
  /** With `--rows`: the rows that differ, up to the limit. */
  readonly rows?: readonly ChangeJson[];
}

export interface DiffDocument {
  readonly before: PlaceInfo;
  readonly after: PlaceInfo;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly tables: readonly DiffedTable[];
  /** The workbook, where one was asked for. */
  readonly file?: string;
  readonly warnings: readonly Warning[];
}

/** Notes that both states brought stand once. */
export function diffDocument(
  before: Inspection,
  after: Inspection,
  tables: readonly DiffedTable[],
  file: string | null,
  warnings: readonly Warning[],
): DiffDocument {
  const sum = (of: 'added' | 'removed' | 'changed'): number => tables.reduce((n, table) => n + table[of], 0);
  return {
    before: before.info,
    after: after.info,
    added: sum('added'),
    removed: sum('removed'),
    changed: sum('changed'),
    tables,
    ...(file !== null && { file }),
    warnings: [
      ...new Map(
        [...before.warnings, ...after.warnings, ...warnings].map((warning) => [warning.message.en, warning]),
      ).values(),
    ],
  };
}

/** `rows` null where rows were not asked for. */
export const diffedTable = (
  table: TableComparison,
  counts: TableCounts,
  rows: readonly ChangeJson[] | null,
): DiffedTable => ({
  database: table.database,
  schema: table.schema,
  table: table.name,
  in: table.in,
  key: table.key,
  columnsAdded: table.columnsAdded,
  columnsRemoved: table.columnsRemoved,
  ...counts,
  ...(rows && { rows }),
});

/** A value too long for a document is cut, with a warning. */
export async function changeJson(
  columns: readonly Column[],
  { change, before, after, differing }: RowChange,
  warnings: Warning[],
): Promise<ChangeJson> {
  const object = async (row: Row | null): Promise<Record<string, unknown> | null> =>
    row &&
    jsonRowOf(columns, row, ({ name }) => warnings.push({ code: 'value-cut', message: valueCut(name) }));
  return { change, before: await object(before), after: await object(after), differing };
}
