import { createHash } from 'node:crypto';
import { EfakturError } from '../base/errors.ts';
import { byUtf8 } from '../base/file-set.ts';
import { parseJson } from '../base/json.ts';
import { isSafePath } from '../base/safe-path.ts';
import { newerMadeBackup } from '../base/texts.ts';
import { type BlockRun, blockBytes } from './block-index.ts';
import { damagedFileList } from './damaged.ts';
import {
  lacksFields,
  liesInFile,
  newerList,
  noSha256,
  noTime,
  notJson,
  notObject,
  pathNotAllowed,
  pathTwice,
  programFromBase,
  runsNotInOrder,
  sizeNoNumber,
} from './texts.ts';

/** One file of a backup, as read and hashed. */
export interface ListedFile {
  /** Relative to `db`, of a program to the e-Faktur folder, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /**
   * In a differential: `base` when the base holds the file as it is, or the runs of blocks that are in the archive, all
   * others being the base's. Absent for a file that the archive holds whole.
   */
  readonly from?: 'base' | readonly BlockRun[];
}

/** The first member of every archive (FORMAT.md "File list"). */
export interface FileList {
  readonly files: readonly ListedFile[];
  readonly emptyFolders: readonly string[];
  /**
   * The manifest's facts known before packing; kept beside the data in case a manifest is lost. The list of a program folder
   * has the `kind` {@link programKind} among them: it decides how its archive is laid out.
   */
  readonly facts: Readonly<Record<string, unknown>>;
}

export const fileListName = 'efaktur-backup.json';
/** The same of a program folder. */
export const programListName = 'efaktur-program.json';

/** What a list and a manifest of a program folder state as their kind. */
export const programKind = 'program';

export const isProgramList = ({ facts }: FileList): boolean => facts.kind === programKind;
export const fileListFormat = 1;

/** A hostile list must not be able to fill the memory. None that is longer is written. */
export const maxFileListBytes = 32 << 20;

/**
 * SHA-256 (hex) over the lines `path NUL size NUL sha256 LF`, sorted by the UTF-8 bytes of the paths (FORMAT.md
 * "Content hash"). `keep` leaves files out, for the data hash.
 */
export function contentHash(
  files: readonly ListedFile[],
  keep: (path: string) => boolean = () => true,
): string {
  const hash = createHash('sha256');
  for (const file of [...files].sort((a, b) => byUtf8(a.path, b.path))) {
    if (keep(file.path)) hash.update(`${file.path}\0${file.sizeBytes}\0${file.sha256}\n`);
  }
  return hash.digest('hex');
}

/** The content hash without each database's `log/`: equal for two clean states that hold the same data. */
export const dataHash = (files: readonly ListedFile[]): string =>
  contentHash(files, (path) => path.split('/')[1] !== 'log');

export function encodeFileList(list: FileList): Buffer {
  const files = list.files.map((f) => ({
    path: f.path,
    size: f.sizeBytes,
    mtime: new Date(f.mtimeMs).toISOString(),
    sha256: f.sha256,
    ...(f.from !== undefined && { from: f.from }),
  }));
  return Buffer.from(
    `${JSON.stringify({ ...list.facts, format: fileListFormat, emptyFolders: list.emptyFolders, files }, null, 1)}\n`,
  );
}

/** Runs are in order, do not touch and end with the file. */
function areRuns(value: unknown, sizeBytes: number): value is readonly BlockRun[] {
  const blocks = Math.ceil(sizeBytes / blockBytes);
  let free = 0;
  return (
    Array.isArray(value) &&
    value.every((run: unknown) => {
      if (!Array.isArray(run) || run.length !== 2 || !run.every((n) => Number.isSafeInteger(n))) return false;
      const [first, count] = run as [number, number];
      const ok = first >= free && count > 0 && first + count <= blocks;
      free = first + count + 1;
      return ok;
    })
  );
}

/** Reads a file list and refuses paths that would leave the target folder or collide (`damaged`). */
export function parseFileList(bytes: Buffer): FileList {
  let json: unknown;
  try {
    json = parseJson(bytes);
  } catch (error) {
    throw damagedFileList(notJson, error);
  }
  if (typeof json !== 'object' || json === null) throw damagedFileList(notObject);
  const { format, files, emptyFolders, ...facts } = json as Record<string, unknown>;
  if (typeof format === 'number' && format > fileListFormat) {
    throw new EfakturError('newer-format', newerList(format), newerMadeBackup);
  }
  if (format !== fileListFormat || !Array.isArray(files) || !Array.isArray(emptyFolders))
    throw damagedFileList(lacksFields);
  const seen = new Set<string>();
  const checkPath = (path: unknown): string => {
    if (typeof path !== 'string' || !isSafePath(path))
      throw damagedFileList(pathNotAllowed(JSON.stringify(path) ?? 'undefined'));
    const folded = path.toLowerCase();
    if (seen.has(folded)) throw damagedFileList(pathTwice(JSON.stringify(path)));
    seen.add(folded);
    return path;
  };
  const listed = files.map((entry: unknown): ListedFile => {
    const { path, size, mtime, sha256, from } = (entry ?? {}) as Record<string, unknown>;
    const mtimeMs = typeof mtime === 'string' ? Date.parse(mtime) : Number.NaN;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      throw damagedFileList(sizeNoNumber);
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) throw damagedFileList(noSha256);
    if (Number.isNaN(mtimeMs)) throw damagedFileList(noTime);
    if (from !== undefined && from !== 'base' && !areRuns(from, size)) throw damagedFileList(runsNotInOrder);
    return { path: checkPath(path), sizeBytes: size, mtimeMs, sha256, ...(from !== undefined && { from }) };
  });
  const folders = emptyFolders.map(checkPath);
  const foldedFiles = new Set(listed.map((file) => file.path.toLowerCase()));
  for (const path of seen) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      if (foldedFiles.has(path.slice(0, at))) throw damagedFileList(liesInFile(JSON.stringify(path)));
    }
  }
  const list = { files: listed, emptyFolders: folders, facts };
  if (isProgramList(list) && listed.some((file) => file.from !== undefined))
    throw damagedFileList(programFromBase);
  return list;
}
