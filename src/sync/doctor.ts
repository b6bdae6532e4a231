import { randomBytes } from 'node:crypto';
import { EfakturError, isKept } from '../base/errors.ts';
import { findingError } from '../base/finding-error.ts';
import { localDay } from '../base/local-time.ts';
import type { Finding, Warning } from '../base/progress.ts';
import { defaultPartSizeBytes } from '../store/body.ts';
import { noLocks as folderTakesNoLocks } from '../store/folder-texts.ts';
import { readObject } from '../store/small-object.ts';
import type { ObjectStore } from '../store/store.ts';
import { inStore, setClock } from '../store/texts.ts';
import type { TriedService } from '../store/tried-service.ts';
import { firstKeys, tellDebris } from './doctor/debris.ts';
import {
  attempt,
  beginProbe,
  type DoctorStep,
  type Findings,
  type Measured,
  type Probe,
  type ProbeRequest,
  type TestObject,
} from './doctor/probe.ts';
import { clearAway, removeTestObjects, tryDeleting, tryProtection } from './doctor/protection.ts';
import * as lockTexts from './doctor/protection-texts.ts';
import { proveReader, tryReading } from './doctor/reading.ts';
import { otherStyle, tellProvider, tryChecksums, tryStyles } from './doctor/service.ts';
import { noParts, partsNeeded } from './doctor/service-texts.ts';
import * as texts from './doctor/texts.ts';
import type { LifecycleRules } from './policies.ts';
import { clockToleranceMs } from './push/targets.ts';
import { cutOffUploads } from './stored/cut-off-uploads.ts';

export interface DoctorRequest extends ProbeRequest {
  readonly stores: readonly ObjectStore[];
  /** The service of a store by its address, to be tried out; null for a folder. */
  readonly serviceOf: (url: string) => Promise<TriedService | null>;
}

export interface DoctorDocument {
  readonly outcome: 'ok' | 'attention';
  readonly steps: readonly DoctorStep[];
  /** What the steps add up to, store by store. */
  readonly measured: readonly Measured[];
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
  const findings: Findings = { steps: [], measured: [], problems: [], notes: [] };
  const { steps, measured, problems, notes } = findings;
  /** What went wrong below a problem, which no document tells. */
  const causes = new Map<Finding, unknown>();
  for (const store of request.stores) {
    try {
      await proveOrClear(beginProbe(store, await request.serviceOf(store.url), request, findings));
    } catch (error) {
      if (!isKept(error) || error.code === 'attention') throw error;
      const problem = { code: error.code, message: error.text, hint: error.hint };
      problems.push(problem);
      causes.set(problem, error.cause);
    }
  }
  const locks = steps.filter(({ step }) => step === 'lock');
  const isLockedNowhere = locks.length > 0 && locks.every(({ result }) => result === 'skipped');
  if (request.lock && isLockedNowhere) {
    problems.push({
      code: 'not-locked',
      message: lockTexts.lockedNowhere,
      hint: lockTexts.addLockingBucket,
    });
  } else if (request.lock) {
    for (const { store, result } of locks) {
      if (result !== 'skipped') continue;
      const message = inStore(store, lockTexts.lockDaysInVain(folderTakesNoLocks));
      notes.push({ code: 'not-locked', message });
    }
  }
  const errors = problems.map((problem) => {
    const { code, text, hint } = findingError(problem);
    return new EfakturError(code, text, hint, causes.get(problem));
  });
  return {
    document: {
      outcome: problems.length > 0 ? 'attention' : 'ok',
      steps,
      measured,
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
    const better = probe.written.length === 0 && isKept(error) ? await otherStyle(probe, error) : null;
    if (!better) throw error;
    probe.problem('usage', better.message, better.hint);
  }
}

async function proveStore(probe: Probe): Promise<void> {
  const content = randomBytes(smallBytes);
  const stored = await attempt(probe.put('small', content), 'access-denied');
  tellProvider(probe);
  if (stored.done) probe.note('put', 'ok', texts.stored);
  else probe.note('put', 'denied', texts.mayNotStore, 's3:PutObject');
  const { mayList, clockOffsetMs, isElsewhere } = await tryListing(probe, stored.done);
  if (isElsewhere) return;
  const serverNow = new Date(probe.now().getTime() + (clockOffsetMs ?? 0));
  if (stored.done || mayList)
    await tryStyles(probe, { object: stored.done ? stored.value : null, content, mayList });
  if (stored.done) await proveWriter(probe, stored.value, content, serverNow);
  else await proveReader(probe, mayList, stored.error);
  if (mayList) await tellDebris(probe, serverNow);
}

async function proveWriter(probe: Probe, small: TestObject, content: Buffer, serverNow: Date): Promise<void> {
  const mayRead = await tryReading(probe, small.key, content);
  const { traits } = probe.store;
  await tryChecksums(probe);
  if (traits.parts) {
    await tryMultipart(probe, mayRead);
    await showCutOff(probe);
  }
  if (!traits.versions) {
    probe.note('versioning', 'skipped', lockTexts.noOlderVersionsDeletable);
    if (probe.lock) probe.note('lock', 'skipped', folderTakesNoLocks);
    await removeTestObjects(probe, { mayDelete: await tryDeleting(probe, small), versions: null });
    return;
  }
  const rights = await tryProtection(probe, { small, content, mayRead, serverNow });
  await removeTestObjects(probe, rights);
  if (mayRead || rights.mayDelete) return;
  probe.warn('push-only-key', texts.pushOnlyKey);
}

interface Listed {
  readonly mayList: boolean;
  /** How far the server's clock is ahead of ours; null where it has none. */
  readonly clockOffsetMs: number | null;
  /** Nothing may be done as it was asked, but in the other style something may; that has been told. */
  readonly isElsewhere?: boolean;
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
    probe.note('list', 'denied', texts.mayNotList, 's3:ListBucket');
    const better = isStored ? null : await otherStyle(probe, listed.error);
    if (better) {
      probe.problem('usage', better.message, better.hint);
      return { mayList: false, clockOffsetMs: null, isElsewhere: true };
    }
    probe.problem('access-denied', texts.mayNotListNeeded, texts.giveListRight(listed.error.hint));
    return { mayList: false, clockOffsetMs: null };
  }
  const found = listed.value?.objects.find((object) => object.key === key);
  if (!isStored) probe.note('list', 'ok', texts.mayList);
  else if (found?.sizeBytes === smallBytes) probe.note('list', 'ok', texts.listedWithSize);
  else {
    probe.note('list', 'failed', texts.notListedWithSize);
    probe.problem('store-unavailable', texts.notListed, texts.otherProvider);
  }
  const serverTime = listed.value?.serverTime;
  if (!serverTime) {
    probe.note('clock', 'skipped', texts.noClock);
    return { mayList: true, clockOffsetMs: null };
  }
  const offsetMs = serverTime.getTime() - probe.now().getTime();
  const apartMs = Math.abs(offsetMs);
  if (apartMs <= clockToleranceMs) {
    probe.note('clock', 'ok', texts.clocksDiffer(apartMs));
    return { mayList: true, clockOffsetMs: offsetMs };
  }
  const off = texts.clockOff(apartMs, offsetMs > 0);
  probe.note('clock', 'failed', off);
  probe.problem('clock-off', off, setClock);
  return { mayList: true, clockOffsetMs: offsetMs };
}

/** What pushes that were cut off left: it costs space, and nothing else shows it. */
async function showCutOff(probe: Probe): Promise<void> {
  const found = await cutOffUploads(probe.store, { signal: probe.signal });
  if (found === null) {
    probe.note('uploads', 'unknown', texts.uploadsUnknown, 's3:ListBucketMultipartUploads');
    return;
  }
  const [oldest] = found;
  if (!oldest) return probe.note('uploads', 'ok', texts.noUploadsLeft);
  const since = oldest.begunAt && localDay(oldest.begunAt, 'UTC');
  probe.note('uploads', 'ok', texts.uploadsLeft(found.length, since, firstKeys(found)));
}

/** A body just over what goes in one request; then its upload is discarded, as after a crash. */
async function tryMultipart(probe: Probe, mayRead: boolean): Promise<void> {
  const { store, signal, progress } = probe;
  const content = Buffer.alloc(defaultPartSizeBytes + 1, randomBytes(4096));
  let uploadId = '';
  progress.begin(texts.sendInParts, content.length);
  const putting = probe.put('large', content, {
    onBytes: (bytes) => progress.advance(bytes),
    async onUpload(id) {
      uploadId = id;
    },
  });
  const put = await attempt(putting, 'usage');
  if (!put.done) {
    probe.measured.multipart = 'refused';
    probe.note('multipart', 'failed', noParts);
    probe.problem('usage', partsNeeded(put.error.because ?? put.error.what), texts.otherProvider);
    return;
  }
  probe.measured.multipart = 'works';
  const { key } = put.value;
  const seam = { first: defaultPartSizeBytes - 8, last: defaultPartSizeBytes };
  const read = mayRead ? await readObject(store, key, content.length, { signal, range: seam }) : null;
  if (mayRead && !read?.equals(content.subarray(seam.first))) {
    probe.note('multipart', 'failed', texts.partsChanged);
    probe.problem('damaged', texts.partsChanged, texts.otherProvider);
  } else probe.note('multipart', 'ok', texts.sentInParts);
  const discarded = await attempt(store.discardUpload(key, uploadId, { signal }), 'access-denied');
  if (discarded.done) {
    probe.note('abort', 'ok', texts.mayAbort);
    return;
  }
  probe.note('abort', 'denied', texts.mayNotAbort, 's3:AbortMultipartUpload');
  probe.warn('abort-denied', texts.abortDenied);
}
