import type { EfakturError } from '../../base/errors.ts';
import type { Text } from '../../base/text.ts';
import { afterLastDay, doctorPrefix, parseBackupKey, parseDoctorKey } from '../../catalog/names.ts';
import { readObject } from '../../store/small-object.ts';
import type { StoredObject } from '../../store/store.ts';
import { attempt, type Probe } from './probe.ts';
import { allVersions } from './protection.ts';
import * as lockTexts from './protection-texts.ts';
import * as texts from './texts.ts';

/** The part of `doctor` that reads: what it stored itself or, with a key that may not store, what is there. */

const range = { first: 100, last: 199 };

/** Reads a test object back, whole and in part; whether this key may read at all. */
export async function tryReading(probe: Probe, key: string, content: Buffer): Promise<boolean> {
  const { store, signal } = probe;
  const read = await attempt(readObject(store, key, content.length, { signal }), 'access-denied');
  if (!read.done) {
    probe.note('get', 'denied', texts.mayNotReadFine, 's3:GetObject');
    probe.note('range', 'unknown', texts.mayNotRead);
    return false;
  }
  if (read.value?.equals(content)) probe.note('get', 'ok', texts.cameBack);
  else changed(probe);
  await tryRange(probe, key, content);
  return true;
}

function changed(probe: Probe): void {
  probe.note('get', 'failed', texts.didNotComeBack);
  probe.problem('damaged', texts.didNotComeBack, texts.otherProvider);
}

async function tryRange({ store, signal, ...probe }: Probe, key: string, content: Buffer): Promise<void> {
  const part = await readObject(store, key, content.length, { signal, range });
  if (part?.equals(content.subarray(range.first, range.last + 1))) {
    probe.note('range', 'ok', texts.partCameBack);
    return;
  }
  probe.note('range', 'failed', texts.noPart);
  probe.problem('usage', texts.noRanges, texts.otherProvider);
}

/**
 * Finds out what a key is good for that may not store: one that reads is right for restoring, and no failure. `denied` is
 * what came of storing.
 */
export async function proveReader(probe: Probe, mayList: boolean, denied: EfakturError): Promise<void> {
  const object = mayList ? await newestReadable(probe) : null;
  if (object && (await tryStored(probe, object))) {
    probe.warn('read-only-key', texts.readOnlyKey);
    return;
  }
  if (mayList && !object) {
    for (const step of ['get', 'range', 'versioning'] as const)
      probe.note(step, 'unknown', texts.nothingToRead);
  }
  const isEmpty = mayList && !object;
  const found = isEmpty ? texts.cannotPushNothingToRead : texts.cannotPush;
  const hint = texts.seePushPolicy(denied.hint);
  probe.problem(
    'access-denied',
    object ? texts.cannotPushNorRead : found,
    isEmpty ? texts.tryReaderLater(hint) : hint,
  );
}

/** The newest manifest, or a small object that an earlier run left; null when there is neither. */
async function newestReadable({ store, signal }: Probe): Promise<StoredObject | null> {
  let newest: StoredObject | null = null;
  days: for await (const { objects } of store.list('', { signal })) {
    for (const object of objects) {
      if (object.key >= afterLastDay) break days;
      if (parseBackupKey(object.key)?.type === 'manifest') newest = object;
    }
  }
  if (newest) return newest;
  for await (const { objects } of store.list(doctorPrefix, { signal })) {
    const left = objects.find(({ key }) => parseDoctorKey(key) !== null && key.endsWith('-small'));
    if (left) return left;
  }
  return null;
}

async function tryStored(probe: Probe, object: StoredObject): Promise<boolean> {
  const { store, signal } = probe;
  const { key, sizeBytes } = object;
  const read = await attempt(readObject(store, key, sizeBytes, { signal }), 'access-denied');
  if (!read.done) {
    probe.note('get', 'denied', texts.mayNotRead, 's3:GetObject');
    for (const step of ['range', 'versioning'] as const) probe.note(step, 'unknown', texts.mayNotRead);
    return false;
  }
  if (read.value?.length === sizeBytes) probe.note('get', 'ok', texts.wasRead(key));
  else changed(probe);
  await tryRange(probe, key, read.value ?? Buffer.alloc(0));
  if (!store.traits.versions) probe.note('versioning', 'skipped', lockTexts.noOlderVersions);
  else await tryStoredVersion(probe, object);
  return true;
}

/** A key that may not store cannot see what becomes of an overwritten object, but whether it may read versions. */
async function tryStoredVersion(probe: Probe, { key, sizeBytes }: StoredObject): Promise<void> {
  const { store, signal } = probe;
  const denied = (what: Text, right: string): void => {
    probe.note('versioning', 'denied', what, right);
    probe.warn('versions-denied', lockTexts.restoresNoTampered(what));
  };
  const listed = await attempt(allVersions(probe, key), 'access-denied', 'usage');
  if (!listed.done) return denied(lockTexts.mayNotListVersions, 's3:ListBucketVersions');
  const versionId = listed.value.find((v) => v.key === key && !v.isDeleteMarker)?.versionId ?? 'null';
  // So S3 calls what was stored while the bucket kept no versions.
  if (versionId === 'null') return probe.note('versioning', 'unknown', lockTexts.versionsUnknown);
  const read = await attempt(readObject(store, key, sizeBytes, { signal, versionId }), 'access-denied');
  if (!read.done) return denied(lockTexts.mayNotReadVersions, 's3:GetObjectVersion');
  probe.note('versioning', 'ok', lockTexts.mayReadVersions);
}
