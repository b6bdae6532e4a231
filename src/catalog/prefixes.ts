import type { ObjectStore } from '../store/store.ts';
import { collectListing, type Listing } from './listing.ts';
import {
  doctorPrefix,
  isCopiedKey,
  isOwnFolder,
  originPrefix,
  type Proof,
  parseIndexKey,
  parseOriginKey,
  parsePrunedKey,
  proofPrefix,
  readmeKey,
} from './names.ts';
import { collectProofs } from './proofs.ts';
import { listTrueObjects, type Tampering, type TrueObject } from './true-objects.ts';

/**
 * What lies below each prefix of a bucket or folder, by one pass over all its names: of forty taxpayers' histories none is asked
 * for by itself, and a page of a listing holds what lies on it, whosesoever it is.
 */

/** Who took a prefix for his own, by the name of the object that says so. */
export interface ListedOrigin {
  readonly key: string;
  readonly name: string;
  /** By the clock of that computer. */
  readonly at: Date;
}

export interface ListedPrefix {
  /** With a slash at its end; '' for the bucket or folder itself. */
  readonly prefix: string;
  readonly listing: Listing;
  readonly proofs: ReadonlyMap<string, readonly Proof[]>;
  readonly tamperedProofs: readonly Tampering[];
  /** The last one owns the prefix. */
  readonly origins: readonly ListedOrigin[];
  /** Of all that lies there and is of this format, in its true versions. */
  readonly storedBytes: number;
}

/** Splits a key into the prefix of a history and the key below it; null for what cannot be part of one. */
export function splitKey(key: string): readonly [prefix: string, below: string] | null {
  const names = key.split('/');
  const file = names.pop() ?? '';
  if (file === readmeKey) return [key.slice(0, -file.length), file];
  const folder = names.pop();
  if (folder === undefined || !isOwn(`${folder}/`)) return null;
  const below = `${folder}/${file}`;
  return [key.slice(0, -below.length), below];
}

/** What tests of `doctor` leave is no part of a history. */
const isOwn = (folder: string): boolean => isOwnFolder(folder) && folder !== doctorPrefix;

/** Whether a folder (its key, with the slash) may hold histories or be a part of one; for folder stores, whose folders are read one by one. */
export const mayHoldPrefixes = (folder: string): boolean => {
  const names = folder.split('/').slice(0, -1);
  const above = names.slice(0, -1);
  return (
    names.length <= deepestFolder &&
    !above.some((name) => isOwn(`${name}/`)) &&
    !names.some((name) => foreignFolder.test(name))
  );
};
/** What is hidden, or a system's own: nobody may even look into some of them. */
const foreignFolder = /^[.$]|^System Volume Information$|^lost\+found$/i;
/** Somebody sorts prefixes into folders of folders, but a whole disk is not read for them. */
const deepestFolder = 5;

/** Whether a file of a folder store is one that a history may consist of. */
export const mayBeOfPrefix = (key: string): boolean => splitKey(key) !== null;

/** What stands for itself in no line: indexes of archives, and notes. */
const isBesideDays = (key: string): boolean =>
  parseIndexKey(key) !== null || isCopiedKey(key) || parsePrunedKey(key) !== null;

/** Every prefix that holds a history, by name. No object is opened. */
export async function listPrefixes(
  store: ObjectStore,
  signal: AbortSignal,
): Promise<{ readonly prefixes: readonly ListedPrefix[]; readonly serverTime: Date | null }> {
  const found = new Map<string, ReturnType<typeof collectPrefix>>();
  let serverTime: Date | null = null;
  for await (const page of listTrueObjects(store, '', { signal })) {
    serverTime ??= page.serverTime;
    for (const one of page.objects) {
      const [prefix, key] = splitKey(one.object.key) ?? [];
      if (prefix === undefined || key === undefined) continue;
      const collected = found.get(prefix) ?? collectPrefix(prefix);
      found.set(prefix, collected);
      collected.add({ ...one, object: { ...one.object, key } });
    }
  }
  const prefixes = [...found.values()].filter(({ isHistory }) => isHistory());
  return { prefixes: prefixes.map(({ listed }) => listed(serverTime)), serverTime };
}

function collectPrefix(prefix: string) {
  const tamperedProofs: Tampering[] = [];
  const entries = collectListing();
  const proofs = collectProofs(tamperedProofs);
  const origins: ListedOrigin[] = [];
  let objects = 0;
  let storedBytes = 0;
  const addOrigin = (key: string): boolean => {
    const origin = parseOriginKey(key);
    if (origin) origins.push({ key, ...origin });
    return origin !== null;
  };
  return {
    add(one: TrueObject): void {
      const { key, sizeBytes } = one.object;
      const isKnown = key.startsWith(proofPrefix)
        ? proofs.add(one)
        : key.startsWith(originPrefix)
          ? addOrigin(key)
          : entries.add(one);
      // Others have a README.txt and an index, too.
      if (isKnown && key !== readmeKey) objects++;
      if (isKnown || isBesideDays(key)) storedBytes += sizeBytes;
    },
    isHistory: () => objects > 0,
    listed: (serverTime: Date | null): ListedPrefix => ({
      prefix,
      listing: entries.listing(serverTime),
      proofs: proofs.proofs,
      tamperedProofs,
      origins,
      storedBytes,
    }),
  };
}
