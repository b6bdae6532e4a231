import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, syncFile } from '../base/atomic-file.ts';
import { EfakturError } from '../base/errors.ts';
import { makeFolder } from '../base/new-folder.ts';
import type { Warning } from '../base/progress.ts';
import { createZip } from '../base/zip-writer.ts';
import type { Wanted } from '../catalog/choose.ts';
import type { SetVerdict } from '../derby/judge.ts';
import { refuseTaken } from '../efaktur/still-there.ts';
import type { ObjectStore } from '../store/store.ts';
import type { ReadingContext } from './context.ts';
import { damagedNotWritten, exporting, exportOther } from './pull-texts.ts';
import { exportInto, removeLeftExports } from './restore/export-place.ts';
import { type ExportedFacts, exportName, exportReadme } from './restore/export-readme.ts';
import { extractInto } from './restore/extract.ts';
import { checkSpace } from './restore/free-space.ts';
import type { StoredBackup } from './stored/all-stores.ts';
import { type LocatedArchive, locateArchives, readJudged } from './stored/archives.ts';
import { type ChosenInfo, chosenInfo, type OtherBackupInfo, othersInfo } from './stored/backup-info.ts';
import { type ConfirmState, findCopies, firstSound } from './stored/choose-copy.ts';
import { byManifest, ownArchive, readManifest } from './stored/manifest.ts';
import { surely } from './stored/second-reading.ts';
import { theBackup } from './stored/texts.ts';
import { problemText, verdictWarnings } from './stored/verdict-words.ts';

export interface ExportRequest extends ReadingContext {
  readonly wanted: Wanted;
  /** The folder to put it into, made if absent. */
  readonly to: string;
  /** One zip file instead of a folder. */
  readonly zip: boolean;
  /** Name of this PC, so that another one's export to the same drive is left alone. */
  readonly pcName: string;
}

export interface ExportDocument {
  readonly outcome: 'exported';
  readonly backup: ChosenInfo;
  readonly store: string;
  /** The folder or zip made. */
  readonly path: string;
  readonly zip: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly databases: readonly string[];
  /** Where a day was asked for: the other backups of it, oldest first. */
  readonly others: readonly OtherBackupInfo[];
  readonly warnings: readonly Warning[];
}

/**
 * Writes one backup as a folder (or zip) that needs no program: `Backup_Efaktur_08Juli2023` with `db` and a README of how
 * to restore by hand. It is built under a temp name, every file checked, and renamed when it is whole and on disk; after an
 * error nothing is left, after a kill the next export to that folder removes the rest. What is there is never overwritten.
 * `no-such-backup`, `damaged`, `wrong-key`, `newer-format`, `target-not-writable`, or what the store threw.
 */
export async function exportBackup(request: ExportRequest): Promise<ExportDocument> {
  const warnings: Warning[] = [];
  const { copies, others, next } = await findCopies(request, warnings);
  await removeLeftExports(request.to, request.pcName);
  // Until its room was found, what a copy says of its size is only what it says.
  const found = { room: false };
  return firstSound(
    { copies, next },
    warnings,
    (copy, confirmState) =>
      exportCopy(copy, confirmState, copies, othersInfo(others, request.zone), warnings, request, found),
    ({ code }) => code === 'target-not-writable' && !found.room,
  );
}

interface Written {
  readonly files: number;
  readonly bytes: number;
  readonly judged: SetVerdict;
}

async function exportCopy(
  copy: StoredBackup,
  confirmState: ConfirmState,
  copies: readonly StoredBackup[],
  others: readonly OtherBackupInfo[],
  warnings: Warning[],
  request: ExportRequest,
  found: { room: boolean },
): Promise<ExportDocument> {
  const { store } = copy;
  const { to, zone, zip, signal } = request;
  const manifestAt = { key: copy.manifestKey, versionId: copy.manifestVersionId };
  const manifest = await readManifest(store, manifestAt, request.decryptor, signal);
  confirmState(manifest.facts);
  const archive = ownArchive(manifest);
  const archives = await locateArchives(store, manifest, copy.archives, signal);
  const storedBytes = archives.reduce((sum, a) => sum + a.sizeBytes, 0);
  await checkSpace(to, zip ? archive.sizeBytes : (manifest.facts?.totalBytes ?? archive.sizeBytes));
  found.room = true;
  request.progress.begin(exporting, storedBytes);
  const place = { to, name: exportName(copy.day), ending: zip ? '.zip' : '', pcName: request.pcName };
  const facts = { id: copy.id, capturedAt: copy.capturedAt, zone, program: request.program };
  const { path, written } = await exportInto(place, request.now(), (staging) =>
    byManifest(store, manifestAt, manifest, request.decryptor, signal, () =>
      zip
        ? surely(store, archives, signal, async () => {
            await rm(staging, { force: true });
            return writeZip(staging, store, archives, facts, request);
          })
        : writeFolder(staging, store, archives, facts, request),
    ),
  );
  warnings.push(...verdictWarnings(theBackup, written.judged));
  return {
    outcome: 'exported',
    backup: chosenInfo(copy, manifest, copies, zone),
    store: store.url,
    path,
    zip,
    files: written.files,
    bytes: written.bytes,
    databases: written.judged.databases.map((d) => d.database),
    others,
    warnings,
  };
}

type ReadmeFacts = Pick<ExportedFacts, 'id' | 'capturedAt' | 'zone' | 'program'>;

async function writeFolder(
  staging: string,
  store: ObjectStore,
  archives: readonly LocatedArchive[],
  facts: ReadmeFacts,
  request: ExportRequest,
): Promise<Written> {
  await makeFolder(join(staging, 'db'));
  const written = await extractInto(join(staging, 'db'), store, archives, request);
  refuseDamaged(written.judged);
  const readme = await open(join(staging, readmeName), 'wx');
  try {
    await readme.writeFile(readmeOf(facts, written));
    await syncFile(readme);
  } finally {
    await readme.close();
  }
  await syncDirectory(staging);
  await refuseTaken(join(staging, 'db'), written.list);
  return written;
}

async function writeZip(
  staging: string,
  store: ObjectStore,
  archives: readonly LocatedArchive[],
  facts: ReadmeFacts,
  request: ExportRequest,
): Promise<Written> {
  const zip = await createZip(staging);
  try {
    let files = 0;
    let bytes = 0;
    const { judged } = await readJudged(store, archives, {
      ...request,
      async begin(list) {
        for (const folder of list.emptyFolders) zip.addFolder(`db/${folder}`, facts.capturedAt);
      },
      async take({ file, chunks }) {
        request.signal.throwIfAborted();
        await zip.addFile(`db/${file.path}`, new Date(file.mtimeMs), file.sizeBytes, chunks);
        files++;
        bytes += file.sizeBytes;
      },
    });
    refuseDamaged(judged);
    const written = { files, bytes, judged };
    zip.addText(readmeName, readmeOf(facts, written), facts.capturedAt);
    await zip.finish();
    return written;
  } finally {
    await zip.close();
  }
}

const readmeName = 'README.txt';

const readmeOf = (facts: ReadmeFacts, { files, bytes, judged }: Written): string =>
  exportReadme({
    ...facts,
    databases: judged.databases.map((d) => d.database),
    derbyVersion: judged.databases[0]?.derbyVersion ?? null,
    files,
    bytes,
  });

function refuseDamaged(judged: SetVerdict): void {
  if (judged.verdict !== 'damaged') return;
  throw new EfakturError('damaged', damagedNotWritten(problemText(judged, 'damaged')), exportOther);
}
