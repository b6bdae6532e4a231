/* Tables against their indexes. */
import type { Text } from '../base/text.ts';
import { type Index, type Table, tableName } from './catalog.ts';
import { containerFileName } from './container.ts';
import type { ContentFacts } from './content.ts';
import type { DatabaseFindings } from './findings.ts';
import { differs, noPair, otherCount, otherRows, otherValues } from './problem-texts.ts';
import type { Report } from './problems.ts';

/** Each index must name exactly the rows of its table, with the values that they have. */
export function compareTable(table: Table, findings: DatabaseFindings, report: Report): void {
  const rows = findings.containers.get(table.container);
  if (!rows?.content || rows.faultCount > 0 || rows.content.brokenCount > 0) return;
  const seen = new Set<number>();
  for (const index of table.indexes) {
    const entries = findings.containers.get(index.container);
    // One container may serve several constraints.
    if (!entries?.content || entries.faultCount > 0 || seen.has(index.container)) continue;
    seen.add(index.container);
    const how = difference(table, index, rows.content, entries.content);
    if (how === null) continue;
    const message = differs(tableName(table), index.name, how);
    report('damaged', 'index', `seg0/${containerFileName(index.container)}`, message);
  }
}

/** How a table and its index differ; null when they do not. */
function difference(table: Table, index: Index, rows: ContentFacts, entries: ContentFacts): Text | null {
  const [a, b] = [rows.places, entries.places];
  if (a.count !== b.count) return otherCount(a.count, b.count);
  if (a.low !== b.low || a.high !== b.high) return otherRows;
  const isItsOwn = entries.table === null || entries.table === table.container;
  if (!isItsOwn || (entries.columns !== null && entries.columns !== index.columns.length + 1)) return noPair;
  if (!rows.values || !entries.values) return null;
  for (const [key, number] of index.columns.entries()) {
    const column = number - 1;
    if (!rows.hashed[column] || !entries.hashed[key]) continue;
    const isSame = [0, 1].every(
      (lane) => rows.values?.[2 * column + lane] === entries.values?.[2 * key + lane],
    );
    if (isSame) continue;
    const name = table.columns.find((one) => one.number === number)?.name ?? `${number}`;
    return otherValues(name);
  }
  return null;
}
