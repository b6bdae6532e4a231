import { EfakturError } from '../base/errors.ts';
import { byUtf8, type FileSet, type SourceFile } from '../base/file-set.ts';
import type { Warning } from '../base/progress.ts';
import { isSafePath } from '../base/safe-path.ts';
import type { Text } from '../base/text.ts';
import { propertiesNames } from '../derby/properties-names.ts';
import {
  giveOneEFaktur,
  madeInsideDatabase,
  nameNotAllowed,
  noDatabase,
  noLogControl,
  noProperties,
  noTables,
  oneNameOnWindows,
  tooManyDatabases,
} from './texts.ts';

/** The files below one `db` folder, sorted into what a backup keeps and what it leaves out: the one place with that rule. */
export interface DatabaseSet extends FileSet {
  /** Names of the databases, sorted. */
  readonly databases: readonly string[];
  /** What lies in `db` and is no part of a database (each is named in a warning), relative to `db`. */
  readonly leftOut: readonly string[];
  /** Why this cannot be a sound state, in the user's words; empty when its structure is whole. */
  readonly problems: readonly Text[];
  /** The name given to a database whose own is not known; null otherwise. */
  readonly assumedName: string | null;
  /** The newest modification of a file kept; 0 without files. */
  readonly newestMtimeMs: number;
}

/** That a backup was made inside a database folder. */
export const assumedName = (path: string, name: string): Warning => ({
  code: 'assumed-name',
  message: madeInsideDatabase(path, name),
});
/** Their names stand in every manifest. */
const maxDatabases = 1000;

const neverKept = new Set(['db.lck', 'dbex.lck']);

/** Applies the drop list to everything found below a `db` folder; `folders` are all folders met, relative to it. */
export function databaseSet(found: readonly SourceFile[], folders: readonly string[]): DatabaseSet {
  const paths = new Set(found.map((f) => f.path));
  const anyBelow = new Set<string>();
  for (const path of [...paths, ...folders.map((f) => `${f}/`)]) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) anyBelow.add(path.slice(0, at));
  }
  const withTables = new Set<string>();
  for (const path of paths) {
    const [child = '', second, third] = path.split('/', 3);
    if (second === 'seg0' && third !== undefined) withTables.add(child);
  }
  const children = new Set([...paths, ...folders].map((path) => path.split('/')[0] ?? ''));
  const databases: string[] = [];
  const kept = new Set<string>();
  const keep = (database: string): void => {
    databases.push(database);
    kept.add(database);
  };
  const leftOut: string[] = [];
  const problems: Text[] = [];
  const folded = new Map<string, string>();
  for (const child of [...children].sort(byUtf8)) {
    // Derby goes on with the old ones if it was writing them anew.
    const isDatabase = propertiesNames.some((name) => paths.has(`${child}/${name}`));
    if (isDatabase && !isSafePath(child)) problems.push(nameNotAllowed(child));
    if (isDatabase) keep(child);
    else if (anyBelow.has(`${child}/seg0`) || anyBelow.has(`${child}/log`)) {
      keep(child);
      problems.push(noProperties(child));
    } else leftOut.push(child);
    const sameName = folded.get(child.toLowerCase());
    if (sameName !== undefined && kept.has(child)) problems.push(oneNameOnWindows(sameName, child));
    if (kept.has(child)) folded.set(child.toLowerCase(), child);
    if (!isDatabase) continue;
    if (!withTables.has(child)) problems.push(noTables(child));
    if (!paths.has(`${child}/log/log.ctrl`)) problems.push(noLogControl(child));
  }
  if (databases.length === 0) problems.push(noDatabase);
  if (databases.length > maxDatabases) {
    throw new EfakturError(
      'source-unusable',
      tooManyDatabases(databases.length, maxDatabases),
      giveOneEFaktur,
    );
  }

  const wanted = [...found]
    .sort((a, b) => byUtf8(a.path, b.path))
    .filter(({ path }) => {
      const [database = '', second = '', ...rest] = path.split('/');
      if (!kept.has(database)) return false;
      return rest.length === 0 ? !neverKept.has(second.toLowerCase()) : second.toLowerCase() !== 'tmp';
    });
  // Windows and macOS know one name for `c10.dat` and `C10.DAT`; Derby's own names are the lower-case ones.
  const byFolded = new Map(wanted.map((file) => [file.path.toLowerCase(), file]));
  const foldedFolders = new Set(databases.map((database) => `${database}/tmp`.toLowerCase()));
  for (const path of byFolded.keys()) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
      foldedFolders.add(path.slice(0, at));
  }
  const isKept = (file: SourceFile): boolean =>
    isSafePath(file.path) &&
    byFolded.get(file.path.toLowerCase()) === file &&
    !foldedFolders.has(file.path.toLowerCase());
  const files = wanted.filter(isKept);
  leftOut.push(...wanted.filter((file) => !isKept(file)).map((file) => file.path));
  return {
    files,
    emptyFolders: databases.map((database) => `${database}/tmp`),
    databases,
    leftOut,
    problems,
    assumedName: null,
    newestMtimeMs: files.reduce((newest, f) => Math.max(newest, f.mtimeMs), 0),
  };
}
