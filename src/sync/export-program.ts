import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, syncFile } from '../base/atomic-file.ts';
import { formatInstant } from '../base/local-time.ts';
import { makeFolder } from '../base/new-folder.ts';
import type { Warning } from '../base/progress.ts';
import { createZip } from '../base/zip-writer.ts';
import { parseBackupId } from '../catalog/names.ts';
import { allowToRun } from '../efaktur/executables.ts';
import { refuseTaken } from '../efaktur/still-there.ts';
import type { ObjectStore } from '../store/store.ts';
import type { ExportRequest } from './export.ts';
import {
  extractProgram,
  findPrograms,
  firstSoundProgram,
  type OpenProgram,
  readProgram,
  versionOf,
} from './program/archives.ts';
import { exporting } from './pull-texts.ts';
import { exportInto, removeLeftExports } from './restore/export-place.ts';
import { exportedProgramName, exportedProgramReadme } from './restore/export-readme.ts';
import { checkSpace } from './restore/free-space.ts';
import { listProgramCopies } from './stored/all-stores.ts';
import { prefixesFor } from './stored/choose-copy.ts';

export interface ExportProgramDocument {
  readonly outcome: 'exported';
  readonly program: {
    readonly id: string;
    /** When it was read, RFC 3339 in the configured zone. */
    readonly capturedAt: string;
    /** SHA-256 of its main program, and the version that it states. */
    readonly sha256: string;
    readonly version: string | null;
  };
  readonly store: string;
  /** The folder or zip made. */
  readonly path: string;
  readonly zip: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly warnings: readonly Warning[];
}

type Request = Omit<ExportRequest, 'wanted' | 'stateDir'> & { readonly id: string };

const inside = 'e-Faktur';
const readmeName = 'README.txt';

/** Whether any store that can be asked lists a program folder of this id; false for what is no id. */
export async function isProgramStored(
  stores: readonly ObjectStore[],
  id: string,
  { zone, signal }: Pick<Request, 'zone' | 'signal'>,
): Promise<boolean> {
  if (!parseBackupId(id)) return false;
  for (const prefix of prefixesFor({ by: 'id', id }, zone)) {
    const { programs } = await listProgramCopies(stores, signal, prefix);
    if (programs.some((program) => program.id === id)) return true;
  }
  return false;
}

/**
 * Writes a stored program folder as a folder (or zip) that needs no program: `Program_Efaktur_09Juli2023` with `e-Faktur` and a
 * README of how to use it. As `exportBackup` otherwise: whole or not there, and what is there is never overwritten.
 */
export async function exportProgram(request: Request): Promise<ExportProgramDocument> {
  const { to, zip, zone, pcName } = request;
  const warnings: Warning[] = [];
  const copies = await findPrograms(request.stores, { by: 'id', id: request.id }, request, warnings);
  await removeLeftExports(to, pcName);
  return firstSoundProgram(copies, warnings, async (copy) => {
    const { program, manifest } = copy;
    const storedBytes = manifest.needs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    await checkSpace(to, zip ? storedBytes : (manifest.facts?.totalBytes ?? storedBytes));
    request.progress.begin(exporting, storedBytes);
    const place = { to, name: exportedProgramName(program.day), ending: zip ? '.zip' : '', pcName };
    const { path, written } = await exportInto(place, request.now(), (staging) =>
      zip ? writeZip(staging, copy, request) : writeFolder(staging, copy, request),
    );
    return {
      outcome: 'exported',
      program: {
        id: program.id,
        capturedAt: formatInstant(program.capturedAt, zone),
        sha256: manifest.appProgram,
        version: versionOf(manifest.facts),
      },
      store: program.store.url,
      path,
      zip,
      ...written,
      warnings,
    };
  });
}

interface Written {
  readonly files: number;
  readonly bytes: number;
}

async function writeFolder(staging: string, copy: OpenProgram, request: Request): Promise<Written> {
  const folder = join(staging, inside);
  await makeFolder(folder);
  const { files, bytes, list } = await extractProgram(folder, copy, request);
  await allowToRun(folder, list);
  const readme = await open(join(staging, readmeName), 'wx');
  try {
    await readme.writeFile(readmeOf(copy, { files, bytes }, request));
    await syncFile(readme);
  } finally {
    await readme.close();
  }
  await syncDirectory(staging);
  await refuseTaken(folder, list);
  return { files, bytes };
}

async function writeZip(staging: string, copy: OpenProgram, request: Request): Promise<Written> {
  const { capturedAt } = copy.program;
  let zip = await createZip(staging);
  try {
    let [files, bytes] = [0, 0];
    let isAgain = false;
    await readProgram(copy, request, {
      async begin(list) {
        // What was written of archives that seemed damaged is begun anew.
        if (isAgain) {
          await zip.close();
          await rm(staging, { force: true });
          zip = await createZip(staging);
          [files, bytes] = [0, 0];
        }
        isAgain = true;
        for (const folder of list.emptyFolders) zip.addFolder(`${inside}/${folder}`, capturedAt);
      },
      async take({ file, chunks }) {
        request.signal.throwIfAborted();
        await zip.addFile(`${inside}/${file.path}`, new Date(file.mtimeMs), file.sizeBytes, chunks);
        files++;
        bytes += file.sizeBytes;
      },
    });
    zip.addText(readmeName, readmeOf(copy, { files, bytes }, request), capturedAt);
    await zip.finish();
    return { files, bytes };
  } finally {
    await zip.close();
  }
}

const readmeOf = ({ program, manifest }: OpenProgram, written: Written, request: Request): string =>
  exportedProgramReadme({
    ...written,
    id: program.id,
    capturedAt: program.capturedAt,
    zone: request.zone,
    version: versionOf(manifest.facts),
    program: request.program,
  });
