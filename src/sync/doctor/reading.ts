import type { EfakturError } from '../../base/errors.ts';
import { afterLastDay, doctorPrefix, parseBackupKey, parseDoctorKey } from '../../catalog/names.ts';
import { readObject } from '../../store/small-object.ts';
import type { StoredObject } from '../../store/store.ts';
import { attempt, type Probe } from './probe.ts';
import { allVersions } from './protection.ts';

/** The part of `doctor` that reads: what it stored itself or, with a key that may not store, what is there. */

const range = { first: 100, last: 199 };

/** Reads a test object back, whole and in part; whether this key may read at all. */
export async function tryReading(probe: Probe, key: string, content: Buffer): Promise<boolean> {
  const { store, signal } = probe;
  const read = await attempt(readObject(store, key, content.length, { signal }), 'access-denied');
  if (!read.done) {
    probe.note('get', 'denied', 'this key may not read: fine for a PC that only pushes', 's3:GetObject');
    probe.note('range', 'unknown', 'this key may not read');
    return false;
  }
  if (read.value?.equals(content)) probe.note('get', 'ok', 'the object came back as it was');
  else changed(probe);
  await tryRange(probe, key, content);
  return true;
}

function changed(probe: Probe): void {
  probe.note('get', 'failed', 'the object did not come back as it was');
  probe.problem('damaged', 'an object did not come back as it was', 'Choose another provider.');
}

async function tryRange({ store, signal, ...probe }: Probe, key: string, content: Buffer): Promise<void> {
  const part = await readObject(store, key, content.length, { signal, range });
  if (part?.equals(content.subarray(range.first, range.last + 1))) {
    probe.note('range', 'ok', 'a part of the object came back alone');
    return;
  }
  probe.note('range', 'failed', 'a part of the object cannot be read alone');
  probe.problem('usage', 'the service does not give a range of bytes', 'Choose another provider.');
}

/**
 * Finds out what a key is good for that may not store: one that reads is right for restoring, and no failure. `denied` is
 * what came of storing.
 */
export async function proveReader(probe: Probe, mayList: boolean, denied: EfakturError): Promise<void> {
  const object = mayList ? await newestReadable(probe) : null;
  if (object && (await tryStored(probe, object))) {
    probe.warn(
      'read-only-key',
      'this key may list and read, but not store: right for restoring (pull, list, verify, prune), not for the PC that pushes',
    );
    return;
  }
  if (mayList && !object) {
    for (const step of ['get', 'range', 'versioning'] as const)
      probe.note(step, 'unknown', 'nothing is stored that this key could read');
  }
  const without = object
    ? 'so it cannot push, and may not read, either'
    : mayList
      ? 'so it cannot push, and nothing is stored that it could read'
      : 'so it cannot push';
  const later = mayList && !object ? ' A key that reads can be tried when something is stored.' : '';
  probe.problem(
    'access-denied',
    `this key may not store anything, ${without}`,
    `${denied.hint} "doctor --print-policy push" shows the rights of a key that pushes.${later}`,
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
    probe.note('get', 'denied', 'this key may not read', 's3:GetObject');
    for (const step of ['range', 'versioning'] as const) probe.note(step, 'unknown', 'this key may not read');
    return false;
  }
  if (read.value?.length === sizeBytes) probe.note('get', 'ok', `${key} was read`);
  else changed(probe);
  await tryRange(probe, key, read.value ?? Buffer.alloc(0));
  if (!store.traits.versions) probe.note('versioning', 'skipped', 'a folder keeps no older versions');
  else await tryStoredVersion(probe, object);
  return true;
}

/** A key that may not store cannot see what becomes of an overwritten object, but whether it may read versions. */
async function tryStoredVersion(probe: Probe, { key, sizeBytes }: StoredObject): Promise<void> {
  const { store, signal } = probe;
  const denied = (what: string, right: string): void => {
    probe.note('versioning', 'denied', what, right);
    probe.warn('versions-denied', `${what}: it cannot restore what somebody tampered with`);
  };
  const listed = await attempt(allVersions(probe, key), 'access-denied', 'usage');
  if (!listed.done) return denied('this key may not list older versions', 's3:ListBucketVersions');
  const versionId = listed.value.find((v) => v.key === key && !v.isDeleteMarker)?.versionId ?? 'null';
  // So S3 calls what was stored while the bucket kept no versions.
  if (versionId === 'null') {
    const what = 'whether the bucket keeps older versions only a key that may store can tell';
    return probe.note('versioning', 'unknown', what);
  }
  const read = await attempt(readObject(store, key, sizeBytes, { signal, versionId }), 'access-denied');
  if (!read.done) return denied('this key may not read older versions', 's3:GetObjectVersion');
  probe.note('versioning', 'ok', 'this key may list and read older versions');
}
