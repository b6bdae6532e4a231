import { hourMs } from '../../base/durations.ts';
import type { ErrorReport } from '../../base/errors.ts';
import { formatInstant, localDay } from '../../base/local-time.ts';
import type { BackupVerdict } from '../../catalog/names.ts';
import { lastProven } from '../../catalog/proofs.ts';
import type { AppProgram } from '../../efaktur/app-program.ts';
import type { ObjectStore } from '../../store/store.ts';
import { type FoundProgram, programFinder } from '../program/finder.ts';
import { newestMissing } from '../stored/newest-pushed.ts';
import type { Provable } from '../stored/provable.ts';
import { madeWith, type StoredAppProgram } from './app-programs.ts';
import { type Holding, liveStoredMs, readHolding } from './holding.ts';
import type { Findings, StatusRules } from './rules.ts';
import { shrinkFinding } from './shrinking.ts';
import {
  addUnproven,
  ageFinding,
  damageFinding,
  provableIfAdvised,
  tamperingFindings,
} from './store-findings.ts';

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
  readonly error?: ErrorReport;
}

/** What one store holds, by its listing and the record of this PC; `liveStoredMs`: up to when it has what the live db was, 0 for nothing. */
export async function storeStatus(
  store: ObjectStore,
  program: AppProgram | null,
  request: StatusRules,
  found: Findings,
): Promise<{ status: StoreStatus; liveStoredMs: number; storedProgram: FoundProgram }> {
  const { signal } = request;
  const holding = await readHolding(store, request, found);
  const provable = await judgeHolding(holding, request, found);
  const { newest, record, programs } = holding;
  const storedAs = programFinder(store, programs, record, signal);
  const made = newest ? await madeWith(store, newest, record, program, signal) : null;
  const madeStored = made ? await storedAs(made.sha256) : null;
  const appProgram = made && { ...made, ...(madeStored !== undefined && { stored: madeStored }) };
  return {
    status: statusOf(holding, appProgram, provable, request.zone),
    liveStoredMs: liveStoredMs(holding, request.now()),
    storedProgram: program && (await storedAs(program.sha256)),
  };
}

/** Adds what somebody must act on; resolves with where a proof can be made, where one is advised. */
async function judgeHolding(
  holding: Holding,
  request: StatusRules,
  found: Findings,
): Promise<Provable | null> {
  const { store, backups } = holding;
  const { attention } = found;
  const missing = await newestMissing(store, { backups, prefixes: [''] }, request);
  if (missing) attention.push(missing);
  const age = ageFinding(holding, request);
  if (age) attention.push(age);
  const provable = await provableIfAdvised(holding, request);
  if (provable) addUnproven(holding, provable, request, found);
  attention.push(...tamperingFindings(holding));
  const shrunk = shrinkFinding(holding);
  if (shrunk) attention.push(shrunk);
  const damage = provable && damageFinding(holding, provable);
  if (damage) attention.push(damage);
  return provable;
}

function statusOf(
  holding: Holding,
  appProgram: StoredAppProgram | null,
  provable: Provable | null,
  zone: string,
): StoreStatus {
  const { store, backups, newest, ageMs, proven, proofsOf, verdictOf, damaged } = holding;
  const verdict = newest && verdictOf(newest);
  return {
    store: store.url,
    backups: backups.length,
    newest: newest && {
      id: newest.id,
      capturedAt: formatInstant(newest.capturedAt, zone),
      uploadedAt: newest.uploadedAt && formatInstant(newest.uploadedAt, zone),
      ageHours: Math.round((ageMs / hourMs) * 10) / 10,
      verdict,
      ...(verdict !== null && proofsOf(newest).length === 0 && { verdictFrom: 'push' as const }),
      appProgram,
    },
    newestProven: proven && {
      id: proven.entry.id,
      provenOn: localDay(proven.on, zone),
      ...(!lastProven(proofsOf(proven.entry)) && { headersOnly: true }),
    },
    lastProven: holding.lastProven && localDay(holding.lastProven, zone),
    ...(provable?.mayRead === false && { mayRead: false as const }),
    damaged,
  };
}
