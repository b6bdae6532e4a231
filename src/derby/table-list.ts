/* What a database's own list of tables says of its files, and whether it can be true. */
import type { Text } from '../base/text.ts';
import {
  type Catalog,
  type CatalogPart,
  catalogContainers,
  catalogTables,
  readCatalog,
  tableName,
} from './catalog.ts';
import { containerFileName } from './container.ts';
import type { DatabaseFindings } from './findings.ts';
import {
  fileMissing,
  indexOf,
  listContradicts,
  listOfTables,
  otherColumns,
  ownFileUnlisted,
  ownSettings,
  ownTableUnlisted,
  tableCalled,
  tableOrIndex,
} from './problem-texts.ts';
import type { Report } from './problems.ts';
import { systemContainers } from './service-properties.ts';

/** The container that holds the database's own settings; the catalog does not list it. */
const settingsContainer = 0x10;

/** Without these nothing can be said of any other file. */
export const alwaysNeeded: ReadonlySet<number> = new Set([
  settingsContainer,
  ...Object.values(catalogContainers),
]);

/** Whose file it is, for messages. */
export const labelOf = (id: number, labels: ReadonlyMap<number, Text>): Text =>
  labels.get(id) ??
  (id === settingsContainer ? ownSettings : alwaysNeeded.has(id) ? listOfTables : tableOrIndex);

/** The list of tables; null where a part of it is not there, or it cannot be read. */
export function catalogOf({ catalogBytes }: DatabaseFindings): Catalog | null {
  const conglomerates = catalogBytes.get('conglomerates');
  const tables = catalogBytes.get('tables');
  const columns = catalogBytes.get('columns');
  const schemas = catalogBytes.get('schemas');
  return conglomerates && tables && columns && schemas
    ? readCatalog({ conglomerates, tables, columns, schemas })
    : null;
}

/** Whose each file is, by the list of tables. */
export function labelContainers(catalog: Catalog | null): ReadonlyMap<number, Text> {
  const labels = new Map<number, Text>();
  for (const table of catalog?.tables ?? []) {
    labels.set(table.container, tableCalled(tableName(table)));
    for (const index of table.indexes) labels.set(index.container, indexOf(tableName(table)));
  }
  return labels;
}

/**
 * What the list of tables gets wrong about itself; null when nothing. A page of it that is lost or of another time leaves
 * tables without a file, or files without a table.
 */
export function catalogContradiction(catalog: Catalog, { containers }: DatabaseFindings): Text | null {
  const own = new Map(catalog.tables.map((table) => [table.container, table]));
  for (const [part, name] of Object.entries(catalogTables)) {
    const table = own.get(catalogContainers[part as CatalogPart]);
    if (table?.name !== name || table.isUserTable) return ownTableUnlisted(name);
  }
  const listed = new Set(labelContainers(catalog).keys());
  for (const id of systemContainers) if (!listed.has(id)) return ownFileUnlisted(containerFileName(id));
  const [loose] = catalog.loose;
  if (loose !== undefined) return listContradicts(loose);
  for (const table of catalog.tables) {
    const columns = containers.get(table.container)?.content?.columns ?? table.columns.length;
    if (table.isUserTable && columns !== table.columns.length)
      return otherColumns(tableName(table), table.columns.length, columns);
  }
  return null;
}

/** A file that the list of tables names, or that every database has, must be there. */
export function judgeMissing(
  findings: DatabaseFindings,
  labels: ReadonlyMap<number, Text>,
  isClean: boolean,
  report: Report,
): void {
  const required = new Map<number, Text>();
  for (const id of alwaysNeeded) required.set(id, labelOf(id, labels));
  for (const [id, label] of labels) required.set(id, label);
  let newest = 0;
  for (const id of findings.containers.keys()) newest = Math.max(newest, id);
  for (const [id, label] of required) {
    const facts = findings.containers.get(id);
    const file = `seg0/${containerFileName(id)}`;
    if (facts && !facts.header?.committedDrop) continue;
    // Before recovery a table may just have been dropped, or made after this copy's list of files was read.
    if (!isClean && (facts || findings.droppedStubs.has(id) || id > newest)) continue;
    report('damaged', 'missing-file', file, fileMissing(label));
  }
}
