import { EfakturError } from '../../base/errors.ts';
import { byUtf8 } from '../../base/file-set.ts';
import {
  originPrefix,
  parseBackupKey,
  parseIndexKey,
  parseOriginKey,
  parseProgramKey,
  readmeKey,
} from '../../catalog/names.ts';
import { listTrueObjects, type Tampering, type TrueObject } from '../../catalog/true-objects.ts';
import { addressBeside } from '../../store/open.ts';
import type { ObjectStore } from '../../store/store.ts';
import { holdsOtherHistory, nameOwnPlace } from './texts.ts';

/** What a store holds, by one listing of all of it. */
export interface HeldStore {
  readonly store: ObjectStore;
  readonly objects: ReadonlyMap<string, TrueObject>;
  /** Keys of the manifests of backups, in the order of their ids. */
  readonly manifests: readonly string[];
  /** Of program folders, in the same order. */
  readonly programs: readonly string[];
  readonly tampered: readonly Tampering[];
  /** By how much its clock is ahead of this PC's; 0 where it has none. */
  readonly clockAheadMs: number;
  sizeOf(key: string): number | null;
  /** When the store got it. */
  modifiedOf(key: string): Date | null;
  /** Keys of the archives with a tag, of a backup or a program folder. */
  archives(tag: string): readonly string[];
  /** Keys of the block indexes with a tag. */
  indexes(tag: string): readonly string[];
  /** All keys that begin with a prefix, in order. */
  below(prefix: string): readonly string[];
}

/** Lists a store with the true version of each object. */
export async function listHeldStore(
  store: ObjectStore,
  now: () => Date,
  signal: AbortSignal,
): Promise<HeldStore> {
  const objects = new Map<string, TrueObject>();
  const tampered: Tampering[] = [];
  const manifests: ManifestKey[] = [];
  const programs: ManifestKey[] = [];
  const archives = new Map<string, string[]>();
  const indexes = new Map<string, string[]>();
  let clockAheadMs: number | null = null;
  for await (const page of listTrueObjects(store, '', { signal })) {
    if (page.serverTime) clockAheadMs ??= page.serverTime.getTime() - now().getTime();
    for (const found of page.objects) {
      const { key } = found.object;
      objects.set(key, found);
      const backup = parseBackupKey(key);
      const parsed = backup ?? parseProgramKey(key);
      if (parsed?.type === 'manifest') (backup ? manifests : programs).push({ key, id: parsed.id });
      else if (parsed) archives.set(parsed.tag, [...(archives.get(parsed.tag) ?? []), key]);
      const tag = parseIndexKey(key);
      if (tag !== null) indexes.set(tag, [...(indexes.get(tag) ?? []), key]);
      const isCopied = parsed !== null || tag !== null || isHistory(key);
      if (isCopied && found.tampering) tampered.push({ key, how: found.tampering });
    }
  }
  return {
    store,
    objects,
    manifests: inOrder(manifests),
    programs: inOrder(programs),
    tampered,
    clockAheadMs: clockAheadMs ?? 0,
    sizeOf: (key) => objects.get(key)?.object.sizeBytes ?? null,
    modifiedOf: (key) => objects.get(key)?.object.modified ?? null,
    archives: (tag) => archives.get(tag) ?? [],
    indexes: (tag) => indexes.get(tag) ?? [],
    below: (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)),
  };
}

interface ManifestKey {
  readonly key: string;
  readonly id: string;
}

const inOrder = (manifests: readonly ManifestKey[]): string[] =>
  manifests.toSorted((a, b) => byUtf8(a.id, b.id)).map(({ key }) => key);

const isHistory = (key: string): boolean => key === readmeKey || parseOriginKey(key) !== null;

/** What says whose history a store holds, in the order in which it is written. */
export const historyOf = (source: HeldStore): string[] => [
  ...(source.sizeOf(readmeKey) === null ? [] : [readmeKey]),
  ...source.below(originPrefix).filter((key) => parseOriginKey(key) !== null),
];

/** `usage` when what the target holds did not come from this source: one prefix holds one e-Faktur folder's history. */
export function refuseOtherHistory(source: HeldStore, target: HeldStore): void {
  const theirs = historyOf(target).filter((key) => key !== readmeKey);
  const foreign = theirs.find((key) => source.sizeOf(key) !== target.sizeOf(key));
  const hasBackups = target.manifests.length + target.programs.length > 0;
  if (foreign === undefined && (theirs.length > 0 || !hasBackups)) return;
  const owner = (foreign && parseOriginKey(foreign)?.name) || null;
  const name = parseOriginKey(historyOf(source).at(-1) ?? '')?.name ?? 'copy';
  const beside = addressBeside(target.store.url, name);
  throw new EfakturError(
    'usage',
    holdsOtherHistory(target.store.url, owner, source.store.url),
    nameOwnPlace(beside),
  );
}
