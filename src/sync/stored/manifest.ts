import { damaged, EfakturError, isEfakturError } from '../../base/errors.ts';
import { parseJson } from '../../base/json.ts';
import {
  type Manifest,
  type PrivateFacts,
  parseManifest,
  parsePrivateFacts,
} from '../../catalog/manifest.ts';
import { maxManifestBytes, type NeededArchive } from '../../catalog/manifest-parts.ts';
import {
  type ProgramFacts,
  type ProgramManifest,
  parseProgramFacts,
  parseProgramManifest,
} from '../../catalog/program-manifest.ts';
import { theManifest, useOtherBackup } from '../../catalog/texts.ts';
import { findTrueObject } from '../../catalog/true-objects.ts';
import type { Decryptor } from '../../crypto/age.ts';
import type { ObjectStore } from '../../store/store.ts';
import { alters, readSurely } from './second-reading.ts';
import {
  goneSinceListed,
  listAgain,
  listedButAbsent,
  privateNotJson,
  privateOfOther,
  somebodyChangedIt,
} from './texts.ts';

/** Where a manifest lies, and its true version; null where there is one only. */
export interface ManifestPlace {
  readonly key: string;
  readonly versionId: string | null;
}

/** A manifest with its private part, as far as it can be read. */
export interface OpenManifest extends Manifest {
  /** Null when it is encrypted and no key was given. */
  readonly facts: PrivateFacts | null;
}

/** The manifest of a stored program folder with its private part, as far as it can be read. */
export interface OpenProgramManifest extends ProgramManifest {
  /** Null when it is encrypted and no key was given. */
  readonly facts: ProgramFacts | null;
}

/** The archive of a backup itself, beside the full that it may lean on. */
export function ownArchive({ archive, needs }: Pick<Manifest, 'archive' | 'needs'>): NeededArchive {
  const own = needs.find(({ key }) => key === archive);
  if (!own) throw new TypeError(`a manifest was taken that does not need its own archive ${archive}`);
  return own;
}

/**
 * Reads one manifest; `damaged` when it has gone or is none, `newer-format` when a newer version wrote it, `wrong-key`
 * when keys were given and none opens it.
 */
export const readManifest = (
  store: ObjectStore,
  at: ManifestPlace,
  decryptor: Decryptor | null,
  signal: AbortSignal,
): Promise<OpenManifest> =>
  readOpened(store, at, signal, (bytes) =>
    opened(parseManifest(bytes, at.key), parsePrivateFacts, at.key, decryptor),
  );

/** The same of a stored program folder. */
export const readProgramManifest = (
  store: ObjectStore,
  at: ManifestPlace,
  decryptor: Decryptor | null,
  signal: AbortSignal,
): Promise<OpenProgramManifest> =>
  readOpened(store, at, signal, (bytes) =>
    opened(parseProgramManifest(bytes, at.key), parseProgramFacts, at.key, decryptor),
  );

function readOpened<T>(
  store: ObjectStore,
  { key, versionId }: ManifestPlace,
  signal: AbortSignal,
  open: (bytes: Buffer) => Promise<T>,
): Promise<T> {
  const options = { signal, ...(versionId !== null && { versionId }) };
  return readSurely(store, key, maxManifestBytes, options, async (bytes) => {
    if (bytes) return open(bytes);
    // What a stale listing still showed, or somebody prunes now, is no damage.
    const isListed = (await findTrueObject(store, key, signal)) !== null;
    throw isListed
      ? new EfakturError('damaged', listedButAbsent(store.url, key), listAgain)
      : new EfakturError('store-unavailable', goneSinceListed(store.url, key), listAgain);
  });
}

async function opened<M extends { readonly id: string }, F extends { readonly id?: string }>(
  manifest: M & { readonly private: F | string },
  parseFacts: (value: unknown, key: string) => F,
  key: string,
  decryptor: Decryptor | null,
): Promise<M & { readonly facts: F | null }> {
  if (typeof manifest.private !== 'string') return { ...manifest, facts: manifest.private };
  if (!decryptor) return { ...manifest, facts: null };
  const text = await decryptor.decryptText(manifest.private, key);
  let json: unknown;
  try {
    json = parseJson(Buffer.from(text));
  } catch (error) {
    throw damaged(theManifest(key), privateNotJson, useOtherBackup, error);
  }
  const facts = parseFacts(json, key);
  // Who can write to the store but has no key could else show an old state under a new time.
  if (facts.id !== undefined && facts.id !== manifest.id) {
    throw damaged(theManifest(key), privateOfOther(facts.id), somebodyChangedIt);
  }
  return { ...manifest, facts };
}

/** What the manifest of a backup or of a program says of the bytes it needs. */
export interface Claim {
  readonly needs: readonly NeededArchive[];
  readonly facts: { readonly contentHash: string } | null;
}

export const claimOf = ({ needs, facts }: Claim): string => JSON.stringify([needs, facts?.contentHash]);

/**
 * Runs what goes by a manifest. Damage counts only while the manifest says the same when it is read again; it may have been
 * altered on its way, and the archive be sound.
 */
export async function byManifest<T>(
  store: ObjectStore,
  at: ManifestPlace,
  manifest: Claim,
  decryptor: Decryptor | null,
  signal: AbortSignal,
  step: () => Promise<T>,
  read: typeof readManifest | typeof readProgramManifest = readManifest,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!isEfakturError(error, 'damaged')) throw error;
    const again = await read(store, at, decryptor, signal);
    throw claimOf(again) === claimOf(manifest) ? error : alters(store, at.key);
  }
}
