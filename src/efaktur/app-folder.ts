import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import { realPath } from '../base/real-path.ts';
import type { Text } from '../base/text.ts';
import { hintForDrive } from '../base/windows-places.ts';
import { propertiesNames } from '../derby/properties-names.ts';
import { folderPartOf, hasProgram, partText } from './folder-parts.ts';
import {
  giveFolder,
  inPlaceOf,
  nameOneFolder,
  nameTheFolder,
  nameThisFolder,
  nameWholeFolder,
  noFolderFound,
  notAFolder,
  severalFolders,
} from './texts.ts';

/** An e-Faktur folder and when anything in it last changed. */
export interface AppFolder {
  readonly path: string;
  readonly newestChange: Date | null;
}

/** Where to look, in this order of weight: what the user named, the current folder, the usual places. */
export interface AppFolderSearch {
  /** What to do where none or several are found. */
  readonly hint?: Text;
  /** From `--app` or `EFAKTUR_APP_DIR`; `where` says which. */
  readonly given: { readonly path: string; readonly where: Text } | null;
  readonly currentFolder: string;
  /** Folders that may be an e-Faktur folder or hold one; asked for only when it comes to them. */
  readonly usualPlaces: () => Promise<readonly string[]>;
  readonly zone: string;
}

const isDirectory = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => null))?.isDirectory() ?? false;

const realOrSame = async (path: string): Promise<string> => (await realPath(path)) ?? resolve(path);

const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** Recognised by `ETaxInvoiceMain*` beside a `db` folder with a database or a `backup` folder. */
export async function isAppFolder(folder: string): Promise<boolean> {
  if (!(await hasProgram(folder))) return false;
  return (await newestChange(folder)) !== null;
}

/** The newest modification among the databases' files and the login backups; null when there are none. */
export async function newestChange(folder: string): Promise<Date | null> {
  const times: number[] = [];
  const look = async (path: string): Promise<void> => {
    const info = await stat(path).catch(() => null);
    if (info) times.push(info.mtimeMs);
  };
  for (const database of await names(join(folder, 'db'))) {
    const path = join(folder, 'db', database);
    const inside = await names(path);
    if (!propertiesNames.some((name) => inside.includes(name))) continue;
    for (const part of [...propertiesNames, 'log', 'seg0']) await look(join(path, part));
    for (const log of await names(join(path, 'log'))) await look(join(path, 'log', log));
  }
  for (const backups of [join(folder, 'backup'), join(folder, 'backupDB')]) {
    for (const backup of await names(backups)) await look(join(backups, backup));
  }
  return times.length === 0 ? null : new Date(Math.max(...times));
}

/**
 * The one e-Faktur folder meant. A folder that was named is taken as it is (`usage` when it is not there); several
 * found are never chosen between (`usage`, each listed with its newest change); none is `source-unusable`.
 */
export async function findAppFolder(search: AppFolderSearch): Promise<AppFolder> {
  if (search.given) {
    if (!(await isDirectory(search.given.path))) {
      throw new EfakturError(
        'usage',
        notAFolder(search.given.where, search.given.path),
        hintForDrive(search.given.path) ?? giveFolder,
      );
    }
    await refuseFolderPart(search.given.path, search.given.where);
    const path = await realOrSame(search.given.path);
    return { path, newestChange: await newestChange(path) };
  }
  if (await isAppFolder(search.currentFolder)) {
    const path = await realOrSame(search.currentFolder);
    return { path, newestChange: await newestChange(path) };
  }
  const [only, ...others] = await appFoldersIn(await search.usualPlaces());
  if (!only) {
    throw new EfakturError('source-unusable', noFolderFound, search.hint ?? nameTheFolder);
  }
  if (others.length > 0) {
    const all = [only, ...others].map(({ path, newestChange: at }) => ({
      path,
      newest: at && formatInstant(at, search.zone),
    }));
    throw new EfakturError('usage', severalFolders(all), search.hint ?? nameOneFolder);
  }
  return only;
}

/** The e-Faktur folders among these, and right below them by their names; each once. */
export async function appFoldersIn(places: readonly string[]): Promise<AppFolder[]> {
  const found = new Map<string, AppFolder>();
  for (const place of places) {
    for (const candidate of [
      place,
      ...(await names(place)).filter((n) => /faktur|etaxinvoice/i.test(n)).map((n) => join(place, n)),
    ]) {
      if (!(await isAppFolder(candidate))) continue;
      const path = await realOrSame(candidate);
      found.set(path, { path, newestChange: await newestChange(path) });
    }
  }
  return [...found.values()];
}

/** `usage` for a folder that is a part of an e-Faktur folder, in words that name the right one. */
async function refuseFolderPart(path: string, where: Text): Promise<void> {
  const part = await folderPartOf(path);
  if (!part) return;
  throw new EfakturError(
    'usage',
    inPlaceOf(where, partText(path, part)),
    part.appFolder === null ? nameWholeFolder : nameThisFolder(part.appFolder),
  );
}

/** Where a PC keeps what its users and its administrator put on it. */
export interface PersonalPlaces {
  readonly home: string;
  /** Desktops, documents, downloads that lie elsewhere than in the home folder. */
  readonly personal: readonly string[];
  readonly programFiles: readonly string[];
  /** Letters of drives (Windows). */
  readonly drives: readonly string[];
}

/** Where e-Faktur usually lies on this platform. */
export function usualPlaces(
  platform: NodeJS.Platform,
  { home, personal, programFiles, drives }: PersonalPlaces,
): string[] {
  const own = [home, ...['Documents', 'Desktop', 'Downloads'].map((name) => join(home, name)), ...personal];
  if (platform !== 'win32') return [...own, '/opt', '/Applications'];
  return [
    ...programFiles.flatMap((folder) => [join(folder, 'Direktorat Jenderal Pajak'), folder]),
    ...[...new Set(['C', 'D', 'E', 'F', ...drives])].flatMap((drive) => [
      `${drive}:\\`,
      `${drive}:\\Direktorat Jenderal Pajak`,
    ]),
    ...new Set(own),
  ];
}
