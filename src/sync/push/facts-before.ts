import { isKept } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import { isText, type Text } from '../../base/text.ts';
import { type BackupEntry, listBackups } from '../../catalog/listing.ts';
import type { PrivateFacts } from '../../catalog/manifest.ts';
import { parseBackupId } from '../../catalog/names.ts';
import type { ObjectStore } from '../../store/store.ts';
import { readManifest } from '../stored/manifest.ts';
import type { StoreSession } from './session.ts';
import { itIsEncrypted, itIsUnreadable, keyMayNotRead, rowsNotCompared } from './texts.ts';

/**
 * What is known of the newest backup before a capture: from the first local record that has any backup, which asks no
 * store. Only when all records are empty, new or lost, is the newest manifest read, where the key may and it is not
 * encrypted; otherwise one warning says that nothing can be compared.
 */
export async function factsBefore(
  sessions: readonly StoreSession[],
  capturedAt: Date,
  signal: AbortSignal,
): Promise<{ facts: PrivateFacts | null; warnings: Warning[] }> {
  const record = sessions.map((s) => s.record).find(({ backups }) => backups.length > 0);
  if (record) {
    const earlier = record.backups.filter(
      (b) => (parseBackupId(b.id)?.capturedAt ?? capturedAt) < capturedAt,
    );
    const [last] = earlier.sort((a, b) => (a.id < b.id ? 1 : -1));
    return { facts: record.archives.find((a) => a.tag === last?.tag)?.facts ?? null, warnings: [] };
  }
  for (const { store, isNew } of sessions) {
    const newest = isNew ? null : await newestBefore(store, capturedAt, signal);
    if (!newest) continue;
    const facts = await readFacts(store, newest, signal);
    if (!isText(facts)) return { facts, warnings: [] };
    const message = rowsNotCompared(newest.id, store.url, facts);
    return { facts: null, warnings: [{ code: 'rows-not-compared', message }] };
  }
  return { facts: null, warnings: [] };
}

/** A store that cannot be listed fails at its own step of the push, which says so. */
async function newestBefore(
  store: ObjectStore,
  capturedAt: Date,
  signal: AbortSignal,
): Promise<BackupEntry | null> {
  try {
    const { backups } = await listBackups(store, { signal });
    return backups.findLast((b) => b.archive && b.countedAt < capturedAt) ?? null;
  } catch (error) {
    if (isKept(error)) return null;
    throw error;
  }
}

/** The facts of a backup, or why they cannot be had. */
async function readFacts(
  store: ObjectStore,
  { manifestKey: key, manifestVersionId: versionId }: BackupEntry,
  signal: AbortSignal,
): Promise<PrivateFacts | Text> {
  try {
    const { facts } = await readManifest(store, { key, versionId }, null, signal);
    return facts ?? itIsEncrypted;
  } catch (error) {
    if (!isKept(error)) throw error;
    return error.code === 'access-denied' ? keyMayNotRead : itIsUnreadable(error.text);
  }
}
