import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packArchive } from '../../src/archive/archive.ts';
import { contentHash } from '../../src/archive/file-list.ts';
import { localDay } from '../../src/base/local-time.ts';
import { backupId, newTag, programArchiveKey, programManifestKey } from '../../src/catalog/names.ts';
import { encodeProgramManifest } from '../../src/catalog/program-manifest.ts';
import { stockRestoreLine } from '../../src/catalog/stock-tools.ts';
import { bytesBody } from '../../src/store/small-object.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { collect, listOf, type Sample, sample, setOf, sha256 } from '../archive/sample-set.ts';

export interface StoredProgram {
  readonly id: string;
  readonly manifestKey: string;
  readonly archiveKey: string;
  readonly appProgram: string;
}

export interface ProgramOptions {
  /** When the folder was read. */
  readonly at: Date;
  /** What its main program holds. */
  readonly main: string;
  /** Something else of the folder. */
  readonly config?: string;
  /** When the store got it; `at` where absent. */
  readonly uploadedAt?: Date;
}

/** A program folder of few bytes as `push --whole-app` stores one: archive and manifest, to be put somewhere. */
export async function makeProgram({ at, main, config = '-Xmx512m' }: Omit<ProgramOptions, 'uploadedAt'>) {
  const samples: readonly Sample[] = [
    sample('ETaxInvoiceMain.exe', main),
    sample('ETaxInvoiceMain.exe.config', config),
  ];
  const appProgram = sha256(main);
  const id = backupId(at, newTag());
  const day = localDay(at, 'Asia/Jakarta');
  const [manifestKey, archiveKey] = [programManifestKey(day, id), programArchiveKey(day, id, false)];
  const { files } = listOf(samples);
  const facts = {
    contentHash: contentHash(files),
    files: files.length,
    totalBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    programs: [
      { name: 'ETaxInvoiceMain.exe', sha256: appProgram, sizeBytes: main.length, version: '3.2.0.0' },
    ],
    memory: [config],
    leftOut: { database: 1 },
  };
  const listed = { ...listOf(samples), facts: { ...facts, id, kind: 'program', appProgram } };
  const archive = await collect(packArchive(listed, setOf(samples)));
  const manifest = encodeProgramManifest({
    id,
    capturedAt: at,
    kind: 'program',
    origin: '',
    program: 'efaktur-cloud test',
    appProgram,
    archive: archiveKey,
    needs: [{ key: archiveKey, sizeBytes: archive.length, sha256: sha256(archive) }],
    restore: stockRestoreLine(archiveKey),
    private: facts,
  });
  return { id, manifestKey, archiveKey, appProgram, archive, manifest };
}

/** Puts one into any store, which then has it from now on. */
export async function putProgram(
  store: ObjectStore,
  options: Omit<ProgramOptions, 'uploadedAt'>,
): Promise<StoredProgram> {
  const made = await makeProgram(options);
  await store.put(made.archiveKey, bytesBody(made.archive));
  await store.put(made.manifestKey, bytesBody(made.manifest));
  return made;
}

/** Puts one into a folder store. */
export async function storeProgram(root: string, options: ProgramOptions): Promise<StoredProgram> {
  const made = await makeProgram(options);
  const time = options.uploadedAt ?? options.at;
  for (const [key, bytes] of [
    [made.archiveKey, made.archive],
    [made.manifestKey, made.manifest],
  ] as const) {
    await mkdir(dirname(join(root, key)), { recursive: true });
    await writeFile(join(root, key), bytes);
    await utimes(join(root, key), time, time);
  }
  return made;
}
