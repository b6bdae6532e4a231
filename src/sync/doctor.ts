import { randomBytes } from 'node:crypto';
import { type EfakturError, isKept } from '../base/errors.ts';
import { localDay } from '../base/local-time.ts';
import type { Finding, Warning } from '../base/progress.ts';
import { defaultPartSizeBytes } from '../store/body.ts';
import { readObject } from '../store/small-object.ts';
import type { ObjectStore } from '../store/store.ts';
import { tellDebris } from './doctor/debris.ts';
import {
  attempt,
  beginProbe,
  type DoctorStep,
  type Findings,
  type Probe,
  type ProbeRequest,
  problemError,
  type TestObject,
} from './doctor/probe.ts';
import { clearAway, removeTestObjects, tryDeleting, tryProtection } from './doctor/protection.ts';
import { proveReader, tryReading } from './doctor/reading.ts';
import type { LifecycleRules } from './policies.ts';
import { clockToleranceMs } from './push/targets.ts';
import { cutOffUploads } from './stored/cut-off-uploads.ts';

export interface DoctorRequest extends ProbeRequest {
  readonly stores: readonly ObjectStore[];
}

export interface DoctorDocument {
  readonly outcome: 'ok' | 'attention';
  readonly steps: readonly DoctorStep[];
  readonly warnings: readonly Warning[];
}

/** With the rules to set on each bucket, which are known without asking it. */
export interface AdvisedDoctorDocument extends DoctorDocument {
  readonly lifecycleRules: readonly { readonly store: string; readonly lifecycle: LifecycleRules }[];
}

const smallBytes = 1024;

/**
 * Tries in each store all that backups need, with test objects under `doctor/`, and says what it found, which rights are
 * missing and how well backups are protected there. What it wrote is deleted as far as its key and locks allow; what a
 * run that was killed left goes with a later one. The document is whole even when something is wrong; `failure` is then
 * the first thing that keeps backups from working, or `attention`, and `problems` is all that somebody must act on.
 */
export async function doctor(request: DoctorRequest): Promise<{
  document: DoctorDocument;
  problems: readonly Finding[];
  failure: EfakturError | null;
}> {
  const findings: Findings = { steps: [], problems: [], notes: [] };
  const { steps, problems, notes } = findings;
  for (const store of request.stores) {
    try {
      await proveOrClear(beginProbe(store, request, findings));
    } catch (error) {
      if (!isKept(error) || error.code === 'attention') throw error;
      problems.push({ code: error.code, message: error.message, hint: error.hint });
    }
  }
  const locks = steps.filter(({ step }) => step === 'lock');
  const isLockedNowhere = locks.length > 0 && locks.every(({ result }) => result === 'skipped');
  if (request.lock && isLockedNowhere) {
    problems.push({
      code: 'not-locked',
      message: 'EFAKTUR_LOCK_DAYS is set, but nothing is locked: no store here takes locks',
      hint: 'Add a bucket with object lock to EFAKTUR_STORE, or leave EFAKTUR_LOCK_DAYS out.',
    });
  } else if (request.lock) {
    for (const { store, result } of locks) {
      if (result !== 'skipped') continue;
      const message = `${store}: EFAKTUR_LOCK_DAYS is set, but a folder takes no locks`;
      notes.push({ code: 'not-locked', message });
    }
  }
  const errors = problems.map(problemError);
  return {
    document: {
      outcome: problems.length > 0 ? 'attention' : 'ok',
      steps,
      warnings: [...problems, ...notes],
    },
    problems,
    failure: errors.find(({ code }) => code !== 'attention') ?? errors[0] ?? null,
  };
}

async function proveOrClear(probe: Probe): Promise<void> {
  try {
    await proveStore(probe);
  } catch (error) {
    await clearAway(probe);
    throw error;
  }
}

async function proveStore(probe: Probe): Promise<void> {
  const content = randomBytes(smallBytes);
  const stored = await attempt(probe.put('small', content), 'access-denied');
  if (stored.done) probe.note('put', 'ok', 'an object was stored');
  else probe.note('put', 'denied', 'this key may not store anything', 's3:PutObject');
  const { mayList, clockOffsetMs } = await tryListing(probe, stored.done);
  const serverNow = new Date(probe.now().getTime() + (clockOffsetMs ?? 0));
  if (stored.done) await proveWriter(probe, stored.value, content, serverNow);
  else await proveReader(probe, mayList, stored.error);
  if (mayList) await tellDebris(probe, serverNow);
}

async function proveWriter(probe: Probe, small: TestObject, content: Buffer, serverNow: Date): Promise<void> {
  const mayRead = await tryReading(probe, small.key, content);
  const { traits } = probe.store;
  if (traits.parts) {
    await tryMultipart(probe, mayRead);
    await showCutOff(probe);
  }
  if (!traits.versions) {
    probe.note(
      'versioning',
      'skipped',
      'a folder keeps no older versions: whoever may write there can delete',
    );
    if (probe.lock) probe.note('lock', 'skipped', 'a folder takes no locks');
    await removeTestObjects(probe, { mayDelete: await tryDeleting(probe, small), versions: null });
    return;
  }
  const rights = await tryProtection(probe, { small, content, mayRead, serverNow });
  await removeTestObjects(probe, rights);
  if (mayRead || rights.mayDelete) return;
  probe.warn(
    'push-only-key',
    'this key may write and list, but neither read nor delete: just right for the PC that pushes. Run doctor once with the key that restores, too',
  );
}

interface Listed {
  readonly mayList: boolean;
  /** How far the server's clock is ahead of ours; null where it has none. */
  readonly clockOffsetMs: number | null;
}

async function tryListing(probe: Probe, isStored: boolean): Promise<Listed> {
  const { store, signal } = probe;
  const key = `${probe.prefix}small`;
  const listing = async () => {
    for await (const page of store.list(key, { signal })) return page;
    return null;
  };
  const listed = await attempt(listing(), 'access-denied');
  if (!listed.done) {
    probe.note('list', 'denied', 'this key may not list what is stored', 's3:ListBucket');
    probe.problem(
      'access-denied',
      'this key may not list what is stored, which every command needs',
      `Give it s3:ListBucket on the bucket, as "doctor --print-policy push" shows. ${listed.error.hint}`,
    );
    return { mayList: false, clockOffsetMs: null };
  }
  const found = listed.value?.objects.find((object) => object.key === key);
  if (!isStored) probe.note('list', 'ok', 'this key may list');
  else if (found?.sizeBytes === smallBytes) probe.note('list', 'ok', 'the object is listed with its size');
  else {
    probe.note('list', 'failed', 'the object just stored is not listed with its size');
    probe.problem('store-unavailable', 'an object just stored is not listed', 'Choose another provider.');
  }
  const serverTime = listed.value?.serverTime;
  if (!serverTime) {
    probe.note('clock', 'skipped', 'the store has no clock of its own');
    return { mayList: true, clockOffsetMs: null };
  }
  const offsetMs = serverTime.getTime() - probe.now().getTime();
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  const direction = offsetMs > 0 ? 'behind' : 'ahead of';
  if (Math.abs(offsetMs) <= clockToleranceMs) {
    probe.note('clock', 'ok', `this PC's clock and the server's differ by ${seconds} s`);
    return { mayList: true, clockOffsetMs: offsetMs };
  }
  probe.note('clock', 'failed', `this PC's clock is ${seconds} s ${direction} the server's`);
  probe.problem(
    'clock-off',
    `this PC's clock is ${Math.round(seconds / 60)} minutes ${direction} the server's`,
    'Set date, time and time zone of this PC.',
  );
  return { mayList: true, clockOffsetMs: offsetMs };
}

/** What pushes that were cut off left: it costs space, and nothing else shows it. */
async function showCutOff(probe: Probe): Promise<void> {
  const found = await cutOffUploads(probe.store, { signal: probe.signal });
  const rule = 'the lifecycle rule removes what is left of uploads that were cut off';
  if (found === null) {
    probe.note('uploads', 'unknown', `this key may not list them: ${rule}`, 's3:ListBucketMultipartUploads');
    return;
  }
  const [oldest] = found;
  if (!oldest) return probe.note('uploads', 'ok', 'no uploads that were cut off are listed');
  const since = oldest.begunAt ? ` since ${localDay(oldest.begunAt, 'UTC')}` : '';
  const shown = `${found
    .slice(0, 3)
    .map(({ key }) => key)
    .join(', ')}${found.length > 3 ? ', …' : ''}`;
  probe.note(
    'uploads',
    'ok',
    `${found.length} upload(s) are under way or were cut off${since} (${shown}): push and prune remove them after 7 days`,
  );
}

/** A body just over what goes in one request; then its upload is discarded, as after a crash. */
async function tryMultipart(probe: Probe, mayRead: boolean): Promise<void> {
  const { store, signal, progress } = probe;
  const content = Buffer.alloc(defaultPartSizeBytes + 1, randomBytes(4096));
  let uploadId = '';
  progress.begin('send in parts', content.length);
  const { key } = await probe.put('large', content, {
    onBytes: (bytes) => progress.advance(bytes),
    async onUpload(id) {
      uploadId = id;
    },
  });
  const seam = { first: defaultPartSizeBytes - 8, last: defaultPartSizeBytes };
  const read = mayRead ? await readObject(store, key, content.length, { signal, range: seam }) : null;
  if (mayRead && !read?.equals(content.subarray(seam.first))) {
    probe.note('multipart', 'failed', 'an object sent in parts did not come back as it was');
    probe.problem(
      'damaged',
      'an object sent in parts did not come back as it was',
      'Choose another provider.',
    );
  } else probe.note('multipart', 'ok', 'a large object was sent in parts');
  const discarded = await attempt(store.discardUpload(key, uploadId, { signal }), 'access-denied');
  if (discarded.done) {
    probe.note('abort', 'ok', 'this key may remove unfinished uploads');
    return;
  }
  probe.note('abort', 'denied', 'this key may not remove unfinished uploads', 's3:AbortMultipartUpload');
  probe.warn(
    'abort-denied',
    'this key may not remove what a push that was cut off leaves; give it s3:AbortMultipartUpload, or set the lifecycle rule',
  );
}
