import { createHash } from 'node:crypto';
import { compactUtc, localDay } from '../../src/base/local-time.ts';
import { encodeManifest } from '../../src/catalog/manifest.ts';
import {
  archiveKey,
  type BackupKind,
  backupId,
  manifestKey,
  type Proof,
  proofKey,
} from '../../src/catalog/names.ts';
import { stockRestoreLine } from '../../src/catalog/stock-tools.ts';
import { bytesBody } from '../../src/store/small-object.ts';
import type { ListPage, ObjectLock, ObjectStore } from '../../src/store/store.ts';

/** Backups as small as can be: what prunes and lists looks at names and manifests only. */

const zone = 'Asia/Jakarta';

/** 12 hex digits out of a number. */
export const tagOf = (n: number): string => n.toString(16).padStart(12, '0');

export interface StoredArchive {
  readonly tag: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Stores bytes under the key of an archive captured at that time; without a manifest it is what a killed push leaves. */
export async function putArchive(
  store: ObjectStore,
  capturedAt: Date,
  tag: string,
  lock?: ObjectLock,
  kind: BackupKind = 'full',
): Promise<StoredArchive> {
  const bytes = Buffer.from(`an archive with the tag ${tag}`);
  const key = archiveKey(localDay(capturedAt, zone), backupId(capturedAt, tag), kind, false);
  await store.put(key, bytesBody(bytes), { lock });
  await store.put(`index/${tag}.json.zst`, bytesBody(Buffer.from('an index')), { lock });
  return { tag, key, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Stores a manifest that names an archive; resolves with the id. */
export async function putManifest(
  store: ObjectStore,
  capturedAt: Date,
  archive: StoredArchive,
  lock?: ObjectLock,
  leansOn: readonly StoredArchive[] = [],
  appProgram?: string,
): Promise<string> {
  const id = backupId(capturedAt, archive.tag);
  const { key, sha256 } = archive;
  const bytes = encodeManifest({
    id,
    capturedAt,
    capturedBasis: 'name',
    kind: leansOn.length > 0 ? 'differential' : 'full',
    source: 'login-backup',
    origin: 'origin/20230101T000000Z-pc.json',
    program: 'test',
    ...(appProgram !== undefined && { appProgram }),
    archive: key,
    needs: [...leansOn, archive].map((need) => ({
      key: need.key,
      sizeBytes: need.sizeBytes,
      sha256: need.sha256,
    })),
    restore: stockRestoreLine(key, null),
    private: { contentHash: sha256, files: 1, totalBytes: 1, databases: ['ETaxInvoice'] },
  });
  await store.put(manifestKey(localDay(capturedAt, zone), id), bytesBody(bytes), { lock });
  return id;
}

/** An archive and its manifest; resolves with the id. */
export async function putBackup(
  store: ObjectStore,
  capturedAt: Date,
  tag: string,
  lock?: ObjectLock,
  appProgram?: string,
): Promise<string> {
  const archive = await putArchive(store, capturedAt, tag, lock);
  return putManifest(store, capturedAt, archive, lock, [], appProgram);
}

export async function putProof(
  store: ObjectStore,
  tag: string,
  result: Proof['result'] = 'clean',
): Promise<void> {
  await store.put(
    proofKey({ tag, level: 'data', result, at: new Date('2024-01-01T00:00:00Z') }),
    bytesBody(Buffer.from('{"format":1}\n')),
  );
}

export async function putNote(store: ObjectStore, at: Date, archives: readonly string[]): Promise<void> {
  const text = JSON.stringify({ format: 1, at: at.toISOString(), backups: [], archives });
  await store.put(`pruned/${compactUtc(at)}.json`, bytesBody(Buffer.from(text)));
}

/** All keys (or versions, as `key version`) of a store, sorted. */
export async function keysIn(store: ObjectStore, versions = false): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of store.list('', { versions }))
    for (const object of page.objects)
      keys.push(versions ? `${object.key}${object.isDeleteMarker ? ' deleted' : ''}` : object.key);
  return keys;
}

/** The same store, its clock so many days ahead: what lies in it is that much older. */
export const daysLater = (store: ObjectStore, days: number): ObjectStore => ({
  ...store,
  async *list(prefix, options): AsyncGenerator<ListPage> {
    for await (const page of store.list(prefix, options)) {
      const { serverTime } = page;
      yield { ...page, serverTime: serverTime && new Date(serverTime.getTime() + days * 24 * 3600_000) };
    }
  },
});

/** The same store for a process that is killed before its n-th change (from 0): every call from then on fails. */
export function dyingStore(store: ObjectStore, n: number): ObjectStore & { readonly isDead: () => boolean } {
  let changes = 0;
  const change = <T>(step: () => Promise<T>): Promise<T> => {
    if (changes++ >= n) return Promise.reject(new Error('killed'));
    return step();
  };
  return {
    ...store,
    put: (key, body, options) => change(() => store.put(key, body, options)),
    delete: (key, options) => change(() => store.delete(key, options)),
    isDead: () => changes > n,
  };
}
