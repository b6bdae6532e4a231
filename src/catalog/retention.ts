import { dayMs, hourMs } from '../base/durations.ts';
import { EfakturError } from '../base/errors.ts';
import { instantOf, localDay, type WallTime, wallTime } from '../base/local-time.ts';
import { joined, type Text } from '../base/text.ts';
import { byCountedTime, countedAt, isAfter, isDatedAhead } from './counted-time.ts';
import { lateUploads } from './late-uploads.ts';
import type { Proof } from './names.ts';
import { lastProven, standingDamage } from './proofs.ts';
import {
  afterNow,
  archiveMissing,
  backupDisputed,
  butForLate,
  type CalendarUnit,
  fromUpload,
  newestOf,
  newestOfYearUnverified,
  newestVerified,
  newestWhole,
  noKeepCount,
  noRuleReaches,
  noSpan,
  oneOfLast,
  otherKept,
  theNewest,
  withinSpan,
  writeKeepCount,
  writeSpan,
} from './texts.ts';

/**
 * Which backups a policy keeps. The rules are those of restic's `forget`, each on its own: a backup goes when no rule
 * keeps it. Buckets are those of the calendar in the configured zone; weeks are ISO 8601 weeks.
 */

/** How many backups or buckets each rule keeps; `Infinity` for all. */
export interface RetentionPolicy {
  readonly last: number;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly yearly: number;
  /** Everything captured within this span before the newest backup. */
  readonly within: CalendarSpan | null;
}

export interface CalendarSpan {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
}

export const noRules: RetentionPolicy = {
  last: 0,
  daily: 0,
  weekly: 0,
  monthly: 0,
  yearly: 0,
  within: null,
};

export interface RetainableBackup {
  readonly id: string;
  readonly capturedAt: Date;
  /** When the store (of a copied one, the store it was copied from) got it, by its clock; null where it does not say. */
  readonly uploadedAt: Date | null;
  readonly tag: string;
  /** Every archive that it needs is listed with its size. */
  readonly isWhole: boolean;
  /** Another backup of the same tag names other bytes: one of the two is forged, and nobody knows which. */
  readonly isDisputed: boolean;
}

export interface Decision<T extends RetainableBackup> {
  readonly backup: T;
  readonly keep: boolean;
  /** For people: every rule that keeps it, or why none does. */
  readonly reason: Text;
}

export interface RetentionContext {
  /** The store's clock. */
  readonly now: Date;
  readonly zone: string;
  /** What is proven of archives, by tag. */
  readonly proofs: ReadonlyMap<string, readonly Proof[]>;
}

/** A calendar rule at work: which bucket an instant falls into. */
interface CalendarRule {
  readonly name: CalendarUnit;
  readonly count: (policy: RetentionPolicy) => number;
  readonly bucket: (instant: Date, zone: string) => string;
}

const calendarRules: readonly CalendarRule[] = [
  { name: 'day', count: (p) => p.daily, bucket: localDay },
  { name: 'week', count: (p) => p.weekly, bucket: isoWeek },
  { name: 'month', count: (p) => p.monthly, bucket: (instant, zone) => localDay(instant, zone).slice(0, 7) },
  { name: 'year', count: (p) => p.yearly, bucket: (instant, zone) => localDay(instant, zone).slice(0, 4) },
];

/** A backup with what the rules look at, worked out once. */
interface Weighed<T> {
  readonly backup: T;
  readonly id: string;
  readonly capturedAt: Date;
  readonly uploadedAt: Date | null;
  readonly countedAt: Date;
  readonly isWhole: boolean;
  readonly isProven: boolean;
  readonly isFoundDamaged: boolean;
  /** One for each of `calendarRules`. */
  readonly buckets: readonly string[];
}

/**
 * Decides about every backup, oldest first by the time it counts from (`counted-time.ts`). Whatever the policy: the newest
 * backup, the newest whole one and the newest proven one stay. A bucket is filled by its newest proven backup, else by its
 * newest that was not found damaged, else by its newest; a year also keeps its newest while that is not proven, so that
 * proving an earlier one never costs the year-end. Backups that are not whole fill no bucket. Those that count after `now`
 * (a wrong clock) and those disputed neither fill a bucket nor go. Those that name a time after their upload count from it
 * and fill no bucket for the others. What came late (`late-uploads.ts`) never lets go what was there before: a backup goes
 * only if it also goes in the plan made without all later late batches. One more rule, or a higher count, never lets more
 * go; deciding again about what was kept lets nothing go.
 */
export function planRetention<T extends RetainableBackup>(
  backups: readonly T[],
  policy: RetentionPolicy,
  context: RetentionContext,
): Decision<T>[] {
  const newestFirst = backups.map((backup) => weigh(backup, context)).sort((a, b) => byCountedTime(b, a));
  const whyAside = ({ backup, ...weighed }: Weighed<T>): Text | null =>
    isAfter(weighed, context.now) ? afterNow : backup.isDisputed ? backupDisputed : null;
  const past = newestFirst.filter((w) => whyAside(w) === null);
  const { late, countFor } = lateUploads(past);
  const plansOf = (pool: readonly Weighed<T>[]): ((lateOnes: number) => KeepPlan<T>) => {
    const made = new Map<number, KeepPlan<T>>();
    return (lateOnes) => {
      const left = new Set(late.slice(lateOnes));
      const plan =
        made.get(lateOnes) ??
        keepBy(
          pool.filter((w) => !left.has(w)),
          policy,
          context.zone,
        );
      made.set(lateOnes, plan);
      return plan;
    };
  };
  // What names a time after its upload is not believed: it takes nothing from the others.
  const [ofAll, ofOthers] = [plansOf(past), plansOf(past.filter((w) => !isDatedAhead(w)))];
  const decide = (weighed: Weighed<T>): Decision<T> => {
    const { backup } = weighed;
    const aside = whyAside(weighed);
    if (aside !== null) return { backup, keep: true, reason: aside };
    const plans = isDatedAhead(weighed) ? ofAll : ofOthers;
    const [plan, before] = [plans(late.length), plans(countFor(weighed))];
    const kept = plan.reasons.get(weighed);
    const keptBefore = before.reasons.get(weighed);
    const why = kept ? joined(kept, '; ') : keptBefore && butForLate(joined(keptBefore, '; '));
    const reason = why ?? plan.whyNot(weighed);
    return {
      backup,
      keep: why !== undefined,
      reason: isDatedAhead(weighed) ? fromUpload(weighed.capturedAt > context.now, reason) : reason,
    };
  };
  return newestFirst.toReversed().map(decide);
}

function weigh<T extends RetainableBackup>(backup: T, { zone, proofs }: RetentionContext): Weighed<T> {
  const { id, capturedAt, uploadedAt, isWhole } = backup;
  const at = countedAt(backup);
  const mine = proofs.get(backup.tag) ?? [];
  return {
    backup,
    id,
    capturedAt,
    uploadedAt,
    countedAt: at,
    isWhole,
    isProven: isWhole && lastProven(mine) !== null,
    isFoundDamaged: standingDamage(mine).length > 0,
    buckets: calendarRules.map(({ bucket }) => bucket(at, zone)),
  };
}

interface KeepPlan<T> {
  /** Of what is kept, every rule that keeps it. */
  readonly reasons: ReadonlyMap<Weighed<T>, readonly Text[]>;
  whyNot(weighed: Weighed<T>): Text;
}

/** What the rules keep of some backups, newest first. */
function keepBy<T>(past: readonly Weighed<T>[], policy: RetentionPolicy, zone: string): KeepPlan<T> {
  const whole = past.filter((w) => w.isWhole);
  const reasons = new Map<Weighed<T>, Text[]>();
  const keep = (weighed: Weighed<T> | undefined, reason: Text): void => {
    if (weighed) reasons.set(weighed, [...(reasons.get(weighed) ?? []), reason]);
  };
  keep(past[0], theNewest);
  if (whole[0] !== past[0]) keep(whole[0], newestWhole);
  keep(
    whole.find((w) => w.isProven),
    newestVerified,
  );
  for (const weighed of whole.slice(0, policy.last)) keep(weighed, oneOfLast(policy.last));
  const [newest] = past;
  if (policy.within && newest) {
    const since = before(newest.countedAt, policy.within, zone);
    for (const weighed of whole) {
      if (since === null || weighed.countedAt >= since) keep(weighed, withinSpan(formatSpan(policy.within)));
    }
  }

  /** By rule and bucket, what stands for it. */
  const chosen = new Map<string, Weighed<T>>();
  calendarRules.forEach((rule, i) => {
    const buckets = new Map<string, Weighed<T>[]>();
    for (const weighed of whole) {
      const bucket = weighed.buckets[i] ?? '';
      const inIt = buckets.get(bucket);
      if (inIt) inIt.push(weighed);
      else buckets.set(bucket, [weighed]);
    }
    let left = rule.count(policy);
    for (const [bucket, inIt] of buckets) {
      if (left-- <= 0) break;
      const provenOne = inIt.find((w) => w.isProven);
      const soundOne = inIt.find((w) => !w.isFoundDamaged) ?? inIt[0];
      const first = provenOne ?? soundOne;
      if (!first) continue;
      chosen.set(`${rule.name} ${bucket}`, first);
      keep(first, newestOf(rule.name, bucket, provenOne !== undefined && inIt.length > 1));
      if (rule.name === 'year' && soundOne !== first) keep(soundOne, newestOfYearUnverified(bucket));
    }
  });

  return {
    reasons,
    whyNot(weighed) {
      if (!weighed.isWhole) return archiveMissing;
      for (const [i, { name }] of calendarRules.entries()) {
        const bucket = weighed.buckets[i] ?? '';
        const other = chosen.get(`${name} ${bucket}`);
        if (other) return otherKept(name, bucket, other.id);
      }
      return noRuleReaches;
    },
  };
}

/** True when a policy has no rule at all. */
export const isEmptyPolicy = (policy: RetentionPolicy): boolean =>
  policy.within === null &&
  [policy.last, policy.daily, policy.weekly, policy.monthly, policy.yearly].every((count) => count === 0);

/** `2023-W27`: weeks begin on Monday, and the year is that of their Thursday. */
function isoWeek(instant: Date, zone: string): string {
  const { year, month, day } = wallTime(instant, zone);
  const date = Date.UTC(year, month - 1, day);
  const daysSinceMonday = (new Date(date).getUTCDay() + 6) % 7;
  const thursday = new Date(date + (3 - daysSinceMonday) * dayMs);
  const weekYear = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(weekYear, 0, 1)) / (7 * dayMs));
  return `${String(weekYear).padStart(4, '0')}-W${String(week).padStart(2, '0')}`;
}

/** That many years, months and days earlier on the calendar, then hours; null when it is before all backups there can be. */
function before(instant: Date, span: CalendarSpan, zone: string): Date | null {
  const wall = wallTime(instant, zone);
  const months = wall.year * 12 + wall.month - 1 - span.years * 12 - span.months;
  const [year, month] = [Math.floor(months / 12), (months % 12) + 1];
  if (year < 1970) return null;
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  // The 31st of a month of 30 days means its last one.
  const shifted = new Date(
    Date.UTC(year, month - 1, Math.min(wall.day, lastDay)) - span.days * dayMs + wall.hour * hourMs,
  );
  if (Number.isNaN(shifted.getTime()) || shifted.getUTCFullYear() < 1970) return null;
  const target: WallTime = {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: wall.hour,
    minute: wall.minute,
    second: wall.second,
  };
  // Where daylight saving skips that hour, an earlier one keeps more.
  const found = instantOf(target, zone) ?? instantOf({ ...target, hour: Math.max(0, target.hour - 1) }, zone);
  const since = found && new Date(found.getTime() - span.hours * hourMs);
  return since && !Number.isNaN(since.getTime()) ? since : null;
}

const units = { y: 'years', m: 'months', d: 'days', h: 'hours' } as const;

/** Reads a span as restic writes it, `1y5m7d2h`, each unit at most once; `usage` when it is none. */
export function parseSpan(text: string, where: Text): CalendarSpan {
  const span = { years: 0, months: 0, days: 0, hours: 0 };
  const parts = [...text.matchAll(/(\d{1,6})([ymdh])/g)];
  const isWhole = parts.length > 0 && parts.map((part) => part[0]).join('') === text;
  if (!isWhole || new Set(parts.map((part) => part[2])).size < parts.length) {
    throw new EfakturError('usage', noSpan(where, text), writeSpan);
  }
  for (const [, number, unit] of parts) span[units[unit as keyof typeof units]] = Number(number);
  return span;
}

const formatSpan = (span: CalendarSpan): string =>
  Object.entries(units)
    .map(([unit, name]) => (span[name] > 0 ? `${span[name]}${unit}` : ''))
    .join('') || '0h';

/** Reads a count of backups or buckets: a whole number, or `unlimited`; `usage` when it is neither. */
export function parseKeepCount(text: string, where: Text): number {
  if (text === 'unlimited') return Number.POSITIVE_INFINITY;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new EfakturError('usage', noKeepCount(where, text), writeKeepCount);
}
