import { EfakturError, isEfakturError } from '../../base/errors.ts';
import { formatInstant } from '../../base/local-time.ts';
import type { Warning } from '../../base/progress.ts';
import type { Text } from '../../base/text.ts';
import { parseBackupId } from '../../catalog/names.ts';
import type { ProgramFacts } from '../../catalog/program-manifest.ts';
import { eFakturName, isMainProgram } from '../../efaktur/app-program.ts';
import type { WrittenFiles } from '../../efaktur/still-there.ts';
import type { ObjectStore } from '../../store/store.ts';
import { inStore } from '../../store/texts.ts';
import type { ReadingContext } from '../context.ts';
import { type ExtractedFiles, extractProgramInto } from '../restore/extract.ts';
import { listProgramCopies, type StoredProgram } from '../stored/all-stores.ts';
import {
  type LocatedArchive,
  locateArchives,
  missingKey,
  readArchives,
  storeSource,
} from '../stored/archives.ts';
import { faultsOfCopy } from '../stored/choose-copy.ts';
import {
  byManifest,
  type ManifestPlace,
  type OpenProgramManifest,
  readProgramManifest,
} from '../stored/manifest.ts';
import { surely } from '../stored/second-reading.ts';
import { damagedInStore } from '../stored/texts.ts';
import {
  chooseProgram,
  holdsForeign,
  madeWithNotStored,
  madeWithUnknown,
  noMainProgramInside,
  noneStored,
  noProgramId,
  programNotStored,
  restoreDbAlone,
  storedAre,
  storedProgram,
  takeIdFromPrograms,
  useOtherProgram,
} from './texts.ts';

/** Stored program folders: which is meant, and its bytes. */

export type ReadContext = Pick<ReadingContext, 'decryptor' | 'zone' | 'signal' | 'progress'>;

/** One with its manifest, to be read. */
export interface OpenProgram {
  readonly program: StoredProgram;
  readonly manifest: OpenProgramManifest;
}

/** Which one is meant: the one of an id, or the one that a backup was made with. */
export type WantedProgram =
  | { readonly by: 'id'; readonly id: string }
  | {
      readonly by: 'backup';
      readonly backupId: string;
      /** SHA-256 of the main program; null where the backup does not tell. */
      readonly appProgram: string | null;
    };

/**
 * Every copy of the program that is meant, the newest first. Manifests that cannot be read become warnings. Without any
 * `no-such-backup`, which names those that are stored; or the error of what could not be asked.
 */
export async function findPrograms(
  stores: readonly ObjectStore[],
  wanted: WantedProgram,
  context: ReadContext,
  warnings: Warning[],
): Promise<OpenProgram[]> {
  if (wanted.by === 'id' && !parseBackupId(wanted.id)) {
    throw new EfakturError('usage', noProgramId(wanted.id), takeIdFromPrograms);
  }
  const { programs, failure, warnings: passedOver } = await listProgramCopies(stores, context.signal);
  const warn = (warning: Warning): void => {
    const said = warning.message.en;
    if (warnings.every(({ message }) => message.en !== said)) warnings.push(warning);
  };
  for (const warning of passedOver) warn(warning);
  const opened: OpenProgram[] = [];
  let unread: EfakturError | null = failure;
  for (const program of programs) {
    if (wanted.by === 'id' && program.id !== wanted.id) continue;
    try {
      opened.push({ program, manifest: await openManifestOf(program, context) });
    } catch (error) {
      if (!isEfakturError(error) || !faultsOfCopy.includes(error.code)) throw error;
      unread ??= error;
      warn({ code: error.code, message: inStore(program.store.url, error.text) });
    }
  }
  const meant = opened.filter(
    ({ manifest }) => wanted.by === 'id' || manifest.appProgram === wanted.appProgram,
  );
  if (meant.length > 0) return meant;
  // Which one it is, is known; whether it is stored is not.
  if (unread && (wanted.by === 'id' || wanted.appProgram !== null)) throw unread;
  throw noSuchProgram(wanted, wanted.by === 'id' ? await openAll(programs, context) : opened, context.zone);
}

async function openAll(programs: readonly StoredProgram[], context: ReadContext): Promise<OpenProgram[]> {
  const opened: OpenProgram[] = [];
  for (const program of programs) {
    const manifest = await openManifestOf(program, context).catch((error: unknown) => {
      if (isEfakturError(error) && faultsOfCopy.includes(error.code)) return null;
      throw error;
    });
    if (manifest) opened.push({ program, manifest });
  }
  return opened;
}

function noSuchProgram(wanted: WantedProgram, stored: readonly OpenProgram[], zone: string): EfakturError {
  const what =
    wanted.by === 'id'
      ? programNotStored(wanted.id)
      : wanted.appProgram === null
        ? madeWithUnknown(wanted.backupId)
        : madeWithNotStored(wanted.backupId);
  const ids = [...new Map(stored.map((one) => [one.program.id, one])).values()];
  const [first] = ids;
  if (!first) return new EfakturError('no-such-backup', noneStored(what), restoreDbAlone);
  const lines = ids.map(({ program, manifest }) =>
    storedProgram(
      program.id,
      eFakturName(versionOf(manifest.facts)),
      formatInstant(program.capturedAt, zone),
    ),
  );
  return new EfakturError('no-such-backup', storedAre(what, lines), chooseProgram(first.program.id));
}

/** The version of the main program; null where it states none, or is not known. */
export function versionOf(facts: Pick<ProgramFacts, 'programs'> | null): string | null {
  const mains = facts?.programs.filter(({ name }) => isMainProgram(name)) ?? [];
  return (mains.find(({ name }) => /\.exe$/i.test(name)) ?? mains[0])?.version ?? null;
}

const placeOf = ({ manifestKey, manifestVersionId }: StoredProgram): ManifestPlace => ({
  key: manifestKey,
  versionId: manifestVersionId,
});

export const openManifestOf = (program: StoredProgram, context: ReadContext): Promise<OpenProgramManifest> =>
  readProgramManifest(program.store, placeOf(program), context.decryptor, context.signal);

/** Tries copies in turn, as long as what goes wrong is their fault; throws the first one's error when none is sound. */
export async function firstSoundProgram<T>(
  copies: readonly OpenProgram[],
  warnings: Warning[],
  attempt: (copy: OpenProgram) => Promise<T>,
): Promise<T> {
  let first: unknown = null;
  for (const copy of copies) {
    try {
      return await attempt(copy);
    } catch (error) {
      if (!isEfakturError(error) || !faultsOfCopy.includes(error.code)) throw error;
      first ??= error;
      warnings.push({ code: error.code, message: inStore(copy.program.store.url, error.text) });
    }
  }
  throw first;
}

/** Writes a program folder below an empty folder: see `extractInto`. */
export const extractProgram = (
  folder: string,
  copy: OpenProgram,
  context: ReadContext,
): Promise<ExtractedFiles> =>
  readingProgram(copy, context, async (archives) => {
    const extracted = await extractProgramInto(folder, copy.program.store, archives, context);
    refuseOther(extracted.list, copy);
    return extracted;
  });

/** Reads all of a program folder, each file compared with its hash; `damaged` where anything is not as its manifest says. */
export const readProgram = (
  copy: OpenProgram,
  context: ReadContext,
  options: Pick<Parameters<typeof readArchives>[2], 'begin' | 'take'>,
): Promise<WrittenFiles> =>
  readingProgram(copy, context, (archives) =>
    surely(copy.program.store, archives, context.signal, async () => {
      const source = storeSource(copy.program.store, context);
      const list = await readArchives(source, archives, { ...options, hashed: true });
      refuseOther(list, copy);
      return list;
    }),
  );

async function readingProgram<T>(
  { program, manifest }: OpenProgram,
  { decryptor, signal }: ReadContext,
  step: (archives: readonly LocatedArchive[]) => Promise<T>,
): Promise<T> {
  if (!manifest.facts) throw missingKey(manifest.archive);
  const { store } = program;
  const archives = await locateArchives(store, manifest, program.archives, signal);
  return byManifest(
    store,
    placeOf(program),
    manifest,
    decryptor,
    signal,
    () => step(archives),
    readProgramManifest,
  );
}

/** `damaged` when it is not the program that its manifest names, or would bring a `db` of its own. */
function refuseOther(list: Pick<ExtractedFiles, 'list'>['list'], { program, manifest }: OpenProgram): void {
  const damaged = (what: Text): EfakturError =>
    new EfakturError('damaged', damagedInStore(program.store.url, manifest.archive, what), useOtherProgram);
  const isMain = list.files.some(({ path, sha256 }) => isMainProgram(path) && sha256 === manifest.appProgram);
  if (!isMain) throw damaged(noMainProgramInside);
  const paths = [...list.files.map(({ path }) => path), ...list.emptyFolders];
  const ofDb = paths.find((path) => /^db(\/|$)/i.test(path));
  if (ofDb !== undefined) throw damaged(holdsForeign(ofDb));
}
