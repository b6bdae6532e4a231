import { runBytes } from './block-index.ts';
import { damagedArchive } from './damaged.ts';
import { differentialTexts, type FixedText } from './differential-texts.ts';
import { type FileList, fileListName, isProgramList, type ListedFile, programListName } from './file-list.ts';
import type { TarMember } from './tar-members.ts';
import { listOfOtherKind } from './texts.ts';

/**
 * Which members an archive has, by its file list (FORMAT.md "Tar", "Differential", "Program folder"). All of a differential lie in one folder
 * of its own, so that nobody who unpacks one with stock tools can take it for a whole `db`.
 */
export interface ArchiveLayout {
  /** The first member. */
  readonly listPath: string;
  /** What stands after it, always with these bytes. */
  readonly texts: readonly FixedText[];
  /** The folders that have members of their own. */
  folders(list: FileList): readonly string[];
  /** The member that holds a file's own bytes; null when all of them are the base's. */
  memberOf(file: ListedFile): Omit<TarMember, 'mtimeMs'> | null;
}

const inDifferential = (name: string): string => `differential/${name}`;

const fullLayout: ArchiveLayout = {
  listPath: fileListName,
  texts: [],
  folders: ({ emptyFolders }) => emptyFolders.map((folder) => `db/${folder}`),
  memberOf: ({ path, sizeBytes }) => ({ path: `db/${path}`, type: 'File', sizeBytes }),
};

const differentialLayout: ArchiveLayout = {
  listPath: inDifferential(fileListName),
  texts: differentialTexts.map(({ name, bytes }) => ({ name: inDifferential(name), bytes })),
  folders: () => [],
  memberOf({ path, sizeBytes, from }) {
    if (from === 'base') return null;
    if (from === undefined) return { path: inDifferential(`files/${path}`), type: 'File', sizeBytes };
    return { path: inDifferential(`blocks/${path}`), type: 'File', sizeBytes: runBytes(from, sizeBytes) };
  },
};

/** The folder beside its list, as it is copied to a new PC. Not `db`: nobody can take it for a database. */
const programLayout: ArchiveLayout = {
  listPath: programListName,
  texts: [],
  folders: ({ emptyFolders }) => emptyFolders.map((folder) => `e-Faktur/${folder}`),
  memberOf: ({ path, sizeBytes }) => ({ path: `e-Faktur/${path}`, type: 'File', sizeBytes }),
};

/** What an archive is of: the databases of an e-Faktur folder, or the folder without them. */
export type ArchiveContent = 'databases' | 'program';

const layouts: Readonly<Record<ArchiveContent, readonly ArchiveLayout[]>> = {
  databases: [fullLayout, differentialLayout],
  program: [programLayout],
};

/** A list of the kind `program` is that of one; a list of which some file comes from a base is that of a differential. */
export function layoutOf(list: FileList): ArchiveLayout {
  if (isProgramList(list)) return programLayout;
  return list.files.some((file) => file.from !== undefined) ? differentialLayout : fullLayout;
}

/** The layout of an archive of this content that begins with a member of this path; null when none does. */
export const layoutByList = (listPath: string | undefined, content: ArchiveContent): ArchiveLayout | null =>
  layouts[content].find((layout) => layout.listPath === listPath) ?? null;

/** `damaged` when the list that an archive begins with is not one of its kind. */
export function refuseOtherKind(list: FileList, layout: ArchiveLayout): void {
  if (layoutOf(list) === layout) return;
  throw damagedArchive(listOfOtherKind(layout.listPath));
}
