import { dayMs } from '../../base/durations.ts';
import { formatInstant } from '../../base/local-time.ts';
import type { Text } from '../../base/text.ts';
import { planPrograms } from '../../catalog/program-retention.ts';
import { planRetention, type RetentionPolicy } from '../../catalog/retention.ts';
import type { HeldObject } from '../stored/prune-notes.ts';
import type { HeldBackup, Inventory } from './inventory.ts';
import type { HeldProgram } from './programs.ts';

/** What one run of a prune does to one store, by what it holds and by what earlier runs let go. */

export interface PruneDecision {
  readonly store: string;
  readonly id: string;
  readonly date: string;
  /** RFC 3339 in the configured zone. */
  readonly capturedAt: string;
  /** When the store got it (of a copied one, the store it came from); null where it does not say. */
  readonly uploadedAt: string | null;
  readonly keep: boolean;
  readonly reason: Text;
}

/** What becomes of a stored program folder; no rule of the backups counts it. */
export type PrunedProgram = PruneDecision & {
  /** SHA-256 of its main program; null where its manifest cannot be read. */
  readonly appProgram: string | null;
};

/** What all stores' plans say, in the order of the stores. */
export interface Decided {
  readonly backups: PruneDecision[];
  readonly programs: PrunedProgram[];
}

/** What one run does to one store. */
export interface PrunePlan {
  readonly going: readonly HeldBackup[];
  readonly goingPrograms: readonly HeldProgram[];
  readonly letGo: readonly string[];
  /** Let go by an earlier run, and still not needed. */
  readonly archives: readonly (HeldObject & { readonly tag: string })[];
  /** Notes with nothing left to do. */
  readonly notes: readonly HeldObject[];
}

/** A push that leans on an archive is over long before. */
const noteRestMs = dayMs;
/** What was uploaded since may belong to a push at work. */
const uploadRestMs = 7 * dayMs;

/** Decides about all that a store holds, and adds what people are told of it to `decided`. */
export function planStore(
  url: string,
  inventory: Inventory,
  now: Date,
  { policy, zone }: { readonly policy: RetentionPolicy; readonly zone: string },
  decided: Decided,
): PrunePlan {
  const { proofs, archives, notes } = inventory;
  const retained = planRetention(inventory.backups, policy, { now, zone, proofs });
  const told = ({ id, day, capturedAt, uploadedAt }: HeldBackup | HeldProgram) => ({
    store: url,
    id,
    date: day,
    capturedAt: formatInstant(capturedAt, zone),
    uploadedAt: uploadedAt && formatInstant(uploadedAt, zone),
  });
  for (const { backup, keep, reason } of retained) decided.backups.push({ ...told(backup), keep, reason });
  const kept = retained.filter((d) => d.keep).map((d) => d.backup);
  const madeWith = new Set(kept.flatMap(({ appProgram }) => appProgram ?? []));
  const programs = planPrograms(inventory.programs, madeWith, now);
  for (const { program, keep, reason } of programs)
    decided.programs.push({ ...told(program), appProgram: program.appProgram, keep, reason });
  const needsOf = (list: readonly { readonly needs: ReadonlySet<string> }[]): Set<string> =>
    new Set(list.flatMap((b) => [...b.needs]));
  const neededNow = needsOf([...inventory.backups, ...inventory.programs]);
  const neededThen = needsOf([...kept, ...programs.filter((d) => d.keep).map((d) => d.program)]);
  // An archive may have been let go, needed again and let go again: the last note counts.
  const noted = new Map<string, Date>();
  for (const note of notes) {
    const at = new Date(Math.max(note.at.getTime(), note.object.modified?.getTime() ?? 0));
    for (const key of note.archives) if (at > (noted.get(key) ?? new Date(0))) noted.set(key, at);
  }
  const hasRested = (at: Date | null | undefined, restMs: number): boolean =>
    at instanceof Date && now.getTime() - at.getTime() >= restMs;
  const all = [...archives.values()];
  const letGo = all.filter(({ key, modified }) =>
    neededNow.has(key) ? !neededThen.has(key) : !noted.has(key) && hasRested(modified, uploadRestMs),
  );
  const expired = all.filter(
    ({ key, modified }) =>
      !neededNow.has(key) && hasRested(noted.get(key), noteRestMs) && hasRested(modified, uploadRestMs),
  );
  const gone = new Set(expired.map((archive) => archive.key));
  const isFinished = (key: string): boolean => !archives.has(key) || gone.has(key) || neededThen.has(key);
  return {
    going: retained.filter((d) => !d.keep).map((d) => d.backup),
    goingPrograms: programs.filter((d) => !d.keep).map((d) => d.program),
    letGo: letGo.map((archive) => archive.key),
    archives: expired,
    notes: notes
      .filter((note) => hasRested(note.at, noteRestMs) && note.archives.every(isFinished))
      .map((note) => note.object),
  };
}
