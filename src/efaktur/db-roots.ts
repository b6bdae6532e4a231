/*
 * Where databases lie below a path that somebody named: a `db` folder, one database, an e-Faktur folder, or a login backup
 * with any of these in it. One rule for folders and for the names in a zip.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { entryKind } from '../base/entry-kind.ts';
import { realPath } from '../base/real-path.ts';
import { readDbFolder } from './live-db.ts';

/** The name that e-Faktur gives its first database. */
export const firstDatabase = 'ETaxInvoice';

/** How deep below a login backup its databases may lie: `Documents/e-Faktur/backup/db/ETaxInvoice` and a little more. */
const maxRootDepth = 6;

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** A `db` folder on disk; `database` where only that one of it is meant. */
export interface DbFolder {
  readonly dbFolder: string;
  readonly database: string | null;
}

/**
 * The `db` folder meant by the path of a database, of a `db` folder or of an e-Faktur folder, whatever lies beside its `db`;
 * null for all else.
 */
export async function dbFolderAt(path: string): Promise<DbFolder | null> {
  if (!(await isFolder(path))) return null;
  if (await isDatabase(path)) return { dbFolder: dirname(resolve(path)), database: basename(resolve(path)) };
  for (const dbFolder of [join(path, 'db'), path]) {
    if (!(await isFolder(dbFolder))) continue;
    for (const name of await readdir(dbFolder).catch(() => []))
      if (await isDatabase(join(dbFolder, name))) return { dbFolder, database: null };
  }
  return null;
}

/** One of both is enough: a backup that lacks the other is damaged, and must be named rather than passed over. */
const isDatabase = async (folder: string): Promise<boolean> =>
  (await isThere(join(folder, 'service.properties'))) || (await isFolder(join(folder, 'seg0')));

/** The folders that hold databases, from the given one down; links are followed, but no folder is entered twice. */
export async function dbRootsIn(folder: string): Promise<string[]> {
  const roots: string[] = [];
  const entered = new Set([await realPath(folder)]);
  async function walk(above: string, depth: number): Promise<void> {
    const children: string[] = [];
    for (const child of await readdir(above, { withFileTypes: true }).catch(() => [])) {
      const path = join(above, child.name);
      if ((await entryKind(child, path)) !== 'folder') continue;
      const real = await realPath(path);
      if (!entered.has(real)) children.push(path);
      entered.add(real);
    }
    const areDatabases = await Promise.all(children.map(isDatabase));
    if (areDatabases.includes(true)) roots.push(above);
    if (depth === maxRootDepth) return;
    for (const [i, child] of children.entries()) if (!areDatabases[i]) await walk(child, depth + 1);
  }
  await walk(folder, 0);
  return roots;
}

/**
 * As {@link dbFolderAt}, but only where nothing else can be meant: of a folder that holds a `db` and is no e-Faktur folder,
 * other databases beside that `db` may be.
 */
export async function sureDbFolderAt(path: string): Promise<DbFolder | null> {
  const found = await dbFolderAt(path);
  if (!found || found.database !== null || found.dbFolder === path) return found;
  const names = await readdir(path).catch(() => []);
  return names.some(isProgramName) ? found : null;
}

/** Reads a `db` folder, or the one database of it that is meant. */
export const readDbRoot = ({ dbFolder, database }: DbFolder) => readDbFolder(dbFolder, database);

/** What the names in an archive say of the databases in it. */
export interface NamedRoots {
  /** Prefixes below which databases lie: `db/`, `…/db/` or ``. */
  readonly roots: readonly string[];
  /** The names are those inside a database folder, whose own name is lost. */
  readonly isInside: boolean;
  /** Prefixes of databases that lack `service.properties` or `seg0`. */
  readonly halves: readonly string[];
}

/** Finds the databases by the names of files and folders (which end in `/`). */
export function namedRoots(names: readonly string[]): NamedRoots {
  const withProperties = new Set<string>();
  const withSegment = new Set<string>();
  for (const name of names) {
    const properties = /^(.*\/)?service\.properties(?:old)?$/.exec(name);
    if (properties) withProperties.add(properties[1] ?? '');
    const segment = /^(.*\/)?seg0\//.exec(name);
    if (segment) withSegment.add(segment[1] ?? '');
  }
  const whole = [...withProperties].filter((database) => withSegment.has(database));
  const parents = new Set(whole.filter((database) => database !== '').map(parentOf));
  const isWhole = new Set(whole);
  const halves = [...withProperties, ...withSegment].filter((database) => !isWhole.has(database));
  return { roots: meantOf([...parents], names), isInside: whole.includes(''), halves };
}

/** What tells an e-Faktur folder. */
export const isProgramName = (name: string): boolean => /^ETaxInvoiceMain/i.test(name);

/** `db/ETaxInvoice/` lies in `db/`. */
const parentOf = (folder: string): string => folder.replace(/[^/]+\/$/, '');

/** In an e-Faktur folder its `db` is meant, whatever older ones lie beside it. */
function meantOf(roots: readonly string[], names: readonly string[]): readonly string[] {
  const withProgram = new Set<string>();
  for (const name of names) {
    // Each part of a name may be the program's.
    for (let at = 0; at >= 0; at = name.indexOf('/', at + 1)) {
      const from = at === 0 ? 0 : at + 1;
      if (isProgramName(name.slice(from))) withProgram.add(name.slice(0, from));
    }
  }
  const inApp = roots.filter((root) => {
    const app = /^(.*\/)?db\/$/i.exec(root);
    return app !== null && withProgram.has(app[1] ?? '');
  });
  return inApp.length === 1 ? inApp : roots;
}
