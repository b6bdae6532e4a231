import { dayMs } from '../base/durations.ts';
import type { Text } from '../base/text.ts';
import { byCountedTime, countedAt, isAfter } from './counted-time.ts';
import { isLate } from './late-uploads.ts';
import {
  archiveNotThere,
  firstOfVersion,
  madeBackups,
  manifestUnreadable,
  newerOfVersion,
  oneOfNewest,
  programDisputed,
  readAfterNow,
  unusedAndOld,
} from './texts.ts';

/**
 * Which stored program folders stay. No rule of the backups counts them: there are few of them, and an old version is hard to
 * get again. What a newer one takes from an older one rests on times that a thief can choose, so it takes nothing at first.
 */

/** So many different programs stay whatever the backups say. */
export const keptPrograms = 3;

/** A program folder lets others go when it has lain so long: time to notice one that nobody here stored. */
export const programRestDays = 30;

export interface RetainableProgram {
  readonly id: string;
  readonly capturedAt: Date;
  /** When the store (of a copied one, the store it was copied from) got it, by its clock; null where it does not say. */
  readonly uploadedAt: Date | null;
  /** SHA-256 of its main program; null where its manifest cannot be read. */
  readonly appProgram: string | null;
  /** Its archive is listed with its size. */
  readonly isWhole: boolean;
  /** What was read back of its archive last was damaged. */
  readonly isFoundDamaged: boolean;
  /** Another program folder of the same tag names other bytes: one of the two is forged, and nobody knows which. */
  readonly isDisputed: boolean;
}

export interface ProgramDecision<T extends RetainableProgram> {
  readonly program: T;
  readonly keep: boolean;
  /** For people. */
  readonly reason: Text;
}

/**
 * Decides about every program folder, oldest first. Those stay whose main program is one of the {@link keptPrograms} newest
 * different ones, or that of a kept backup: of each the newest, and the one that was stored first (nobody can forge a program
 * before it is known). One that came late, is not whole, was found damaged or has not lain for {@link programRestDays} lets
 * nothing else go, so whatever is stored in that time costs nothing that was there. Those that cannot be read, are disputed or
 * dated after `now` stay and count for nothing. Deciding again about what was kept lets nothing go.
 */
export function planPrograms<T extends RetainableProgram>(
  programs: readonly T[],
  madeWith: ReadonlySet<string>,
  now: Date,
): ProgramDecision<T>[] {
  const all = programs
    .map((program) => ({ id: program.id, countedAt: countedAt(program), program }))
    .sort(byCountedTime);
  type Counted = (typeof all)[number];
  const whyAside = (counted: Counted): Text | null => {
    const { appProgram, isDisputed } = counted.program;
    if (appProgram === null) return manifestUnreadable;
    if (isDisputed) return programDisputed;
    return isAfter(counted, now) ? readAfterNow : null;
  };
  const isSound = (c: Counted): boolean =>
    whyAside(c) === null && c.program.isWhole && !c.program.isFoundDamaged;
  const storedAt = ({ program }: Counted): number => (program.uploadedAt ?? program.capturedAt).getTime();
  const lettingGo = all.filter(
    (c) => isSound(c) && !isLate(c.program) && now.getTime() - storedAt(c) >= programRestDays * dayMs,
  );
  const firstStored = new Map<string | null, Counted>();
  for (const c of all.filter(isSound)) {
    const known = firstStored.get(c.program.appProgram);
    if (!known || storedAt(c) < storedAt(known)) firstStored.set(c.program.appProgram, c);
  }
  return all.map((counted): ProgramDecision<T> => {
    const { program } = counted;
    const kept = (reason: Text): ProgramDecision<T> => ({ program, keep: true, reason });
    const goes = (reason: Text): ProgramDecision<T> => ({ program, keep: false, reason });
    const aside = whyAside(counted);
    if (aside !== null) return kept(aside);
    if (!program.isWhole) return goes(archiveNotThere);
    const newer = lettingGo.filter((c) => byCountedTime(c, counted) > 0);
    const different = new Set(newer.map((c) => c.program.appProgram));
    different.delete(program.appProgram);
    const isAmongNewest = different.size < keptPrograms;
    const isMadeWith = program.appProgram !== null && madeWith.has(program.appProgram);
    if (!isAmongNewest && !isMadeWith) return goes(unusedAndOld(different.size));
    const why = isMadeWith ? madeBackups : oneOfNewest(keptPrograms);
    if (!newer.some((c) => c.program.appProgram === program.appProgram)) return kept(why);
    if (firstStored.get(program.appProgram) === counted) return kept(firstOfVersion(why));
    return goes(newerOfVersion);
  });
}
