/*
 * The files of one state, to be read anywhere: a stored backup by ranges of its archive, or a folder or login backup on
 * disk. What looks inside knows only this.
 */
import type { Wanted } from '../catalog/choose.ts';
import type { Decryptor } from '../crypto/age.ts';
import type { DatabaseFiles } from '../derby/pages.ts';
import type { ObjectStore } from '../store/store.ts';
import type { VerbContext } from '../sync/context.ts';
import type { ChosenInfo } from '../sync/stored/backup-info.ts';

/** Where a state lies. */
export type Place =
  | { readonly in: 'stores'; readonly wanted: Wanted }
  /** An e-Faktur folder, a `db` folder, one database, or a login backup. */
  | { readonly in: 'folder'; readonly path: string };

/** What documents say of the state that was read: of the two, one is null. */
export interface PlaceInfo {
  readonly backup: ChosenInfo | null;
  readonly local: string | null;
}

export interface BackupFiles {
  readonly info: PlaceInfo;
  /** Sorted by name. */
  readonly databases: readonly { readonly name: string; readonly files: DatabaseFiles }[];
  /** SHA-256 of a file (relative to `db`) where it is known without reading it, else null. */
  sha256(path: string): string | null;
  /** Live rows of a table (`SCHEMA.TABLE`) as the push counted them in a clean database, else null. */
  countedRows(database: string, table: string): number | null;
  close(): Promise<void>;
}

/** What opening a state needs of its surroundings. */
export interface InspectContext extends VerbContext {
  /** Called only when a stored backup is meant. */
  readonly stores: () => Promise<readonly ObjectStore[]>;
  readonly decryptor: () => Promise<Decryptor | null>;
}

export interface OpenOptions {
  /** Gives zeros for what cannot be read of an archive, so that the pages around it can be. */
  readonly salvage: boolean;
}

/** One database of a set, as the row reader wants it. */
export function filesOf(
  prefix: string,
  sizes: ReadonlyMap<string, number>,
  read: (path: string, offset: number, length: number) => Promise<Buffer>,
): DatabaseFiles {
  return {
    *paths() {
      for (const path of sizes.keys()) if (path.startsWith(prefix)) yield path.slice(prefix.length);
    },
    sizeBytes: (path) => sizes.get(prefix + path) ?? null,
    read: (path, offset, length) => read(prefix + path, offset, length),
  };
}
