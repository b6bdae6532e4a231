import { dayMs, hourMs } from '../base/durations.ts';
import { EfakturError, isEfakturError, keepOrThrow } from '../base/errors.ts';
import { formatInstant, localDay } from '../base/local-time.ts';
import type { Finding, Warning } from '../base/progress.ts';
import { clockSkewMs } from '../catalog/counted-time.ts';
import { type BackupEntry, listBackups } from '../catalog/listing.ts';
import type { BackupVerdict, Proof } from '../catalog/names.ts';
import { lastProven, lastProvenAtBest, lastResult, listProofs } from '../catalog/proofs.ts';
import type { Tampering } from '../catalog/true-objects.ts';
import type { AppProgram } from '../efaktur/app-program.ts';
import { readDbFolder } from '../efaktur/live-db.ts';
import { listLoginBackups } from '../efaktur/login-backups.ts';
import { findRunning, isRunning } from '../efaktur/running.ts';
import { isSameFile, type StoreRecord } from '../state/record.ts';
import { readRecord } from '../state/record-file.ts';
import { readUnusable } from '../state/unusable.ts';
import type { ObjectStore } from '../store/store.ts';
import type { StoresContext } from './context.ts';
import { type FoundProgram, programFinder } from './program/finder.ts';
import { type LocalAppProgram, madeWith, type StoredAppProgram } from './program/in-status.ts';
import { programIn } from './program/version.ts';
import { tamperingWarnings } from './stored/all-stores.ts';
import { countBackups } from './stored/counted-backups.ts';
import { newestMissing } from './stored/newest-pushed.ts';
import { howToProve, isHere, type Provable, provableHere, whyNotHere } from './stored/provable.ts';

export interface StatusRequest extends StoresContext {
  /** Null when no e-Faktur folder is at hand: then only the stores are looked at. */
  readonly appFolder: string | null;
  readonly maxAgeMs: number;
  readonly maxUnprovenMs: number;
  /** Whether this PC has a secret key set, so that it could open encrypted backups. */
  readonly hasIdentity: boolean;
}

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

export interface LocalStatus {
  readonly appFolder: string;
  /** The e-Faktur that lies there, by its main program; null where there is none. */
  readonly program: LocalAppProgram | null;
  readonly isOpen: boolean;
  readonly databases: readonly string[];
  /** When the live db last changed, RFC 3339. */
  readonly liveChangedAt: string | null;
  /** True when the live db has changed since the newest backup in some store that answers. */
  readonly liveNotStored: boolean;
  /** Of which moment on nothing is stored (RFC 3339); null when all is, or when nothing ever was. */
  readonly notStoredSince: string | null;
  readonly loginBackups: number;
  /** Login backups that this PC has not stored in every store. */
  readonly loginBackupsNotStored: number;
  /** Those that a push found to be unusable, and why; absent when there are none. */
  readonly unusableLoginBackups?: readonly { readonly path: string; readonly why: string }[];
  readonly looksLikeNetworkClient: boolean;
}

export interface StatusDocument {
  readonly outcome: 'ok' | 'attention';
  readonly stores: readonly StoreStatus[];
  readonly local: LocalStatus | null;
  /** What is wrong, each with what to do. */
  readonly attention: readonly Finding[];
  readonly warnings: readonly Warning[];
}

interface Findings {
  readonly attention: Finding[];
  readonly warnings: Warning[];
}

const untouchedMs = 90 * dayMs;

/** How safe the books are now, from listings and local files alone; `failure` is `attention` when somebody must act. */
export async function status(
  request: StatusRequest,
): Promise<{ document: StatusDocument; failure: EfakturError | null }> {
  const attention: Finding[] = [];
  const warnings: Warning[] = [];
  const stores: StoreStatus[] = [];
  const storedUpTo: number[] = [];
  const program = request.appFolder === null ? null : await programIn(request.appFolder, warnings);
  const storedIn: string[] = [];
  let isUnsure = false;
  let storeFailure: EfakturError | null = null;
  for (const store of request.stores) {
    try {
      const found = { attention, warnings };
      const { status: one, liveStoredMs, storedProgram } = await storeStatus(store, program, request, found);
      stores.push(one);
      if (storedProgram) storedIn.push(store.url);
      isUnsure ||= storedProgram === undefined;
      storedUpTo.push(liveStoredMs);
    } catch (error) {
      keepOrThrow(error);
      storeFailure ??= error;
      isUnsure = true;
      const { code, message, hint } = error;
      attention.push({ code, message, hint });
      stores.push({
        store: store.url,
        backups: 0,
        newest: null,
        newestProven: null,
        lastProven: null,
        damaged: [],
        error: { code, message, hint },
      });
    }
  }
  const here = program && { ...program, storedIn: storedIn.length === 0 && isUnsure ? null : storedIn };
  const local =
    request.appFolder === null
      ? null
      : await localStatus(request.appFolder, here, storedUpTo, request, {
          attention,
          warnings,
        });
  const [first] = attention;
  const failure =
    storeFailure ??
    (first ? new EfakturError('attention', attention.map((a) => a.message).join('; '), first.hint) : null);
  return {
    document: { outcome: first ? 'attention' : 'ok', stores, local, attention, warnings },
    failure,
  };
}

async function storeStatus(
  store: ObjectStore,
  program: AppProgram | null,
  request: StatusRequest,
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

/** `storedUpTo`: of each store that answers, up to when it has what the live db was; 0 when it has nothing. */
async function localStatus(
  appFolder: string,
  program: LocalStatus['program'],
  storedUpTo: readonly number[],
  request: StatusRequest,
  { attention, warnings }: Findings,
): Promise<LocalStatus> {
  const { zone } = request;
  const db = await readDbFolder(`${appFolder}/db`).catch((error: unknown) => {
    if (isEfakturError(error, 'source-unusable')) return null;
    throw error;
  });
  const isOpen = isRunning(await findRunning(appFolder));
  const backups = await listLoginBackups(appFolder, zone);
  const records = await Promise.all(request.stores.map((store) => readRecord(request.stateDir, store.url)));
  const isStored = (path: string, mtimeMs: number): boolean =>
    records.every((r) => r.backups.some((b) => b.local?.path === path && b.local.mtimeMs === mtimeMs));
  const unstored = backups.filter((b) => b.type === 'zip' && !isStored(b.path, b.mtimeMs));
  const known = await readUnusable(request.stateDir);
  const unusable = known.filter((file) => backups.some((backup) => isSameFile(file, backup)));
  const changedMs = db && db.databases.length > 0 ? db.newestMtimeMs : null;
  const storedMs = Math.min(...storedUpTo);
  // Capture times have whole seconds.
  const liveNotStored = changedMs !== null && storedUpTo.length > 0 && changedMs >= storedMs + 1000;
  const notStoredSince = liveNotStored && storedMs > 0 ? formatInstant(new Date(storedMs), zone) : null;
  const now = request.now().getTime();
  const looksLikeNetworkClient =
    changedMs === null || (now - changedMs > untouchedMs && backups.length === 0);
  const isRowless = records.some(holdsNoRows);
  const isNeverStored = storedUpTo.length > 0 && storedUpTo.every((ms) => ms === 0);
  const isStub = looksLikeNetworkClient && (changedMs === null || isRowless || isNeverStored);
  if (looksLikeNetworkClient) {
    const state = changedMs === null ? 'empty' : isRowless ? 'without rows' : 'long untouched';
    const message = `the db in ${appFolder} is ${state}: perhaps this PC is a network client, and the databases lie on the server PC`;
    const hint = 'Run efaktur-cloud on the PC where e-Faktur keeps its databases.';
    // What holds rows and is stored may as well be an old PC that is kept for its books.
    if (isStub) attention.push({ code: 'stub-db', message, hint });
    else warnings.push({ code: 'stub-db', message: `${message}; if so: ${hint}` });
  }
  if (!isStub && liveNotStored && changedMs !== null && now - changedMs > request.maxAgeMs) {
    const since = formatInstant(new Date(changedMs), zone);
    attention.push({
      code: 'not-stored',
      message: isOpen
        ? `e-Faktur is open; what was entered since ${notStoredSince ?? 'the beginning'} is not stored (last change ${since})`
        : `the live db has changed (${since}) since the newest backup`,
      hint: isOpen
        ? 'Run "efaktur-cloud push --source live", or "efaktur-cloud push" when e-Faktur is closed.'
        : 'Run "efaktur-cloud push".',
    });
  }
  return {
    appFolder,
    program,
    isOpen,
    databases: db?.databases ?? [],
    liveChangedAt: changedMs === null ? null : formatInstant(new Date(changedMs), zone),
    liveNotStored,
    notStoredSince,
    loginBackups: backups.length,
    loginBackupsNotStored: unstored.length,
    ...(unusable.length > 0 && { unusableLoginBackups: unusable.map(({ path, why }) => ({ path, why })) }),
    looksLikeNetworkClient,
  };
}

/**
 * Whether the newest state that this PC pushed has tables, but no row in any; unknown counts as rows. What was pushed last
 * may be an old backup: ids sort by capture time.
 */
function holdsNoRows({ archives, backups }: StoreRecord): boolean {
  const last = backups.reduce<string | null>((id, one) => (id === null || one.id > id ? one.id : id), null);
  const tag = backups.find(({ id }) => id === last)?.tag;
  const newest = archives.find((archive) => archive.tag === tag)?.facts;
  const tables = newest?.verdict === 'clean' ? (newest.judged ?? []).flatMap((d) => d.tables) : null;
  return tables?.every(({ rows }) => rows === 0) ?? false;
}

function ageText(ms: number): string {
  const hours = Math.floor(ms / hourMs);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  if (hours < 1) return 'less than an hour';
  return `${hours} hour${hours === 1 ? '' : 's'}`;
}
