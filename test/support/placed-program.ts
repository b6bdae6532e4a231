import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { packArchive } from '../../src/archive/archive.ts';
import { contentHash, type FileList } from '../../src/archive/file-list.ts';
import type { FileSet } from '../../src/base/file-set.ts';
import { localDay } from '../../src/base/local-time.ts';
import { backupId, programArchiveKey, programManifestKey } from '../../src/catalog/names.ts';
import { encodeProgramManifest } from '../../src/catalog/program-manifest.ts';
import { stockRestoreLine } from '../../src/catalog/stock-tools.ts';
import { createEncryptor } from '../../src/crypto/age.ts';
import { sealBytes } from '../../src/crypto/age-payload.ts';
import { readAppFacts } from '../../src/efaktur/app-program.ts';
import { peFile } from './pe-file.ts';

/** A real program folder stored byte by byte into folder stores, so that a test can also store what no push would. */

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

export interface StoreProgramOptions {
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

export async function placeStoredProgram(
  stores: readonly string[],
  folder: string,
  { at, tag = 'a1b2c3d4e5f6', recipient, leftOut, rename = (path) => path, appProgram }: StoreProgramOptions,
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
  const parts: Buffer[] = [];
  for await (const part of packArchive(list, set)) parts.push(Buffer.from(part));
  const encryptor = recipient === undefined ? null : await createEncryptor([recipient]);
  const plain = Buffer.concat(parts);
  const archiveBytes = encryptor ? await sealBytes(plain, await encryptor.newFile()) : plain;
  const day = localDay(capturedAt, 'Asia/Jakarta');
  const archive = programArchiveKey(day, id, encryptor !== null);
  const manifest = programManifestKey(day, id);
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
  const manifestBytes = encodeProgramManifest({
    id,
    capturedAt,
    kind: 'program',
    origin: 'origin/20230101T000000Z-pc-kasir.json',
    program: 'test',
    appProgram: main,
    archive,
    needs: [{ key: archive, sizeBytes: archiveBytes.length, sha256: sha256(archiveBytes) }],
    restore: stockRestoreLine(archive),
    private: encryptor ? await encryptor.encryptText(JSON.stringify(privateFacts)) : privateFacts,
  });
  for (const store of stores) {
    await mkdir(dirname(join(store, archive)), { recursive: true });
    await writeFile(join(store, archive), archiveBytes);
    await writeFile(join(store, manifest), manifestBytes);
  }
  return { id, archive, manifest, appProgram: main, files: files.length, bytes: privateFacts.totalBytes };
}

/** Puts real programs of a version into an e-Faktur folder, and what lies beside them in use. */
export async function placeProgramFiles(folder: string, version: string): Promise<void> {
  for (const name of ['ETaxInvoice', 'ETaxInvoiceMain', 'ETaxInvoiceUpd'])
    await writeFile(join(folder, `${name}.exe`), peFile(version, name));
  for (const path of [
    'java/bin/client',
    'java/lib/ext',
    'laporan bulan "Juli" & é 報告'.replaceAll('"', "'"),
    'kosong/di dalam',
  ])
    await mkdir(join(folder, path), { recursive: true });
  await writeFile(join(folder, 'java/bin/java.exe'), peFile('7.0.79.0', 'java'));
  await writeFile(join(folder, 'java/bin/java'), Buffer.from('\x7fELF and more', 'latin1'));
  await writeFile(join(folder, 'java/lib/ext/dnsns.jar'), Buffer.alloc(1_300_000, 'jar '));
  await writeFile(join(folder, "laporan bulan 'Juli' & é 報告/faktur 07.jasper"), 'a report');
  await writeFile(join(folder, 'leer.txt'), '');
}
