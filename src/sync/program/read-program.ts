import { contentHash, type ListedFile } from '../../archive/file-list.ts';
import { EfakturError } from '../../base/errors.ts';
import type { FileSet } from '../../base/file-set.ts';
import { type Text, verbatim } from '../../base/text.ts';
import { type AppFilesOptions, type LeftOut, readAppFiles } from '../../efaktur/app-files.ts';
import { type AppFacts, readAppFacts } from '../../efaktur/app-program.ts';
import { changedState, hashFiles, type ReadOptions } from '../reading/read-state.ts';
import { keepsChanging, reading } from '../reading/texts.ts';
import { otherLeftOut, pushWhenAtRest } from './texts.ts';

/** What one read of a program folder showed. */
export interface ProgramRead {
  readonly set: FileSet;
  readonly files: readonly ListedFile[];
  readonly leftOut: readonly LeftOut[];
  readonly contentHash: string;
  readonly totalBytes: number;
  readonly app: AppFacts;
}

/**
 * Reads every byte of the program in an e-Faktur folder once. `source-unusable` where it is no such folder or something cannot
 * be read, `source-changed` when something changes meanwhile; both name it.
 */
export async function readProgramFolder(
  appFolder: string,
  options: AppFilesOptions,
  { signal, progress }: ReadOptions,
): Promise<ProgramRead> {
  const { set, leftOut } = await readAppFiles(appFolder, options);
  const totalBytes = set.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  progress.begin(reading, totalBytes);
  const read = await hashFiles(set, appFolder, { signal, progress });
  const files = read.map(({ digests, ...file }) => file);
  const facts = await readAppFacts(appFolder);
  const listed = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  if (!facts || listed.get(facts.main.name) !== facts.main.sha256) throw changedState(appFolder);
  const programs = facts.programs.filter(({ name, sha256 }) => listed.get(name) === sha256);
  return {
    set,
    files,
    leftOut,
    contentHash: contentHash(files),
    totalBytes,
    app: { ...facts, programs },
  };
}

/** Lists the folder anew; `source-changed` when it is not what was read before, as far as names, sizes and times tell. */
export async function sameFilesNow(
  appFolder: string,
  { set, leftOut }: ProgramRead,
  options: AppFilesOptions,
): Promise<FileSet> {
  const now = await readAppFiles(appFolder, options);
  if (looks(now.set) !== looks(set) || JSON.stringify(now.leftOut) !== JSON.stringify(leftOut))
    throw new EfakturError(
      'source-changed',
      { what: keepsChanging(appFolder), because: firstChange(set, now.set) },
      pushWhenAtRest,
    );
  return now.set;
}

const lines = ({ files, emptyFolders }: FileSet): string[] => [
  ...files.map(({ path, sizeBytes, mtimeMs }) => `${path}\0${sizeBytes}\0${mtimeMs}`),
  ...emptyFolders.map((path) => `${path}/`),
];

const looks = (set: FileSet): string => lines(set).join('\n');

function firstChange(before: FileSet, now: FileSet): Text {
  const known = new Set(lines(before));
  const still = new Set(lines(now));
  const changed = [...still].find((line) => !known.has(line)) ?? [...known].find((line) => !still.has(line));
  const path = changed?.split('\0')[0];
  return path === undefined ? otherLeftOut : verbatim(path);
}
