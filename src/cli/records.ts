import type { Column } from '../derby/catalog.ts';
import type { Row } from '../derby/rows.ts';
import { isNumeric, peopleText } from '../inspect/value-text.ts';

/** Rows as people read them on a terminal. */

/** One line for each column that is not null; those in `marked` begin with `>`. */
export async function recordText(
  columns: readonly Column[],
  row: Row,
  marked: readonly Column[] = [],
): Promise<string> {
  const width = Math.max(0, ...columns.map(({ name }) => name.length));
  const lines: string[] = [];
  for (const [i, column] of columns.entries()) {
    const value = row[i] ?? null;
    if (value === null) continue;
    const mark = marked.includes(column) ? '>' : ' ';
    lines.push(`${mark} ${column.name.padEnd(width)}  ${await peopleText(value, column)}`);
  }
  return lines.join('\n');
}

/** A wide cell would push all others off the screen. */
const maxCell = 40;

/** Rows under their column names, numbers to the right; null when that is wider than the screen. */
export async function gridText(
  columns: readonly Column[],
  rows: readonly Row[],
  screen: number,
): Promise<string | null> {
  const cells = await Promise.all(
    rows.map((row) => Promise.all(columns.map((column, i) => peopleText(row[i] ?? null, column, maxCell)))),
  );
  const widths = columns.map(({ name }, i) =>
    Math.max(name.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  if (widths.reduce((sum, width) => sum + width + 2, -2) > screen) return null;
  const pad = (text: string, i: number): string => {
    const column = columns[i];
    const width = widths[i] ?? 0;
    return column && isNumeric(column) ? text.padStart(width) : text.padEnd(width);
  };
  return [columns.map(({ name }) => name), ...cells]
    .map((row) => row.map(pad).join('  ').trimEnd())
    .join('\n');
}
