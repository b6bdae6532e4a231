import { dayMs } from '../base/durations.ts';
import { type EfakturError, isEfakturError, keepOrThrow } from '../base/errors.ts';
import type { Finding, Warning } from '../base/progress.ts';
import { listBackups } from '../catalog/listing.ts';
import { type BackupVerdict, type Proof, type ProofLevel, parseBackupKey } from '../catalog/names.ts';
import { lastResult, listProofs } from '../catalog/proofs.ts';
import type { Tampering } from '../catalog/true-objects.ts';
import type { ObjectStore } from '../store/store.ts';
import type { ReadingContext } from './context.ts';
import { checkPrograms, programDamage } from './program/check.ts';
import type { Checked, CheckRequest } from './restore/archive-check.ts';
import type { StoredBackup } from './stored/all-stores.ts';
import { countBackups } from './stored/counted-backups.ts';
import { newestMissing } from './stored/newest-pushed.ts';
import { checkReadme } from './stored/readme-check.ts';
import { checkBackups } from './verify/backups.ts';
import { backupsMeant, type Choice, programsMeant } from './verify/meant.ts';
import { newestDue } from './verify/newest-due.ts';
import { type ProofRules, provingIn } from './verify/proofs.ts';
import {
  type CheckedBackup,
  damageReport,
  type FoundTampering,
  missingReport,
  tamperingReport,
  tamperingWarning,
  unopenedReport,
} from './verify/report.ts';
import { notCheckedToEnd } from './verify-texts.ts';

export interface VerifyRequest extends ReadingContext, CheckRequest, ProofRules, Choice {
  readonly level: 'present' | ProofLevel;
  /** Reads only some parts of the archives; null reads all. */
  readonly parts: ArchiveParts | null;
}

/** What a store fails with that is to be checked as soon as it is otherwise. */
export const leavesUnchecked = ['store-unavailable', 'no-such-backup'] as const;

/** Parts of all archives, drawn by their tags: reading the parts 1 to `of` reads each archive once. */
export interface ArchiveParts {
  readonly which: readonly number[];
  readonly of: number;
  /** What does not belong to them is not looked at either; otherwise it is seen whether it is there. */
  readonly alone: boolean;
  /**
   * A changes-only backup whose bytes are those that were judged together with its full within so many days is not judged again:
   * else each of them would have the whole full read. Null judges all.
   */
  readonly judgedAgainAfterDays: number | null;
  /** Reads the newest of each store besides, where the store has no young proof (verify/newest-due.ts). */
  readonly provesNewest: boolean;
}

export interface VerifyDocument {
  readonly outcome: 'ok' | 'damaged';
  readonly checked: readonly CheckedBackup[];
  /** Stored program folders, which are no backups; `engine` has nothing to open in them and reads them. */
  readonly programs: readonly Checked[];
  readonly warnings: readonly Warning[];
}

/**
 * Verifies stored backups and program folders, each copy in each store on its own, and leaves a proof object for every archive read. The
 * document is whole even when something is damaged; `failure` then says what is lost and where a sound copy is. Backups that
 * no given key or no present version opens do not stop the rest; `wrong-key` or `newer-format` is thrown when none can be
 * opened, else it is the `failure`. Where all else is well, tampering is `attention`, and so
 * is a store that lacks the newest backup that this PC pushed. One without any backup is `no-such-backup`.
 */
export async function verify(
  request: VerifyRequest,
): Promise<{ document: VerifyDocument; failure: EfakturError | null; unchecked: readonly string[] }> {
  const unchecked: string[] = [];
  const warnings: Warning[] = [];
  const tampered: FoundTampering[] = [];
  const missing: Finding[] = [];
  const checked: CheckedBackup[] = [];
  const programs: Checked[] = [];
  const entries: StoredBackup[] = [];
  let failure: EfakturError | null = null;
  let unopened: EfakturError | null = null;
  for (const store of request.stores) {
    try {
      const mine = await verifyStore(store, request, { tampered, missing, warnings });
      checked.push(...mine.checked);
      programs.push(...mine.programs);
      entries.push(...mine.entries);
      unopened ??= mine.unopened;
      failure ??= mine.without;
    } catch (error) {
      keepOrThrow(error);
      failure ??= error;
      if (isEfakturError(error, ...leavesUnchecked)) unchecked.push(store.url);
      warnings.push({ code: error.code, message: notCheckedToEnd(store.url, error.text) });
    }
  }
  warnings.unshift(...tampered.map(tamperingWarning), ...missing);
  const nothing = failure ?? unopened;
  const both = [...checked, ...programs];
  if (nothing && both.every((c) => c.code !== undefined)) throw nothing;
  const damage = damageReport(checked, entries) ?? programDamage(programs);
  return {
    document: { outcome: damage ? 'damaged' : 'ok', checked, programs, warnings },
    failure:
      damage ??
      failure ??
      unopenedReport(checked, programs) ??
      tamperingReport(tampered) ??
      missingReport(missing),
    unchecked,
  };
}

/** What is told of all stores together. */
interface Told {
  readonly tampered: FoundTampering[];
  readonly missing: Finding[];
  readonly warnings: Warning[];
}

interface VerifiedStore {
  readonly checked: readonly CheckedBackup[];
  readonly programs: readonly Checked[];
  /** All backups that the store lists. */
  readonly entries: readonly StoredBackup[];
  /** Of the first that could not be opened. */
  readonly unopened: EfakturError | null;
  /** When only program folders are there. */
  readonly without: EfakturError | null;
}

async function verifyStore(
  store: ObjectStore,
  request: VerifyRequest,
  { tampered, missing, warnings }: Told,
): Promise<VerifiedStore> {
  const { now, zone, signal, parts } = request;
  const listing = await listBackups(store, { signal });
  tampered.push(...listing.tampered.map((found) => ({ ...found, store })));
  const { url } = store;
  const { backups, serverTime } = listing;
  const counted = countBackups({ url, backups, serverTime, now: now(), zone });
  warnings.push(...counted.findings);
  const lacking = await newestMissing(store, { backups, prefixes: [''] }, request);
  const all = {
    backups: backups.map((backup) => ({ ...backup, store, isAfterNow: false })),
    programs: listing.programs.map((program) => ({ ...program, store })),
  };
  const { programs, without } = programsMeant(url, all, request, lacking);
  if (lacking) missing.push(lacking);
  // An id is that of a backup or of a program.
  const isProgram = request.wanted !== null && programs.length > 0;
  const entries = isProgram ? [] : backupsMeant(url, all.backups, request, lacking);
  if (!request.wanted) warnings.push(...(await checkReadme(store, signal)));
  const tamperedProofs: Tampering[] = [];
  const proofs =
    request.level === 'present'
      ? new Map<string, Proof[]>()
      : await listProofs(store, signal, '', tamperedProofs);
  tampered.push(...tamperedProofs.map((found) => ({ ...found, store })));
  const newest =
    parts?.provesNewest && request.level !== 'present'
      ? newestDue(
          counted.upToNow.filter(({ archive }) => archive),
          proofs,
          serverTime ?? now(),
        )
      : null;
  const isMeant = (tag: string): boolean => tag === newest?.tag || isInPart(tag, parts);
  const aheadMs = serverTime ? serverTime.getTime() - now().getTime() : 0;
  const proving = {
    prove: provingIn(store, proofs, { ...request, aheadMs }, warnings),
    isInPart: isMeant,
    judgedAs: (tag: string) =>
      tag === newest?.tag
        ? null
        : judgedAs(proofs.get(tag) ?? [], now(), parts?.judgedAgainAfterDays ?? null),
  };
  const { archives } = listing;
  const isLookedAt = ({ tag }: { readonly tag: string }): boolean => !parts?.alone || isMeant(tag);
  const ofBackups = await checkBackups(store, entries.filter(isLookedAt), request, {
    ...proving,
    all: all.backups,
    listed: archives,
  });
  const ofPrograms = await checkPrograms(store, programs.filter(isLookedAt), request, {
    ...proving,
    all: all.programs,
    backupTags: new Set([...backups.map(({ tag }) => tag), ...[...archives.keys()].flatMap(tagOf)]),
  });
  return {
    checked: ofBackups.checked,
    programs: ofPrograms.checked,
    entries: all.backups,
    unopened: ofBackups.unopened ?? ofPrograms.unopened,
    without,
  };
}

const tagOf = (archive: string): readonly string[] => {
  const parsed = parseBackupKey(archive);
  return parsed ? [parsed.tag] : [];
};

/** What an archive was last found to be, where that was within so many days and is no damage. */
function judgedAs(proofs: readonly Proof[], now: Date, days: number | null): BackupVerdict | null {
  if (days === null) return null;
  const since = now.getTime() - days * dayMs;
  const last = lastResult(proofs);
  return last === 'damaged' || !proofs.some(({ at }) => at.getTime() > since) ? null : last;
}

/** To which of so many parts, from 1, an archive belongs. */
export const partOf = (tag: string, of: number): number => (Number.parseInt(tag.slice(0, 8), 16) % of) + 1;

const isInPart = (tag: string, parts: VerifyRequest['parts']): boolean =>
  parts === null || parts.which.includes(partOf(tag, parts.of));
