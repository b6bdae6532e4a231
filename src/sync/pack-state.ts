import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { encodeBlockIndex, type IndexedFile } from '../archive/block-index.ts';
import { planDifferential } from '../archive/differential.ts';
import type { FileList, ListedFile } from '../archive/file-list.ts';
import type { BackupKind } from '../catalog/names.ts';
import type { Encryptor } from '../crypto/age.ts';
import type { DatabaseSet } from '../efaktur/database-files.ts';
import type { Base } from './push-base.ts';
import { type ReadOptions, type ReadState, type Spool, spoolArchive } from './read-state.ts';

/** A state packed on local disk: an archive, and for a full its block index. */
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
  readonly tag: string;
  readonly encryptor: Encryptor | null;
  /** The file list's facts for an archive of that kind. */
  readonly facts: (kind: BackupKind) => FileList['facts'];
}

/** A differential larger than this part of its full is not worth its base. */
const maxDifferentialPart = 0.25;

/**
 * Packs a state, as a differential where there is a base and it saves enough, else as a full. Reads every file again
 * (twice where a differential turns out too large); `source-changed` when a read differs.
 */
export async function packState(
  read: ReadState,
  base: (Base & { readonly sizeBytes: number }) | null,
  filesNow: () => Promise<DatabaseSet>,
  options: PackOptions,
): Promise<PackedState> {
  const { emptyFolders } = read.set;
  const path = join(options.folder, `${options.tag}.spool`);
  const pack = async (
    kind: BackupKind,
    files: readonly ListedFile[],
    indexed?: IndexedFile[],
  ): Promise<Spool> =>
    spoolArchive(path, { facts: options.facts(kind), emptyFolders, files }, await filesNow(), {
      ...options,
      indexed,
    });

  const plan = base && planDifferential(base.index, read.files);
  if (plan && plan.storedBytes <= read.totalBytes * maxDifferentialPart) {
    const spool = await pack('differential', plan.files);
    if (spool.sizeBytes <= base.sizeBytes * maxDifferentialPart)
      return { kind: 'differential', spool, base, index: null };
    await rm(path);
  }
  const indexed: IndexedFile[] = [];
  const spool = await pack(
    'full',
    read.files.map(({ digests, ...file }) => file),
    indexed,
  );
  const plain = await encodeBlockIndex(indexed);
  return {
    kind: 'full',
    spool,
    base: null,
    index: { plain, stored: await sealed(plain, options.encryptor) },
  };
}

async function sealed(plain: Buffer, encryptor: Encryptor | null): Promise<Buffer> {
  if (!encryptor) return plain;
  const stream = await encryptor.encryptStream();
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  await pipeline(Readable.from([plain]), stream);
  return Buffer.concat(parts);
}
