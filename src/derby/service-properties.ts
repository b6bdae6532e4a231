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

/** The files of the system tables that Derby opens before it can read the list of all. */
export const systemContainers: readonly number[] = Object.entries(requiredProperties)
  .filter(([name]) => name.startsWith('Sys'))
  .map(([, id]) => Number(id));

/**
 * Reads the file as Java does (Properties.load): continued lines, escapes, blanks at the end of a value kept. Null when an
 * escape is broken, at which Java gives up.
 */
export function parseServiceProperties(bytes: Buffer): ReadonlyMap<string, string> | null {
  const properties = new Map<string, string>();
  for (const line of logicalLines(bytes.toString('latin1'))) {
    const m = /^((?:\\[\s\S]|[^\\=: \t\f])*)[ \t\f]*(?:[=:][ \t\f]*)?([\s\S]*)$/.exec(line);
    const key = unescaped(m?.[1] ?? '');
    const value = unescaped(m?.[2] ?? '');
    if (key === null || value === null) return null;
    properties.set(key, value);
  }
  return properties;
}

/** Lines that say something, with those that end in a backslash joined to the next. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let open: string | null = null;
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = natural.replace(/^[ \t\f]+/, '');
    if (open === null && (line === '' || /^[#!]/.test(line))) continue;
    const whole: string = (open ?? '') + line;
    const backslashes = /\\*$/.exec(line)?.[0].length ?? 0;
    open = backslashes % 2 === 1 ? whole.slice(0, -1) : null;
    if (open === null) lines.push(whole);
  }
  if (open !== null) lines.push(open);
  return lines;
}

const escapes: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n', f: '\f' };

function unescaped(text: string): string | null {
  if (/(?<!\\)(?:\\\\)*\\u(?![0-9a-fA-F]{4})/.test(text)) return null;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, hex: string | undefined, one: string) =>
    hex === undefined ? (escapes[one] ?? one) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Whether the files are encrypted, as Derby reads the setting. */
export const isEncryptedBy = (properties: ReadonlyMap<string, string>): boolean =>
  properties.get('dataEncryption')?.toLowerCase() === 'true';

/** The last line of a file that was written to its end. */
const lastLine = '#--- last line';

/**
 * Which of the two files Derby takes, from 10.9 on: the new one, unless it is not there or was not written to its end
 * while the old one still is (StorageFactoryService).
 */
export function usedProperties(current: Buffer | null, old: Buffer | null): 'current' | 'old' | null {
  if (!old) return current && 'current';
  if (!current) return 'old';
  const lines = current.toString('latin1').split(/\r\n|\r|\n/);
  return lines.findLast((line) => line.trim() !== '')?.startsWith(lastLine) ? 'current' : 'old';
}

/** The first setting that is missing or wrong, so that Derby cannot open the database; null when all are there. */
export function missingProperty(properties: ReadonlyMap<string, string>): string | null {
  for (const [key, value] of Object.entries(requiredProperties))
    if (properties.get(key)?.trim() !== String(value)) return key;
  return null;
}

/** The folder that holds the log when it is another one than the database's own; null when it is not. */
export function logDeviceOf(properties: ReadonlyMap<string, string>): string | null {
  return properties.get('logDevice') ?? null;
}
