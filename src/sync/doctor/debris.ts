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

/** The part of `doctor` that tells what lies in a store and is of no use: it costs space and harms nothing. */

/** What was uploaded since may belong to a push at work. */
const orphanMs = 7 * dayMs;

/** Notes each kind of debris with what removes it. Multipart uploads are a step of their own. */
export async function tellDebris(probe: Probe, now: Date): Promise<void> {
  const { store, signal } = probe;
  const left = ((await cutOffUploads(store, { signal })) ?? []).filter((upload) => isAbandoned(upload, now));
  const removers = 'a push that sends something and "efaktur-cloud prune --yes" remove them';
  const temps = left.filter(({ kind }) => kind === 'file');
  if (temps.length > 0)
    probe.warn(
      'debris',
      `${temps.length} temp file(s) of runs that were cut off${since(temps.map((temp) => temp.begunAt))} (${named(temps)}): ${removers}`,
    );
  const folders = left.filter(({ kind }) => kind === 'folder');
  if (folders.length > 0)
    probe.warn('debris', `${folders.length} empty day folder(s) (${named(folders)}): ${removers}`);
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
    const unknown = 'whether another backup needs them is not known, as not all manifests could be read';
    probe.warn('debris', `${told(alone)} without a manifest of their own: ${unknown}`);
    return;
  }
  const orphans = alone.filter(({ key }) => !needed.has(key));
  if (orphans.length > 0)
    probe.warn(
      'debris',
      `${told(orphans)} that no manifest names: two runs of "efaktur-cloud prune --yes", at least a day apart, remove them`,
    );
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
  if (left.length > 0)
    probe.warn(
      'debris',
      `${left.length} test object(s) of earlier runs of doctor (${named(left)}): a run with a key that may delete, or the lifecycle rule, removes them`,
    );
}

function told(archives: readonly StoredArchive[]): string {
  const bytes = archives.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const days = since(archives.map(({ modified }) => modified));
  return `${archives.length} archive(s) of ${Math.ceil(bytes / 1e6)} MB${days} (${named(archives)})`;
}

function since(times: readonly (Date | null)[]): string {
  const [oldest] = times.filter((time) => time !== null).sort((a, b) => a.getTime() - b.getTime());
  return oldest ? ` since ${localDay(oldest, 'UTC')}` : '';
}

const named = (things: readonly { readonly key: string }[]): string =>
  `${things
    .slice(0, 3)
    .map(({ key }) => key)
    .join(', ')}${things.length > 3 ? ', …' : ''}`;
