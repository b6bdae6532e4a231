import { hourMs } from '../../base/durations.ts';
import { formatInstant, localDay } from '../../base/local-time.ts';
import type { Finding } from '../../base/progress.ts';
import { clockSkewMs } from '../../catalog/counted-time.ts';
import { type BackupEntry, listBackups } from '../../catalog/listing.ts';
import type { BackupVerdict, Proof } from '../../catalog/names.ts';
import { lastProven, lastProvenAtBest, lastResult, listProofs } from '../../catalog/proofs.ts';
import type { Tampering } from '../../catalog/true-objects.ts';
import type { AppProgram } from '../../efaktur/app-program.ts';
import type { StoreRecord } from '../../state/record.ts';
import { readRecord } from '../../state/record-file.ts';
import type { ObjectStore } from '../../store/store.ts';
import { type FoundProgram, programFinder } from '../program/finder.ts';
import { madeWith, type StoredAppProgram } from '../program/in-status.ts';
import { tamperingWarnings } from '../stored/all-stores.ts';
import { countBackups } from '../stored/counted-backups.ts';
import { newestMissing } from '../stored/newest-pushed.ts';
import { howToProve, isHere, type Provable, provableHere, whyNotHere } from '../stored/provable.ts';
import type { Findings, StatusRules } from './rules.ts';

export interface StoreStatus {
  readonly store: string;
  readonly backups: number;
  readonly newest: {
    readonly id: string;
    readonly capturedAt: string;
    /** When the store got it; null where it does not say. */
    readonly uploadedAt: string | null;
    /** By the earlier of the two, and by the store's time where it has one. */
    readonly ageHours: number;
    /** What its last proof, or else this PC's push, found the databases to be; null when neither is known. */
    readonly verdict: BackupVerdict | null;
    /** Set where nobody has looked into what is stored: the verdict is that of the push, over what it read here. */
    readonly verdictFrom?: 'push';
    /** The e-Faktur it was made with; null where that is not known. Its version is known only to who may read it. */
    readonly appProgram: StoredAppProgram | null;
  } | null;
  readonly newestProven: {
    readonly id: string;
    readonly provenOn: string;
    /** Encrypted by Derby: read back, and its headers are in order, which is all that can be proven. */
    readonly headersOnly?: true;
  } | null;
  readonly lastProven: string | null;
  /** Set where a proof is due and this PC's access key may not read what is stored. */
  readonly mayRead?: false;
  readonly damaged: readonly string[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
}

/** What one store holds, by its listing and the record of this PC; `liveStoredMs`: up to when it has what the live db was, 0 for nothing. */
export async function storeStatus(
  store: ObjectStore,
  program: AppProgram | null,
  request: StatusRules,
  { attention, warnings }: Findings,
): Promise<{ status: StoreStatus; liveStoredMs: number; storedProgram: FoundProgram }> {
  const { zone, signal } = request;
  const listing = await listBackups(store, { signal });
  const tamperedProofs: Tampering[] = [];
  const proofs = await listProofs(store, signal, '', tamperedProofs);
  const proofsOf = (tag: string): readonly Proof[] => proofs.get(tag) ?? [];
  const record = await readRecord(request.stateDir, store.url);
  const { archives, liveFound } = record;
  const pushedAs = new Map(archives.map((a) => [a.tag, a.facts.verdict ?? null]));
  const verdictOf = (tag: string): BackupVerdict | null =>
    lastResult(proofsOf(tag)) ?? pushedAs.get(tag) ?? null;
  const { serverTime } = listing;
  const now = (serverTime ?? request.now()).getTime();
  const counted = countBackups({
    url: store.url,
    backups: listing.backups,
    serverTime,
    now: request.now(),
    zone,
  });
  // No age can be told by a clock that is wrong; the rest is for who wonders about a single backup.
  if (counted.isClockWrong) attention.push(...counted.findings);
  else warnings.push(...counted.findings);
  const whole = counted.upToNow.filter((b) => b.archive);
  const newest = whole.at(-1);
  const ageMs = newest ? Math.max(0, now - newest.countedAt.getTime()) : 0;
  const proven = whole.findLast((b) => lastProvenAtBest(proofsOf(b.tag)) !== null);
  const damaged = listing.backups
    .filter((b) => !b.archive || verdictOf(b.tag) === 'damaged')
    .map((b) => b.id);
  const missing = await newestMissing(store, { backups: listing.backups, prefixes: [''] }, request);
  if (missing) attention.push(missing);
  if (!newest) {
    attention.push({
      code: 'no-backup',
      message: `${store.url} holds no backup`,
      hint: 'Run "efaktur-cloud push".',
    });
  } else if (ageMs > request.maxAgeMs) {
    attention.push({
      code: 'old-backup',
      message: `the newest backup in ${store.url} is ${ageText(ageMs)} old (${formatInstant(newest.countedAt, zone)})`,
      hint: 'Run "efaktur-cloud push" and look why the schedule did not.',
    });
  }
  const provenOn = proven ? lastProvenAtBest(proofsOf(proven.tag)) : null;
  const verdict = newest ? verdictOf(newest.tag) : null;
  const isDue = newest && (provenOn === null || now - provenOn.getTime() > request.maxUnprovenMs);
  const last = newest ?? listing.backups.at(-1);
  const provable = last && (isDue || damaged.length > 0) ? await provableHere(store, last, request) : null;
  if (isDue && provable) {
    const found = unprovenFinding(store, provable, { provenOn, verdict, zone });
    const isWaiting =
      !isHere(provable) && provenOn === null && storedForMs(whole, now) <= request.maxUnprovenMs;
    (isWaiting ? warnings : attention).push(found);
  }
  for (const warning of tamperingWarnings(store, [...listing.tampered, ...tamperedProofs])) {
    attention.push({
      ...warning,
      hint: 'What was stored is still there. Find out whose access key did it and replace it; "efaktur-cloud doctor" says how the store is protected.',
    });
  }
  if (provable && damaged.length > 0) {
    attention.push({
      code: 'damaged',
      message: `${store.url} holds ${damaged.length} damaged backup(s): ${damaged.slice(0, 3).join(', ')}`,
      hint: `To see what is lost and what still has it: ${howToProve(store, provable, null)}`,
    });
  }
  const found = whole.some((b) => b.tag === liveFound?.tag) ? Date.parse(liveFound?.at ?? '') : 0;
  const provenLast = [...proofs.values()]
    .map(lastProvenAtBest)
    .reduce((last, at) => (at && (!last || at > last) ? at : last), null);
  const storedAs = programFinder(store, listing.programs, record, signal);
  const made = newest ? await madeWith(store, newest, record, program, signal) : null;
  const madeStored = made ? await storedAs(made.sha256) : null;
  const result: StoreStatus = {
    store: store.url,
    backups: listing.backups.length,
    newest: newest
      ? {
          id: newest.id,
          capturedAt: formatInstant(newest.capturedAt, zone),
          uploadedAt: newest.uploadedAt && formatInstant(newest.uploadedAt, zone),
          ageHours: Math.round((ageMs / hourMs) * 10) / 10,
          verdict,
          ...(verdict !== null && proofsOf(newest.tag).length === 0 && { verdictFrom: 'push' as const }),
          appProgram: made && { ...made, ...(madeStored !== undefined && { stored: madeStored }) },
        }
      : null,
    newestProven:
      proven && provenOn !== null
        ? {
            id: proven.id,
            provenOn: localDay(provenOn, zone),
            ...(!lastProven(proofsOf(proven.tag)) && { headersOnly: true }),
          }
        : null,
    lastProven: provenLast && localDay(provenLast, zone),
    ...(provable?.mayRead === false && { mayRead: false as const }),
    damaged,
  };
  const storedMs = newest ? knownTime(newest, record, request.now()).getTime() : 0;
  return {
    status: result,
    liveStoredMs: Math.max(storedMs, found || 0),
    storedProgram: program && (await storedAs(program.sha256)),
  };
}

/** When a backup was captured by the clock that the live db goes by, where this PC made it; else when it counts from. */
function knownTime({ id, capturedAt, countedAt }: BackupEntry, { backups }: StoreRecord, now: Date): Date {
  const isOurs = backups.some((b) => b.id === id);
  return isOurs && capturedAt.getTime() <= now.getTime() + clockSkewMs ? capturedAt : countedAt;
}

/** How long ago the first of these backups came to its store; by its capture where the store's clock knows no better. */
function storedForMs(backups: readonly BackupEntry[], now: number): number {
  const came = backups.map(({ archive, capturedAt }) => {
    const uploadedMs = archive?.modified?.getTime() ?? Number.POSITIVE_INFINITY;
    return uploadedMs <= now + clockSkewMs ? uploadedMs : capturedAt.getTime();
  });
  return now - Math.min(...came);
}

function unprovenFinding(
  store: ObjectStore,
  provable: Provable,
  known: { readonly provenOn: Date | null; readonly verdict: BackupVerdict | null; readonly zone: string },
): Finding {
  const { provenOn, verdict, zone } = known;
  const what =
    provenOn === null
      ? `no backup in ${store.url} was ever proven`
      : `the last proof of a backup in ${store.url} is of ${localDay(provenOn, zone)}`;
  const judged = provenOn === null && verdict === 'clean' ? '; the newest was sound when it was pushed' : '';
  const elsewhere = isHere(provable) ? '' : `${judged}; it cannot be proven here: ${whyNotHere(provable)}`;
  return {
    code: 'unproven',
    message: `${what}${elsewhere}`,
    hint: howToProve(store, provable, verdict),
  };
}

function ageText(ms: number): string {
  const hours = Math.floor(ms / hourMs);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  if (hours < 1) return 'less than an hour';
  return `${hours} hour${hours === 1 ? '' : 's'}`;
}
