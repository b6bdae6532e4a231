import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartlyRead } from '../../archive/archive.ts';
import { type BlockIndex, encodeBlockIndex, type IndexedFile } from '../../archive/block-index.ts';
import { type ComparedFile, planDifferential } from '../../archive/differential.ts';
import { encodeFileList, type FileList, type ListedFile, maxFileListBytes } from '../../archive/file-list.ts';
import type { BackupKind } from '../../catalog/names.ts';
import type { Encryptor } from '../../crypto/age.ts';
import { sealBytes } from '../../crypto/age-payload.ts';
import type { DatabaseSet } from '../../efaktur/database-files.ts';
import {
  changedState,
  hashFiles,
  type ReadOptions,
  type ReadState,
  readState,
} from '../reading/read-state.ts';
import type { Base } from './base.ts';
import { warmPacker } from './pack-on-thread.ts';
import { type Spool, spoolArchive } from './spool.ts';

/** A state packed on local disk, or still being packed: an archive, and for a full its block index. */
export interface PackedState {
  readonly kind: BackupKind;
  readonly spool: Spool;
  /** The full that a differential leans on. */
  readonly base: Base | null;
  /** Of a full. */
  readonly index: PackedIndex | null;
}

export interface PackedIndex {
  /** For this PC, in clear. */
  readonly plain: Buffer;
  /** As it is stored: encrypted with keys. */
  readonly stored: Buffer;
}

export interface PackOptions extends ReadOptions {
  readonly folder: string;
  /** What is packed, for messages. */
  readonly what: string;
  readonly tag: string;
  readonly encryptor: Encryptor | null;
  /** The file list's facts for an archive of that kind. */
  readonly facts: (kind: BackupKind) => FileList['facts'];
}

/** A differential larger than this part of its full is not worth its base. */
const maxDifferentialPart = 0.25;

/** What is packed in a moment is sent when it is whole: then its length is known. */
const soonPackedBytes = 16 << 20;

/**
 * Packs a state, as a differential where there is a base and it saves enough, else as a full. Reads every file again
 * (up to three times where a differential turns out too large); `source-changed` when a read differs.
 */
export async function packState(
  read: ReadState,
  base: (Base & { readonly key: string; readonly sizeBytes: number }) | null,
  filesNow: () => Promise<DatabaseSet>,
  options: PackOptions,
): Promise<PackedState> {
  const { emptyFolders } = read.set;
  const path = join(options.folder, `${options.tag}.spool`);
  const listOf = (kind: BackupKind, files: readonly ListedFile[]): FileList => ({
    facts: { ...options.facts(kind), ...(kind === 'differential' && { base: base?.key }) },
    emptyFolders,
    files,
  });

  const compared = base && !read.isCompared ? await readAgain(read, base.index, filesNow, options) : read;
  const plan = base && planDifferential(base.index, compared.files);
  const leans = plan?.files.some((file) => file.from !== undefined);
  const isListed = plan && encodeFileList(listOf('differential', plan.files)).length <= maxFileListBytes;
  if (plan && leans && isListed && plan.storedBytes <= read.totalBytes * maxDifferentialPart) {
    const set = await filesNow();
    const partly = partlyRead(set, plan.files, compared.files);
    const spool = await spoolArchive(path, listOf('differential', plan.files), set, { ...options, partly });
    const [{ sizeBytes }] = await Promise.all([spool.whole, proveSame(set, compared.files, partly, options)]);
    if (sizeBytes <= base.sizeBytes * maxDifferentialPart)
      return { kind: 'differential', spool, base, index: null };
    await rm(path);
  }
  warmPacker(read.totalBytes);
  const plain = await encodeBlockIndex(await withAllDigests(read, filesNow, options));
  const { encryptor } = options;
  const stored = encryptor ? await sealBytes(plain, await encryptor.newFile()) : plain;
  const files = read.files.map(({ digests, ...file }) => file);
  const spool = await spoolArchive(path, listOf('full', files), await filesNow(), options);
  if (read.totalBytes <= soonPackedBytes) await spool.whole;
  return { kind: 'full', spool, base: null, index: { plain, stored } };
}

/** Of a plain file that goes in by its changed blocks only these are packed, while others read it as a whole. */
function partlyRead(
  set: DatabaseSet,
  planned: readonly ListedFile[],
  compared: readonly ComparedFile[],
): PartlyRead {
  const onDisk = new Set(set.files.flatMap((f) => (f.diskPath === undefined ? [] : [f.path])));
  const digests = new Map(compared.map((file) => [file.path, file.digests]));
  return new Map(
    planned.flatMap(({ path, from }) => {
      const mine = from === 'base' ? Buffer.alloc(0) : from && digests.get(path);
      return mine && onDisk.has(path) ? [[path, mine] as const] : [];
    }),
  );
}

/** The second read of what is packed by its blocks: `source-changed` when it differs. */
async function proveSame(
  set: DatabaseSet,
  compared: readonly ComparedFile[],
  partly: PartlyRead,
  options: PackOptions,
): Promise<void> {
  const files = set.files.filter(({ path }) => partly.has(path));
  const hashes = new Map(compared.map(({ path, sha256 }) => [path, sha256]));
  for (const { path, sha256 } of await hashFiles({ ...set, files }, options.what, options)) {
    if (hashes.get(path) !== sha256) throw changedState(options.what);
  }
}

/** A state that was compared with a base has the digests of what changed alone: for a full it is read once more. */
async function withAllDigests(
  read: ReadState,
  filesNow: () => Promise<DatabaseSet>,
  options: PackOptions,
): Promise<IndexedFile[]> {
  const hasAll = read.files.every((file) => file.digests !== null);
  const { files } = hasAll ? read : await readAgain(read, null, filesNow, options);
  return files.map((file) => {
    if (file.digests === null) throw new TypeError(`${file.path} has no digests`);
    return { ...file, digests: file.digests };
  });
}

async function readAgain(
  read: ReadState,
  base: BlockIndex | null,
  filesNow: () => Promise<DatabaseSet>,
  options: PackOptions,
): Promise<ReadState> {
  const again = await readState(await filesNow(), options.what, { base, known: null }, options);
  if (again.contentHash !== read.contentHash) throw changedState(options.what);
  return again;
}
