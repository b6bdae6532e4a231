import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { realPath } from '../base/real-path.ts';
import type { Text } from '../base/text.ts';
import { backupOf, dbOf, isThat, liesIn, looseDatabases, someDatabase, thatDatabase } from './texts.ts';

/** Which folders belong to e-Faktur itself, told by what lies in and around them: `D:\Backup` may be anything. */

/** The part of an e-Faktur folder that a path is, or lies in. */
export interface FolderPart {
  readonly kind: 'db' | 'backup' | 'database';
  /** The folder of that part itself. */
  readonly path: string;
  /** The e-Faktur folder it is a part of; null for databases that lie elsewhere. */
  readonly appFolder: string | null;
}

const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** Whether the program is there: `ETaxInvoiceMain`, with whatever ending. */
export const hasProgram = async (folder: string): Promise<boolean> =>
  (await names(folder)).some((name) => /^ETaxInvoiceMain/i.test(name));

/** One Derby database, perhaps a damaged one: two of the three things that each has. */
async function isDatabase(folder: string): Promise<boolean> {
  const inside = await names(folder);
  return ['service.properties', 'seg0', 'log'].filter((name) => inside.includes(name)).length >= 2;
}

async function holdsDatabases(folder: string): Promise<boolean> {
  for (const name of await names(folder)) if (await isDatabase(join(folder, name))) return true;
  return false;
}

/** Whether login backups lie in a folder: zips, or folders that hold databases or a `db` with them. */
async function holdsLoginBackups(folder: string): Promise<boolean> {
  for (const name of await names(folder)) {
    const path = join(folder, name);
    if (/\.zip$/i.test(name) || (await holdsDatabases(path)) || (await holdsDatabases(join(path, 'db'))))
      return true;
  }
  return false;
}

/** Says what a path is a part of, for messages. */
export function partText(path: string, { kind, path: part, appFolder }: FolderPart): Text {
  const isPart = path === part;
  const what = {
    db: appFolder === null ? looseDatabases : dbOf(appFolder),
    backup: backupOf(appFolder),
    database: isPart ? someDatabase : thatDatabase(part),
  }[kind];
  return isPart ? isThat(path, what) : liesIn(path, what);
}

/**
 * Finds whether a path, there or not yet, is or lies in the `db` or `backup` of an e-Faktur folder or in a database, or is
 * a folder of databases itself; null when it is none of these. Links are followed. What cannot be read is taken for none.
 */
export async function folderPartOf(path: string): Promise<FolderPart | null> {
  const { real, isThere } = await resolved(path);
  if (isThere && (await holdsDatabases(real)) && !(await isWhole(real))) {
    const above = dirname(real);
    const isDb = isNamed(real, 'db') || (await hasProgram(above));
    return { kind: 'db', path: real, appFolder: isDb ? above : null };
  }
  for (let folder = real; folder !== dirname(folder); folder = dirname(folder)) {
    const above = dirname(folder);
    if (await isDatabase(folder)) {
      const isInDb = isNamed(above, 'db');
      return { kind: 'database', path: folder, appFolder: isInDb ? dirname(above) : null };
    }
    if (isNamed(folder, 'db') && ((await hasProgram(above)) || (await holdsDatabases(folder))))
      return { kind: 'db', path: folder, appFolder: above };
    if (isNamed(folder, 'backup', 'backupDB') && (await isAppBackup(folder, above)))
      return { kind: 'backup', path: folder, appFolder: above };
  }
  return null;
}

/** An e-Faktur folder stays one, whatever copy of a database somebody puts into it. */
const isWhole = async (folder: string): Promise<boolean> =>
  (await hasProgram(folder)) || (await holdsDatabases(join(folder, 'db')));

/** Without the program beside it a `backup` is e-Faktur's only when login backups lie in it and a `db` beside it. */
const isAppBackup = async (folder: string, above: string): Promise<boolean> =>
  (await hasProgram(above)) ||
  ((await holdsDatabases(join(above, 'db'))) && (await holdsLoginBackups(folder)));

const isNamed = (folder: string, ...known: string[]): boolean =>
  known.some((name) => name.toLowerCase() === basename(folder).toLowerCase());

/** The path with the links in it followed, as far as it is there. */
async function resolved(path: string): Promise<{ real: string; isThere: boolean }> {
  const real = await realPath(path);
  if (real !== null) return { real, isThere: true };
  const above = dirname(path);
  if (above === path) return { real: path, isThere: false };
  return { real: join((await resolved(above)).real, basename(path)), isThere: false };
}

/** Whether two folders, or what is there above them, lie on one disk; false when that cannot be told. */
export async function isSameDisk(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([deviceOf(a), deviceOf(b)]);
  return one !== null && one === other;
}

async function deviceOf(path: string): Promise<bigint | null> {
  const info = await stat(path, { bigint: true }).catch(() => null);
  if (info) return info.dev;
  return dirname(path) === path ? null : deviceOf(dirname(path));
}
