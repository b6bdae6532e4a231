/*
 * The system tables: which tables, columns and indexes a database has, and which container holds each. Layout: Derby's
 * SYSTABLES, SYSCOLUMNS, SYSSCHEMAS and SYSCONGLOMERATES row factories and TypeDescriptorImpl.
 */

import { createHash } from 'node:crypto';
import { byUtf8 } from '../base/file-set.ts';
import type { Text } from '../base/text.ts';
import { parseContainerHeader } from './container.ts';
import { type RecordHead, u16 } from './page.ts';
import { looseColumns, looseFile, tableWithoutColumns, tableWithoutFile } from './problem-texts.ts';
import { assembleRow, liveHeads, pageOf, readWholeValue, type StoredValue, workInMemory } from './row.ts';
import { decodeText } from './text.ts';

/** Containers of the system tables, the same in every database since Derby began; service.properties repeats them. */
export const catalogContainers = { conglomerates: 0x20, tables: 0x60, columns: 0x90, schemas: 0xc0 } as const;

/** Their names. */
export const catalogTables = {
  conglomerates: 'SYSCONGLOMERATES',
  tables: 'SYSTABLES',
  columns: 'SYSCOLUMNS',
  schemas: 'SYSSCHEMAS',
} as const;

export type CatalogPart = keyof typeof catalogContainers;

export interface ColumnType {
  /** As SQL says it, such as `VARCHAR` or `DECIMAL`; of a user-defined type with its schema, `"APP".HARGA`. */
  readonly name: string;
  readonly precision: number;
  readonly scale: number;
  readonly nullable: boolean;
  /** Characters or bytes a value may have. */
  readonly maxWidth: number;
}

export interface Column {
  readonly name: string;
  /** Place in the row, counted from 1. */
  readonly number: number;
  readonly type: ColumnType;
}

export interface Index {
  /** Derby's own id of it, which its other system tables use. */
  readonly id: string;
  readonly name: string;
  readonly container: number;
  readonly isUnique: boolean;
  /** Its columns in order, by their number in the table. */
  readonly columns: readonly number[];
}

export interface Table {
  readonly schema: string;
  readonly name: string;
  /** False for Derby's own tables. */
  readonly isUserTable: boolean;
  readonly container: number;
  readonly columns: readonly Column[];
  readonly indexes: readonly Index[];
}

/** As people write it: `SCHEMA.TABLE`. */
export const tableName = ({ schema, name }: Pick<Table, 'schema' | 'name'>): string => `${schema}.${name}`;

export interface Catalog {
  /** Sorted by schema and name. */
  readonly tables: readonly Table[];
  /** What belongs to no table, and tables that lack what every one has, in a few words each. */
  readonly loose: readonly Text[];
}

/** Longer ones (a default, a view's text) are of no use here. */
const maxValueBytes = 1 << 20;

/**
 * Reads the system tables from their containers' bytes. Null when they cannot be read: damaged, encrypted, or not of
 * this shape. `tolerant` passes over what cannot be read, and over tables of which too little is known.
 */
export function readCatalog(
  containers: Readonly<Record<CatalogPart, Buffer>>,
  { tolerant = false }: { readonly tolerant?: boolean } = {},
): Catalog | null {
  const schemaRows = textRows(containers.schemas, 3, tolerant);
  const tableRows = textRows(containers.tables, 4, tolerant);
  const columnRows = heapRows(containers.columns, 4, tolerant);
  const conglomerateRows = heapRows(containers.conglomerates, 8, tolerant);
  if (!schemaRows || !tableRows || !columnRows || !conglomerateRows) return null;

  const schemaNames = new Map(schemaRows.map(([id = '', name = '']) => [id, name]));
  const columns = new Map<string, Column[]>();
  for (const [tableId, name, number, type] of columnRows) {
    const column = name && number?.length === 4 && type && parseType(type);
    if (!tableId || !column) {
      if (tolerant) continue;
      return null;
    }
    listOf(columns, text(tableId)).push({ name: text(name), number: number.readInt32BE(0), type: column });
  }
  const heaps = new Map<string, number>();
  const indexes = new Map<string, Index[]>();
  for (const [, tableId, number, name, isIndex, descriptor, , id] of conglomerateRows) {
    if (!tableId || number?.length !== 8 || !isIndex) {
      if (tolerant) continue;
      return null;
    }
    const container = number.readInt32BE(0) * 0x1_0000_0000 + number.readUInt32BE(4);
    if (!isIndex[0]) {
      heaps.set(text(tableId), container);
      continue;
    }
    listOf(indexes, text(tableId)).push({
      id: id ? text(id) : '',
      name: name ? text(name) : '',
      container,
      ...parseIndexDescriptor(descriptor ?? Buffer.alloc(0)),
    });
  }
  const tables: Table[] = [];
  const loose: Text[] = [];
  const known = new Set<string>();
  for (const [id = '', name = '', type, schemaId = ''] of tableRows) {
    known.add(id);
    const container = heaps.get(id);
    if (container === undefined && (type === 'T' || type === 'S')) loose.push(tableWithoutFile(name));
    const schema = schemaNames.get(schemaId) ?? (tolerant ? 'UNKNOWN' : undefined);
    // Views and synonyms have no container.
    if ((type !== 'T' && type !== 'S') || container === undefined) continue;
    if (schema === undefined) return null;
    if (!columns.has(id)) loose.push(tableWithoutColumns(name));
    if (tolerant && !columns.has(id)) continue;
    tables.push({
      schema,
      name,
      isUserTable: type === 'T',
      container,
      columns: (columns.get(id) ?? []).sort((a, b) => a.number - b.number),
      indexes: indexes.get(id) ?? [],
    });
  }
  for (const id of [...heaps.keys(), ...indexes.keys()]) if (!known.has(id)) loose.push(looseFile);
  for (const id of columns.keys()) if (!known.has(id)) loose.push(looseColumns);
  tables.sort((a, b) => byUtf8(a.schema, b.schema) || byUtf8(a.name, b.name));
  return { tables, loose };
}

/** The table with that name in Derby's own schema. */
export const systemTable = (catalog: Catalog, name: string): Table | undefined =>
  catalog.tables.find((table) => table.schema === 'SYS' && table.name === name && !table.isUserTable);

/**
 * Which index is each table's primary key, from the containers of SYSCONSTRAINTS and SYSKEYS: ids of indexes. Null when
 * they cannot be read.
 */
export function readPrimaryKeys(constraints: Buffer, keys: Buffer): ReadonlySet<string> | null {
  const constraintRows = textRows(constraints, 4);
  const keyRows = textRows(keys, 2);
  if (!constraintRows || !keyRows) return null;
  const primary = new Set(constraintRows.filter(([, , , type]) => type === 'P').map(([id]) => id));
  return new Set(keyRows.filter(([constraint]) => primary.has(constraint)).map(([, index = '']) => index));
}

/** SHA-256 (hex) over the user tables' names, columns and types: changes when a program update changed the database. */
export function schemaFingerprint(catalog: Catalog): string {
  const hash = createHash('sha256');
  for (const table of catalog.tables) {
    if (!table.isUserTable) continue;
    for (const { name, number, type } of table.columns) {
      const facts = [
        type.name,
        type.precision,
        type.scale,
        type.nullable ? 'NULL' : 'NOT NULL',
        type.maxWidth,
      ];
      hash.update(`${[table.schema, table.name, number, name, ...facts].join('\0')}\n`);
    }
  }
  return hash.digest('hex');
}

function listOf<T>(map: Map<string, T[]>, key: string): T[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

const text = (value: Buffer): string => decodeText(value, 0, value.length);

const textRows = (container: Buffer, count: number, tolerant = false): string[][] | null =>
  heapRows(container, count, tolerant)?.map((row) => row.map((value) => (value ? text(value) : ''))) ?? null;

/**
 * The first `count` columns of every row; null values are null, and so is the answer when a row cannot be read, unless
 * such rows are to be passed over.
 */
function heapRows(container: Buffer, count: number, tolerant: boolean): (Buffer | null)[][] | null {
  const pageSize = parseContainerHeader(container.subarray(0, 4096))?.pageSize;
  if (!pageSize) return null;
  const rows: (Buffer | null)[][] = [];
  for (let number = 1; (number + 1) * pageSize <= container.length; number++) {
    const page = pageOf(container, pageSize, number);
    const heads = page && liveHeads(page, number);
    if (!heads && !tolerant) return null;
    for (const head of heads ?? []) {
      const row = page && readColumns(page, head, count, container, pageSize);
      if (row) rows.push(row);
      else if (!tolerant) return null;
    }
  }
  return rows;
}

function readColumns(
  page: Buffer,
  head: RecordHead,
  count: number,
  container: Buffer,
  pageSize: number,
): (Buffer | null)[] | null {
  const stored = workInMemory(assembleRow(page, head), container, pageSize);
  if (!stored || stored.length < count) return null;
  const row: (Buffer | null)[] = [];
  for (const value of stored.slice(0, count)) {
    const bytes = value.isNull ? null : wholeValue(value, container, pageSize);
    if (!value.isNull && !bytes) return null;
    row.push(bytes);
  }
  return row;
}

function wholeValue(value: StoredValue, container: Buffer, pageSize: number): Buffer | null {
  const bytes = workInMemory(readWholeValue(value, maxValueBytes), container, pageSize);
  return bytes === 'too-long' ? null : bytes;
}

/** Format ids of the types, by Derby's StoredFormatIds. */
const typeFormat = 14;
const decimalTypeFormat = 198;
const textTypes = new Set(['CHAR', 'VARCHAR', 'LONG VARCHAR', 'CLOB']);

/** A TypeDescriptorImpl: its id, the type's own id and name, precision, scale (of text: its collation), null, width. */
function parseType(b: Buffer): ColumnType | null {
  if (b.length < 6 || u16(b, 0) !== typeFormat) return null;
  let at = 4;
  // DECIMAL says first whether it was declared NUMERIC.
  if (u16(b, 2) === decimalTypeFormat) at++;
  const parts: string[] = [];
  // A quoted name is the schema of a user-defined type; the type's own name follows.
  while (parts.length === 0 || (parts.length === 1 && parts[0]?.startsWith('"'))) {
    const length = u16(b, at);
    if (at + 2 + length > b.length) return null;
    parts.push(decodeText(b, at, at + 2 + length));
    at += 2 + length;
  }
  // With its schema, as it may be called DATE: it is no such type.
  const name = parts.join('.');
  // User-defined types append their class name, which ends before the last 13 bytes as well.
  at = b.length - 13;
  if (at < 6) return null;
  return {
    name,
    precision: b.readInt32BE(at),
    scale: textTypes.has(name) ? 0 : b.readInt32BE(at + 4),
    nullable: b[at + 8] !== 0,
    maxWidth: b.readInt32BE(at + 9),
  };
}

/**
 * An IndexDescriptorImpl: its id, a hash table's id, i32 entries, each a string (id 1, u16 length) and a string or an int
 * holder (id 303, i32). One that cannot be read has no columns.
 */
function parseIndexDescriptor(b: Buffer): Pick<Index, 'isUnique' | 'columns'> {
  const entries = new Map<string, number>();
  let at = 8;
  const string = (): string | null => {
    const end = at + 4 + u16(b, at + 2);
    if (u16(b, at) !== 1 || end > b.length) return null;
    const value = b.toString('latin1', at + 4, end);
    at = end;
    return value;
  };
  while (at + 4 < b.length) {
    const key = string();
    if (key === null) break;
    if (u16(b, at) === 303 && at + 6 <= b.length) {
      entries.set(key, b.readInt32BE(at + 2));
      at += 6;
    } else if (string() === null) {
      break;
    }
  }
  const columns: number[] = [];
  for (let i = 0; i < (entries.get('keyLength') ?? 0); i++) {
    const column = entries.get(`bcp${i}`);
    if (column === undefined) return { isUnique: false, columns: [] };
    columns.push(column);
  }
  return { isUnique: entries.get('isUnique') === 1, columns };
}
