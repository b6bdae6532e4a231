/* service.properties, the file that makes a folder a database: what it says, and what Derby cannot start without. */
import { catalogContainers } from './catalog.ts';

/**
 * What Derby refuses to boot without, tried line by line with 10.8 to 10.14. The values are the same in every database:
 * the containers of the system tables and of their indexes, which are numbered in the order in which they are made. An
 * index of SYSCOLUMNS (177) and the locale may be missing.
 */
const requiredProperties = {
  'derby.serviceProtocol': 'org.apache.derby.database.Database',
  'derby.storage.propertiesId': 0x10,
  SysconglomeratesIdentifier: catalogContainers.conglomerates,
  SysconglomeratesIndex1Identifier: 0x31,
  SysconglomeratesIndex2Identifier: 0x41,
  SysconglomeratesIndex3Identifier: 0x51,
  SystablesIdentifier: catalogContainers.tables,
  SystablesIndex1Identifier: 0x71,
  SystablesIndex2Identifier: 0x81,
  SyscolumnsIdentifier: catalogContainers.columns,
  SyscolumnsIndex1Identifier: 0xa1,
  SysschemasIdentifier: catalogContainers.schemas,
  SysschemasIndex1Identifier: 0xd1,
  SysschemasIndex2Identifier: 0xe1,
} as const;

/** Reads `key=value` lines. Derby's file has no continued lines, and of its values none but numbers and words matter. */
export function parseServiceProperties(bytes: Buffer): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const line of bytes.toString('latin1').split(/\r\n|\r|\n/)) {
    const m = /^\s*([^#!\s=:][^\s=:]*)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (m) properties.set(m[1] ?? '', m[2] ?? '');
  }
  return properties;
}

/** The first setting that is missing or wrong, so that Derby cannot open the database; null when all are there. */
export function missingProperty(properties: ReadonlyMap<string, string>): string | null {
  for (const [key, value] of Object.entries(requiredProperties))
    if (properties.get(key) !== String(value)) return key;
  return null;
}

/** The folder that holds the log when it is another one than the database's own; null when it is not. */
export function logDeviceOf(properties: ReadonlyMap<string, string>): string | null {
  // Java writes a backslash before `:`, `\\` and others.
  return properties.get('logDevice')?.replace(/\\(.)/g, '$1') || null;
}
