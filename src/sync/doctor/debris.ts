import { dayMs } from '../../base/durations.ts';
import { keepOrThrow } from '../../base/errors.ts';
import { inTurns } from '../../base/in-turns.ts';
import { localDay } from '../../base/local-time.ts';
import { type Listing, listBackups, type StoredArchive } from '../../catalog/listing.ts';
import { doctorPrefix, parseDoctorKey } from '../../catalog/names.ts';
import type { ObjectStore } from '../../store/store.ts';
import { cutOffUploads, isAbandoned } from '../stored/cut-off-uploads.ts';
import { readManifest } from '../stored/manifest.ts';
import type { Probe } from './probe.ts';
import { leftoverMs } from './protection.ts';
import * as texts from './texts.ts';

/** The part of `doctor` that tells what lies in a store and is of no use: it costs space and harms nothing. */

/** What was uploaded since may belong to a push at work. */
const orphanMs = 7 * dayMs;

/** Notes each kind of debris with what removes it. Multipart uploads are a step of their own. */
export async function tellDebris(probe: Probe, now: Date): Promise<void> {
  const { store, signal } = probe;
  const left = ((await cutOffUploads(store, { signal })) ?? []).filter((upload) => isAbandoned(upload, now));
  const temps = left.filter(({ kind }) => kind === 'file');
  if (temps.length > 0)
    probe.warn(
      'debris',
      texts.tempFiles(temps.length, oldestDay(temps.map((temp) => temp.begunAt)), firstKeys(temps)),
    );
  const folders = left.filter(({ kind }) => kind === 'folder');
  if (folders.length > 0) probe.warn('debris', texts.emptyFolders(folders.length, firstKeys(folders)));
  await tellOrphans(probe, now);
  // A key that may store has cleared these away, and the step says what stays.
  if (probe.written.length === 0) await tellTestObjects(probe, now);
}

/** Archives whose manifest was never written, or went, and that no other one needs. */
async function tellOrphans({ store, signal, ...probe }: Probe, now: Date): Promise<void> {
  const listing = await listBackups(store, { signal });
  const withManifest = new Set(
    [...listing.backups, ...listing.programs].flatMap(({ archives }) => archives.map(({ key }) => key)),
  );
  const alone = [...listing.archives.values(), ...listing.programArchives.values()].filter(
    ({ key, modified }) =>
      !withManifest.has(key) && modified !== null && now.getTime() - modified.getTime() >= orphanMs,
  );
  if (alone.length === 0) return;
  const needed = await neededByOthers(store, listing, signal);
  if (needed === null) {
    probe.warn('debris', texts.archivesUnclear(told(alone)));
    return;
  }
  const orphans = alone.filter(({ key }) => !needed.has(key));
  if (orphans.length > 0) probe.warn('debris', texts.orphanArchives(told(orphans)));
}

/** What manifests need beside the archive of their own tag; null when one cannot be read. */
async function neededByOthers(
  store: ObjectStore,
  { backups }: Listing,
  signal: AbortSignal,
): Promise<Set<string> | null> {
  // A full needs no other archive.
  const leaning = backups.filter(
    ({ archives }) => archives.length === 0 || archives.some(({ kind }) => kind !== 'full'),
  );
  try {
    const manifests = await inTurns(leaning, ({ manifestKey: key, manifestVersionId: versionId }) =>
      readManifest(store, { key, versionId }, null, signal),
    );
    return new Set(manifests.flatMap(({ needs }) => needs.map(({ key }) => key)));
  } catch (error) {
    keepOrThrow(error);
    return null;
  }
}

async function tellTestObjects({ store, signal, ...probe }: Probe, now: Date): Promise<void> {
  const left: { key: string }[] = [];
  for await (const { objects } of store.list(doctorPrefix, { signal }))
    for (const object of objects) {
      const at = parseDoctorKey(object.key);
      if (at && now.getTime() - at.getTime() >= leftoverMs) left.push(object);
    }
  if (left.length > 0) probe.warn('debris', texts.testObjectsLeft(left.length, firstKeys(left)));
}

const told = (archives: readonly StoredArchive[]): texts.Archives => ({
  count: archives.length,
  sizeBytes: archives.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  oldest: oldestDay(archives.map(({ modified }) => modified)),
  keys: firstKeys(archives),
});

function oldestDay(times: readonly (Date | null)[]): string | null {
  const [oldest] = times.filter((time) => time !== null).sort((a, b) => a.getTime() - b.getTime());
  return oldest ? localDay(oldest, 'UTC') : null;
}

/** A few of them, for messages. */
export const firstKeys = (things: readonly { readonly key: string }[]): string =>
  `${things
    .slice(0, 3)
    .map(({ key }) => key)
    .join(', ')}${things.length > 3 ? ', …' : ''}`;
