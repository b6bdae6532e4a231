import { clockSkewMs } from '../../catalog/counted-time.ts';
import { type BackupEntry, type Listing, listBackups } from '../../catalog/listing.ts';
import type { BackupVerdict, Proof } from '../../catalog/names.ts';
import { lastProvenAtBest, lastResult, listProofs } from '../../catalog/proofs.ts';
import type { Tampering } from '../../catalog/true-objects.ts';
import type { StoreRecord } from '../../state/record.ts';
import { readRecord } from '../../state/record-file.ts';
import type { ObjectStore } from '../../store/store.ts';
import { countBackups } from '../stored/counted-backups.ts';
import type { Findings, StatusRules } from './rules.ts';

/** What one store holds, by its listings and the record of this PC. */
export interface Holding {
  readonly store: ObjectStore;
  readonly record: StoreRecord;
  /** By the store's time where it has one. */
  readonly nowMs: number;
  readonly backups: readonly BackupEntry[];
  readonly programs: Listing['programs'];
  /** Those up to now whose archive is there, oldest first. */
  readonly whole: readonly BackupEntry[];
  readonly newest: BackupEntry | null;
  /** How old the newest is, 0 without one. */
  readonly ageMs: number;
  /** The newest that was ever proven, and when it last was. */
  readonly proven: { readonly entry: BackupEntry; readonly on: Date } | null;
  /** When anything in it was last proven. */
  readonly lastProven: Date | null;
  /** Ids. */
  readonly damaged: readonly string[];
  readonly tampered: readonly Tampering[];
  proofsOf(entry: BackupEntry): readonly Proof[];
  /** What its last proof, or else this PC's push, found; null when neither is known. */
  verdictOf(entry: BackupEntry): BackupVerdict | null;
}

/** What was listed of one store or prefix. */
export interface Listed {
  readonly listing: Pick<Listing, 'backups' | 'programs' | 'serverTime' | 'tampered'>;
  readonly proofs: ReadonlyMap<string, readonly Proof[]>;
  readonly tamperedProofs: readonly Tampering[];
}

/** Lists a store; what must be told of the times in it is added to what was found. */
export async function readHolding(store: ObjectStore, rules: StatusRules, found: Findings): Promise<Holding> {
  const listing = await listBackups(store, { signal: rules.signal });
  const tamperedProofs: Tampering[] = [];
  const proofs = await listProofs(store, rules.signal, '', tamperedProofs);
  const record = await readRecord(rules.stateDir, store.url);
  return holdingOf(store, { listing, proofs, tamperedProofs }, record, rules, found);
}

/** What a listing comes to; what must be told of the times in it is added to what was found. */
export function holdingOf(
  store: ObjectStore,
  { listing, proofs, tamperedProofs }: Listed,
  record: StoreRecord,
  { zone, now: ours }: Pick<StatusRules, 'zone' | 'now'>,
  { attention, warnings }: Findings,
): Holding {
  const { backups, programs, serverTime, tampered } = listing;
  const pushedAs = new Map(record.archives.map((a) => [a.tag, a.facts.verdict ?? null]));
  const proofsOf = ({ tag }: BackupEntry): readonly Proof[] => proofs.get(tag) ?? [];
  const verdictOf = (entry: BackupEntry): BackupVerdict | null =>
    lastResult(proofsOf(entry)) ?? pushedAs.get(entry.tag) ?? null;
  const counted = countBackups({ url: store.url, backups, serverTime, now: ours(), zone });
  // No age can be told by a clock that is wrong; the rest is for who wonders about a single backup.
  if (counted.isClockWrong) attention.push(...counted.findings);
  else warnings.push(...counted.findings);
  const nowMs = (serverTime ?? ours()).getTime();
  const whole = counted.upToNow.filter((b) => b.archive);
  const newest = whole.at(-1) ?? null;
  return {
    store,
    record,
    nowMs,
    backups,
    programs,
    whole,
    newest,
    ageMs: newest ? Math.max(0, nowMs - newest.countedAt.getTime()) : 0,
    proven: newestProven(whole, proofsOf),
    lastProven: [...proofs.values()]
      .map(lastProvenAtBest)
      .reduce((last, at) => (at && (!last || at > last) ? at : last), null),
    damaged: backups.filter((b) => !b.archive || verdictOf(b) === 'damaged').map((b) => b.id),
    tampered: [...tampered, ...tamperedProofs],
    proofsOf,
    verdictOf,
  };
}

function newestProven(
  whole: readonly BackupEntry[],
  proofsOf: Holding['proofsOf'],
): { readonly entry: BackupEntry; readonly on: Date } | null {
  for (const entry of whole.toReversed()) {
    const on = lastProvenAtBest(proofsOf(entry));
    if (on) return { entry, on };
  }
  return null;
}

/** Up to when the store has what the live db was; 0 for nothing. */
export function liveStoredMs({ newest, whole, record }: Holding, now: Date): number {
  const { liveFound } = record;
  const found = whole.some((b) => b.tag === liveFound?.tag) ? Date.parse(liveFound?.at ?? '') : 0;
  return Math.max(newest ? knownTime(newest, record, now).getTime() : 0, found || 0);
}

/** When a backup was captured by the clock that the live db goes by, where this PC made it; else when it counts from. */
function knownTime({ id, capturedAt, countedAt }: BackupEntry, { backups }: StoreRecord, now: Date): Date {
  const isOurs = backups.some((b) => b.id === id);
  return isOurs && capturedAt.getTime() <= now.getTime() + clockSkewMs ? capturedAt : countedAt;
}
