import { readFileSync } from 'node:fs';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { packArchive } from '../../src/archive/archive.ts';
import type { FileList } from '../../src/archive/file-list.ts';
import { contentHash } from '../../src/archive/file-list.ts';
import type { FileSet } from '../../src/base/file-set.ts';
import { localDay } from '../../src/base/local-time.ts';
import { backupId, newTag, programArchiveKey, programManifestKey } from '../../src/catalog/names.ts';
import type { ProgramFacts } from '../../src/catalog/program-manifest.ts';
import { encodeProgramManifest } from '../../src/catalog/program-manifest.ts';
import { stockRestoreLine } from '../../src/catalog/stock-tools.ts';
import { createEncryptor, type Encryptor } from '../../src/crypto/age.ts';
import { sealBytes } from '../../src/crypto/age-payload.ts';
import { readAppFacts } from '../../src/efaktur/app-program.ts';
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

interface Sealed extends StoredProgram {
  readonly archive: Buffer;
  readonly manifest: Buffer;
}

interface SealOptions {
  readonly id: string;
  readonly at: Date;
  readonly appProgram: string;
  readonly facts: ProgramFacts;
  readonly encryptor: Encryptor | null;
}

/** The archive and the manifest of a program folder as `push --whole-app` writes them. */
async function seal(
  packed: AsyncIterable<Buffer>,
  { id, at, appProgram, facts, encryptor }: SealOptions,
): Promise<Sealed> {
  const plain = await collect(packed);
  const archive = encryptor ? await sealBytes(plain, await encryptor.newFile()) : plain;
  const day = localDay(at, 'Asia/Jakarta');
  const [manifestKey, archiveKey] = [
    programManifestKey(day, id),
    programArchiveKey(day, id, encryptor !== null),
  ];
  const manifest = encodeProgramManifest({
    id,
    capturedAt: at,
    kind: 'program',
    origin: 'origin/20230101T000000Z-pc-kasir.json',
    program: 'efaktur-cloud test',
    appProgram,
    archive: archiveKey,
    needs: [{ key: archiveKey, sizeBytes: archive.length, sha256: sha256(archive) }],
    restore: stockRestoreLine(archiveKey),
    private: encryptor ? await encryptor.encryptText(JSON.stringify(facts)) : facts,
  });
  return { id, manifestKey, archiveKey, appProgram, archive, manifest };
}

/** Lays both into a folder store. */
async function writeObjects(root: string, made: Sealed, uploadedAt?: Date): Promise<void> {
  for (const [key, bytes] of [
    [made.archiveKey, made.archive],
    [made.manifestKey, made.manifest],
  ] as const) {
    await mkdir(dirname(join(root, key)), { recursive: true });
    await writeFile(join(root, key), bytes);
    if (uploadedAt) await utimes(join(root, key), uploadedAt, uploadedAt);
  }
}

/** A program folder of few bytes as `push --whole-app` stores one: archive and manifest, to be put somewhere. */
export async function makeProgram({ at, main, config = '-Xmx512m' }: Omit<ProgramOptions, 'uploadedAt'>) {
  const samples: readonly Sample[] = [
    sample('ETaxInvoiceMain.exe', main),
    sample('ETaxInvoiceMain.exe.config', config),
  ];
  const appProgram = sha256(main);
  const id = backupId(at, newTag());
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
  return seal(packArchive(listed, setOf(samples)), { id, at, appProgram, facts, encryptor: null });
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
  await writeObjects(root, made, options.uploadedAt ?? options.at);
  return made;
}

export interface PlaceProgramOptions {
  readonly at: string;
  readonly tag?: string;
  readonly recipient?: string;
  readonly leftOut?: Readonly<Record<string, number>>;
  /** Paths that are stored in place of those of the folder. */
  readonly rename?: (path: string) => string;
  /** In place of the hash of the main program. */
  readonly appProgram?: string;
}

export interface ProgramInStore {
  readonly id: string;
  readonly archive: string;
  readonly manifest: string;
  readonly appProgram: string;
  readonly files: number;
  readonly bytes: number;
}

/** Everything in the folder but `db`, `backup` and `log`. */
async function filesOf(folder: string): Promise<{ paths: string[]; emptyFolders: string[] }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const kept = entries
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name).slice(folder.length + 1) }))
    .filter(({ path }) => !/^(db|backup|log)(\/|$)/.test(path));
  const isEmpty = (path: string): boolean => !kept.some((other) => other.path.startsWith(`${path}/`));
  return {
    paths: kept
      .filter(({ entry }) => entry.isFile())
      .map(({ path }) => path)
      .sort(),
    emptyFolders: kept
      .filter(({ entry, path }) => entry.isDirectory() && isEmpty(path))
      .map(({ path }) => path),
  };
}

/** Stores a real program folder byte by byte into folder stores, so that a test can also store what no push would. */
export async function placeStoredProgram(
  stores: readonly string[],
  folder: string,
  { at, tag = 'a1b2c3d4e5f6', recipient, leftOut, rename = (path) => path, appProgram }: PlaceProgramOptions,
): Promise<ProgramInStore> {
  const capturedAt = new Date(at);
  const id = backupId(capturedAt, tag);
  const { paths, emptyFolders } = await filesOf(folder);
  const read = await Promise.all(
    paths.map(async (path) => {
      const bytes = readFileSync(join(folder, path));
      return { path: rename(path), bytes, mtimeMs: (await stat(join(folder, path))).mtime.getTime() };
    }),
  );
  const facts = await readAppFacts(folder);
  const main = appProgram ?? facts?.main.sha256 ?? '';
  const files = read.map(({ path, bytes, mtimeMs }) => ({
    path,
    sizeBytes: bytes.length,
    mtimeMs,
    sha256: sha256(bytes),
  }));
  const list: FileList = { files, emptyFolders, facts: { kind: 'program', id, appProgram: main } };
  const set: FileSet = {
    files: read.map(({ path, bytes, mtimeMs }) => ({
      path,
      sizeBytes: bytes.length,
      mtimeMs,
      open: async () => Readable.from([bytes]),
    })),
    emptyFolders,
  };
  const encryptor = recipient === undefined ? null : await createEncryptor([recipient]);
  const privateFacts = {
    ...(encryptor && { id }),
    contentHash: contentHash(files),
    files: files.length,
    totalBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    programs: (facts?.programs ?? []).map(({ version, ...program }) => ({
      ...program,
      ...(version !== null && { version }),
    })),
    memory: facts?.memory ?? [],
    ...(leftOut && { leftOut }),
  };
  const sealed = await seal(packArchive(list, set), {
    id,
    at: capturedAt,
    appProgram: main,
    facts: privateFacts,
    encryptor,
  });
  for (const store of stores) await writeObjects(store, sealed);
  const { archiveKey: archive, manifestKey: manifest } = sealed;
  return { id, archive, manifest, appProgram: main, files: files.length, bytes: privateFacts.totalBytes };
}
