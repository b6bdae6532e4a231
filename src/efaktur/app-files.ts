import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import { asSourceError, byUtf8, type FileSet, readDiskFile, type SourceFile } from '../base/file-set.ts';
import { whileHeld } from '../base/held-files.ts';
import { realPath } from '../base/real-path.ts';
import { isSafePath } from '../base/safe-path.ts';
import { isStagedName } from '../base/staged.ts';
import type { Text } from '../base/text.ts';
import { propertiesNames } from '../derby/properties-names.ts';
import { isMainProgram } from './app-program.ts';
import {
  checkRightsOrMove,
  leftOutReasons,
  liveDatabases,
  nameInstalledFolder,
  noMainProgram,
  pushAgain,
  wentAway,
} from './texts.ts';

/** What of an e-Faktur folder is the program: all but databases, backups, logs, secrets and what is ours (DESIGN.md). */

/** Why something is not in a copy of the program; part of the stored manifest. */
export type LeftOutReason =
  | 'database'
  | 'login-backups'
  | 'log'
  | 'temporary'
  | 'own'
  | 'settings'
  | 'private-key'
  | 'link'
  | 'special'
  | 'large'
  | 'name';

export interface LeftOut {
  /** Relative to the e-Faktur folder, with `/`; of a folder without a slash at its end, and for all that lies in it. */
  readonly path: string;
  readonly why: LeftOutReason;
}

export interface AppFiles {
  readonly set: FileSet;
  /** Sorted by the UTF-8 bytes of the paths. */
  readonly leftOut: readonly LeftOut[];
}

export interface AppFilesOptions {
  /** Keeps private keys, such as the certificate's `.p12`. */
  readonly withCertificates: boolean;
  /** Absolute paths of what is ours and may lie in the folder: stores, state folder, settings and key files. */
  readonly own: readonly string[];
  /** Whether two absolute paths name the same file on this platform. */
  readonly samePath: (a: string, b: string) => boolean;
  /** Whether a file of this name in a folder `origin` tells that a store lies around it. */
  readonly isOriginName: (name: string) => boolean;
  /** Whether a store has a folder of this name in it. */
  readonly isStoreFolder: (name: string) => boolean;
}

/** Of a file that is not the program's: a film, a disk image, somebody's archive. */
export const maxForeignBytes = 100_000_000;

/** Longer texts hold no single key. */
const maxKeyTextBytes = 64 << 10;

const programFile = /\.(exe|dll|jar|jsa|so|dylib|ocx|msi)$/i;
const programFolder = /^(java|jre|jdk|jvm|runtime|lib|libs|bin)([-_.]?\d.*)?$/i;
const temporaryFolder =
  /^(tmp|temp|\$recycle\.bin|recycler|system volume information|lost\+found|__macosx)$/i;
const temporaryFile = /(\.(tmp|temp|lck|part|crdownload)|^~.*|^thumbs\.db|^\.ds_store)$/i;
const settingsFile = /^\.env(\..+)?$|\.env$/i;
const keyFile = /\.(p12|pfx)$/i;

/** The folder of the databases that every push without the program stores. */
export const isDbName = (name: string): boolean => /^db$/i.test(name);

/** Why something is left out, in words that go on from its name. */
export const leftOutText = ({ path, why }: LeftOut): Text =>
  why === 'database' && isDbName(path) ? liveDatabases : leftOutReasons[why];

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => byUtf8(a.name, b.name);

/** One name in a folder; the bytes are those that the system knows it by. */
interface Entry {
  readonly name: string;
  readonly isWellFormed: boolean;
  readonly type: 'file' | 'folder' | 'link' | 'special';
}

/**
 * Finds what a copy of the program holds; nothing is held open. `source-unusable` where there is no main program among it, or
 * something cannot be looked at (named); `source-changed` when something goes away meanwhile.
 */
export async function readAppFiles(appFolder: string, options: AppFilesOptions): Promise<AppFiles> {
  const own = await Promise.all(options.own.map(async (path) => (await realPath(path)) ?? path));
  const isOwn = (absolute: string): boolean => own.some((path) => options.samePath(path, absolute));
  const files: SourceFile[] = [];
  const emptyFolders: string[] = [];
  const leftOut: LeftOut[] = [];

  async function walk(folder: string, inProgram: boolean, known?: readonly Entry[]): Promise<void> {
    const entries = known ?? (await entriesOf(appFolder, folder));
    const isStore = folder === '' && (await holdsOrigin(appFolder, entries, options));
    const folded = new Set<string>();
    let kept = 0;
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const leave = (why: LeftOutReason): void => void leftOut.push({ path, why });
      const isTwice = folded.has(entry.name.toLowerCase());
      const absolute = join(appFolder, path);
      if (entry.type === 'folder' && isStore && options.isStoreFolder(entry.name)) leave('own');
      else if (isOwn(absolute)) leave('own');
      else if (!entry.isWellFormed || !isSafePath(path) || isTwice) leave('name');
      else {
        const why = byNameAlone(entry, folder === '', inProgram, options);
        if (why) leave(why);
        else if (entry.type === 'folder') {
          const inside = await entriesOf(appFolder, path);
          const found = await whatFolder(absolute, inside, options);
          if (found) leave(found);
          else {
            folded.add(entry.name.toLowerCase());
            kept++;
            const isProgram = folder === '' && programFolder.test(entry.name);
            await walk(path, inProgram || isProgram || (await isJava(absolute, inside)), inside);
          }
        } else {
          const file = await sourceFile(appFolder, path);
          const secret = inProgram ? null : await secretIn(file, entry.name, options);
          if (secret) leave(secret);
          else if (file.sizeBytes > maxForeignBytes && !inProgram && !programFile.test(entry.name))
            leave('large');
          else {
            folded.add(entry.name.toLowerCase());
            kept++;
            files.push(file);
          }
        }
      }
    }
    if (kept === 0 && folder !== '') emptyFolders.push(folder);
  }

  await walk('', false);
  if (!files.some(({ path }) => isMainProgram(path))) throw noProgram(appFolder);
  const sorted = (paths: string[]): string[] => paths.sort(byUtf8);
  return {
    set: { files: files.sort((a, b) => byUtf8(a.path, b.path)), emptyFolders: sorted(emptyFolders) },
    leftOut: leftOut.sort((a, b) => byUtf8(a.path, b.path)),
  };
}

/** What a name alone tells, in whatever letter case, as Windows takes names. */
function byNameAlone(
  { name, type }: Entry,
  isTop: boolean,
  inProgram: boolean,
  { withCertificates }: AppFilesOptions,
): LeftOutReason | null {
  // What a restore is making, or has left.
  if (isStagedName(name) && !(type === 'folder' && /^db/i.test(name))) return 'temporary';
  if (type === 'link' || type === 'special') return whatTop(name, isTop) ?? type;
  if (type === 'folder') {
    if (/^db/i.test(name) && !inProgram) return 'database';
    if (temporaryFolder.test(name) && !inProgram) return 'temporary';
    return whatTop(name, isTop);
  }
  // A restored folder has its databases under that name.
  if (isTop && isDbName(name)) return 'database';
  if (settingsFile.test(name)) return 'settings';
  if (keyFile.test(name) && !withCertificates) return 'private-key';
  return temporaryFile.test(name) ? 'temporary' : null;
}

function whatTop(name: string, isTop: boolean): LeftOutReason | null {
  if (!isTop) return null;
  if (/^db/i.test(name)) return 'database';
  if (/^backup(db)?$/i.test(name)) return 'login-backups';
  return /^logs?$/i.test(name) ? 'log' : null;
}

/** What the names in a folder tell of it. */
async function whatFolder(
  absolute: string,
  inside: readonly Entry[],
  options: AppFilesOptions,
): Promise<LeftOutReason | null> {
  const isDatabase = inside.some(
    ({ name, type }) =>
      (type === 'file' && propertiesNames.some((known) => known === name.toLowerCase())) ||
      (type !== 'file' && name.toLowerCase() === 'seg0'),
  );
  if (isDatabase) return 'database';
  return (await holdsOrigin(absolute, inside, options)) ? 'own' : null;
}

/** A Java runtime, under whatever name. */
const isJava = async (absolute: string, inside: readonly Entry[]): Promise<boolean> =>
  inside.some(({ name, type }) => type === 'folder' && name === 'bin') &&
  (await entriesOf(absolute, 'bin')).some(({ name }) => /^javaw?(\.exe)?$/i.test(name));

async function holdsOrigin(
  folder: string,
  inside: readonly Entry[],
  { isOriginName }: AppFilesOptions,
): Promise<boolean> {
  if (!inside.some(({ name, type }) => name === 'origin' && type === 'folder')) return false;
  return (await entriesOf(folder, 'origin')).some(({ name, type }) => type === 'file' && isOriginName(name));
}

/** Keys in texts, whatever the file's name: ours, with which backups are opened, and those of certificates. */
async function secretIn(
  { diskPath, sizeBytes, path }: SourceFile,
  name: string,
  { withCertificates }: AppFilesOptions,
): Promise<LeftOutReason | null> {
  if (diskPath === undefined || sizeBytes > maxKeyTextBytes || programFile.test(name)) return null;
  const text = await whileHeld(() => readFile(diskPath, 'latin1')).catch((error: unknown) => {
    throw unreadable(path, diskPath, error);
  });
  if (/AGE-SECRET-KEY-(PQ-)?1/i.test(text)) return 'own';
  return !withCertificates && /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text) ? 'private-key' : null;
}

async function entriesOf(appFolder: string, folder: string): Promise<Entry[]> {
  const absolute = join(appFolder, folder);
  const found = await whileHeld(() => readdir(absolute, { withFileTypes: true, encoding: 'buffer' })).catch(
    (error: unknown) => {
      throw unreadable(folder, absolute, error);
    },
  );
  const entries: Entry[] = [];
  for (const entry of found) {
    const name = entry.name.toString();
    const type = await typeOf(entry, join(absolute, name));
    entries.push({ name, isWellFormed: Buffer.from(name).equals(entry.name), type });
  }
  return entries.sort(byName);
}

/** Windows lists as links also what lies on a deduplicated volume or in a cloud folder: whether it is one, the look at it tells. */
async function typeOf(entry: Dirent<Buffer>, path: string): Promise<Entry['type']> {
  const found = entry.isFile() || entry.isDirectory() ? entry : ((await seen(path)) ?? entry);
  if (found.isSymbolicLink()) return 'link';
  if (found.isDirectory()) return 'folder';
  return found.isFile() ? 'file' : 'special';
}

const seen = (path: string): Promise<Stats | null> => lstat(path).catch(() => null);

async function sourceFile(appFolder: string, path: string): Promise<SourceFile> {
  const diskPath = join(appFolder, path);
  const info = await whileHeld(() => lstat(diskPath)).catch((error: unknown) => {
    throw unreadable(path, diskPath, error);
  });
  return {
    path,
    sizeBytes: info.size,
    mtimeMs: Math.floor(info.mtimeMs),
    diskPath,
    open: async () => readDiskFile(diskPath, info.size),
  };
}

const unreadable = (path: string, absolute: string, error: unknown): unknown => {
  const gone = (): EfakturError => new EfakturError('source-changed', wentAway(absolute), pushAgain, error);
  return asSourceError(error, absolute, checkRightsOrMove, path === '' ? null : gone);
};

const noProgram = (appFolder: string): EfakturError =>
  new EfakturError('source-unusable', noMainProgram(appFolder), nameInstalledFolder);
